"""What Woken's AlgorithmActor is given for an experiment: a document with the validations in a cell of it.

A PFA document where the algorithm computes one, else JSON of the same form (Woken, ``AlgorithmActor.scala`` and
``validation/package.scala``: code ``kfold`` with the parameter ``k``). As there, the cell is not valid Avro, and
who evaluates the document takes it out.
"""

from __future__ import annotations

import time
from typing import Any

from algoreg import contract, shapes, strictjson
from algoreg.experiment import Outcome

NODE = "local"
_CELL_TYPE = {"type": "array", "items": "Record"}


def answer(outcome: Outcome, *, job_id: str, origin: str) -> dict[str, Any]:
    """The keys of Woken's QueryResult: ``type`` is a MIME type, ``timestamp`` seconds since the epoch.

    ``origin`` is where the table came from, without credentials.
    """
    head = {
        "jobId": job_id,
        "node": NODE,
        "dataProvenance": [{"code": origin}],
        "feedback": [],
        "timestamp": int(time.time()),
        "algorithm": outcome.algorithm.code,
        "query": _query(outcome),
    }
    failed = outcome.model.problem if outcome.model is not None else None
    if failed is not None:
        told = failed.step.redacted(f"{failed.defect.message}: {failed.defect.got}")
        return {**head, "type": contract.ERROR_SHAPES[0], "error": told}
    document, mime = _document(outcome)
    cells = document.get("cells")
    known = cells if isinstance(cells, dict) else {}
    data = {**document, "cells": {**known, "validations": _cell(outcome)}}
    return {**head, "type": mime, "data": data}


def _query(outcome: Outcome) -> dict[str, Any]:
    sample, plan = outcome.plan.sample, outcome.plan
    parameters = [{"code": code, "value": value} for code, value in plan.parameters.items()]
    return {
        "variables": [{"code": sample.variable.code}],
        "covariables": [{"code": column.code} for column in sample.covariables],
        "grouping": [],
        "algorithms": [{"code": outcome.algorithm.code, "parameters": parameters}],
        "validations": [_validation(outcome)],
    }


def _validation(outcome: Outcome) -> dict[str, Any]:
    folds = len(outcome.folds)
    if folds == 1:
        return {"code": "holdout", "parameters": []}
    return {"code": "kfold", "parameters": [{"code": "k", "value": str(folds)}]}


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
    specification, scores = _validation(outcome), outcome.told
    entry: dict[str, Any] = {
        "code": specification["code"],
        "validationSpec": specification,
        "node": NODE,
    }
    entry |= {"error": "no fold has a result"} if scores is None else {"data": scores}
    return {"type": _CELL_TYPE, "init": [entry]}
