"""Whether a shell program hands the exit code of what it starts through to its caller; read, never run.

Only what is certain is said: a program that this does not understand is taken for right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from algoreg.linting import shell, trees

if TYPE_CHECKING:
    from algoreg.linting.trees import Node

_MAX_DEPTH = 100
"""No person nests so deep; each level costs a look at all that is below it."""
_CODE = re.compile(rb"[0-9]|\$\?|pipestatus", re.IGNORECASE)
"""What a variable is given that keeps an exit code."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Where an exit code gets lost; the line counts from 1 within the program, the column too."""

    line: int
    column: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Options:
    """What ``set`` changed."""

    errexit: bool = False
    pipefail: bool = False

    def after(self, words: Sequence[str]) -> Options:
        """With the words of a ``set`` command, or the options of a shell, applied."""
        changed = self
        for position, word in enumerate(words):
            on, flags = (
                word.startswith("-"),
                word[1:] if word[:1] in "-+" and not word.startswith("--") else "",
            )
            if "e" in flags or (flags.endswith("o") and words[position + 1 : position + 2] == ["errexit"]):
                changed = replace(changed, errexit=on)
            if flags.endswith("o") and words[position + 1 : position + 2] == ["pipefail"]:
                changed = replace(changed, pipefail=on)
        return changed


def loss(program: Node, options: Options | None = None) -> Loss | None:
    """The first place where the code of a worker is lost."""
    if program.has_error or trees.nested_deeper(program, _MAX_DEPTH):
        return None
    functions = [node for node in trees.descendants(program) if node.type == "function_definition"]
    reader = _Reader(
        source=program.text or b"",
        start=program.start_byte,
        leaving=frozenset(name.text for node in functions if _leaves(node) and (name := _name(node))),
    )
    options = options or Options()
    found = _trapped(program) or reader.in_sequence(shell.statements(program), options, final=True)
    for body in (node.child_by_field_name("body") for node in functions):
        if found is None and body is not None:
            found = reader.in_sequence(shell.statements(body), options, final=False)
    return found


def _name(function: Node) -> Node | None:
    return function.child_by_field_name("name")


def _at(node: Node, why: str) -> Loss:
    return Loss(line=node.start_point[0] + 1, column=node.start_point[1] + 1, why=why)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """Goes through a program, and can look at what stands behind a place."""

    source: bytes
    start: int
    leaving: frozenset[bytes | None]
    """Functions that can end the program with a code of its own."""

    def behind(self, node: Node, word: bytes, end: Node | None = None) -> bool:
        """Whether ``word`` stands behind the node, or between it and the end of another."""
        last = len(self.source) if end is None else end.end_byte - self.start
        return self.source.find(word, node.end_byte - self.start, last) >= 0

    def in_sequence(
        self, statements: Sequence[shell.Statement], options: Options, *, final: bool
    ) -> Loss | None:
        for position, statement in enumerate(statements):
            node, later = statement.node, statements[position + 1 :]
            said = shell.said(node)
            if said[:1] == ["set"]:
                options = options.after(said[1:])
            found = self.in_statement(node, options, final=final and not later)
            if found is None and shell.works(node):
                found = self.what_follows(statement, later, options)
            if found is not None:
                return found
            if said[:1] in (["exec"], ["exit"], ["return"]) and not statement.background:
                return None
        return None

    def what_follows(
        self, statement: shell.Statement, later: Sequence[shell.Statement], options: Options
    ) -> Loss | None:
        """What becomes of a worker's code behind it."""
        node = statement.node
        if statement.background:
            waits = [said for one in later if (said := shell.said(one.node))[:1] == ["wait"]]
            if not any(len(said) > 1 for said in waits):
                return _at(node, "it runs in the background, and nobody waits for its code")
            return None
        if options.errexit or not later or shell.said(later[0].node) in (["exit"], ["return"]):
            return None
        last = later[-1].node
        asked = any(self.behind(node, word, last) for word in (b"$?", b"PIPESTATUS", b"pipestatus"))
        if asked or _leaves(node) or self.calls_leaving(node) or self.noted(node) or _tells(node):
            return None
        compound = node.type in ("if_statement", "case_statement")
        if compound or not any(shell.works(one.node) for one in later) or _idle(last):
            return _at(node, f"without set -e {trees.text(last).splitlines()[0][:60]!r} decides, not it")
        return None

    def in_statement(self, node: Node, options: Options, *, final: bool) -> Loss | None:
        found = (
            self.in_pipe(node, options)
            or self.in_list(node)
            or self.in_condition(node)
            or (_negated(node) if final else None)
        )
        if found is not None:
            return found
        inner = node.named_children if node.type in ("list", "negated_command") else []
        if node.type == "redirected_statement":
            inner = node.named_children[:1]
        for position, child in enumerate(inner, 1):
            last = position == len(inner)
            if found := self.in_statement(child, options, final=final and last):
                return found
        for body in shell.bodies(node):
            if found := self.in_sequence(body, options, final=final):
                return found
        return None

    def in_pipe(self, node: Node, options: Options) -> Loss | None:
        """A pipe, unless somebody asks for the code of its parts."""
        if node.type != "pipeline" or options.pipefail:
            return None
        *parts, last = node.named_children
        if self.asked(node) or not any(map(shell.works, parts)):
            return None
        return _at(node, f"a pipe ends with the code of {trees.text(last)[:60]!r}")

    def asked(self, pipe: Node) -> bool:
        """Whether the codes of a pipe's parts are looked at."""
        return self.behind(pipe, b"PIPESTATUS") or self.behind(pipe, b"pipestatus") or _tells(pipe)

    def in_list(self, node: Node) -> Loss | None:
        """``program || true``."""
        if node.type != "list" or not any(child.type == "||" for child in node.children):
            return None
        first, last = node.named_children[0], node.named_children[-1]
        if not shell.works(first) or not _idle(last) or self.noted(last):
            return None
        if first.type == "pipeline" and self.asked(first):
            return None
        return _at(node, f"{trees.text(last)[:60]!r} makes a success of its failure")

    def in_condition(self, node: Node) -> Loss | None:
        """``if program; then ...``: nothing of its code is left, unless a branch leaves with one of its own."""
        if node.type != "if_statement" or _leaves(node) or self.noted(node):
            return None
        conditions = node.children_by_field_name("condition")
        if any(one.is_named and shell.works(one) for one in conditions):
            return _at(node, "a condition takes its code, and no branch ends with another")
        return None

    def calls_leaving(self, node: Node) -> bool:
        """``program || refuse``, where ``refuse`` ends with 1."""
        names = (command.child_by_field_name("name") for command in shell.commands(node))
        return any(name is not None and name.text in self.leaving for name in names)

    def noted(self, node: Node) -> bool:
        """Whether something in it keeps a code in a variable, which occurs behind it."""
        assignments = (one for one in trees.descendants(node) if one.type == "variable_assignment")
        for name, _, value in ((one.text or b"").partition(b"=") for one in assignments):
            used = self.behind(node, b"$" + name) or self.behind(node, b"${" + name)
            if used and _CODE.search(value):
                return True
        return False


