"""The rows of the science database as numbers, split into training and held-out rows; codes and NULLs judged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from algoreg.runtime.declaration import Declaration
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column
from algoreg.runtime.question import code_text
from algoreg.runtime.science import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNKNOWN = -1.0
"""Stands for a held-out row's code that no training row and no enumeration has: all zeros once one-hot encoded."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Positions in the query's result."""

    train: tuple[int, ...]
    held_out: tuple[int, ...]
    """In the caller's order."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """What is fitted and what is predicted.

    Continuous values are floats, nominal ones positions in ``Column.codes``, NULL is NaN.
    """

    x_train: NDArray[np.float64]
    """(n_train, covariables)"""
    y_train: NDArray[np.float64] | NDArray[np.int64]
    """(n_train,)"""
    x_held_out: NDArray[np.float64]
    """(n held out, covariables)"""
    truth: tuple[str | float | None, ...]
    """The variable in the held-out rows: code, number, or None for NULL."""


def split(rows: Rows, test_rows: Sequence[int], declaration: Declaration, variable: Column) -> Split:
    """Training rows are those that are not held out and have a target.

    Raises Failure: a position outside the table, a NULL target that the metadata does not allow, fewer than
    two rows left.
    """
    count = len(rows.targets)
    if max(test_rows) >= count:
        raise Failure(f"test_rows names row {max(test_rows)}, and the query returned {count} rows")
    held_out = frozenset(test_rows)
    kept = [row for row in range(count) if row not in held_out]
    train = [row for row in kept if not _is_null(rows.targets[row])]
    if len(train) < len(kept) and not declaration.variables_can_be_null:
        raise Failure(f"column {variable.name} is NULL in a training row (variables_can_be_null is false)")
    if len(train) < 2:
        raise Failure(f"test_rows leaves {len(train)} rows for training, at least two are needed")
    return Split(train=tuple(train), held_out=tuple(test_rows))


def every_row(rows: Rows, declaration: Declaration, variable: Column) -> Split:
    """All rows that have a target are training rows; none is held out.

    Raises Failure: a NULL target that the metadata does not allow, fewer than two rows left.
    """
    train = [row for row, value in enumerate(rows.targets) if not _is_null(value)]
    if len(train) < len(rows.targets) and not declaration.variables_can_be_null:
        raise Failure(f"column {variable.name} is NULL in a row (variables_can_be_null is false)")
    if len(train) < 2:
        raise Failure(f"PARAM_query leaves {len(train)} rows where {variable.name} is known, two are needed")
    return Split(train=tuple(train), held_out=())


def with_codes(column: Column, values: Iterable[Any]) -> Column:
    """``column`` with the codes of these (training) values where PARAM_meta lists none."""
    if not column.nominal or column.codes:
        return column
    return replace(column, codes=tuple(sorted({code_text(value) for value in values if not _is_null(value)})))


def column_values(rows: Rows, position: int, chosen: Iterable[int]) -> list[Any]:
    """One covariable's values in the chosen rows."""
    return [rows.features[row][position] for row in chosen]


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _number(column: Column, value: Any) -> float:
    if _is_null(value):
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.inf
    if not math.isfinite(number):  # the value itself is a patient's: it is not told
        raise Failure(
            f"column {column.name} holds a value that is no finite number, its type is {column.type}"
        )
    return number


def _encoded(column: Column, values: Iterable[Any], *, unknown: float | None) -> list[float]:
    if not column.nominal:
        return [_number(column, value) for value in values]
    positions = {code: float(position) for position, code in enumerate(column.codes)}
    encoded = []
    for value in values:
        position = math.nan if _is_null(value) else positions.get(code_text(value), unknown)
        if position is None:
            raise Failure(f"column {column.name} holds a code that PARAM_meta does not list for it")
        encoded.append(position)
    return encoded


def _matrix(
    rows: Rows, chosen: Sequence[int], columns: Sequence[Column], *, nullable: bool, unknown: float | None
) -> NDArray[np.float64]:
    import numpy as np

    matrix = np.empty((len(chosen), len(columns)), dtype=np.float64)
    for position, column in enumerate(columns):
        matrix[:, position] = _encoded(column, column_values(rows, position, chosen), unknown=unknown)
        if not nullable and np.isnan(matrix[:, position]).any():
            raise Failure(f"column {column.name} holds NULL (covariables_can_be_null is false)")
    return matrix


def build(
    rows: Rows, parts: Split, *, variable: Column, covariables: Sequence[Column], nullable: bool
) -> Table:
    """Encode both parts; ``nullable`` lets covariables be NULL.

    Raises Failure naming the column, never a value.
    """
    import numpy as np

    truth = _encoded(variable, [rows.targets[row] for row in parts.held_out], unknown=None)
    targets = np.array(_encoded(variable, [rows.targets[row] for row in parts.train], unknown=None))
    return Table(
        x_train=_matrix(rows, parts.train, covariables, nullable=nullable, unknown=None),
        y_train=targets.astype(np.int64) if variable.nominal else targets,
        x_held_out=_matrix(rows, parts.held_out, covariables, nullable=nullable, unknown=UNKNOWN),
        truth=tuple(
            None if math.isnan(value) else variable.codes[int(value)] if variable.nominal else value
            for value in truth
        ),
    )
