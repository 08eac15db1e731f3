"""What `compute` stores of a search: the pipeline, its scores over the folds, and what its covariables are worth."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from algoreg.runtime import Failure, Job, Table, explanation, fitting, text
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.text import Model
from algoreg_tpot import overseer
from algoreg_tpot.overseer import Tell
from algoreg_tpot.settings import Settings

FORMAT: Final = "algoreg-tpot/1"
MEASURING_S: Final = 900
"""What scores and importance may take, so that with a search of the longest time limit all ends in time."""


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
    scorer, seed = settings.scorer, settings.seed
    # The folds that the search used
    tell({"scores": explanation.scores(model, table, scorer=scorer, folds=settings.folds, seed=seed)})
    fitted = fitting.fit(model, table)
    tell({"importance": explanation.importance(fitted, names, table, scorer=scorer, seed=seed)})
    tell({"features_used": explanation.used(fitted, names, table, seed=seed)})