def _tells(node: Node) -> bool:
    """Whether a pipe in it asks for a code within, and may hand it on by another way."""
    return any(one.type == "pipeline" and "$?" in trees.text(one) for one in trees.descendants(node))


def _negated(node: Node) -> Loss | None:
    """``! program`` at the end of all."""
    if node.type == "negated_command" and shell.works(node) and not _leaves(node):
        return _at(node, "the exclamation mark makes a success of its failure")
    return None


def _trapped(program: Node) -> Loss | None:
    """``trap "exit 0" EXIT`` before a worker that the shell outlives."""
    statements = shell.statements(program)
    for position, statement in enumerate(statements):
        said = shell.said(statement.node)
        if said[:1] in (["exec"], ["exit"], ["return"]):
            return None
        if said[:1] != ["trap"] or len(said) < 3 or not {"EXIT", "0"} & set(said[2:]):
            continue
        behind = statements[position + 1 :]
        inside = [command for one in behind for command in shell.commands(one.node)]
        told = [shell.words(command)[:1] for command in inside if shell.is_worker(command)]
        reset = any(shell.words(command)[:1] == ["trap"] for command in inside)
        if told and ["exec"] not in told and not reset and _always_zero(said[1]):
            return _at(statement.node, "what is done at its end is exit 0")
        return None
    return None


def _always_zero(handler: str) -> bool:
    said = [shell.said(one.node) for one in shell.statements(trees.shell(handler.encode()))]
    return said[-1:] == [["exit", "0"]] and handler.count("exit") == 1


def _idle(node: Node) -> bool:
    """Whether it ends with 0 whatever happened."""
    if node.type in ("compound_statement", "subshell"):
        inner = shell.statements(node)
        return bool(inner) and not _leaves(node) and _idle(inner[-1].node)
    said = shell.said(node)
    return (said[:1] == ["exit"] and said[1:] == ["0"]) or (bool(said) and said[0] in shell.IDLE)


def _leaves(node: Node) -> bool:
    """Whether it can end the whole program with a code of its own, or hands over to another one."""
    return any(
        said[0] == "exec" or (said[0] in ("exit", "return") and said[1:] != ["0"])
        for said in map(shell.words, shell.commands(node))
        if said
    )
