"""What scikit-learn's constraints do not say of its parameters and estimators, by name, each told once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from algoreg.scaffolding.python.expressions import Call

_NO_RESULT = "it changes how the work is done, and not what comes out"
_OF_THE_WORK = (
    "algorithm cache_size check_inverse compute_score copy copy_X copy_X_train gcv_mode leaf_size precompute "
    "store_covariance store_cv_results store_precision use_legacy_attributes"
)
NOT_OFFERED: Final[Mapping[str, str]] = {
    "n_jobs": "the container has the processors that its resources declare",
    "random_state": "the runtime sets it from the job's seed",
    "verbose": "logs are for what went wrong",
    "verbose_interval": "logs are for what went wrong",
    "warm_start": "every fit begins anew",
    "memory": "a cache would have to be written",
    "fit_intercept": "without it a model is forced through the origin, wherever the data lie",
    "oob_score": "scores are measured by cross-validation",
    **dict.fromkeys(_OF_THE_WORK.split(), _NO_RESULT),
}
"""Parameter -> why nobody who runs the algorithm should set it."""

_LASTING = (
    "Cs alphas code_size hidden_layer_sizes max_fun max_iter max_iter_predict max_skips max_subpopulation max_trials "
    "n_alphas n_estimators n_restarts_optimizer"
)
COSTLY: Final = frozenset(_LASTING.split())
"""Parameters that a run takes longer by; the checks try them at small values only."""
CHECKED_UP_TO: Final = 20
"""The largest value of a costly parameter that the checks try."""

AT_MOST: Final[Mapping[str, float]] = {"learning_rate": 2.0}
"""Numbers that scikit-learn does not bound, and beyond which a model falls apart."""
AT_LEAST: Final[Mapping[str, float]] = {"beta_2": 0.5}
"""Numbers below which it does: Adam that remembers no square of a gradient divides by single ones, some near 0."""

OF_THE_ROWS: Final = frozenset({"n_neighbors"})
"""Counts of training rows: a table may have fewer of them than its caller asks for."""

_LOGISTIC = Call(module="sklearn.linear_model", name="LogisticRegression")
_RIDGE = Call(module="sklearn.linear_model", name="Ridge")
_TREES = {
    "classification": Call(module="sklearn.tree", name="DecisionTreeClassifier", arguments={"max_depth": 3}),
    "regression": Call(module="sklearn.tree", name="DecisionTreeRegressor", arguments={"max_depth": 3}),
}
NESTED: Final[Mapping[str, Call]] = {"classification": _LOGISTIC, "regression": _RIDGE}
"""Task -> what stands inside an estimator that must be given one."""
ENSEMBLES: Final[Mapping[str, list[tuple[str, Call]]]] = {
    task: [("linear", NESTED[task]), ("tree", _TREES[task])] for task in NESTED
}
"""Task -> what stands inside an estimator that must be given several."""

FIXED: Final[Mapping[str, Mapping[str, object]]] = {
    "NearestClassifier": {"algorithm": "brute"},
    "NearestRegressor": {"algorithm": "brute"},
    "RadiusNeighborsClassifier": {"outlier_label": "most_frequent"},
    "QuadraticDiscriminantAnalysis": {"reg_param": 0.1},
    "CCA": {"n_components": 1},
    "PLSCanonical": {"n_components": 1},
    "QuantileRegressor": {"alpha": 0.0},
    "GaussianProcessRegressor": {"alpha": 1.0, "normalize_y": True},
}
"""Class -> arguments without which it does not work on tables as they come: no neighbour, collinear columns, one
variable; without which it predicts one value for all rows: a penalty that hides every covariable, no noise."""
MUST_BE_GIVEN: Final = {"SelfTrainingClassifier": "estimator"}
"""Class -> a parameter that has a default, and does not work with it."""

SUBSTITUTES: Final[Mapping[str, str]] = {
    "KNeighborsClassifier": "NearestClassifier",
    "KNeighborsRegressor": "NearestRegressor",
}
"""Class -> the runtime's own, which says what a PFA document says at equal distances."""
SUBSTITUTES_MODULE: Final = "algoreg.runtime.neighbours"

NEIGHBOURS_OF_PFA: Final = "a PFA document knows the Euclidean distance and equal votes only"
"""Why a nearest-neighbour model offers nothing but their number."""

NON_NEGATIVE: Final = Call(module="sklearn.preprocessing", name="MinMaxScaler", arguments={"clip": True})
"""In front of an estimator that takes no negative number: the runtime's columns have mean 0."""
CATEGORICAL: Final = Call(
    module="sklearn.preprocessing",
    name="KBinsDiscretizer",
    arguments={"encode": "ordinal", "quantile_method": "averaged_inverted_cdf"},
)
"""In front of an estimator that takes categories only."""
PIPELINE: Final = ("sklearn.pipeline", "make_pipeline")
