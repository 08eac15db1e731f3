"""Puts exported files where they belong: each whole or not at all, and only our own stale ones removed."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algoreg import files
from algoreg.errors import UsageError
from algoreg.export.configuration import MAIN, MARK

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


def store(folder: Path, texts: Mapping[str, str]) -> Stored:
    """Write the files; the one that includes the others last, and nothing is removed before it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(path for path in folder.iterdir() if path.name not in texts)
        stale = [path for path in others if _is_ours(path)]
        written = [
            name for name in sorted(texts, key=lambda name: name == MAIN) if _put(folder / name, texts[name])
        ]
        for path in stale:
            path.unlink()
    except OSError as error:
        raise UsageError(
            f"cannot write into {folder}: {error.strerror or error}",
            hint="Name a folder that can be written.",
        ) from error
    return Stored(
        folder=folder,
        written=tuple(written),
        unchanged=tuple(name for name in texts if name not in set(written)),
        removed=tuple(path.name for path in stale),
        foreign=tuple(path.name for path in others if path not in stale),
    )


def store_one(path: Path, text: str) -> Stored:
    """Write one file; an existing one keeps its mode, and a link its place."""
    target = path.resolve()
    try:
        written = not target.is_file() or target.read_bytes() != text.encode()
        mode = stat.S_IMODE(target.stat().st_mode) if target.is_file() else None
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", hint="Name another file."
        ) from error
    if written:
        # It may hold passwords: at no time can others read what they could not read before.
        files.write(target, text, private=mode is not None)
        if mode is not None:
            target.chmod(mode)
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
    if path.suffix != ".conf" or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.readline(200).strip() == f"# {MARK}".encode()
