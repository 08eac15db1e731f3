"""Writes elements of HTML and SVG, so that text of unknown origin cannot get in unescaped by an oversight."""

from __future__ import annotations

from html import escape

from algoreg.formats.escape import safe


class Markup(str):
    """Text that is markup already; any other is escaped where it is put into an element."""

    __slots__ = ()


_VOID = frozenset({"meta", "link", "input", "rect", "circle", "line"})


def element(tag: str, *children: str | None, **attributes: str | bool) -> Markup:
    """``<tag attributes>children</tag>``; a child that is None or empty is left out.

    In names of attributes a leading or trailing ``_`` is dropped, and any other becomes ``-``.
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{''.join(map(_child, children))}</{tag}>")


def joined(*parts: str | None) -> Markup:
    """Siblings."""
    return Markup("".join(map(_child, parts)))


def lines(parts: list[str]) -> Markup:
    """Text on lines of its own, for a ``pre``."""
    return Markup("\n".join(map(_child, parts)))


def _child(child: str | None) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Markup) else escape(safe(child))


def _attribute(name: str, value: str | bool) -> str:
    if value is False:
        return ""
    written = name.strip("_").replace("_", "-")
    return f' {written}=""' if value is True else f' {written}="{escape(safe(str(value)))}"'
