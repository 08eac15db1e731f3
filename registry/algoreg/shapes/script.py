"""Judges the JavaScript that draws a vis.js network: it parses as a script. It is never run.

Source: the tree-sitter grammar of JavaScript (ECMAScript and JSX; JSX, which no browser reads, is refused here). Its
parser neither recurses nor slows down on what is nested or broken, unlike parsers of JavaScript in Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from algoreg.shapes.defects import Broken, bounded, refuse_json_string

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_MAX_BYTES = 4 * 1024 * 1024
"""The tree takes a multiple of the text."""


def judge(data: str) -> None:
    """Raises Broken when ``data`` is no script, or one that does nothing."""
    import tree_sitter
    import tree_sitter_javascript

    refuse_json_string(data, "JavaScript")
    raw = bounded(data, _MAX_BYTES)
    language = tree_sitter.Language(tree_sitter_javascript.language())
    tree = tree_sitter.Parser(language).parse(raw)
    if wrong := _wrong(tree):
        raise Broken(
            f"visjs: a syntax error{_place(wrong)}",
            expected=f"a {wrong.type}" if wrong.is_missing else "JavaScript",
            got="JSX or HTML" if wrong.type.startswith("jsx_") else "something else",
        )
    if not any(_acts(statement) for statement in tree.root_node.named_children):
        raise Broken("visjs: the script does nothing", expected="a statement", got="comments or constants")


def _acts(statement: Node) -> bool:
    """Whether a statement is more than a comment or a constant."""
    if statement.type == "expression_statement" and statement.named_children:
        return statement.named_children[0].type not in ("string", "number", "identifier", "template_string")
    return statement.type not in ("comment", "empty_statement", "hash_bang_line", "html_comment")


def _wrong(tree: Tree) -> Node | None:
    """The shortest node that is wrong, as the longer ones around it begin where the script is still right."""
    return min(
        filter(_is_wrong, _nodes(tree)), key=lambda node: node.end_byte - node.start_byte, default=None
    )


def _place(wrong: Node) -> str:
    """Where ``wrong`` begins, when it is not the script as a whole."""
    line, column = wrong.start_point
    return f" in line {line + 1}, column {column + 1}" if wrong.parent is not None else ""


def _is_wrong(node: Node) -> bool:
    return node.is_error or node.is_missing or node.type.startswith("jsx_")


def _nodes(tree: Tree) -> Iterator[Node]:
    """Every node, in the order of the text, without recursion."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        if node is not None:
            yield node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
