"""Asks scikit-learn whether an estimator takes a number; which rule that breaks is told by the caller.

Only algorithms of catalogues that are known to wrap an estimator are asked about, and only where scikit-learn is
installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module, util
from typing import Any, Final

_ESTIMATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "gradientboosting": (
        "ensemble.GradientBoostingClassifier",
        "ensemble.GradientBoostingRegressor",
    ),
    "kmeans": ("cluster.KMeans",),
    "knn": ("neighbors.KNeighborsClassifier", "neighbors.KNeighborsRegressor"),
    "naivebayes": ("naive_bayes.MultinomialNB",),
    "sgdlinearmodel": ("linear_model.SGDClassifier", "linear_model.SGDRegressor"),
    "sgdneuralnetwork": ("neural_network.MLPClassifier", "neural_network.MLPRegressor"),
}
"""Code of an algorithm, in lower case -> what it wraps in the images that Woken ships with."""
_RENAMED: Final[Mapping[tuple[str, str], str]] = {("knn", "k"): "n_neighbors"}
"""Parameters that have another name in scikit-learn."""


def wraps(code: str) -> bool:
    """Whether an algorithm of this code is known to wrap an estimator."""
    return code.lower() in _ESTIMATORS


def installed() -> bool:
    """Whether scikit-learn can be asked."""
    return util.find_spec("sklearn") is not None


def refusal(code: str, parameter: str, value: float) -> str | None:
    """What scikit-learn says to this value of a parameter; None where it takes it or has no such parameter.

    An estimator of a version that declares no constraints refuses nothing.
    """
    for path in _ESTIMATORS.get(code.lower(), ()):
        module, _, name = path.rpartition(".")
        estimator = getattr(import_module(f"sklearn.{module}"), name)
        accepted = getattr(estimator, "_parameter_constraints", {}).get(
            _RENAMED.get((code.lower(), parameter), parameter)
        )
        if accepted is not None and not _satisfied(accepted, value):
            return f"{name} takes {' or '.join(map(str, accepted))}"
    return None


def _satisfied(accepted: Any, value: float) -> bool:
    """scikit-learn's own comparison, which it keeps in a private module since 1.2."""
    from sklearn.utils._param_validation import make_constraint

    return any(make_constraint(one).is_satisfied_by(value) for one in accepted)
