"""Puts exported files where they belong: each whole or not at all; what people wrote is not touched unasked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algoreg import files
from algoreg.errors import UsageError
from algoreg.export import configuration
from algoreg.export.configuration import MAIN, MARKED, Configuration
from algoreg.export.hocon import INCLUDED

SCHEMA = "algoreg-export/1"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of the files of a folder; names of files."""

    folder: Path

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    """Written by an earlier export, of no algorithm any more."""
    foreign: tuple[str, ...]
    """Not written by us, and left alone."""

    def json(self) -> dict[str, Any]:
        """The outcome as one JSON document."""
        return {"schema": SCHEMA, **asdict(self), "folder": str(self.folder)}

    def lines(self) -> Iterator[str]:
        """The outcome for people."""
        words = {
            "written": self.written,
            "as it was": self.unchanged,
            "removed, of no algorithm any more": self.removed,
            "left alone, not of the registry": self.foreign,
        }
        for word, names in words.items():
            yield from (f"{self.folder / name}: {word}" for name in names)


def export(folder: Path, wanted: Configuration, *, force: bool = False) -> Stored:
    """Write the configuration into a folder. Raises UsageError before anything is written."""
    keep = kept(folder, wanted)
    return store(folder, configuration.files(wanted, keep), keep=keep, force=force)


def kept(folder: Path, wanted: Configuration) -> tuple[str, ...]:
    """Files of ours that stay although nothing is written of them: those of other codes, where codes were named."""
    if not wanted.named:
        return ()
    taken = {MAIN, *map(configuration.file_of, wanted.algorithms)}
    try:
        others = sorted(folder.iterdir()) if folder.is_dir() else []
        return tuple(
            one.name
            for one in others
            if one.name not in taken and INCLUDED.fullmatch(one.name) and _is_marked(one)
        )
    except OSError as error:
        raise UsageError(
            f"cannot read {folder}: {error.strerror or error}", hint="Name a readable folder."
        ) from error


def store(
    folder: Path, texts: Mapping[str, str], *, keep: Collection[str] = (), force: bool = False
) -> Stored:
    """Write the files; the one that includes the others last, and nothing is removed before it."""
    if not force:
        refuse_foreign(folder / name for name in texts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(path for path in folder.iterdir() if path.name not in texts and path.name not in keep)
        stale = dict.fromkeys(path for path in others if _is_ours(path))
        put = [
            name for name in sorted(texts, key=lambda name: name == MAIN) if _put(folder / name, texts[name])
        ]
        for path in stale:
            path.unlink()
    except OSError as error:
        raise UsageError(
            f"cannot write into {folder}: {error.strerror or error}",
            hint="Name a folder that can be written.",
        ) from error
    written = dict.fromkeys(put)
    return Stored(
        folder=folder,
        written=tuple(written),
        unchanged=tuple(name for name in texts if name not in written),
        removed=tuple(path.name for path in stale),
        foreign=tuple(path.name for path in others if path not in stale),
    )


def refuse_foreign(paths: Iterable[Path]) -> None:
    """Raises UsageError with every file that is there and not of an export: a person may have written it."""
    try:
        foreign = [path for path in paths if path.is_file() and path.stat().st_size and not _is_marked(path)]
    except OSError as error:
        raise UsageError(
            f"cannot read {error.filename}: {error.strerror or error}", hint="Name another file."
        ) from error
    if foreign:
        raise UsageError(
            f"{', '.join(map(str, foreign))}: there already, and not written by export-conf; nothing was written",
            hint=f"Update the algorithms in it with --merge {foreign[0]}, name another place, or overwrite it with "
            "--force.",
        )


def store_one(path: Path, text: str) -> Stored:
    """Write one file; an existing one keeps its owner and mode, and a link its place."""
    target = path.resolve() if path.is_symlink() else path
    try:
        there = target.is_file()
        written = not there or target.read_bytes() != text.encode()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", hint="Name another file."
        ) from error
    if written:
        (files.replace if there else files.write)(target, text)
    names = (path.name,)
    return Stored(
        folder=path.parent,
        written=names if written else (),
        unchanged=() if written else names,
        removed=(),
        foreign=(),
    )


def _put(path: Path, text: str) -> bool:
    """Whether the file had to be written."""
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    files.write(path, text, durable=False)
    return True


def _is_ours(path: Path) -> bool:
    return path.suffix == ".conf" and not path.is_symlink() and _is_marked(path)


def _is_marked(path: Path) -> bool:
    """Whether this is a file that begins as an export does."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.readline(200).strip() == MARKED.encode()
