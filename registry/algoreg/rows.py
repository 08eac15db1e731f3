"""Judges the row that a compute left in ``job_result`` (contract section 4), to the first defect.

Pure: takes the rows and what was asked. What ``data`` must look like for each shape is the business of ``shapes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algoreg import contract, shapes, strictjson
from algoreg.databases.protocol import DATA_MAX_BYTES, ResultRow
from algoreg.outputs import Defect

CHECK = "db.results-row"
SHAPE = "db.shape"


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Whose row is expected, and with what in it."""

    job_id: str
    node: str
    function: str | None
    """The image's ENV FUNCTION, else the algorithm's code; None where nobody knows the image's, and none is judged."""
    result: str
    """The declared result."""


def result_defect(rows: Sequence[ResultRow], wanted: Expectation) -> Defect | None:
    """What is wrong with the rows of a compute that ended with code 0."""
    defect = _row_defect(rows, wanted)
    if defect is not None:
        return defect
    (row,) = rows
    if row.error_bytes is not None or row.data_bytes is None:
        return Defect(
            check=CHECK,
            message="it ended with code 0 and its row is none of a success",
            expected="data set, error NULL",
            got=_filled(row),
        )
    return shapes.identifier_defect(wanted.result, row.shape) or _payload_defect(row, wanted)


def failure_defect(rows: Sequence[ResultRow], wanted: Expectation) -> Defect | None:
    """What is wrong with the rows of a compute that failed: one row with ``error`` set is due."""
    defect = _row_defect(rows, wanted)
    if defect is not None:
        return defect
    (row,) = rows
    if not row.error_bytes or row.data_bytes is not None:
        return Defect(
            check=CHECK,
            message="it failed, and its row does not say so",
            expected="error set, data NULL",
            got=_filled(row),
        )
    if row.shape not in contract.ERROR_SHAPES:
        return Defect(
            check=SHAPE,
            message="the row of a failure has another shape than an error's",
            expected=" or ".join(contract.ERROR_SHAPES),
            got=repr(row.shape),
        )
    return None


def _row_defect(rows: Sequence[ResultRow], wanted: Expectation) -> Defect | None:
    if len(rows) != 1:
        names = ", ".join(repr((row.job_id, row.shape)) for row in rows[:3]) or "none"
        return Defect(
            check=CHECK,
            message="not exactly one row in job_result",
            expected=f"one row of job {wanted.job_id}",
            got=f"{len(rows)} rows: {names}",
        )
    (row,) = rows
    for name, expected, got in (
        ("job_id", wanted.job_id, row.job_id),
        ("node", wanted.node, row.node),
        ("function", wanted.function, row.function),
    ):
        if expected is not None and got != expected:
            return Defect(
                check=CHECK,
                message=f"{name} of its row is not what it was given",
                expected=f"{name} {expected!r}",
                got=f"{name} {got!r}",
            )
    return None


def _payload_defect(row: ResultRow, wanted: Expectation) -> Defect | None:
    if row.data is None:
        raise strictjson.TooLarge(f"a result of {row.data_bytes:,} bytes; {DATA_MAX_BYTES:,} are read")
    return shapes.payload_defect(wanted.result, row.data)


def _filled(row: ResultRow) -> str:
    data = "NULL" if row.data_bytes is None else f"{row.data_bytes:,} bytes"
    error = "NULL" if row.error_bytes is None else f"{row.error_bytes:,} bytes"
    return f"data {data}, error {error}, shape {row.shape!r}"
