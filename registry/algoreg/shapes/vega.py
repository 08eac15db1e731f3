"""Judges Vega and Vega-Lite specifications by the schemas that their projects publish (Vega 6.4, Vega-Lite 6.4).

A document that names another major version is judged by the same schema: 5 and 6 have one grammar, and older ones
are no longer drawn by what is maintained.
"""

from __future__ import annotations

from typing import Any

from algoreg.schemas import json_path, shown
from algoreg.shapes import grammar
from algoreg.shapes.defects import Broken, json_object

VEGA_MARKS = (
    *("arc", "area", "image", "group", "line", "path"),
    *("rect", "rule", "shape", "symbol", "text", "trail"),
)
"""Mark types of Vega 6 (vega.github.io/vega/docs/marks); its schema accepts any text."""


def vega(data: str) -> None:
    """Raises Broken when ``data`` is no Vega specification that draws something."""
    document = json_object(data)
    if not isinstance(document.get("marks"), list) or not document["marks"]:
        raise Broken(
            "vega: there is no mark at $.marks",
            expected="an array of marks, not empty",
            got=shown(document["marks"]) if "marks" in document else "no such key",
        )
    _dialect(document, "vega")
    _known_marks(document)
    grammar.judge("vega", document)


def _known_marks(document: dict[str, Any]) -> None:
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while pending:
        at, scope = pending.pop()
        marks = scope.get("marks") if isinstance(scope, dict) else None
        for index, mark in enumerate(marks if isinstance(marks, list) else ()):
            here = (*at, "marks", index)
            kind = mark.get("type") if isinstance(mark, dict) else None
            if kind not in VEGA_MARKS:
                raise Broken(
                    f"vega: no such mark at {json_path((*here, 'type'))}",
                    expected="one of " + ", ".join(VEGA_MARKS),
                    got=shown(kind),
                )
            pending.append((here, mark))


def vega_lite(data: str) -> None:
    """Raises Broken when ``data`` is no Vega-Lite specification."""
    document = json_object(data)
    _dialect(document, "vega-lite")
    grammar.judge("vega_lite", document)


def _dialect(document: dict[str, Any], name: str) -> None:
    """Vega and Vega-Lite are told apart by what the document itself names, where it does."""
    named = document.get("$schema")
    if isinstance(named, str) and f"/{name}/" not in named:
        raise Broken(
            f"{name}: another language is named at $.$schema",
            expected=f"an address that holds /{name}/",
            got=shown(named),
        )
