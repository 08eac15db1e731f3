"""Linear models in PFA: scores by ``model.reg.linear``, classes as scikit-learn's linear classifiers choose them."""

from __future__ import annotations

from typing import Any

from algoreg.runtime.pfa.predictor import Linear

_DOUBLES = {"type": "array", "items": "double"}
_STRINGS = {"type": "array", "items": "string"}


def linear(model: Linear) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """Cells, functions, and what follows ``let x`` in the action."""
    several = len(model.coefficients) > 1
    cells = {"model": _several(model) if several else _single(model)}
    score = {"model.reg.linear": ["x", {"cell": "model"}]}
    if not model.classes:
        return cells, {}, [score]
    cells["classes"] = {"type": _STRINGS, "init": list(model.classes)}
    # One equation tells two classes apart: an argmax over it would always name the first.
    place = {"a.argmax": [score]} if several else {"if": {">": [score, 0.0]}, "then": 1, "else": 0}
    return cells, {}, [{"cell": "classes", "path": [place]}]


def _single(model: Linear) -> dict[str, Any]:
    (coefficients,), (intercept,) = model.coefficients, model.intercepts
    return _cell("double", _DOUBLES, {"coeff": list(coefficients), "const": intercept})


def _several(model: Linear) -> dict[str, Any]:
    rows = [list(row) for row in model.coefficients]
    return _cell(
        _DOUBLES, {"type": "array", "items": _DOUBLES}, {"coeff": rows, "const": list(model.intercepts)}
    )


def _cell(const: Any, coeff: Any, init: dict[str, Any]) -> dict[str, Any]:
    fields = [{"name": "const", "type": const}, {"name": "coeff", "type": coeff}]
    return {"type": {"type": "record", "name": "LinearModel", "fields": fields}, "init": init}
