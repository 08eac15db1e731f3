"""The predictor of a summary: what LinearRegression finds on the rows themselves, behind the same scaling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from algoreg.runtime import Job
from algoreg.runtime.pfa import Continuous, Feature, Linear, Nominal, Predictor
from algoreg_linreg.summary import Summary

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-10
"""Singular values below this part of the largest count as 0: the codes of a column always sum up to 1."""


def of_summary(summary: Summary, job: Job, metadata: Mapping[str, str]) -> Predictor:
    """The least squares solution of the smallest norm over scaled columns and all codes, as scikit-learn's."""
    features, matrix = _features(summary, job)
    answer = summary.factor[:, -1]
    mean = float(summary.origin[-1] + answer[0] / summary.factor[0, 0])
    # Below the first row of the factor everything is already centred: the intercept came first.
    coefficients = np.linalg.lstsq(matrix[1:], answer[1:], rcond=TOLERANCE)[0]
    intercept = mean - float(matrix[0] @ coefficients) / float(summary.factor[0, 0])
    model = Linear(coefficients=(tuple(coefficients.tolist()),), intercepts=(intercept,))
    return Predictor(features=features, model=model, metadata=metadata)


def _features(summary: Summary, job: Job) -> tuple[tuple[Feature, ...], NDArray[np.float64]]:
    """The scaled columns of the factor, in the covariables' order."""
    features: list[Feature] = []
    parts = []
    place = 1
    for column in job.covariables:
        width = len(column.codes) - 1 if column.nominal else 1
        block = summary.factor[:, place : place + width].copy()
        origin = summary.origin[place - 1 : place - 1 + width]
        place += width
        if column.nominal:
            features.append(Nominal(name=column.name, codes=column.codes))
            given = block + np.outer(summary.factor[:, 0], origin)
            first = summary.factor[:, [0]] - given.sum(axis=1, keepdims=True)
            parts.append(np.hstack([first, given]))
        else:
            feature = _scaled(column.name, summary, block[:, 0], float(origin[0]))
            features.append(feature)
            # The mean was rounded: what the rounding left of it is the intercept's business.
            block[0] += summary.factor[0, 0] * (origin[0] - feature.mean)
            parts.append(block / feature.scale)
    return tuple(features), np.hstack(parts)


def _scaled(name: str, summary: Summary, column: NDArray[np.float64], origin: float) -> Continuous:
    """Mean and deviation, 1 for a constant as StandardScaler decides it (scikit-learn's ``_is_constant_feature``)."""
    mean = origin + float(column[0] / summary.factor[0, 0])
    variance = float(np.sum(column[1:] ** 2)) / summary.rows
    epsilon = float(np.finfo(np.float64).eps)
    noise = summary.rows * epsilon * variance + (summary.rows * mean * epsilon) ** 2
    return Continuous(name=name, mean=mean, scale=1.0 if variance <= noise else float(np.sqrt(variance)))
