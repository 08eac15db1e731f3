"""scikit-learn's nearest neighbours with a defined answer at equal distance, which a PFA document can give, too.

Imports scikit-learn at once: only an author's ``program`` module, which is late itself, imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from algoreg.runtime.failure import Failure
from algoreg.runtime.pfa.neighbours import GRID

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _FirstRowWins:
    """Euclidean distances on a grid of ``1 / GRID``; among equal ones the first row is the nearest."""

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """As scikit-learn's own, of shape (queries, n_neighbors)."""
        check_is_fitted(self, "_fit_X")
        if self.effective_metric_ != "euclidean" or X is None:  # type: ignore[attr-defined]
            raise Failure(f"{type(self).__name__} knows the Euclidean distance of given rows only")
        queries = validate_data(self, X, reset=False, dtype=np.float64)
        count = self.n_neighbors if n_neighbors is None else n_neighbors  # type: ignore[attr-defined]
        found = [_nearest(self._fit_X, query, count) for query in queries]  # type: ignore[attr-defined]
        rows = np.array([chosen for chosen, _ in found], dtype=np.intp).reshape(len(found), count)
        return (np.array([d for _, d in found]).reshape(rows.shape), rows) if return_distance else rows


def _nearest(
    points: NDArray[np.float64], query: NDArray[np.float64], count: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Positions and distances of the nearest points, column after column: the order in which PFA adds, too."""
    squares = np.zeros(len(points))
    for column in range(points.shape[1]):
        difference = points[:, column] - query[column]
        squares += difference * difference
    exact = np.sqrt(squares)
    steps = np.floor(exact * GRID + 0.5)
    furthest = np.partition(steps, count - 1)[count - 1]
    near = np.flatnonzero(steps <= furthest)
    chosen = near[np.argsort(steps[near], kind="stable")][:count]
    return chosen, exact[chosen]


class NearestClassifier(_FirstRowWins, KNeighborsClassifier):  # type: ignore[misc]
    """KNeighborsClassifier."""

    def fit(self, X: Any, y: Any) -> NearestClassifier:
        """As scikit-learn's own, whose brute force would predict without asking ``kneighbors``."""
        super().fit(X, y)
        self._fit_method = "first row wins"
        return self


class NearestRegressor(_FirstRowWins, KNeighborsRegressor):  # type: ignore[misc]
    """KNeighborsRegressor."""
