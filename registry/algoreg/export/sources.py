"""Loads a HOCON file and what it includes, without ever leaving its folder; what the text means is for ``reading``.

A file from elsewhere is hostile until shown otherwise: an include by URL, class path or package is refused before any
parser sees it, one that leads out of the folder is not followed, and sizes are bounded.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from algoreg import files
from algoreg.errors import UsageError
from algoreg.export import syntax
from algoreg.export.nodes import Array, Body, Entry, Inclusion, Piece

MAX_FILES = 20_000
MAX_BYTES = 64 * 1024 * 1024
"""Of all files together."""
BYTE_ORDER_MARK = "\ufeff"
_REMOTE = ("url", "classpath", "package")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
_SUFFIXES = (".conf", ".json", ".properties")


class Fate(StrEnum):
    """What became of an include."""

    FOLLOWED = "followed"
    MISSING = "missing"
    OUTSIDE = "outside"
    """It leads out of the folder of the file that was named; not followed."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file."""

    path: Path
    text: str
    body: Body

    def where(self, offset: int) -> str:
        """A place, as messages name it."""
        return f"{self.path}:{bisect_right(self._line_starts, offset)}"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A field, with all keys that lead to it. An object is one, too, before the fields in it."""

    path: tuple[str, ...]
    entry: Entry
    source: Source

    @property
    def where(self) -> str:
        """Its place."""
        return self.source.where(self.entry.start)


@dataclass(frozen=True, kw_only=True)
class Include:
    """An include, and what became of it."""

    inclusion: Inclusion
    source: Source
    fate: Fate
    target: Source | None

    @property
    def where(self) -> str:
        """Its place."""
        return self.source.where(self.inclusion.start)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """A file and everything that it includes."""

    main: Source
    includes: tuple[Include, ...]
    """In the order in which a reader meets them; twice where a file is included twice."""

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every field in the order in which readers apply them."""
        return tuple(self._walk(self.main, self.main.body, ()))

    @cached_property
    def expanded(self) -> str:
        """One text that means the same while no environment variable is set: without includes and overrides."""
        roots = {one.path[0] for one in self.assignments}
        return "".join(self._expand(self.main, roots))

    @cached_property
    def _targets(self) -> dict[tuple[int, int], Source | None]:
        return {(id(one.source), one.inclusion.start): one.target for one in self.includes}

    def _walk(self, source: Source, body: Body, path: tuple[str, ...]) -> Iterator[Assignment]:
        for item in body.items:
            if isinstance(item, Inclusion):
                target = self._targets.get((id(source), item.start))
                if target is not None:
                    yield from self._walk(target, target.body, path)
                continue
            here = (*path, *item.path)
            yield Assignment(path=here, entry=item, source=source)
            if item.body is not None:
                yield from self._walk(source, item.body, here)

    def _expand(self, source: Source, roots: set[str]) -> Iterator[str]:
        at = source.body.start + source.text.startswith(BYTE_ORDER_MARK, source.body.start)
        for item in _items(source.body):
            if isinstance(item, Entry) and (item.override is None or item.override in roots):
                continue
            yield source.text[at : item.start]
            target = self._targets.get((id(source), item.start))
            if target is not None:
                yield "\n"
                yield from self._expand(target, roots)
                yield "\n"
            at = item.end
        yield source.text[at : source.body.end]


def load(path: Path) -> Sources:
    """The file and what it includes. Raises UsageError."""
    return follow(source_of(path, read_text(path)))


def follow(main: Source) -> Sources:
    """A file that was read already, and what it includes. Raises UsageError."""
    return _Loader(main.path.resolve().parent).follow(main)


def unfollowed(source: Source) -> Sources:
    """One file on its own; its includes count as missing."""
    includes = (
        Include(inclusion=one, source=source, fate=Fate.MISSING, target=None)
        for one in _inclusions(source.body)
    )
    return Sources(main=source, includes=tuple(includes))


def source_of(path: Path, text: str) -> Source:
    """The text of a file, parsed. Raises UsageError with its line."""
    try:
        source = Source(path=path, text=text, body=syntax.parse(text))
    except syntax.Unsure as error:
        line = syntax.line_of(text, error.offset)
        raise UsageError(
            f"{path}:{line}: {error.message}",
            hint="Look at quotes and braces on this line and the one before.",
        ) from error
    _refuse_hidden(source)
    return source


