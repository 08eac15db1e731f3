"""Reads a Dockerfile into stages and instructions with their places; what is wrong with them is said elsewhere."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from algoreg.linting import trees
from algoreg.linting.rules import Place

if TYPE_CHECKING:
    from algoreg.linting.trees import Node

INSTRUCTIONS = (
    *(
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
    ),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
_FIRST = re.compile(r"[A-Za-z]{3,20}(?=[ \t])")
_SUFFIX = "_instruction"


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word as it is written, quotes and variables untouched."""

    raw: str
    place: Place

    def at(self, offset: int) -> Place:
        """The place of a character of it."""
        before = self.raw[:offset]
        line, column = self.place.line or 1, self.place.column or 1
        if "\n" in before:
            return Place(
                file=self.place.file, line=line + before.count("\n"), column=offset - before.rfind("\n")
            )
        return Place(file=self.place.file, line=line, column=column + offset)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """``NAME=value`` of ARG, ENV or LABEL; an ARG can be without value."""

    name: Word
    value: Word | None


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction."""

    kind: str
    """Lower case: ``from``, ``run``."""
    place: Place
    flags: Mapping[str, str] = field(default_factory=dict)
    """``from`` -> ``build`` for ``--from=build``; a flag that occurs often keeps its last value."""
    words: tuple[Word, ...] = ()
    """Of FROM, COPY, ADD, USER, WORKDIR: what follows the flags."""
    pairs: tuple[Pair, ...] = ()
    array: tuple[str, ...] | None = None
    """Of a JSON form."""
    script: Word | None = None
    """Of a shell form, and what a here-document of RUN holds: the same length in bytes as in the file."""
    is_heredoc: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What begins with a FROM."""

    start: Instruction
    parent: Word
    alias: str | None
    instructions: tuple[Instruction, ...]

    def last(self, kind: str) -> Instruction | None:
        """The instruction of this kind that counts."""
        return next((one for one in reversed(self.instructions) if one.kind == kind), None)


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """All of it."""

    file: str
    arguments: tuple[Instruction, ...]
    """ARG before the first FROM: they count for FROM only."""
    stages: tuple[Stage, ...]
    unreadable: Place | None
    """Where the grammar does not understand it."""
    unknown: tuple[Word, ...] = ()
    """First words of lines that stand where an instruction must, and are none."""
    lines: tuple[str, ...] = ()

    def line(self, place: Place) -> str:
        """What stands there."""
        number = place.line or 0
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else "nothing"


def read(source: bytes, file: str) -> Dockerfile:
    """The stages of a Dockerfile; what is not understood is left out."""
    root = trees.containerfile(source.replace(b"\r\n", b"\n"))
    before: list[Instruction] = []
    stages: list[tuple[Instruction, list[Instruction]]] = []
    for node in root.named_children:
        if not node.type.endswith(_SUFFIX):
            continue
        instruction = _instruction(node, file)
        if instruction.kind == "from":
            stages.append((instruction, []))
        else:
            (stages[-1][1] if stages else before).append(instruction)
    wrong = trees.first_error(root)
    return Dockerfile(
        file=file,
        arguments=tuple(one for one in before if one.kind == "arg"),
        stages=tuple(_stage(start, inner) for start, inner in stages if start.words),
        unreadable=None if wrong is None else _place(wrong, file),
        unknown=tuple(word for node in root.children if (word := _unknown(node, file)) is not None),
        lines=tuple(source.decode("utf-8", "replace").splitlines()),
    )


def _unknown(node: Node, file: str) -> Word | None:
    """Only what is written as an instruction: other text may be what the grammar lost its way in."""
    first = _FIRST.match(trees.text(node)) if node.is_error else None
    if first is None or first[0].upper() in INSTRUCTIONS:
        return None
    meant = first[0].isupper() or difflib.get_close_matches(first[0].upper(), INSTRUCTIONS, n=1)
    return Word(raw=first[0], place=_place(node, file)) if meant else None


def _stage(start: Instruction, instructions: list[Instruction]) -> Stage:
    alias = start.words[1].raw.lower() if len(start.words) > 1 else None
    return Stage(start=start, parent=start.words[0], alias=alias, instructions=tuple(instructions))


def _place(node: Node, file: str) -> Place:
    return Place(file=file, line=node.start_point[0] + 1, column=node.start_point[1] + 1)


def _word(node: Node, file: str) -> Word:
    return Word(raw=trees.text(node), place=_place(node, file))


def _instruction(node: Node, file: str) -> Instruction:
    kind = node.type.removesuffix(_SUFFIX)
    array = next((_array(child) for child in node.named_children if child.type == "json_string_array"), None)
    heredoc = next((one for one in trees.descendants(node) if one.type == "heredoc_content"), None)
    command = next((child for child in node.named_children if child.type == "shell_command"), None)
    script = heredoc or command
    return Instruction(
        kind=kind,
        place=_place(node, file),
        flags=dict(_flag(child) for child in node.named_children if child.type.endswith("param")),
        words=tuple(_words(node, file)) if array is None else (),
        pairs=tuple(_pair(child, file) for child in node.named_children if child.type.endswith("_pair")),
        array=array,
        script=None if script is None else Word(raw=_joined(script), place=_place(script, file)),
        is_heredoc=heredoc is not None,
    )


def _flag(node: Node) -> tuple[str, str]:
    name, _, value = trees.text(node).removeprefix("--").partition("=")
    return name.lower(), value


def _words(node: Node, file: str) -> Iterator[Word]:
    """Paths, an image, its alias, a user: whatever is no flag, no pair and no command."""
    for child in node.named_children:
        left_out = child.type.endswith(("param", "_pair", _SUFFIX)) or "heredoc" in child.type
        if not left_out and child.type not in ("comment", "line_continuation", "shell_command", "ERROR"):
            yield _word(child, file)


def _pair(node: Node, file: str) -> Pair:
    parts = [child for child in node.named_children if child.type not in ("comment", "line_continuation")]
    value = parts[1] if len(parts) > 1 else None
    return Pair(name=_word(parts[0], file), value=None if value is None else _word(value, file))


def _array(node: Node) -> tuple[str, ...] | None:
    try:
        value = json.loads(trees.text(node))
    except ValueError:
        return None
    return tuple(str(word) for word in value) if isinstance(value, list) else None


def _joined(node: Node) -> str:
    """The text of a command. Docker takes comment lines out of it, for which a shell has no form: they become
    continued blank lines of the same length, so that every place stays where it is."""
    text = bytearray(node.text or b"")
    for child in node.named_children:
        if child.type == "comment":
            start, end = child.start_byte - node.start_byte, child.end_byte - node.start_byte
            line_end = end - 1 if text[end - 1 : end] == b"\n" else end
            text[start:line_end] = b" " * (line_end - start - 1) + b"\\"
    return text.decode("utf-8", "replace")
