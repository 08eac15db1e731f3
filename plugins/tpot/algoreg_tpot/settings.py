"""What is asked of a search, out of the job: TPOT's words for the parameters, bounds that the rows allow."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from algoreg.runtime import Failure, Job

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCORING: Final = {
    "default": ("balanced_accuracy", "neg_mean_squared_error"),
    "accuracy_or_absolute_error": ("accuracy", "neg_mean_absolute_error"),
    "log_loss_or_squared_error": ("neg_log_loss", "neg_mean_squared_error"),
    "roc_auc_or_r2": ("roc_auc_ovr", "r2"),
}
"""Value of ``scoring`` -> scikit-learn's scorer for classification, for regression: every value fits both tasks."""

MIN_ROWS: Final = 11
"""TPOT's spaces ask for ten quantiles at least, and for more rows than that."""

ALLOWED: Final = "ALGOREG_DASK_SCHEDULERS"
"""Variable with the addresses, between blanks, of schedulers that may be used; nothing where it is not set."""

_ADDRESS: Final = re.compile(r"(tcp|tls)://[A-Za-z0-9.\-_\[\]:]{1,250}:[0-9]{1,5}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One search."""

    classification: bool
    space: str
    """TPOT's name of a search space."""
    scorer: str
    """scikit-learn's name; greater is better."""
    folds: int
    generations: int
    population: int
    """Pipelines that each generation adds."""
    max_time_s: int
    """Seconds from TPOT's first generation on."""
    seed: int
    scheduler: str
    """Address of a Dask scheduler; empty: the search stays in its process."""


def settings_of(job: Job, y: NDArray[np.generic]) -> Settings:
    """Read the job's parameters; ``y`` is (n_train,). Raises Failure for rows that no search can be made on."""
    classification = job.task == "classification"
    parameters = job.parameters
    if job.n_train < MIN_ROWS:
        raise Failure(f"TPOT needs at least {MIN_ROWS} training rows, there are {job.n_train}")
    smallest = _smallest_class(job, y) if classification else job.n_train
    return Settings(
        classification=classification,
        space=str(parameters["search_space"]),
        scorer=SCORING[str(parameters["scoring"])][0 if classification else 1],
        folds=max(2, min(int(parameters["folds"]), smallest)),
        generations=int(parameters["generations"]),
        population=int(parameters["population_size"]),
        max_time_s=int(parameters["max_time_s"]),
        seed=job.seed,
        scheduler=_scheduler(str(parameters["DASK_SCHEDULER"])),
    )


def _smallest_class(job: Job, y: NDArray[np.generic]) -> int:
    """Rows of the rarest class: there are no more folds than that. TPOT leaves out a class of one row."""
    import numpy as np

    counts = sorted(np.unique(y, return_counts=True)[1].tolist(), reverse=True)
    if len(counts) < 2 or counts[1] < 2:
        raise Failure(
            f"variable {job.variable.name} needs two classes with at least two training rows each, "
            f"their numbers of rows are {', '.join(map(str, counts))}"
        )
    return int(counts[-1])


def _scheduler(text: str) -> str:
    """Raises Failure for what is no address, or is not one that the operator allowed.

    Whoever sends a query chooses its parameters. A scheduler gets patients' rows, and what it answers is unpickled.
    """
    if not text:
        return text
    if not _ADDRESS.fullmatch(text):
        raise Failure(f"parameter DASK_SCHEDULER: expected tcp://host:port or nothing, got {text[:80]!a}")
    if text not in os.environ.get(ALLOWED, "").split():
        raise Failure(
            f"parameter DASK_SCHEDULER: {text} is not one of the addresses that the operator lists in the "
            f"variable {ALLOWED} of this image"
        )
    return text


def told(settings: Settings) -> dict[str, Any]:
    """What people should know of the settings beside a score."""
    return {"scoring": settings.scorer, "folds": settings.folds}
