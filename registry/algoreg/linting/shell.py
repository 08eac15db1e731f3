"""What a shell program consists of, as rules ask for it: statements, commands, their words, and its workers.

A worker is what does the job: an interpreter, or whatever is given the caller's arguments. Nothing is judged here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from algoreg.linting import trees

if TYPE_CHECKING:
    from algoreg.linting.trees import Node

_WORKER = re.compile(r"(?:.*/)?(?:python|pypy|perl|ruby|Rscript|R|java|node|julia|php|octave)[0-9.]*")
IDLE = frozenset(("true", ":", "echo", "printf"))
"""They end with 0 whatever happened before."""
_ASKING = frozenset(
    ("test", "[", "set", "shift", "export", "trap", "cd", "source", ".", "exit", "return", *IDLE)
)
"""They may be given arguments without being the program."""
_ARGUMENTS = frozenset("@*0123456789")
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One of a sequence."""

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


def last_words(program: Node) -> list[str]:
    """What the last statement starts, ``exec`` left out; none where it is no simple command."""
    every = statements(program)
    found = said(every[-1].node) if every else []
    return found[1:] if found[:1] == ["exec"] else found


def ends_by_exec(program: Node) -> bool:
    """Whether the last statement is the program itself, in the place of the shell."""
    every = statements(program)
    return bool(every) and said(every[-1].node)[:1] == ["exec"]


def starts_below(program: Node) -> Node | None:
    """The last statement where it is a worker below the shell; a function of the program's own is none."""
    every = statements(program)
    last = command_of(every[-1].node) if every and not every[-1].background else None
    if last is None or not is_worker(last) or words(last)[0] in ("exec", "eval"):
        return None
    functions = (node for node in trees.descendants(program) if node.type == "function_definition")
    names = {trees.text(name) for one in functions if (name := one.child_by_field_name("name"))}
    return None if words(last)[0] in names else last


def is_shell(word: str) -> bool:
    """Whether a word starts a shell."""
    return posixpath.basename(word) in _SHELLS


def inner(words: Sequence[str]) -> int | None:
    """The position of the program in the words of ``sh -c PROGRAM``; None for another command."""
    if len(words) > 2 and is_shell(words[0]):
        flags = next((at for at, word in enumerate(words[1:4], 1) if re.fullmatch(r"-[a-z]*c", word)), None)
        return flags + 1 if flags is not None and flags + 1 < len(words) else None
    return None


def statements(body: Node, start: str | None = None) -> list[Statement]:
    """The statements that stand directly in ``body``, after the token ``start`` where there is one."""
    found: list[Statement] = []
    begun = start is None
    for child in body.children:
        begun = begun or child.type == start
        if not begun or child.type in ("comment", "elif_clause", "else_clause", "function_definition"):
            continue
        if child.is_named:
            found.append(Statement(node=child, background=False))
        elif child.type == "&" and found:
            found[-1] = replace(found[-1], background=True)
    return found


def bodies(node: Node) -> list[list[Statement]]:
    """The sequences of a compound statement, of which one is run."""
    if node.type == "if_statement":
        clauses = [c for c in node.children if c.type in ("elif_clause", "else_clause")]
        rest = [statements(c, None if c.type == "else_clause" else "then") for c in clauses]
        return [statements(node, "then"), *rest]
    if node.type == "case_statement":
        return [statements(item, ")") for item in node.children if item.type == "case_item"]
    if node.type in ("compound_statement", "subshell", "do_group"):
        return [statements(node)]
    return [statements(child) for child in node.children if child.type == "do_group"]


def command_of(node: Node) -> Node | None:
    """The simple command that a statement is, with or without redirections."""
    if node.type == "redirected_statement" and node.named_children:
        return command_of(node.named_children[0])
    return node if node.type == "command" else None


def said(node: Node) -> list[str]:
    """The words of a statement that is a simple command; none for another."""
    command = command_of(node)
    return words(command) if command is not None else []


def works(node: Node) -> bool:
    """Whether the program is started somewhere in it."""
    return any(is_worker(command) for command in commands(node))


def is_worker(command: Node) -> bool:
    """Whether it does the job."""
    rest = words(command)
    while rest[:1] in (["exec"], ["env"], ["nohup"], ["time"]):
        rest = rest[1:]
    if not rest or rest[0] in _ASKING:
        return False
    return bool(_WORKER.fullmatch(rest[0])) or uses_arguments(command, positions=frozenset("@*"))
