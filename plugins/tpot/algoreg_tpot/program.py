"""TPOT: searches the pipeline that predicts a variable best, for a nominal one a classifier, else a regressor."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures

from algoreg.runtime import Failure, Found, Job, Table
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.description import rebuild
from algoreg_tpot import overseer, report, settings, worker
from algoreg_tpot.classes import CLASSES, PARAMETERS
from algoreg_tpot.labels import Relabelled
from algoreg_tpot.library import load
from algoreg_tpot.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from algoreg.runtime.text import Model

ESTIMATORS = (Relabelled,)
"""Classes of ours that a pipeline's text may name."""

__all__ = ["CLASSES", "ESTIMATORS", "PARAMETERS", "load", "result", "search"]


def search(job: Job, x: NDArray[np.float64], y: NDArray[np.generic]) -> Found:
    """The best pipeline that TPOT finds in its budget. Raises Failure when there is none."""
    asked = settings.settings_of(job, y)
    catalogue = Catalogue.of(sys.modules[__name__])
    classes = np.unique(y) if asked.classification else None
    # TPOT has no space for a single column: its square stands beside it.
    square = PolynomialFeatures(degree=2, include_bias=False) if x.shape[1] == 1 else None
    record = Record(asked)
    work = partial(
        worker.search,
        asked,
        x if square is None else square.fit_transform(x),
        y if classes is None else np.searchsorted(classes, y),
        catalogue,
    )
    ending = overseer.oversee(work, record.hear, seconds=asked.max_time_s)
    if record.best is None:
        raise Failure(record.nothing_found(ending))
    found = rebuild(record.best.description, catalogue)
    if square is not None:
        found = Pipeline([("square", square), ("found", found)])
    if classes is not None and list(classes) != list(range(len(classes))):
        found = Relabelled(found)
    return Found(estimator=found, notes=record.notes(ending))


def result(job: Job, table: Table, model: Model, notes: Mapping[str, Any]) -> dict[str, Any]:
    """What compute stores: the pipeline, its scores, and which covariables it uses. Raises Failure."""
    asked = settings.settings_of(job, table.y_train)
    return report.report((job, table), model, notes, asked, Catalogue.of(sys.modules[__name__]))
