"""What `compute` stores of a search: the pipeline, its scores over the folds, and what its covariables are worth."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from algoreg.runtime import Failure, Job, Table, fitting, text
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.text import Model
from algoreg_tpot import overseer
from algoreg_tpot.overseer import Tell
from algoreg_tpot.settings import Settings

FORMAT: Final = "algoreg-tpot/1"
MEASURING_S: Final = 900
"""What scores and importance may take, so that with a search of the longest time limit all ends in time."""
REPEATS: Final = 5
"""How often each covariable is permuted."""
_METRICS: Final = {
    True: ("accuracy", "balanced_accuracy", "f1_weighted"),
    False: ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error"),
}
"""Classification? -> scikit-learn's scorers that everybody knows, beside the one that was searched by."""


def report(
    data: tuple[Job, Table], model: Model, notes: Mapping[str, Any], settings: Settings, catalogue: Catalogue
) -> dict[str, Any]:
    """One JSON object without any patient's value; what no time or memory was left for is null.

    Raises Failure for a pipeline that no text can hold.
    """
    measured: dict[str, Any] = dict.fromkeys(("scores", "importance", "features_used"))
    work = partial(_measure, data, model, settings)
    unmeasured = None
    try:
        overseer.oversee(work, measured.update, seconds=min(settings.max_time_s, MEASURING_S))
    except Failure as failure:  # what was found is not lost for want of its figures
        unmeasured = str(failure)
    return {
        "format": FORMAT,
        "pipeline": json.loads(text.write_text(model, catalogue)),
        "search": dict(notes),
        **measured,
        "unmeasured": unmeasured,
    }


def _measure(data: tuple[Job, Table], model: Model, settings: Settings, tell: Tell) -> None:
    """The child's part: fits as often as there are folds, and once more."""
    tell({})  # the time begins
    warnings.simplefilter("ignore")  # of folds that lack a rare class
    job, table = data
    names = [column.name for column in job.covariables]
    tell({"scores": _scores(model, table, settings)})
    fitted = fitting.fit(model, table)
    tell({"importance": _importance(fitted, names, table, settings)})
    tell({"features_used": _used(fitted, names, table, settings)})


def _scores(model: Model, table: Table, settings: Settings) -> dict[str, dict[str, float | None]]:
    """Mean and deviation of each metric over the folds that the search used, preparation of the columns included."""
    from sklearn.model_selection import KFold, StratifiedKFold, cross_validate

    folds = StratifiedKFold if settings.classification else KFold
    metrics = dict.fromkeys((settings.scorer, *_METRICS[settings.classification]))
    found = cross_validate(
        model.estimator,
        table.x_train,
        table.y_train,
        scoring=list(metrics),
        cv=folds(settings.folds, shuffle=True, random_state=settings.seed),
    )
    values = {metric: found[f"test_{metric}"] for metric in metrics}
    return {
        metric: {"mean": _finite(np.mean(scores)), "deviation": _finite(np.std(scores))}
        for metric, scores in values.items()
    }


def _importance(fitted: Any, names: list[str], table: Table, settings: Settings) -> dict[str, Any]:
    """How much the score drops when a covariable's values change places among the rows that were trained on."""
    from sklearn.inspection import permutation_importance

    found = permutation_importance(
        fitted,
        table.x_train,
        table.y_train,
        scoring=settings.scorer,
        n_repeats=REPEATS,
        random_state=settings.seed,
    )
    values = zip(names, found.importances_mean, found.importances_std, strict=True)
    return {
        "method": "permutation",
        "scoring": settings.scorer,
        "repeats": REPEATS,
        "covariables": [
            {"name": name, "mean": _finite(mean), "deviation": _finite(deviation)}
            for name, mean, deviation in values
        ],
    }


def _used(fitted: Any, names: list[str], table: Table, settings: Settings) -> list[str]:
    """Covariables without whose values the pipeline answers otherwise; what its selection dropped is not among them."""
    answers = getattr(fitted, "predict_proba", None) or fitted.predict
    before = answers(table.x_train)
    generator = np.random.default_rng(settings.seed)
    used = []
    for position, name in enumerate(names):
        changed = table.x_train.copy()
        changed[:, position] = generator.permutation(changed[:, position])
        if not np.array_equal(before, answers(changed)):
            used.append(name)
    return used


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
