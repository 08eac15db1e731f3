"""cap.federated: a table in parts must give what the whole table gives, and no part may give its patients away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from algoreg import contract, disclosure, strictjson
from algoreg.check import check
from algoreg.checks.findings import failed, whole
from algoreg.observation import Computation
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, passed, skipped

TOLERANCE = 1e-8
"""Relative, for the aggregate against the whole (contract section 4)."""


@check(
    "cap.federated",
    "the federated modes disclose rows, or do not add up",
    needs=("pfa.predicts", "cap.task"),
    command=contract.COMPUTE,
)
def federated(probe: Probe) -> Iterator[Finding]:
    """Where federated is declared: the training rows are split into three uneven parts, compute --mode intermediate
    summarises each (shape json, no raw row in it), and compute --mode aggregate --job-ids of the three stores what
    compute on all the rows stores, to 1e-8.

    Why: Hospitals send each other these intermediate rows because no patient can be read from them; an algorithm
    of the platform stored the whole columns in them.
    Fix: Send sums, counts and triangular factors; take the coding of nominal columns from PARAM_meta, so that every
    part has the same columns.
    """
    if not probe.algorithm.federated:
        yield skipped("the metadata do not declare federated")
        return
    findings = [_summary(probe, rows, part) for rows, part in probe.parts()]
    yield from findings
    if any(finding.outcome is not Outcome.PASS for finding in findings):
        return
    aggregate = probe.aggregate()
    finding = whole(aggregate, "--mode aggregate", trouble="the aggregate is not stored")
    yield finding if aggregate.problem is not None else _agreement(probe, aggregate)


def _summary(probe: Probe, rows: tuple[int, ...], part: Computation) -> Finding:
    case = part.step.case
    if part.problem is not None or part.row is None or part.row.data is None:
        return whole(part, case, trouble="an intermediate result is not stored")
    told = disclosure.raw_rows(part.row.data, probe.base_computation().sample, rows)
    if told is None:
        return passed(case)
    return failed(
        part.step,
        "an intermediate result holds raw rows",
        expected="nothing that a patient could be read from",
        got=told,
        case=case,
    )


def _agreement(probe: Probe, aggregate: Computation) -> Finding:
    base, case = probe.base_computation(), "--mode aggregate, against the whole"
    if probe.algorithm.result in contract.PFA_RESULTS and probe.candidate.image is None:
        return skipped("two PFA documents are compared in a sandbox, which this engine has not", case)
    difference = (
        _documents(base, aggregate)
        if probe.algorithm.result not in contract.PFA_RESULTS
        else _models(probe, base, aggregate)
    )
    if difference is None:
        return passed(case)
    wanted, got = difference
    return failed(
        aggregate.step,
        "the aggregate of the parts is not the result on the whole table",
        expected=wanted,
        got=got,
        case=case,
    )


def _models(probe: Probe, base: Computation, aggregate: Computation) -> tuple[str, str] | None:
    """Two PFA documents are the same model when they predict the same."""
    wanted, answer = probe.prediction(base), probe.prediction(aggregate)
    if answer.failed is not None:
        return "a PFA document that predicts", answer.message
    pairs = enumerate(zip(wanted.outputs, answer.outputs, strict=True))
    return next(((f"prediction {n}: {a!r}", f"{b!r}") for n, (a, b) in pairs if not _close(a, b)), None)


def _documents(base: Computation, aggregate: Computation) -> tuple[str, str] | None:
    texts = [found.row.data or "" if found.row else "" for found in (base, aggregate)]
    try:
        left, right = (strictjson.parse(text.encode()) for text in texts)
    except strictjson.NotStrictJson:  # of a result that is text: a picture, a page
        left, right = texts
    return _first_difference(left, right, "$")


def _first_difference(left: Any, right: Any, path: str) -> tuple[str, str] | None:
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        found = (_first_difference(left[key], right[key], f"{path}.{key}") for key in left)
        return next((difference for difference in found if difference), None)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        found = (_first_difference(a, b, f"{path}[{n}]") for n, (a, b) in pairs)
        return next((difference for difference in found if difference), None)
    return None if _close(left, right) else (f"{path}: {str(left)[:100]}", str(right)[:100])


def _close(left: Any, right: Any) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=1e-12)
    return bool(left == right)
