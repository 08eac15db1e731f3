"""k nearest neighbours in PFA, and the one definition of nearest that the document and the estimator share.

scikit-learn leaves open which of several rows at the same distance is the last neighbour: it depends on the tree,
on the heap, on the rounding of a matrix product. So that a document can say the same as ``test``, the estimators of
``algoreg.runtime.neighbours`` decide it: distances that agree to ``GRID`` are equal, and the first row wins.
"""

from __future__ import annotations

from typing import Any, Final

from algoreg.runtime.pfa.predictor import Neighbours

GRID: Final = 1e9
"""Distances (in deviations) are told apart from 1/GRID on: what rounding makes of equal ones is far below."""

_DOUBLES: Final = {"type": "array", "items": "double"}
_STRINGS: Final = {"type": "array", "items": "string"}

DISTANCE: Final = {
    "params": [{"x": _DOUBLES}, {"neighbour": "Neighbour"}],
    "ret": "double",
    "do": {"m.floor": [{"+": [{"*": [{"metric.simpleEuclidean": ["x", "neighbour.x"]}, GRID]}, 0.5]}]},
}


def neighbours(model: Neighbours) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """Cells, functions, and what follows ``let x`` in the action."""
    answer = "string" if model.classes else "double"
    fields = [{"name": "x", "type": _DOUBLES}, {"name": "y", "type": answer}]
    points = [{"x": list(x), "y": y} for x, y in zip(model.points, model.answers, strict=True)]
    cells: dict[str, Any] = {
        "codebook": {
            "type": {"type": "array", "items": {"type": "record", "name": "Neighbour", "fields": fields}},
            "init": points,
        },
        "nNeighbors": {"type": "int", "init": model.k},
    }
    nearest = {
        "model.neighbor.nearestK": [{"cell": "nNeighbors"}, "x", {"cell": "codebook"}, {"fcn": "u.distance"}]
    }
    take = {"params": [{"neighbour": "Neighbour"}], "ret": answer, "do": "neighbour.y"}
    answers = {"let": {"answers": {"a.map": [nearest, take]}}}
    if not model.classes:
        return cells, {"distance": DISTANCE}, [answers, {"a.mean": ["answers"]}]
    cells["classes"] = {"type": _STRINGS, "init": list(model.classes)}
    return cells, {"distance": DISTANCE, "votes": VOTES}, [answers, _winner()]


VOTES: Final = {
    "params": [{"answers": _STRINGS}, {"classes": _STRINGS}],
    "ret": {"type": "array", "items": "int"},
    "do": {
        "a.map": [
            "classes",
            {"params": [{"code": "string"}], "ret": "int", "do": {"a.count": ["answers", "code"]}},
        ]
    },
}


def _winner() -> dict[str, Any]:
    """The first class with the most votes, as scikit-learn does; PFA's own a.mode takes a median of them."""
    votes = {"u.votes": ["answers", {"cell": "classes"}]}
    return {"cell": "classes", "path": [{"a.argmax": [votes]}]}
