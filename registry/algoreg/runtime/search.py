"""The place of a search: an estimator that only the training rows can choose, and what the search tells of itself.

Where the author's ``program`` module has it, it is called in the place of ``estimator(job)``::

    def search(job: Job, x: NDArray[np.float64], y: NDArray) -> Found:

``x`` has the shape (n_train, features): the training rows after the runtime's own preparation of the columns
(scaled, one-hot), which is what the found estimator will be fitted on. ``y`` is ``Table.y_train``, (n_train,).
Both are copies. It may raise Failure. What it returns must be fit for these rows: `train` does not fit it again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from algoreg.runtime.job import Job
from algoreg.runtime.table import Table

NOTES = "search"
"""Under this key `train` writes what a search tells of itself, beside ``pipeline``."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search came back with."""

    estimator: Any
    """Unfitted, every random choice of it seeded or left None."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """JSON values for people and for ``result``: how it ended, what was tried. No time, no patient's value."""


def found(module: Any, job: Job, table: Table, *, impute: bool) -> Found:
    """Let the author's module search, or make its estimator where it has no search.

    Raises what the author's function raises.
    """
    if not hasattr(module, "search"):
        return Found(estimator=module.estimator(job))

    from algoreg.runtime import fitting

    x = fitting.columns(job.covariables, impute=impute).fit_transform(table.x_train)
    answer: Found = module.search(job, x, table.y_train.copy())
    return answer


def say(line: str) -> None:
    """One line for whoever waits, on standard error: how far the search is, never a value of a row."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the program's own standard error
