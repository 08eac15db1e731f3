"""A fitted pipeline of ``fitting.assemble`` taken apart into a ``Predictor``.

Estimators and settings that no document can tell are refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column
from algoreg.runtime.pfa.predictor import Continuous, Feature, Linear, Neighbours, Nominal, Predictor

_LINEAR: Final = (
    "ARDRegression BayesianRidge ElasticNet ElasticNetCV HuberRegressor Lars LarsCV Lasso LassoCV LassoLars "
    "LassoLarsCV LassoLarsIC LinearRegression LinearSVC LinearSVR LogisticRegression LogisticRegressionCV "
    "OrthogonalMatchingPursuit QuantileRegressor Ridge RidgeCV RidgeClassifier RidgeClassifierCV "
    "SGDClassifier SGDRegressor TheilSenRegressor"
)
LINEAR: Final = frozenset(_LINEAR.split())
"""scikit-learn's estimators that predict from ``coef_`` and ``intercept_`` alone."""
NEIGHBOURS: Final = frozenset({"KNeighborsClassifier", "KNeighborsRegressor"})


def read(fitted: Any, *, variable: Column, covariables: Sequence[Column]) -> Predictor:
    """Take ``fitted`` apart.

    Raises Failure naming an estimator, or a setting of one, that no document can tell.
    """
    columns, estimator = fitted.named_steps["columns"], fitted.named_steps["estimator"]
    return Predictor(
        features=tuple(
            feature
            for name, transformer, positions in columns.transformers_
            if name != "remainder"
            for feature in _features(name, transformer, [covariables[position] for position in positions])
        ),
        model=_model(estimator, variable),
    )


def _features(kind: str, transformer: Any, columns: Sequence[Column]) -> list[Feature]:
    """The features of one part of the ColumnTransformer; what stands for NULL where it imputes."""
    imputing = hasattr(transformer, "named_steps")
    missing = transformer.named_steps["impute"].statistics_.tolist() if imputing else [None] * len(columns)
    pairs = list(zip(columns, missing, strict=True))
    if kind == "nominal":
        return [
            Nominal(name=c.name, codes=c.codes, missing=None if m is None else c.codes[int(m)])
            for c, m in pairs
        ]
    scaler = transformer.named_steps["scale"] if imputing else transformer
    scales = zip(pairs, scaler.mean_.tolist(), scaler.scale_.tolist(), strict=True)
    return [Continuous(name=c.name, mean=mean, scale=scale, missing=m) for (c, m), mean, scale in scales]


def _kinds(estimator: Any) -> set[str]:
    """Names of scikit-learn's classes that ``estimator`` is one of."""
    return {kind.__name__ for kind in type(estimator).__mro__ if kind.__module__.startswith("sklearn.")}


def _model(estimator: Any, variable: Column) -> Linear | Neighbours:
    kinds = _kinds(estimator)
    if kinds & NEIGHBOURS:
        return _neighbours(estimator, variable)
    if kinds & LINEAR:
        return _linear(estimator, variable)
    known = ", ".join(sorted(LINEAR | NEIGHBOURS))
    raise Failure(f"estimator {type(estimator).__name__} cannot be told as PFA, only these can: {known}")


def _classes(estimator: Any, variable: Column) -> tuple[str, ...]:
    """Codes of ``classes_``, which are positions in the variable's codes."""
    return tuple(variable.codes[int(place)] for place in estimator.classes_) if variable.nominal else ()


def _linear(estimator: Any, variable: Column) -> Linear:
    import numpy as np

    coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    intercepts = np.broadcast_to(np.asarray(estimator.intercept_, dtype=np.float64), len(coefficients))
    return Linear(
        coefficients=tuple(map(tuple, coefficients.tolist())),
        intercepts=tuple(intercepts.tolist()),
        classes=_classes(estimator, variable),
    )


def _neighbours(estimator: Any, variable: Column) -> Neighbours:
    name = type(estimator).__name__
    metric = (estimator.effective_metric_, estimator.weights)
    if metric != ("euclidean", "uniform"):
        raise Failure(
            f"estimator {name} with metric {metric[0]!a} and weights {metric[1]!a} cannot be told as PFA, "
            "only the Euclidean metric with uniform weights"
        )
    classes = _classes(estimator, variable)
    answers = estimator._y.ravel().tolist()
    return Neighbours(
        k=int(estimator.n_neighbors),
        points=tuple(map(tuple, estimator._fit_X.tolist())),
        answers=tuple(classes[place] for place in answers) if classes else tuple(map(float, answers)),
        classes=classes,
    )
