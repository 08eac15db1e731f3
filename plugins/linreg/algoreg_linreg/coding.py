"""The columns of a regression: an intercept, continuous values, and one 0/1 column for each code but the first.

Codes are those of ``PARAM_meta``, never those of the data: parts of a table must agree on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from algoreg.runtime import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

INTERCEPT = "(Intercept)"
TOLERANCE = 1e-10
ROUNDING = 1e-14
"""Below this part of a column's length nothing but rounding is left."""


def names(covariables: Sequence[Column]) -> list[str]:
    """``age`` for a continuous column, ``sex=M`` for a code; the intercept is not among them."""
    return [
        name
        for c in covariables
        for name in ([f"{c.name}={code}" for code in c.codes[1:]] if c.nominal else [c.name])
    ]


def columns(x: NDArray[np.float64], covariables: Sequence[Column]) -> NDArray[np.float64]:
    """(rows, len(names)) of a table's covariables, whose nominal values are positions in the codes."""
    parts = [
        (x[:, [place]] == np.arange(1, len(c.codes))).astype(np.float64) if c.nominal else x[:, [place]]
        for place, c in enumerate(covariables)
    ]
    return np.hstack(parts)


def estimable(matrix: NDArray[np.float64], rounding: NDArray[np.float64]) -> list[int]:
    """Columns that no columns before them explain: a constant or a sum of others has no coefficient of its own.

    Column 0 is the intercept. What is left of a column is compared with what the intercept leaves of it, so neither
    the scale of a column nor its mean matters, and with ``rounding``: for each column, what is nothing.
    """
    basis = np.empty((0, len(matrix)))
    kept = []
    for place, column in enumerate(matrix.T):
        around = column - basis[:1].T @ (basis[:1] @ column)
        rest = around
        for _ in range(2):  # once leaves rounding behind, twice is enough (Parlett)
            rest = rest - basis.T @ (basis @ rest)
        left = float(np.linalg.norm(rest))
        if left > max(TOLERANCE * np.linalg.norm(around), rounding[place]):
            basis = np.vstack([basis, rest / left])
            kept.append(place)
    return kept
