"""From the author's estimator to a fitted pipeline and its predictions: the only user of scikit-learn's objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column
from algoreg.runtime.table import Table
from algoreg.runtime.text import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def columns(covariables: Sequence[Column], *, impute: bool) -> Any:
    """The unfitted preparation of the columns: scaling and one-hot encoding, after imputing if asked for."""
    from sklearn.compose import ColumnTransformer

    continuous = [position for position, column in enumerate(covariables) if not column.nominal]
    nominal = [position for position, column in enumerate(covariables) if column.nominal]
    parts = []
    if continuous:
        parts.append(("continuous", _continuous(impute=impute), continuous))
    if nominal:
        codes = [len(covariables[position].codes) for position in nominal]
        parts.append(("nominal", _nominal(codes, impute=impute), nominal))
    return ColumnTransformer(parts, sparse_threshold=0)


def assemble(estimator: Any, covariables: Sequence[Column], *, impute: bool, seed: int) -> Any:
    """An unfitted Pipeline, every random state seeded: the preparation of the columns, then ``estimator``."""
    from sklearn.pipeline import Pipeline

    pipeline = Pipeline([("columns", columns(covariables, impute=impute)), ("estimator", estimator)])
    unseeded = [
        name
        for name, value in pipeline.get_params(deep=True).items()
        if name.rpartition("__")[2] == "random_state" and value is None
    ]
    return pipeline.set_params(**dict.fromkeys(unseeded, seed))


def _continuous(*, impute: bool) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    if not impute:
        return StandardScaler()
    return Pipeline([("impute", SimpleImputer(keep_empty_features=True)), ("scale", StandardScaler())])


def _nominal(codes: Sequence[int], *, impute: bool) -> Any:
    """One-hot over the positions 0 .. n-1 of each column's codes; a code that is none of them gives zeros."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(
        categories=[list(range(count)) for count in codes], handle_unknown="ignore", sparse_output=False
    )
    if not impute:
        return encoder
    imputer = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
    return Pipeline([("impute", imputer), ("encode", encoder)])


def fit(model: Model, table: Table) -> Any:
    """``model.estimator`` fitted on the training rows. Whatever scikit-learn raises passes through."""
    import numpy as np

    np.random.seed(model.seed)  # for estimators that draw from the global generator
    return model.estimator.fit(table.x_train, table.y_train)


def predict(fitted: Any, model: Model, table: Table) -> dict[str, Any]:
    """``predictions``, ``targets`` and ``probabilities`` of the held-out rows (contract section 3).

    Raises Failure when a prediction is not finite.
    """
    import numpy as np

    predicted = np.asarray(fitted.predict(table.x_held_out)).ravel()
    if not np.isfinite(predicted).all():
        raise Failure(f"the model's predictions of {model.variable.name} are not all finite")
    codes = model.variable.codes
    return {
        "predictions": [codes[int(p)] for p in predicted] if codes else [float(p) for p in predicted],
        "targets": list(table.truth),
        "probabilities": _probabilities(fitted, codes, table.x_held_out),
    }


def _probabilities(
    fitted: Any, codes: Sequence[str], x: NDArray[np.float64]
) -> list[dict[str, float]] | None:
    """One object per row with every code; those that no training row has get 0."""
    import numpy as np

    if not codes or not hasattr(fitted, "predict_proba"):
        return None
    given = np.clip(np.asarray(fitted.predict_proba(x), dtype=np.float64), 0.0, 1.0)
    spread = np.zeros((len(given), len(codes)))
    spread[:, np.asarray(fitted.classes_, dtype=np.int64)] = given
    spread /= spread.sum(axis=1, keepdims=True)
    if not np.isfinite(spread).all():
        raise Failure("the model's probabilities are not all finite")
    return [dict(zip(codes, row, strict=True)) for row in spread.tolist()]
