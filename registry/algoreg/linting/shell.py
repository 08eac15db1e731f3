"""Whether a shell program hands the exit code of what it starts through to its caller; read, never run.

A worker is what does the job: an interpreter, or whatever is given the caller's arguments. Only what is certain
is said: a program that this does not understand is taken for right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from algoreg.linting import trees

if TYPE_CHECKING:
    from algoreg.linting.trees import Node

_WORKER = re.compile(r"(?:.*/)?(?:python|pypy|perl|ruby|Rscript|R|java|node|julia|php|octave)[0-9.]*")
_IDLE = frozenset(("true", ":", "echo", "printf"))
"""They end with 0 whatever happened before."""
_ASKING = frozenset(
    ("test", "[", "set", "shift", "export", "trap", "cd", "source", ".", "exit", "return", *_IDLE)
)
"""They may be given arguments without being the program."""
_MAX_DEPTH = 100
"""No person nests so deep; each level costs a look at all that is below it."""
_ARGUMENTS = frozenset("@*0123456789")


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


@dataclass(frozen=True, kw_only=True)
class _Statement:
    node: Node
    background: bool


def words(command: Node) -> list[str]:
    """The words of a command as they are written, without quotes around them, without assignments before it."""
    found = []
    for child in command.named_children:
        if child.type not in (
            "variable_assignment",
            "file_redirect",
            "heredoc_redirect",
            "herestring_redirect",
        ):
            found.append(trees.text(child).strip("\"'"))
    return found


def commands(program: Node) -> Iterator[Node]:
    """Every simple command of a program."""
    return (node for node in trees.descendants(program) if node.type == "command")


def uses_arguments(program: Node, *, positions: frozenset[str] = _ARGUMENTS) -> bool:
    """Whether one of these positional parameters occurs."""
    return any(
        node.type in ("special_variable_name", "variable_name") and trees.text(node) in positions
        for node in trees.descendants(program)
    )


def ends_by_exec(program: Node) -> bool:
    """Whether the last statement is the program itself, in the place of the shell."""
    statements = _statements(program)
    last = _command(statements[-1].node) if statements else None
    return last is not None and words(last)[:1] == ["exec"]


def loss(program: Node, options: Options | None = None) -> Loss | None:
    """The first place where the code of a worker is lost."""
    if program.has_error or trees.nested_deeper(program, _MAX_DEPTH):
        return None
    functions = (node for node in trees.descendants(program) if node.type == "function_definition")
    bodies = [node.child_by_field_name("body") for node in functions]
    found = (
        _in_sequence(_statements(body), options or Options(), final=True)
        for body in (program, *bodies)
        if body
    )
    return next((one for one in found if one is not None), None)


def _at(node: Node, why: str) -> Loss:
    return Loss(line=node.start_point[0] + 1, column=node.start_point[1] + 1, why=why)


def _statements(body: Node, start: str | None = None) -> list[_Statement]:
    """The statements that stand directly in ``body``, after the token ``start`` where there is one."""
    found: list[_Statement] = []
    begun = start is None
    for child in body.children:
        begun = begun or child.type == start
        if not begun or child.type in ("comment", "elif_clause", "else_clause", "function_definition"):
            continue
        if child.is_named:
            found.append(_Statement(node=child, background=False))
        elif child.type == "&" and found:
            found[-1] = replace(found[-1], background=True)
    return found


def _bodies(node: Node) -> list[list[_Statement]]:
    """The sequences of a compound statement, of which one is run."""
    if node.type == "if_statement":
        clauses = [c for c in node.children if c.type in ("elif_clause", "else_clause")]
        rest = [_statements(c, None if c.type == "else_clause" else "then") for c in clauses]
        return [_statements(node, "then"), *rest]
    if node.type == "case_statement":
        return [_statements(item, ")") for item in node.children if item.type == "case_item"]
    if node.type in ("compound_statement", "subshell", "do_group"):
        return [_statements(node)]
    return [_statements(child) for child in node.children if child.type == "do_group"]


def _in_sequence(statements: Sequence[_Statement], options: Options, *, final: bool) -> Loss | None:
    for position, statement in enumerate(statements):
        node, later = statement.node, statements[position + 1 :]
        command = _command(node)
        said = words(command) if command is not None else []
        if said[:1] == ["set"]:
            options = options.after(said[1:])
        found = _in_statement(node, options, final=final and not later)
        if found is None and _works(node):
            found = _behind(statement, later, options)
        if found is not None:
            return found
        if said[:1] in (["exec"], ["exit"], ["return"]) and not statement.background:
            return None
    return None


def _behind(statement: _Statement, later: Sequence[_Statement], options: Options) -> Loss | None:
    """What becomes of a worker's code behind it."""
    if statement.background:
        waits = [said for one in later if (said := _said(one.node))[:1] == ["wait"]]
        if not any(len(said) > 1 for said in waits):
            return _at(statement.node, "it runs in the background, and nobody waits for its code")
        return None
    if (
        options.errexit
        or not later
        or _leaves(statement.node)
        or _said(later[0].node) in (["exit"], ["return"])
    ):
        return None
    if any("$?" in trees.text(one.node) or "PIPESTATUS" in trees.text(one.node) for one in later):
        return None
    compound = statement.node.type in ("if_statement", "case_statement")
    last = later[-1].node
    if compound or not any(_works(one.node) for one in later) or _idle(last):
        return _at(
            statement.node, f"without set -e {trees.text(last).splitlines()[0][:60]!r} decides, not it"
        )
    return None


