"""Coefficients of logistic regression: with their errors by statsmodels where the likelihood has a maximum.

A penalised model has coefficients only: its errors would be those of the penalty.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from algoreg.runtime import Job, Table
from algoreg.runtime.pfa import Linear, Nominal, Predictor
from algoreg_linreg import coding
from algoreg_linreg.statistics import entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_ERROR = 1e3
"""In deviations of a column: larger ones tell that the classes can be separated, where no maximum exists."""


def maximum(job: Job, table: Table) -> dict[str, Any]:
    """Each class against the first that occurs, each code against its column's first; or why that is unknown."""
    columns = coding.columns(table.x_train, job.covariables)
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    matrix = np.column_stack([np.ones(len(columns)), (columns - mean) / scale])
    kept = coding.estimable(matrix, coding.ROUNDING * np.linalg.norm(matrix, axis=0))
    told = {"model": "maximum likelihood", "reference_class": job.classes[0], "rows": len(matrix)}
    fit = _fit(job, table, matrix[:, kept])
    if fit is None:
        why = "the classes can be separated, or nearly so: the likelihood has no maximum, errors do not exist"
        return {**told, "coefficients": {}, "no_statistics": why}
    names = [coding.INTERCEPT, *coding.names(job.covariables)]
    back = np.diag(1.0 / np.concatenate([[1.0], scale])[kept])
    back[0, 1:] = [-mean[place - 1] / scale[place - 1] for place in kept[1:]]
    coefficients = {}
    for code, params, covariance in _classes(fit, job, len(kept)):
        rows = dict(zip((names[place] for place in kept), _rows(back, params, covariance), strict=True))
        coefficients[code] = {name: rows.get(name, entry(None)) for name in names}
    absent = [name for place, name in enumerate(names) if place not in kept]
    return {**told, "coefficients": coefficients, "not_estimable": absent, "log_likelihood": float(fit.llf)}


def _fit(job: Job, table: Table, matrix: NDArray[np.float64]) -> Any:
    """statsmodels' fit, or None where there is no maximum."""
    from statsmodels.discrete.discrete_model import MNLogit

    positions = [job.variable.codes.index(code) for code in job.classes]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what they warn of is looked at below
        try:
            fit = MNLogit(np.searchsorted(positions, table.y_train), matrix).fit(
                method="newton", disp=0, maxiter=100, warn_convergence=False
            )
            errors = fit.bse
        except (np.linalg.LinAlgError, ValueError):  # a singular or non-finite Hessian
            return None
    sound = np.isfinite(errors).all() and np.isfinite(fit.params).all() and np.isfinite(fit.llf)
    return fit if sound and fit.mle_retvals["converged"] and np.max(errors) < LARGEST_ERROR else None


def _classes(
    fit: Any, job: Job, count: int
) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Code, coefficients and their covariance of every class but the reference; statsmodels stacks the classes."""
    covariance = fit.cov_params()
    for index, code in enumerate(job.classes[1:]):
        block = slice(index * count, (index + 1) * count)
        yield code, fit.params[:, index], covariance[block, block]


def _rows(
    back: NDArray[np.float64], params: NDArray[np.float64], covariance: NDArray[np.float64]
) -> list[dict[str, float | None]]:
    """The same for the columns as they are, before scaling."""
    from scipy.stats import norm

    coefficients = back @ params
    errors = np.sqrt(np.diag(back @ covariance @ back.T))
    ratios = coefficients / errors
    p_values = 2 * norm.sf(np.abs(ratios))
    lists = (column.tolist() for column in (coefficients, errors, ratios, p_values))
    return [entry(*row) for row in zip(*lists, strict=True)]


def penalised(job: Job, fitted: Predictor) -> dict[str, Any]:
    """The model's own coefficients, of all codes, for the columns as they are."""
    model = fitted.model
    if not isinstance(model, Linear):
        raise TypeError(f"expected a linear model, got {type(model).__name__}")
    classes = job.classes[1:] if len(job.classes) == 2 else job.classes
    equations = zip(classes, model.coefficients, model.intercepts, strict=True)
    return {
        "model": f"penalised with weight {job.parameters['regularisation']}",
        "coefficients": {code: _unscaled(fitted, row, constant) for code, row, constant in equations},
        "rows": job.n_train,
        "no_statistics": "a penalised model has no standard errors",
    }


def _unscaled(
    fitted: Predictor, row: tuple[float, ...], constant: float
) -> dict[str, dict[str, float | None]]:
    values = iter(row)
    found: dict[str, dict[str, float | None]] = {}
    for feature in fitted.features:
        if isinstance(feature, Nominal):
            found |= {f"{feature.name}={code}": entry(next(values)) for code in feature.codes}
        else:
            coefficient = next(values) / feature.scale
            constant -= coefficient * feature.mean
            found[feature.name] = entry(coefficient)
    return {coding.INTERCEPT: entry(constant), **found}
