"""Finds requirements without a version: in files that pip reads, in its command lines, in a project's dependencies.

Build tools (pip, setuptools, wheel) are let pass: what they install does not end up in a result.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from algoreg.linting.rules import REQUIREMENTS_UNREADABLE, UNPINNED, Place, Remark

_TOOLS = frozenset(("pip", "setuptools", "wheel"))
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH = re.compile(r"\s--hash[=\s].*$")
_LOCAL = re.compile(r"^(?:\.|/|~|file:)|\.(?:whl|tar\.gz|zip)$|^[^=<>@\s]*[/*]")
_REVISION = re.compile(r"^(?:git|hg|svn|bzr)\+[^#]*@[^/@#]+(?:#.*)?$")
_VERSIONED = re.compile(r"^(?:git|hg|svn|bzr)\+")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A requirement as it is written."""

    text: str
    place: Place
    hashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a file for pip says."""

    requirements: tuple[Line, ...] = ()
    files: tuple[str, ...] = ()
    """Of -r."""
    constraints: tuple[str, ...] = ()
    """Of -c."""


def read(text: str, file: str) -> Listing:
    """The lines of a requirements file."""
    requirements: list[Line] = []
    files: list[str] = []
    constraints: list[str] = []
    for number, column, line in _logical_lines(text):
        option, _, rest = line.replace("=", " ", 1).partition(" ") if line.startswith("-") else ("", "", "")
        short = line[:2] in ("-r", "-c", "-e") and not line.startswith("--")
        name, value = (line[:2], line[2:].strip(" =")) if short else (option, rest.strip())
        if name in ("-r", "--requirement"):
            files.append(value)
        elif name in ("-c", "--constraint"):
            constraints.append(value)
        elif not name or name in ("-e", "--editable"):
            place = Place(file=file, line=number, column=column)
            hashed = _HASH.search(line) is not None
            requirements.append(Line(text=_HASH.sub("", value if name else line), place=place, hashed=hashed))
    return Listing(requirements=tuple(requirements), files=tuple(files), constraints=tuple(constraints))


def _logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of what is left when comments and continued lines are taken together."""
    kept, begun = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _COMMENT.sub("", raw)
        begun = begun or number
        if line.endswith("\\"):
            kept += line[:-1] + " "
            continue
        kept += line
        if kept.strip():
            yield begun, len(kept) - len(kept.lstrip()) + 1, kept.strip()
        kept, begun = "", 0
    if kept.strip():
        yield begun, 1, kept.strip()


def pinned_names(lines: Iterable[Line]) -> frozenset[str]:
    """The packages to which these lines give one version."""
    parsed = (_parsed(line.text) for line in lines)
    return frozenset(canonicalize_name(one.name) for one in parsed if one is not None and _one_version(one))


def unpinned(lines: Iterable[Line], constrained: frozenset[str]) -> Iterator[Remark]:
    """What is to be said of requirements, where constraints give some packages their version."""
    for line in lines:
        text = line.text.strip()
        if _VERSIONED.match(text) and not _REVISION.match(text):
            yield _remark(line, "a repository without a revision")
        if line.hashed or "$" in text or _VERSIONED.match(text) or _LOCAL.search(text):
            continue
        requirement = _parsed(text)
        if requirement is None:
            yield Remark(
                rule=REQUIREMENTS_UNREADABLE,
                place=line.place,
                message="pip does not understand a requirement",
                expected="a name and a version, as in numpy==2.1.0",
                got=_shown(text),
            )
            continue
        name = canonicalize_name(requirement.name)
        if name not in constrained and name not in _TOOLS and not _one_version(requirement):
            yield _remark(line, "a requirement that several versions satisfy")


def _remark(line: Line, message: str) -> Remark:
    return Remark(
        rule=UNPINNED,
        place=line.place,
        message=message,
        expected="one version",
        got=_shown(line.text.strip()),
    )


def _shown(text: str) -> str:
    """Short, and without what may stand before the at sign of an address."""
    return re.sub(r"://[^/@\s]*@", "://***@", text)[:80]


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _one_version(requirement: Requirement) -> bool:
    if requirement.url is not None:
        return not _VERSIONED.match(requirement.url) or bool(_REVISION.match(requirement.url))
    return any(
        one.operator == "===" or (one.operator == "==" and "*" not in one.version)
        for one in requirement.specifier
    )


def of_project(text: str, file: str) -> tuple[Line, ...]:
    """The dependencies of a pyproject.toml; none where it cannot be read."""
    try:
        project = tomllib.loads(text).get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    listed = project.get("dependencies", ()) if isinstance(project, Mapping) else ()
    lines = text.splitlines()
    return tuple(
        Line(text=one, place=Place(file=file, line=_line_of(one, lines)))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, str)
    )


def _line_of(dependency: str, lines: list[str]) -> int | None:
    return next((number for number, line in enumerate(lines, start=1) if dependency in line), None)