def _refuse_hidden(source: Source) -> None:
    """Refuse includes in lists and joined values: nobody writes them, and what follows includes does not see them."""
    found = next(_hidden(source.body), None)
    if found is not None:
        raise UsageError(
            f"{source.where(found.start)}: includes {found.name!r} within a list or a joined value; no text is fetched",
            hint="Write what stands in that file in its place.",
        )


def _hidden(part: Piece | Array | Body, *, hidden: bool = False) -> Iterator[Inclusion]:
    """The includes that are in no object of an object of the file."""
    if isinstance(part, Array):
        for value in part.values:
            for inner in value.parts:
                yield from _hidden(inner, hidden=True)
    elif isinstance(part, Body):
        for item in part.items:
            if isinstance(item, Entry):
                for inner in item.value.parts:
                    yield from _hidden(inner, hidden=hidden or item.body is None)
            elif hidden:
                yield item


def read_text(path: Path, budget: int = MAX_BYTES) -> str:
    """The text of a regular file of at most ``budget`` bytes, its line ends as they are. Raises UsageError."""
    data = files.read_regular(path, most=budget)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: the text is not UTF-8", hint="Save it as UTF-8.") from error


def _items(body: Body) -> Iterator[Entry | Inclusion]:
    """Everything in the order of the text, an object before what is in it."""
    for item in body.items:
        yield item
        if isinstance(item, Entry) and item.body is not None:
            yield from _items(item.body)


def _inclusions(body: Body) -> Iterator[Inclusion]:
    return (item for item in _items(body) if isinstance(item, Inclusion))


class _Loader:
    """Follows includes, within bounds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._budget = MAX_BYTES
        self._includes: list[Include] = []
        self._known: dict[Path, Source] = {}

    def follow(self, main: Source) -> Sources:
        self._visit(main, (main.path.resolve(),))
        return Sources(main=main, includes=tuple(self._includes))

    def _source(self, path: Path) -> Source:
        if path not in self._known:
            self._known[path] = source_of(path, read_text(path, self._budget))
        return self._known[path]

    def _charge(self, source: Source) -> None:
        """A file counts each time that it is included: few files could mean a text without end."""
        self._budget -= len(source.text)
        if self._budget < 0:
            raise UsageError(
                f"{source.path} is too large with what is included: more than {MAX_BYTES} characters"
            )

    def _visit(self, source: Source, chain: tuple[Path, ...]) -> None:
        for inclusion in _inclusions(source.body):
            self._refuse_remote(source, inclusion)
            if len(self._includes) >= MAX_FILES:
                raise UsageError(
                    f"{source.where(inclusion.start)}: more than {MAX_FILES} includes are not followed"
                )
            fate, path = self._find(source, inclusion)
            target = self._source(path) if path is not None else None
            self._includes.append(Include(inclusion=inclusion, source=source, fate=fate, target=target))
            if target is not None and path is not None:
                self._charge(target)
                if path.resolve() in chain or len(chain) > syntax.MAX_DEPTH:
                    raise UsageError(
                        f"{source.where(inclusion.start)}: the files include each other without end",
                        hint="Remove one include.",
                    )
                self._visit(target, (*chain, path.resolve()))

    def _refuse_remote(self, source: Source, inclusion: Inclusion) -> None:
        if inclusion.kind in _REMOTE or _ADDRESS.match(inclusion.name):
            raise UsageError(
                f"{source.where(inclusion.start)}: includes {inclusion.kind or 'url'}({inclusion.name!r}), which is "
                "nothing in this folder; no text is fetched",
                hint="Put the text into a file next to this one, or remove the include.",
            )

    def _find(self, source: Source, inclusion: Inclusion) -> tuple[Fate, Path | None]:
        name = inclusion.name
        names = (name,) if name.endswith(_SUFFIXES) else tuple(f"{name}{suffix}" for suffix in _SUFFIXES)
        if "\\" in name or "\0" in name:
            return Fate.MISSING, None
        for path in (source.path.parent / one for one in names):
            if not path.resolve().is_relative_to(self._folder):
                return Fate.OUTSIDE, None
            if path.is_file():
                return Fate.FOLLOWED, path
        return Fate.MISSING, None
