"""Syntax trees of Dockerfiles and of shell programs, with the place of everything in them; no rules.

Source: tree-sitter's grammars of Containerfile and of Bash, which also reads what a POSIX shell does. They neither
recurse nor slow down on what is nested or broken, and stop nowhere: what they cannot read is marked in the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser

__all__ = ["Node", "containerfile", "descendants", "first_error", "nested_deeper", "shell", "text"]


@cache
def _language(name: str) -> Language:
    import tree_sitter
    import tree_sitter_bash
    import tree_sitter_containerfile

    grammars = {"bash": tree_sitter_bash.language, "containerfile": tree_sitter_containerfile.language}
    return tree_sitter.Language(grammars[name]())


def _parser(name: str) -> Parser:
    import tree_sitter

    return tree_sitter.Parser(_language(name))


def containerfile(source: bytes) -> Node:
    """The tree of a Dockerfile."""
    return _parser("containerfile").parse(source).root_node


def shell(source: bytes) -> Node:
    """The tree of a shell program."""
    return _parser("bash").parse(source).root_node


def text(node: Node) -> str:
    """What stands there."""
    return (node.text or b"").decode("utf-8", "replace")


def descendants(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text, without recursion."""
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(reversed(one.children))


def first_error(node: Node) -> Node | None:
    """The first place that the grammar cannot read; None where it reads everything."""
    if not node.has_error:
        return None
    return next((one for one in descendants(node) if one.is_error or one.is_missing), node)


def nested_deeper(node: Node, levels: int) -> bool:
    """Whether anything stands more than so many levels below ``node``: what recurses must not be given it."""
    pending = [(node, 0)]
    while pending:
        one, depth = pending.pop()
        if depth > levels:
            return True
        pending.extend((child, depth + 1) for child in one.children)
    return False
