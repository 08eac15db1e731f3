"""What a table is for least squares: its row count, an origin, and the R factor of a QR decomposition.

With X = [1, columns - origin, variable - origin] and X = QR, R says everything about the least squares of X and,
unlike X'X, does not square the condition of ill-scaled columns. Parts are merged by decomposing their R factors on
top of each other, moved to one origin. Sources: Golub and Van Loan, Matrix Computations, 5.3 and 6.5 (row updates
of QR); Chan, Golub and LeVeque 1983 on why sums are taken around an origin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from algoreg.runtime import Failure, Job, Part, Table
from algoreg_linreg import coding

if TYPE_CHECKING:
    from numpy.typing import NDArray


LARGEST = 1e150
"""Squares of larger numbers have no sum in double precision."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Everything that least squares need of a table."""

    rows: int
    origin: NDArray[np.float64] = field(repr=False)
    """(columns + 1,): one value near each column's mean, the variable's last; not part of the result."""
    factor: NDArray[np.float64] = field(repr=False)
    """(at most columns + 2, columns + 2), upper triangular; the intercept first, the variable last."""

    def lengths(self) -> NDArray[np.float64]:
        """At least the length of the intercept and of each column, around 0 instead of the origin."""
        around = np.linalg.norm(self.factor[:, :-1], axis=0)
        return np.asarray(around + math.sqrt(self.rows) * np.abs([0.0, *self.origin[:-1]]))

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {"origin": self.origin.tolist(), "factor": self.factor.tolist()}


def of_table(job: Job, table: Table) -> Summary:
    """Sum up the training rows. Raises Failure where numbers are too large."""
    values = np.column_stack([coding.columns(table.x_train, job.covariables), table.y_train])
    with np.errstate(over="ignore", invalid="ignore"):
        origin = values.mean(axis=0)
        around = np.column_stack([np.ones(len(values)), values - origin])
        return _finite(rows=len(values), origin=origin, stacked=around)


def _finite(*, rows: int, origin: NDArray[np.float64], stacked: NDArray[np.float64]) -> Summary:
    if np.all(np.abs(origin) < LARGEST) and np.all(np.abs(stacked) < LARGEST):  # false for NaN, too
        factor = np.asarray(np.linalg.qr(stacked, mode="r"), dtype=np.float64)
        return Summary(rows=rows, origin=origin, factor=factor)
    raise Failure("the values of a column are too large for a regression, their squares would not be finite")


def merge(summaries: Sequence[Summary]) -> Summary:
    """The summary of all rows together. Raises Failure where numbers are too large."""
    rows = sum(summary.rows for summary in summaries)
    with np.errstate(over="ignore", invalid="ignore"):
        origin = np.sum([summary.rows / rows * summary.origin for summary in summaries], axis=0)
        moved = [
            s.factor + np.outer(s.factor[:, 0], np.concatenate([[0.0], s.origin - origin])) for s in summaries
        ]
        return _finite(rows=rows, origin=origin, stacked=np.vstack(moved))


def read(job: Job, part: Part) -> Summary:
    """A part of another node. Raises Failure: anything but finite numbers of the right shape."""
    count = len(coding.names(job.covariables)) + 1
    match part.summary:
        case {"origin": list(origin), "factor": list(rows), **more} if not more and len(rows) == count + 1:
            if all(_numbers(row, count + 1) for row in rows) and _numbers(origin, count):
                return _plausible(part.rows, np.array(origin, float), np.array(rows, float))
    raise Failure(
        f"a part's summary is not an origin of {count} and a factor of {count + 1} x {count + 1} finite numbers"
    )


def _numbers(row: Any, count: int) -> bool:
    return (
        isinstance(row, list)
        and len(row) == count
        and all(type(number) in (int, float) and abs(number) < LARGEST for number in row)
    )


def _plausible(rows: int, origin: NDArray[np.float64], factor: NDArray[np.float64]) -> Summary:
    """R is triangular, and its first entry is the length of the column of ones."""
    if np.tril(factor, -1).any() or not math.isclose(abs(factor[0, 0]), math.sqrt(rows), rel_tol=1e-9):
        raise Failure(f"a part's summary contradicts its {rows} rows")
    return Summary(rows=rows, origin=origin, factor=factor)
