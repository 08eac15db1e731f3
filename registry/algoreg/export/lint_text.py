"""What is not what it seems in the text of a configuration: includes that vanish, overrides that miss their key.

These rules hold for every object of the file, not for algorithms only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from algoreg.export.nodes import Kind, Piece
from algoreg.export.remarks import Remark, Severity
from algoreg.export.sources import Assignment, Fate, Include, Sources

_SUBSTITUTION = re.compile(r"\$\{\??[^}]*\}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def lint(sources: Sources) -> Iterator[Remark]:
    """Every remark about the text."""
    for include in sources.includes:
        yield from _include(include)
    siblings = _siblings(sources)
    for one in sources.assignments:
        yield from _quoted(one)
        yield from _crossed(one, siblings[one.path[:-1]])


def _include(one: Include) -> Iterator[Remark]:
    name, required = one.inclusion.name, one.inclusion.required
    if one.fate is Fate.MISSING:
        yield Remark(
            id="conf.include-missing",
            severity=Severity.ERROR,
            where=one.where,
            message=f"{name!r} is included, and there is no such file",
            consequence="Woken does not start."
            if required
            else "Woken starts without a word and without its content.",
            fix="Put the file next to this one, or remove the include."
            + ("" if required else f' To be told next time: include required("{name}").'),
        )
    elif one.fate is Fate.OUTSIDE:
        yield Remark(
            id="conf.include-outside",
            severity=Severity.WARNING,
            where=one.where,
            message=f"{name!r} lies outside the folder of the file that was named, and was not read",
            consequence="What it declares is not in this list.",
            fix="Read it on its own, or from a file in a folder above both.",
        )
    elif one.inclusion.kind == "file":
        yield Remark(
            id="conf.include-file",
            severity=Severity.WARNING,
            where=one.where,
            message=f"file({name!r}) is a relative path",
            consequence="Woken looks for it in the folder in which it was started, not next to this file.",
            fix=f'Write include required("{name}"), which is looked for next to this file, or an absolute path.',
        )


def _quoted(one: Assignment) -> Iterator[Remark]:
    """A substitution that is none, because it stands in quotes."""
    for part in one.entry.value.parts:
        if isinstance(part, Piece) and part.kind in (Kind.QUOTED, Kind.BLOCK):
            match = _SUBSTITUTION.search(part.text)
            if match is not None:
                yield Remark(
                    id="conf.override-in-quotes",
                    severity=Severity.ERROR,
                    where=one.where,
                    message=f"{'.'.join(one.path)} has {match[0]} inside quotes",
                    consequence="It is not replaced: the value holds these very characters.",
                    fix=f"Write the default on one line, and {one.path[-1]} = {match[0]} without quotes on the next.",
                )


def _siblings(sources: Sources) -> Mapping[tuple[str, ...], set[str]]:
    """Object -> its keys."""
    result: dict[tuple[str, ...], set[str]] = {}
    for one in sources.assignments:
        result.setdefault(one.path[:-1], set()).add(one.path[-1])
    return result


def _crossed(one: Assignment, siblings: set[str]) -> Iterator[Remark]:
    """The variable that is named after one key replaces another."""
    variable = one.entry.override
    if variable is None or _named_after(variable, one.path[-1]):
        return
    for other in sorted(siblings - {one.path[-1]}):
        if _named_after(variable, other):
            yield Remark(
                id="conf.override-other-key",
                severity=Severity.ERROR,
                where=one.where,
                message=f"{variable}, named after {other}, replaces {'.'.join(one.path)}",
                consequence=f"Setting it changes {one.path[-1]}; {other} cannot be set by the environment.",
                fix=f"Write {other} = ${{?{variable}}}.",
            )


def _named_after(variable: str, key: str) -> bool:
    words, end = _words(variable), _words(key)
    return bool(end) and words[-len(end) :] == end


def _words(name: str) -> list[str]:
    return [word.upper() for word in _HUMP.split(name) if word]
