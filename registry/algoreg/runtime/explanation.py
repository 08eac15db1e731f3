"""What a model is worth, told without a patient's value: scores over folds, and what its covariables add to them.

``explain`` is what `compute` stores of an algorithm whose result is json where the author's program has no
``result``; the parts of it serve a ``result`` of the author's own.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from algoreg import contract
from algoreg.runtime.job import Job
from algoreg.runtime.table import Table

if TYPE_CHECKING:
    from algoreg.runtime.allowed import Catalogue
    from algoreg.runtime.text import Model

FORMAT: Final = "algoreg-model/1"
REPEATS: Final = 5
"""How often each covariable is permuted."""
_FOLDS: Final = 5
_SCORERS: Final = {contract.CLASSIFICATION: "balanced_accuracy", contract.REGRESSION: "r2"}
_METRICS: Final = {
    contract.CLASSIFICATION: ("accuracy", "balanced_accuracy", "f1_weighted"),
    contract.REGRESSION: ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error"),
}
"""Task -> scikit-learn's scorers that everybody knows, beside the one that an author chose."""


def explain(
    job: Job, table: Table, model: Model, notes: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, Any]:
    """One JSON object: the pipeline, its scores, and what the covariables are worth.

    Raises Failure for a pipeline that no text can hold, and what fitting raises.
    """
    from algoreg.runtime import fitting, text

    names = [column.name for column in job.covariables]
    pipeline = json.loads(text.write_text(model, catalogue))
    scorer = _SCORERS[job.task]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of folds that lack a rare class
        measured = _scores_if_any(model, table, scorer=scorer, seed=job.seed)
        fitted = fitting.fit(model, table)
        return {
            "format": FORMAT,
            "pipeline": pipeline,
            **({"search": dict(notes)} if notes else {}),
            "scores": measured,
            "importance": importance(fitted, names, table, scorer=scorer, seed=job.seed),
            "features_used": used(fitted, names, table, seed=job.seed),
        }


def _scores_if_any(model: Model, table: Table, *, scorer: str, seed: int) -> dict[str, Any] | None:
    """None where no fold could be fitted, as with a handful of rows: the model itself may be good."""
    import numpy as np

    rarest = (
        np.unique(table.y_train, return_counts=True)[1] if model.variable.nominal else [len(table.y_train)]
    )
    folds = max(2, min(_FOLDS, int(min(rarest))))
    try:
        return scores(model, table, scorer=scorer, folds=folds, seed=seed)
    except ValueError:
        return None


def scores(
    model: Model, table: Table, *, scorer: str, folds: int, seed: int
) -> dict[str, dict[str, float | None]]:
    """Mean and deviation of each metric, ``scorer`` first, over shuffled folds; preparation of the columns included."""
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold, cross_validate

    metrics = dict.fromkeys((scorer, *_METRICS[model.task]))
    splitter = StratifiedKFold if model.variable.nominal else KFold
    found = cross_validate(
        model.estimator,
        table.x_train,
        table.y_train,
        scoring=list(metrics),
        cv=splitter(folds, shuffle=True, random_state=seed),
    )
    values = {metric: found[f"test_{metric}"] for metric in metrics}
    return {
        metric: {"mean": _finite(np.mean(each)), "deviation": _finite(np.std(each))}
        for metric, each in values.items()
    }


def importance(fitted: Any, names: Sequence[str], table: Table, *, scorer: str, seed: int) -> dict[str, Any]:
    """How much the score drops when a covariable's values change places among the rows that were trained on."""
    from sklearn.inspection import permutation_importance

    found = permutation_importance(
        fitted, table.x_train, table.y_train, scoring=scorer, n_repeats=REPEATS, random_state=seed
    )
    values = zip(names, found.importances_mean, found.importances_std, strict=True)
    return {
        "method": "permutation",
        "scoring": scorer,
        "repeats": REPEATS,
        "covariables": [
            {"name": name, "mean": _finite(mean), "deviation": _finite(deviation)}
            for name, mean, deviation in values
        ],
    }


def used(fitted: Any, names: Sequence[str], table: Table, *, seed: int) -> list[str]:
    """Covariables without whose values the pipeline answers otherwise; what its selection dropped is not among them."""
    import numpy as np

    answers = getattr(fitted, "predict_proba", None) or fitted.predict
    before = answers(table.x_train)
    generator = np.random.default_rng(seed)
    found = []
    for position, name in enumerate(names):
        changed = table.x_train.copy()
        changed[:, position] = generator.permutation(changed[:, position])
        if not np.array_equal(before, answers(changed)):
            found.append(name)
    return found


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
