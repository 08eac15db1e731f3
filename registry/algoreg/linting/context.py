"""What a Dockerfile can copy: the files of a folder, and those of the context that ``algoreg build`` would make.

Names come from files of others: nothing outside the context is looked at, no link out of it is followed.
"""

from __future__ import annotations

import fnmatch
import io
import posixpath
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

MAX_BYTES = 1024 * 1024
"""A recipe or a script is shorter; what is longer is not read."""
_MATCHES = 1000


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file of the context."""

    name: str
    shown: str
    """What messages call it."""
    content: bytes

    @property
    def text(self) -> str:
        """As text, whatever it is."""
        return self.content.decode("utf-8", "replace")


class Context(Protocol):
    """Files that a build can see; names are relative, ``/`` as separator."""

    def matching(self, pattern: str) -> tuple[str, ...]:
        """The files and folders that a source of COPY names; ``.`` is the context itself."""

    def read(self, name: str) -> Source | None:
        """A regular file; None for what is none, lies outside, or is too long."""


def cleaned(name: str) -> str:
    """A source as Docker takes it: from the context's root, and never above it."""
    return posixpath.normpath(posixpath.join("/", name)).lstrip("/") or "."


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder on disk."""

    root: Path

    def matching(self, pattern: str) -> tuple[str, ...]:
        """By ``glob``; Docker knows no ``**``."""
        if cleaned(pattern) == ".":
            return (".",)
        try:
            found = islice(self.root.glob(cleaned(pattern).replace("**", "*")), _MATCHES)
            return tuple(sorted(path.relative_to(self.root).as_posix() for path in found))
        except (
            OSError,
            ValueError,
            NotImplementedError,
        ):  # no such pattern: told as what is not in the context
            return ()

    def read(self, name: str) -> Source | None:
        """By its real place, which must lie inside."""
        try:
            path = (self.root / cleaned(name)).resolve()
            if not path.is_relative_to(self.root.resolve()) or not path.is_file():
                return None
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None
        shown = str(self.root / cleaned(name))
        return Source(name=cleaned(name), shown=shown, content=data) if len(data) <= MAX_BYTES else None


@dataclass(frozen=True, kw_only=True)
class Packed:
    """The context that ``algoreg build`` makes: a tar archive of ours, in memory."""

    archive: bytes

    def _members(self) -> Iterator[tarfile.TarInfo]:
        with tarfile.open(fileobj=io.BytesIO(self.archive)) as tar:
            yield from tar

    def matching(self, pattern: str) -> tuple[str, ...]:
        """By name; folders have no members of their own."""
        wanted = cleaned(pattern)
        names = {"."}
        for member in self._members():
            names |= {member.name, *_parents(member.name)}
        return tuple(sorted(name for name in names if name == wanted or _matches(name, wanted)))

    def read(self, name: str) -> Source | None:
        """A member's content."""
        with tarfile.open(fileobj=io.BytesIO(self.archive)) as tar:
            found = next((member for member in tar if member.name == cleaned(name)), None)
            source = tar.extractfile(found) if found is not None and found.size <= MAX_BYTES else None
            if source is None:
                return None
            return Source(
                name=cleaned(name), shown=f"{cleaned(name)} of algoreg build", content=source.read()
            )


def _parents(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name):
        yield name


def _matches(name: str, pattern: str) -> bool:
    """As a path: an asterisk stands for no slash."""
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


@dataclass(frozen=True, kw_only=True)
class Either:
    """Several contexts, where it is not known which one is built from."""

    contexts: Sequence[Context]

    def matching(self, pattern: str) -> tuple[str, ...]:
        """What any of them has."""
        return tuple(sorted({name for one in self.contexts for name in one.matching(pattern)}))

    def read(self, name: str) -> Source | None:
        """From the first that has it."""
        return next((data for one in self.contexts if (data := one.read(name)) is not None), None)