def _in_statement(node: Node, options: Options, *, final: bool) -> Loss | None:
    if node.type == "pipeline" and not options.pipefail:
        parts = node.named_children
        if any(map(_works, parts[:-1])):
            return _at(node, f"a pipe ends with the code of {trees.text(parts[-1])[:60]!r}")
    if (
        node.type == "list"
        and _is_or(node)
        and _works(node.named_children[0])
        and _idle(node.named_children[-1])
    ):
        return _at(node, f"{trees.text(node.named_children[-1])[:60]!r} makes a success of its failure")
    if node.type == "if_statement" and (lost := _in_condition(node)):
        return lost
    inner = node.named_children[:1] if node.type == "redirected_statement" else []
    if node.type in ("list", "negated_command"):
        inner = node.named_children
    for child in inner:
        if found := _in_statement(child, options, final=final):
            return found
    for body in _bodies(node):
        if found := _in_sequence(body, options, final=final):
            return found
    return None


def _in_condition(node: Node) -> Loss | None:
    """``if program; then ...``: nothing of its code is left, unless a branch leaves with one of its own."""
    conditions = node.children_by_field_name("condition")
    if any(one.is_named and _works(one) for one in conditions) and not _leaves(node):
        return _at(node, "a condition takes its code, and no branch ends with another")
    return None


def _is_or(node: Node) -> bool:
    return any(child.type == "||" for child in node.children)


def _command(node: Node) -> Node | None:
    """The simple command that a statement is, with or without redirections."""
    if node.type == "redirected_statement" and node.named_children:
        return _command(node.named_children[0])
    return node if node.type == "command" else None


def _said(node: Node) -> list[str]:
    command = _command(node)
    return words(command) if command is not None else []


def _works(node: Node) -> bool:
    """Whether the program is started somewhere in it."""
    return any(_is_worker(command) for command in commands(node))


def _is_worker(command: Node) -> bool:
    said = words(command)
    while said[:1] in (["exec"], ["env"], ["nohup"], ["time"]):
        said = said[1:]
    if not said or said[0] in _ASKING:
        return False
    return bool(_WORKER.fullmatch(said[0])) or uses_arguments(command, positions=frozenset("@*"))


def _idle(node: Node) -> bool:
    """Whether it ends with 0 whatever happened."""
    if node.type in ("compound_statement", "subshell"):
        inner = _statements(node)
        return bool(inner) and not _leaves(node) and _idle(inner[-1].node)
    said = _said(node)
    return (said[:1] == ["exit"] and said[1:] == ["0"]) or (bool(said) and said[0] in _IDLE)


def _leaves(node: Node) -> bool:
    """Whether it can end the whole program with a code of its own, or hands over to another one."""
    return any(
        said[0] == "exec" or (said[0] in ("exit", "return") and said[1:] != ["0"])
        for said in map(words, commands(node))
        if said
    )
