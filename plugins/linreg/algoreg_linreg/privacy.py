"""When a part may be told: a summary of too few rows, or of a group of too few, is the rows themselves.

The R factor tells sums over all rows, and over the rows of each code. So a part is refused

* with fewer than ``MARGIN`` rows more than the regression has columns: sums of so few could be solved for the rows;
* with a code, or one of two values of a column, that 1 or 2 rows have: the sums over one row are its values, the
  sums over two are told to either of them. No row at all is nobody's secret.
"""

from __future__ import annotations

import numpy as np

from algoreg.runtime import Column, Failure, Job, Table
from algoreg_linreg import coding

MARGIN = 5
SMALLEST_GROUP = 3


def check(job: Job, table: Table) -> None:
    """Raise Failure where an intermediate result would tell single rows; its message tells no value."""
    columns = len(coding.names(job.covariables)) + 2  # with the intercept and the variable
    if len(table.y_train) < columns + MARGIN:
        raise Failure(
            f"--mode intermediate: {len(table.y_train)} rows are too few to hide a row in a summary of "
            f"{columns} columns, at least {columns + MARGIN} are needed"
        )
    _check_groups(job.variable, table.y_train)
    for place, column in enumerate(job.covariables):
        _check_groups(column, table.x_train[:, place])


def _check_groups(column: Column, values: np.ndarray) -> None:
    _, counts = np.unique(values, return_counts=True)
    if (column.nominal or len(counts) == 2) and counts.min() < SMALLEST_GROUP:
        raise Failure(
            f"--mode intermediate: a value of {column.name} is that of fewer than {SMALLEST_GROUP} rows, "
            "a summary would tell these rows"
        )
