"""Updates the algorithms of an application.conf that people keep by hand, and leaves every other byte alone.

An edit replaces the value of a field or adds a line; where it is not certain which, nothing is done. What comes out is
read again by pyhocon: it must give the registry's values, and for everything else what the file gave before.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Never

from algoreg.errors import UsageError
from algoreg.export import hocon, merge_refusal, reading, sources
from algoreg.export.configuration import Configuration
from algoreg.export.drift import Difference
from algoreg.export.drift import Kind as DriftKind
from algoreg.export.hocon import Field, Object, Overridable
from algoreg.export.nodes import Body, Entry, Kind, Piece
from algoreg.export.sources import Assignment, Source, Sources

_REST = re.compile(r"[^\S\n]*,?[^\S\n]*((#|//)[^\n]*)?")
"""What may stand behind a field on its line, so that the next line is the place for another."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Characters that become others."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A text with the registry's algorithms in it."""

    before: Source
    text: str
    edits: tuple[Edit, ...]
    """What was done to the text, in the order of places; nothing where it held the registry's values already."""


def merge(path: Path, wanted: Configuration) -> Merged:
    """The file with the algorithms of ``wanted``. Raises UsageError with the place of what is not certain."""
    if path.suffix == ".json":
        raise UsageError(f"{path}: JSON has no overrides", hint="Merge into a .conf file.")
    if not path.exists():
        raise UsageError(
            f"cannot read {path}: no such file",
            hint=f"Make one: {replace(wanted, options=('--single', str(path))).command}",
        )
    before = sources.load(path)
    merge_refusal.refuse(before, wanted.dialect)
    edits = sorted(_Merger(before, wanted).edits(), key=lambda edit: edit.start)
    text = apply(before.main.text, edits)
    _verify(before, text, wanted)
    return Merged(before=before.main, text=text, edits=tuple(edits))


def differences(merged: Merged) -> tuple[Difference, ...]:
    """What a merge would change, for programs."""
    return tuple(
        Difference(
            kind=DriftKind.TEXT,
            where=merged.before.where(edit.start),
            code=None,
            message="a merge would change it",
            expected=edit.text,
            got=merged.before.text[edit.start : edit.end],
        )
        for edit in merged.edits
    )


def diff(merged: Merged) -> Iterator[str]:
    """What a merge would change, for people: the lines of a unified diff; none where nothing would."""
    name = str(merged.before.path)
    old, new = (
        [line.rstrip("\r") for line in text.split("\n")] for text in (merged.before.text, merged.text)
    )
    return difflib.unified_diff(old, new, name, f"{name} (merged)", lineterm="")


def apply(text: str, edits: Sequence[Edit]) -> str:
    """``text`` after the edits, which are in the order of places and do not overlap."""
    parts = []
    at = 0
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join((*parts, text[at:]))


def _verify(before: Sources, text: str, wanted: Configuration) -> None:
    path = before.main.path
    main = sources.source_of(path, text)
    after = sources.follow(main)
    old, new = (reading.everything(found) for found in (before, after))
    stood, declared = (
        reading.installation(found, dialect=wanted.dialect).algorithms for found in (before, after)
    )
    entries = reading.below(new, wanted.dialect.path)
    for code in wanted.algorithms:
        values = wanted.values(code)
        variables = {**wanted.variables(code), **(stood[code].variables if code in stood else {})}
        entry = entries.get(code)
        right = isinstance(entry, Mapping) and all(entry.get(key) == value for key, value in values.items())
        if not right or any(declared[code].variables.get(key) != name for key, name in variables.items()):
            raise UsageError(
                f"{path}: {code} would not have the registry's values afterwards; nothing was written",
                hint="Look for a second declaration further down, or in an included file.",
            )
    if _others(old, wanted) != _others(new, wanted):
        raise UsageError(f"{path}: something else would change with the algorithms; nothing was written")


def _others(tree: Mapping[str, Any], wanted: Configuration) -> Any:
    """Everything but what is merged; objects that hold nothing else are left out."""
    return _without(
        tree, [(*wanted.dialect.path, code, key) for code in wanted.algorithms for key in wanted.keys]
    )


def _without(tree: Any, paths: Iterable[tuple[str, ...]]) -> Any:
    gone = set(paths)
    prefixes = {path[:length] for path in gone for length in range(len(path) + 1)}

    def rest(node: Any, at: tuple[str, ...]) -> Any:
        if not isinstance(node, Mapping) or at not in prefixes:
            return node
        kept = {key: rest(value, (*at, key)) for key, value in node.items() if (*at, key) not in gone}
        return {key: value for key, value in kept.items() if value != {} or (*at, key) not in prefixes}

    return rest(tree, ())


def _refers(piece: Piece) -> bool:
    """Whether the text is a substitution other than an override."""
    return piece.kind is Kind.SUBSTITUTION and piece.override is None


