"""Which requirements the RUN lines of a Dockerfile give to pip, with the files and constraints that they name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from algoreg.linting import requirements, shell, trees
from algoreg.linting.context import Source
from algoreg.linting.dockerfile import Instruction, Word
from algoreg.linting.layout import Layout
from algoreg.linting.requirements import Line
from algoreg.linting.rules import Place, Remark

_PIP = re.compile(r"(?:.*/)?pip[0-9.]*")
_PYTHON = re.compile(r"(?:.*/)?python[0-9.]*")
_FILES = ("-r", "--requirement")
_CONSTRAINTS = ("-c", "--constraint", "--constraints")
_EDITABLE = ("-e", "--editable")
_VALUED = frozenset(
    (
        *("-i", "-f", "-t", "-C", "--index-url", "--extra-index-url", "--find-links", "--target", "--prefix"),
        *("--root", "--src", "--platform", "--python-version", "--implementation", "--abi", "--cache-dir"),
        *("--log", "--proxy", "--timeout", "--retries", "--trusted-host", "--cert", "--client-cert"),
        *("--progress-bar", "--upgrade-strategy", "--only-binary", "--no-binary", "--config-settings"),
        *("--global-option", "--root-user-action", "--report", "--python", "--exists-action"),
        *("--use-feature", "--keyring-provider"),
    )
)
"""Options whose value is the next word."""
_MAX_FILES = 50
_NESTED = 3
"""So many times a shell may start a shell."""


@dataclass(frozen=True, kw_only=True)
class Install:
    """One ``pip install``."""

    lines: tuple[Line, ...]
    files: tuple[str, ...]
    constraints: tuple[str, ...]
    projects: tuple[str, ...]
    """Folders that it installs: their pyproject.toml names more."""


def remarks(run: Instruction, layout: Layout) -> Iterator[Remark]:
    """What is to be said of the requirements of one RUN."""
    for install in _installs(run):
        fixed = _lines(install.constraints, layout)
        lines, more = _with_files(install, layout)
        for folder in install.projects:
            path = posixpath.join(folder, "pyproject.toml")
            if (found := layout.find(path, exact=bool(folder))) is not None:
                lines += requirements.of_project(found.text, found.shown)
        constrained = requirements.pinned_names([*fixed, *more, *lines])
        yield from requirements.unpinned(lines, constrained)


def _installs(run: Instruction) -> Iterator[Install]:
    if run.array is not None:
        words = list(run.array)
        if (inner := shell.inner(words)) is not None:
            yield from _in_script(Word(raw=words[inner], place=run.place), _NESTED, known=False)
        else:
            yield from _install(words, Word(raw="", place=run.place), None)
    elif run.script is not None:
        yield from _in_script(run.script, _NESTED)


def _in_script(script: Word, deeper: int, *, known: bool = True) -> Iterator[Install]:
    """Of a shell program, and of those that it gives to ``sh -c``, of which only the beginning is ``known``."""
    for command in shell.commands(trees.shell(script.raw.encode())):
        words = shell.words(command)
        inner = shell.inner(words) if deeper else None
        if inner is None:
            yield from _install(words, script, command if known else None)
        else:
            place = _place(words[inner], script, command if known else None)
            yield from _in_script(Word(raw=words[inner], place=place), deeper - 1, known=False)


def _install(words: list[str], script: Word, command: trees.Node | None) -> Iterator[Install]:
    arguments = _arguments(words)
    if arguments is None:
        return
    lines: list[Line] = []
    files: list[str] = []
    constraints: list[str] = []
    projects: list[str] = []
    pending = iter(arguments)
    for word in pending:
        option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word[:2] in ("-r", "-c") and len(word) > 2 and not equals:
            option, value, equals = word[:2], word[2:], "="
        if option in (*_FILES, *_CONSTRAINTS, *_EDITABLE, *_VALUED):
            value = value if equals else next(pending, "")
        if option in _FILES:
            files.append(value)
        elif option in _CONSTRAINTS:
            constraints.append(value)
        elif option in _EDITABLE or not word.startswith("-"):
            text = value if option in _EDITABLE else word
            projects += _folder(text)
            lines.append(Line(text=text, place=_place(text, script, command)))
    yield Install(
        lines=tuple(lines), files=tuple(files), constraints=tuple(constraints), projects=tuple(projects)
    )


def _folder(text: str) -> list[str]:
    """The folder that a requirement is, by its path in the image; the working directory has none."""
    path = text.partition("[")[0].rstrip("/")
    return [""] if path == "." else [path] if path.startswith("/") else []


def _arguments(words: list[str]) -> list[str] | None:
    """What follows ``install``; None for another command."""
    rest = list(words)
    while rest[:1] in (["exec"], ["sudo"], ["uv"], ["env"]):
        rest = rest[1:]
    if rest and _PYTHON.fullmatch(rest[0]) and "-m" in rest[:4]:
        rest = rest[rest.index("-m") + 1 :]
    if not rest or not _PIP.fullmatch(rest[0]):
        return None
    rest = rest[1:]
    while rest and rest[0].startswith("-"):
        rest = rest[1:]
    return rest[1:] if rest[:1] == ["install"] else None


def _place(text: str, script: Word, command: trees.Node | None) -> Place:
    """Of the word in the command, where it can be found."""
    if command is None:
        return script.place
    for child in command.named_children:
        if trees.text(child).strip("\"'") == text:
            row, column = child.start_point
            line = (script.place.line or 1) + row
            return replace(
                script.place,
                line=line,
                column=column + 1 + ((script.place.column or 1) - 1 if row == 0 else 0),
            )
    return script.place


def _with_files(install: Install, layout: Layout) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The requirements, those of the files that are named too; and the constraints that these files name."""
    lines, constraints = list(install.lines), list[Line]()
    pending, seen = list(install.files), set[str]()
    while pending and len(seen) < _MAX_FILES:
        name = pending.pop(0)
        if name in seen or (source := layout.find(name)) is None:
            continue
        seen.add(name)
        listing = requirements.read(source.text, source.shown)
        lines += listing.requirements
        constraints += _lines(_beside(source, listing.constraints), layout)
        pending += _beside(source, listing.files)
    return tuple(lines), tuple(constraints)


def _beside(source: Source, names: Iterable[str]) -> list[str]:
    """Names in a file count from its folder."""
    return [posixpath.join(posixpath.dirname(source.name), name) for name in names]


def _lines(names: Iterable[str], layout: Layout) -> tuple[Line, ...]:
    found = (layout.find(name) for name in names)
    return tuple(
        line
        for source in found
        if source is not None
        for line in requirements.read(source.text, source.shown).requirements
    )
