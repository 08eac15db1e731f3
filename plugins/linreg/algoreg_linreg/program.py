"""Least squares for a continuous variable, logistic regression for a nominal one; the former also over parts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression

from algoreg.runtime import Failure, Job, Part, Table
from algoreg.runtime.pfa import Predictor
from algoreg_linreg import likelihood, predictor, privacy, statistics, summary

FEDERATED_TASKS = ("regression",)
"""One round of parts is exact for least squares only: maximum likelihood would need one for each step."""


def estimator(job: Job) -> BaseEstimator:
    """LinearRegression, or LogisticRegression. Raises Failure for a variable with one class."""
    if job.task == "regression":
        return LinearRegression(tol=predictor.TOLERANCE)
    if len(job.classes) < 2:
        raise Failure(f"variable {job.variable.name} has one class only in the training rows, two are needed")
    weight = float(job.parameters["regularisation"])
    return LogisticRegression(C=1 / weight if weight else math.inf, tol=1e-8, max_iter=2000)


def metadata(job: Job, table: Table, fitted: Predictor) -> dict[str, str]:
    """Coefficients, standard errors, t and p values: texts for people, JSON where they hold several numbers."""
    if job.task == "regression":
        return _texts(statistics.least_squares(summary.of_table(job, table), job))
    weight = float(job.parameters["regularisation"])
    return _texts(likelihood.penalised(job, fitted) if weight else likelihood.maximum(job, table))


def intermediate(job: Job, table: Table) -> dict[str, Any]:
    """Row count, origin and R factor of this part. Raises Failure where they would tell single rows."""
    privacy.check(job, table)
    return summary.of_table(job, table).told()


def aggregate(job: Job, parts: Sequence[Part]) -> Predictor:
    """What ``compute`` over all the parts' rows would give. Raises Failure for a part that is none."""
    merged = summary.merge([summary.read(job, part) for part in parts])
    return predictor.of_summary(merged, job, _texts(statistics.least_squares(merged, job)))


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    """PFA's metadata are texts."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, allow_nan=False)
        for name, value in content.items()
    }