class _Merger:
    """Finds the edits of one file."""

    def __init__(self, found: Sources, wanted: Configuration) -> None:
        self._source = found.main
        self._text = found.main.text
        self._wanted = wanted
        self._path = wanted.dialect.path
        self._eol = "\r\n" if re.search(r"\r\n", self._text) else "\n"
        self._assignments = found.assignments

    def edits(self) -> Iterator[Edit]:
        self._refuse_uncertain()
        new: list[Field] = []
        for code, one in self._wanted.algorithms.items():
            entry = self._wanted.dialect.entry(one.algorithm, one.image)
            said = [found for found in self._assignments if found.path[: self._depth] == (*self._path, code)]
            if said:
                yield from self._update(said, entry)
            else:
                new.append(Field(key=code, value=entry))
        if new:
            yield self._add(Object(fields=tuple(new)))

    @property
    def _depth(self) -> int:
        return len(self._path) + 1

    def _refuse(self, found: Assignment, reason: str) -> Never:
        raise UsageError(
            f"{found.where}: {'.'.join(found.path)} {reason}; nothing was written", hint="Change it by hand."
        )

    def _refuse_uncertain(self) -> None:
        """Only fields with one text behind them, of this very file, can be replaced."""
        for found in self._assignments:
            on_the_way = found.path == self._path[: len(found.path)]
            if on_the_way and found.entry.body is None:
                self._refuse(found, "is not written as one object")
            code = found.path[self._depth - 1] if len(found.path) >= self._depth else None
            if code not in self._wanted.algorithms or found.path[: self._depth - 1] != self._path:
                continue
            if found.source is not self._source:
                self._refuse(found, "stands in an included file")
            if len(found.path) == self._depth and found.entry.body is None:
                self._refuse(found, "is not written as one object")
            if len(found.path) == self._depth + 1 and found.path[-1] in self._wanted.keys:
                piece = found.entry.piece
                if piece is None or found.entry.separator == "+=" or _refers(piece):
                    self._refuse(found, "is not written as one value")

    def _update(self, said: Sequence[Assignment], wanted: Object) -> Iterator[Edit]:
        fields = [one for one in said if len(one.path) == self._depth + 1]
        missing: list[Field] = []
        for field in wanted.fields:
            own = [one for one in fields if one.path[-1] == field.key]
            values = [one for one in own if one.entry.override is None]
            overrides = [one for one in own if one.entry.override is not None]
            if len(values) > 1 or len(overrides) > isinstance(field.value, Overridable):
                self._refuse(own[1], "is said twice")
            if not values:
                if overrides:
                    self._refuse(overrides[0], "has no default before its environment variable")
                missing.append(field)
                continue
            yield from self._set(values[0].entry, field)
            yield from self._override(values[0], overrides, field)
        if missing:
            yield self._insert(said, Object(fields=tuple(missing)))

    def _set(self, entry: Entry, field: Field) -> Iterator[Edit]:
        if isinstance(field.value, Object):
            return
        value = field.value.text if isinstance(field.value, Overridable) else field.value
        (line,) = hocon.lines(Object(fields=(Field(key=field.key, value=value),)))
        now = reading.scalar(entry.piece) if entry.piece is not None else None
        if now != value or type(now) is not type(value):
            yield Edit(start=entry.value.start, end=entry.value.end, text=line.partition(" = ")[2])

    def _override(self, value: Assignment, overrides: Sequence[Assignment], field: Field) -> Iterator[Edit]:
        """An override that is there stays, whatever its variable is called: the site sets it."""
        if not isinstance(field.value, Overridable):
            return
        _, line = hocon.lines(Object(fields=(field,)))
        if not overrides:
            yield self._behind(value.entry, [line])
        elif overrides[0].entry.start < value.entry.start:
            self._refuse(value, "is a literal behind its environment variable, which is lost by it")

    def _insert(self, said: Sequence[Assignment], wanted: Object) -> Edit:
        """Fields that the entry has not: behind its last one, or into its empty braces."""
        direct = [one for one in said if len(one.path) == self._depth + 1 and one.entry.piece is not None]
        lines = list(hocon.lines(wanted))
        if direct:
            return self._behind(direct[-1].entry, lines)
        bodies = [
            one.entry.body for one in said if len(one.path) == self._depth and one.entry.body is not None
        ]
        if not bodies:
            self._refuse(said[-1], "has no place for further fields")
        return self._inside(bodies[-1], lines)

    def _behind(self, entry: Entry, lines: Sequence[str]) -> Edit:
        """Fields behind another one, under the same prefix of keys."""
        prefix = "".join(f"{key}." for key in entry.path[:-1])
        rest = _REST.match(self._text, entry.end)
        end = rest.end() if rest else entry.end
        if self._text[end : end + 1] not in ("", "\n"):
            joined = "".join(f", {prefix}{line}" for line in lines)
            return Edit(start=entry.end, end=entry.end, text=joined)
        if self._text[end - 1 : end] == "\r":
            end -= 1
        indent = self._indent(entry.start)
        return Edit(start=end, end=end, text="".join(f"{self._eol}{indent}{prefix}{line}" for line in lines))

    def _add(self, wanted: Object) -> Edit:
        """Algorithms that the file does not know: into the last object of algorithms, or a new one at the end."""
        own = (one for one in self._assignments if one.source is self._source and one.path == self._path)
        bodies = [one.entry.body for one in own if one.entry.body is not None]
        if bodies:
            return self._inside(bodies[-1], list(hocon.lines(wanted)))
        return self._inside(self._source.body, list(hocon.lines(hocon.nested(self._path, wanted))))

    def _inside(self, body: Body, lines: Sequence[str]) -> Edit:
        """Lines at the end of an object."""
        start = self._text.rfind("\n", 0, body.end) + 1
        own_line = not self._text[start : body.end].strip(" \t")
        if not body.braced:
            lead = self._eol if self._text[start : body.end].strip("\ufeff") else ""
            return Edit(
                start=body.end, end=body.end, text=lead + "".join(f"{line}{self._eol}" for line in lines)
            )
        indent = self._indent(body.end)
        inner = "".join(f"{indent}  {line}{self._eol}" for line in lines)
        if own_line:
            return Edit(start=start, end=start, text=inner)
        return Edit(start=body.end, end=body.end, text=f"{self._eol}{inner}{indent}")

    def _indent(self, offset: int) -> str:
        line = self._text[self._text.rfind("\n", 0, offset) + 1 : offset]
        return line[: len(line) - len(line.lstrip(" \t"))]
