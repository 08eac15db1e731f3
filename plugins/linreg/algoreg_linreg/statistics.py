"""Coefficients of least squares with their errors, from a summary: statsmodels sees the R factor instead of the rows.

A regression on the rows of R has the coefficients and the residual sum of squares of the regression on the table;
only its degrees of freedom are the table's, and are set.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from algoreg.runtime import Job
from algoreg_linreg import coding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from algoreg_linreg.summary import Summary

NOISE = 1e-12
"""A residual below this part of the variable's deviation is rounding: the fit is perfect, its t values are noise."""
ROUNDING = 1e-15


def least_squares(summary: Summary, job: Job) -> dict[str, Any]:
    """``coefficients`` by name, and what describes the fit; what does not exist is null, never NaN."""
    kept = coding.estimable(summary.factor[:, :-1], coding.ROUNDING * summary.lengths())
    freedom = summary.rows - len(kept)
    fit, effects, tested = _tested(summary, kept, freedom)
    total, residual = float(np.linalg.norm(summary.factor[1:, -1])), float(np.linalg.norm(fit.resid))
    rounding = ROUNDING * math.sqrt(summary.rows) * abs(float(summary.origin[-1]))
    if total <= rounding:
        effects[1:] = 0.0  # a constant variable depends on nothing
    perfect = residual <= NOISE * total + rounding
    errors = [0.0] * len(kept) if perfect else tested.sd.ravel().tolist()
    ratios = zip(tested.tvalue.ravel().tolist(), tested.pvalue.ravel().tolist(), strict=True)
    names = [coding.INTERCEPT, *coding.names(job.covariables)]
    rows = {
        names[place]: entry(effect, *((error, None, None) if perfect else (error, *ratio)), known=freedom > 0)
        for place, effect, error, ratio in zip(kept, effects.tolist(), errors, ratios, strict=True)
    }
    return {
        "coefficients": {name: rows.get(name, entry(None)) for name in names},
        "not_estimable": [name for name in names if name not in rows],
        "rows": summary.rows,
        "residual_degrees_of_freedom": freedom,
        "residual_standard_error": None
        if freedom <= 0
        else 0.0
        if perfect
        else residual / math.sqrt(freedom),
        "r_squared": None if total <= rounding else 1.0 if perfect else 1.0 - (residual / total) ** 2,
    }


def entry(
    coef: float | None,
    error: float | None = None,
    ratio: float | None = None,
    p: float | None = None,
    *,
    known: bool = True,
) -> dict[str, float | None]:
    """One coefficient, in the words of Woken's linear regression (``python-linear-regression``)."""
    values = {"coef": coef, "std_err": error, "t_values": ratio, "p_values": p}
    return {
        name: value if value is not None and math.isfinite(value) and (known or name == "coef") else None
        for name, value in values.items()
    }


def _tested(summary: Summary, kept: list[int], freedom: int) -> tuple[Any, NDArray[np.float64], Any]:
    """statsmodels' fit; the coefficients of the columns as they are, not around the origin; their t tests."""
    from statsmodels.regression.linear_model import OLS

    lengths = np.linalg.norm(summary.factor[:, kept], axis=0)
    model = OLS(summary.factor[:, -1], summary.factor[:, kept] / lengths)
    model.df_resid = max(freedom, 1)
    fit = model.fit(method="qr")
    back = np.eye(len(kept))
    back[0, 1:] = [-summary.origin[place - 1] for place in kept[1:]]
    shift = np.zeros(len(kept))
    shift[0] = -summary.origin[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        tested = fit.t_test((back / lengths, shift))
    return fit, np.ravel(tested.effect) - shift, tested
