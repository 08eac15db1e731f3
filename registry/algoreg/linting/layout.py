"""Where the files of a build's context end up in the image, so that a program's path leads to its source."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from algoreg.linting.context import Context, Source


@dataclass(frozen=True, kw_only=True)
class Copied:
    """One COPY or ADD from the context."""

    sources: tuple[str, ...]
    target: str
    """Absolute, or relative to a WORKDIR that is not known."""
    into: bool
    """The target is a folder: it ends with a slash, or there are several sources."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What was copied, in the order of the Dockerfile."""

    context: Context
    copied: tuple[Copied, ...]

    def find(self, path: str, *, exact: bool = False) -> Source | None:
        """The file behind a path in the image; unless ``exact``, by its last part where the folder cannot be told."""
        same = (name for one in reversed(self.copied) for name in _exact(self.context, one, path))
        similar = (name for one in reversed(self.copied) for name in _similar(self.context, one, path))
        for names in (same,) if exact else (same, similar):
            if (found := self._first(names)) is not None:
                return found
        return None

    def _first(self, names: Iterable[str]) -> Source | None:
        return next((found for name in names if (found := self.context.read(name)) is not None), None)


def _exact(context: Context, one: Copied, path: str) -> Iterator[str]:
    """Names that a copy puts at this very path, if they are files."""
    path, target = posixpath.normpath(path), posixpath.normpath(one.target)
    below = posixpath.relpath(path, target) if path.startswith(f"{target.rstrip('/')}/") else ""
    for name in _named(context, one):
        if path == target and not one.into:
            yield name
        if below == posixpath.basename(name):
            yield name
        if below:
            yield posixpath.join(name, below)


def _similar(context: Context, one: Copied, path: str) -> Iterator[str]:
    last = posixpath.basename(path)
    for name in _named(context, one):
        if posixpath.basename(name) == last or posixpath.basename(one.target) == last:
            yield name
        yield posixpath.join(name, last)


def _named(context: Context, one: Copied) -> Iterator[str]:
    return (name for source in one.sources for name in context.matching(source))
