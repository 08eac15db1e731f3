"""What is written down of an experiment, and of several on the same folds: values that every format can show.

How an experiment is made is told in ``experiment``; the judgement of an image is another matter, and in ``report``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from algoreg.report import EngineInfo

EXPERIMENT = "algoreg-experiment/1"
COMPARISON = "algoreg-comparison/1"


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass as JSON has it: arrays are lists."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(value), allow_nan=False))
    return content


Scores = Mapping[str, Any]
"""A score of Woken's validation, its literal keys; ``scoring`` makes it."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a fold, or the model of all rows, has no result."""

    case: str
    """``train fold 2``."""
    message: str
    expected: str
    got: str
    evidence: str = ""
    """The last lines of its log; untrusted."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One split into training and held-out rows."""

    name: str
    """``1``, ``2``, ..."""
    n_train: int
    n_held_out: int
    train_s: float | None = None
    """Wall time of the command; None where it was not run."""
    test_s: float | None = None
    value: float | None = None
    """The metric that algorithms are compared by; None where the fold failed, or it is not defined."""
    trouble: Trouble | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """The figure that stands for a score."""

    name: str
    """A key of the score."""
    higher_is_better: bool


@dataclass(frozen=True, kw_only=True)
class ExperimentRecord:
    """An algorithm on a table, fold by fold."""

    code: str
    target: str
    """What was run: an image, or a plugin's own program."""
    engine: EngineInfo
    seed: int
    task: str
    variable: str
    covariables: tuple[str, ...]
    types: Mapping[str, str]
    """Variable -> Woken's type of it, described or inferred: of the variable and of each covariable."""
    parameters: Mapping[str, str]
    """What was asked for; the other parameters have the image's defaults."""
    rows: int
    rows_left_out: int = 0
    """Rows with a NULL that the algorithm does not take."""
    folds: tuple[Fold, ...]
    metric: Metric
    scores: Scores | None
    """Over the folds that have a result; None where none has."""
    model: Trouble | None = None
    """What became of the model of all rows, where that failed."""
    folder: str | None = None
    """Where its files are."""
    plot: str | None = None
    """Predicted against true values, or a confusion matrix; None where nothing was predicted."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Everything that went wrong, in order."""
        found = (*(fold.trouble for fold in self.folds), self.model)
        return tuple(trouble for trouble in found if trouble is not None)

    @property
    def values(self) -> tuple[float | None, ...]:
        """The metric of each fold."""
        return tuple(fold.value for fold in self.folds)

    def json(self) -> dict[str, Any]:
        """As a document of ``metadata_schema/experiment.schema.json``."""
        return {"schema": EXPERIMENT, "ok": not self.troubles, **_plain(self)}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One algorithm's line of a comparison."""

    code: str
    mean: float | None
    """Over the folds that have a value."""
    deviation: float | None
    """Sample standard deviation over the folds; None for fewer than two."""
    seconds: float | None
    """Mean wall time of train and test of a fold."""
    failed: int
    """Folds without a result."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Whether two algorithms differ by more than chance, on the folds that both have."""

    first: str
    second: str
    difference: float
    """Mean over the folds, first minus second."""
    statistic: float | None
    """t; None where the folds' differences do not vary."""
    p_value: float | None
    """Two-sided."""
    p_adjusted: float | None
    """After Holm, over all pairs of the comparison."""


@dataclass(frozen=True, kw_only=True)
class ComparisonRecord:
    """Several algorithms on the same folds of one table."""

    experiments: tuple[ExperimentRecord, ...]
    standings: tuple[Standing, ...]
    """Best first."""
    pairs: tuple[Pair, ...]
    metric: Metric
    data: str
    """Where the table came from, without credentials."""
    notes: tuple[str, ...] = field(default=())

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Everything that went wrong."""
        return tuple(trouble for one in self.experiments for trouble in one.troubles)

    def json(self) -> dict[str, Any]:
        """As a document of ``metadata_schema/comparison.schema.json``."""
        return {
            "schema": COMPARISON,
            "ok": not self.troubles,
            **_plain(self),
            "experiments": [one.json() for one in self.experiments],
        }
