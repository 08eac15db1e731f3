"""Classes as some libraries want them: 0 .. n-1 without a gap, where the training rows lack a code of the variable."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if


def _has_probabilities(relabelled: Relabelled) -> bool:
    return hasattr(getattr(relabelled, "estimator_", relabelled.estimator), "predict_proba")


class Relabelled(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fits its classifier on the positions of the classes that occur, and answers with the classes."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> Relabelled:
        """X is (rows, features), y (rows,) of any integers."""
        self.classes_ = np.unique(y)
        self.estimator_ = clone(self.estimator).fit(X, np.searchsorted(self.classes_, y))
        return self

    def predict(self, X: Any) -> Any:
        """(rows,) of the classes that ``fit`` saw."""
        return self.classes_[np.asarray(self.estimator_.predict(X), dtype=np.int64)]

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """(rows, classes), in the order of ``classes_``."""
        return self.estimator_.predict_proba(X)
