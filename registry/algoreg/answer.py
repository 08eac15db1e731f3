"""What Woken's AlgorithmActor is given for an experiment: a document with the validations in a cell of it.

A PFA document where the algorithm computes one, else JSON of the same form (Woken, ``AlgorithmActor.scala`` and
``validation/package.scala``: code ``kfold`` with the parameter ``k``). As there, the cell is not valid Avro, and
who evaluates the document takes it out.
"""

from __future__ import annotations

from typing import Any

from algoreg import contract, shapes, strictjson
from algoreg.experiment import Outcome

NODE = "local"
_CELL_TYPE = {"type": "array", "items": "Record"}


def answer(outcome: Outcome) -> dict[str, Any]:
    """``type`` (a MIME type), ``algorithm``, ``node``, and ``data`` or ``error``: the keys of Woken's QueryResult."""
    head = {"algorithm": outcome.algorithm.code, "node": NODE}
    failed = outcome.model.problem if outcome.model is not None else None
    if failed is not None:
        told = failed.step.redacted(f"{failed.defect.message}: {failed.defect.got}")
        return {**head, "type": contract.ERROR_SHAPES[0], "error": told}
    document, mime = _document(outcome)
    cells = document.get("cells")
    known = cells if isinstance(cells, dict) else {}
    data = {**document, "cells": {**known, "validations": _cell(outcome)}}
    return {**head, "type": mime, "data": data}


def _document(outcome: Outcome) -> tuple[dict[str, Any], str]:
    row, result = outcome.model.row if outcome.model is not None else None, outcome.algorithm.result or ""
    if row is not None and row.data is not None and result in ("pfa", "pfa_yaml"):
        return strictjson.parse(shapes.pfa_text(result, row.data).encode()), "application/pfa+json"
    if row is not None and row.data is not None and result == "json":
        content = strictjson.parse(row.data.encode())
        return (content if isinstance(content, dict) else {"result": content}), "application/json"
    pipelines = {str(number): fold.pipeline for number, fold in enumerate(outcome.folds, 1)}
    return {"pipelines": pipelines}, "application/json"


def _cell(outcome: Outcome) -> dict[str, Any]:
    folds, scores = len(outcome.folds), outcome.told
    parameters = [{"code": "k", "value": str(folds)}] if folds > 1 else []
    code = "kfold" if folds > 1 else "holdout"
    entry: dict[str, Any] = {
        "code": code,
        "validationSpec": {"code": code, "parameters": parameters},
        "node": NODE,
    }
    entry |= {"error": "no fold has a result"} if scores is None else {"data": scores}
    return {"type": _CELL_TYPE, "init": [entry]}
