"""Which files a folder of somebody else has, and their bounded contents; links are told and never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from algoreg.errors import UsageError
from algoreg.linting.context import MAX_BYTES, Folder, Source

_MOST_FILES = 2000
"""And as many folders."""
_DEEPEST = 30
_MOST_BYTES = 64 * 1024 * 1024
_MOST_SOURCES = 8 * 1024 * 1024
"""Programs beyond so much text are not looked into."""
_LEFT_OUT = frozenset((".git", "__pycache__", ".venv", "node_modules"))
_NOT_THE_PROGRAM = frozenset(("tests", "test", "testthat", "docs", "doc", "documentation", "samples", "dev"))


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The regular files of a folder."""

    root: Path
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    """What is no regular file: links, devices."""

    def read(self, name: str) -> Source | None:
        """A file under its name in the folder; None where there is none, or one too long to be read."""
        found = Folder(root=self.root).read(name) if name in self.names else None
        return None if found is None else Source(name=name, shown=name, content=found.content)

    def programs(self, *suffixes: str) -> Iterator[Source]:
        """Sources beside the Dockerfile, without tests and documentation; as many as are looked into."""
        budget = _MOST_SOURCES
        for name in self.names:
            parts = {part.lower() for part in name.split("/")[:-1]}
            if name.endswith(suffixes) and not parts & _NOT_THE_PROGRAM:
                source = self.read(name)
                budget -= MAX_BYTES if source is None else len(source.content)
                if source is not None and budget >= 0:
                    yield source


def survey(folder: Path) -> Survey:
    """Raises UsageError for what is no folder, and for one too large to be an algorithm's."""
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is no folder", hint="Name the folder of one algorithm, with its Dockerfile."
        )
    names: list[str] = []
    left_out: list[str] = []
    total = 0
    for path, status in _entries(folder):
        if not stat.S_ISREG(status.st_mode):
            left_out.append(path)
            continue
        names.append(path)
        total += status.st_size
        if len(names) > _MOST_FILES or total > _MOST_BYTES:
            raise UsageError(
                f"{folder} holds more than {_MOST_FILES} files or {_MOST_BYTES >> 20} MiB",
                hint="Name the folder of one algorithm, not the repository; move data out of it.",
            )
    return Survey(root=folder, names=tuple(sorted(names)), left_out=tuple(sorted(left_out)))


def _entries(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything below but folders; a link to a folder counts as a link."""

    def refuse(error: OSError) -> None:
        raise UsageError(f"cannot read {folder}: {error.strerror or error}", hint="Name a readable folder.")

    for count, (parent, folders, files) in enumerate(os.walk(folder, onerror=refuse)):
        if count > _MOST_FILES or os.path.relpath(parent, folder).count(os.sep) > _DEEPEST:
            raise UsageError(
                f"{folder} holds more than {_MOST_FILES} folders, or some nested deeper than {_DEEPEST}",
                hint="Name the folder of one algorithm.",
            )
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in (*links, *sorted(files)):
            path = os.path.join(parent, name)
            try:
                yield os.path.relpath(path, folder), os.lstat(path)
            except OSError as error:
                refuse(error)
