"""Puts exported files where they belong: each whole or not at all, and only our own stale ones removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from algoreg import files
from algoreg.errors import UsageError
from algoreg.export.configuration import MAIN, MARK


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of a folder; names of files."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    """Written by an earlier export, of no algorithm any more."""
    foreign: tuple[str, ...]
    """Not written by us, and left alone."""


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
        written=tuple(written),
        unchanged=tuple(name for name in texts if name not in set(written)),
        removed=tuple(path.name for path in stale),
        foreign=tuple(path.name for path in others if path not in stale),
    )


def _put(path: Path, text: str) -> bool:
    """Whether the file had to be written."""
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    files.write(path, text)
    return True


def _is_ours(path: Path) -> bool:
    if path.suffix != ".conf" or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.readline(200).strip() == f"# {MARK}".encode()
