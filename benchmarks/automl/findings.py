"""What the records say: means and ranks, TPOT against the best simple contender, and the same over all data sets.

The paired test over folds is ``algoreg.comparison``'s, corrected for folds that share training rows. The tests over
data sets are scipy's; each data set counts once there, by the mean over its folds.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from benchmarks.automl.contenders import CONTENDERS, Contender
from benchmarks.automl.records import Kept
from benchmarks.automl.tables import DATA_SETS, DataSet

from algoreg.comparison import corrected_t
from algoreg.errors import UsageError
from algoreg.record import Fold, Metric

_INTERVAL = 0.95


@dataclass(frozen=True, kw_only=True)
class Line:
    """One contender on one data set."""

    kept: Kept
    mean: float | None
    """Over the folds that have a value."""
    deviation: float | None
    rank: float | None
    """1 for the best mean; equal means share the mean of their ranks. None where the contender has no mean."""

    @property
    def failed(self) -> int:
        """Folds without a value."""
        return sum(fold.value is None for fold in self.kept.folds)

    @property
    def train_s(self) -> float | None:
        """Mean wall time of a fold's training."""
        times = [fold.train_s for fold in self.kept.folds if fold.train_s is not None]
        return statistics.fmean(times) if times else None

    @property
    def cpu_s(self) -> float:
        """Processor time for each fold, everything included."""
        return self.kept.cost.cpu_s / len(self.kept.folds)


@dataclass(frozen=True, kw_only=True)
class Duel:
    """A search against a simple contender, on the folds of one data set that both have."""

    data_set: str
    search: str
    simple: str
    difference: float
    """Of the metric, mean over the folds; above 0 the search is better."""
    margin: float
    """Half of the 95 % interval; 0 where the differences do not vary."""
    p_value: float | None
    p_adjusted: float | None = None
    """Holm's, over the data sets of this search."""
    error_left: float | None
    """(1 - search) / (1 - simple): what is left of the error, or of the variance that is not explained."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """All contenders of one data set."""

    data_set: DataSet
    metric: Metric
    lines: Mapping[str, Line]
    """Contender -> line, in the order of ``CONTENDERS``."""

    @cached_property
    def best_simple(self) -> str | None:
        """The simple contender with the best mean. It is known from the held-out rows only, which favours it."""
        ranked = [(line.rank, name) for name, line in self.lines.items() if line.rank is not None]
        simple = [(rank, name) for rank, name in ranked if not CONTENDERS[name].searches]
        return min(simple)[1] if simple else None

    def duel(self, search: str, simple: str | None = None) -> Duel | None:
        """Against ``simple``, else the best simple one; None where one of the two has nothing to compare."""
        other = simple or self.best_simple
        if other is None or other not in self.lines or search not in self.lines:
            return None
        folds, ours, theirs = _paired(self.lines[search].kept, self.lines[other].kept)
        if not folds:
            return None
        sign = 1 if self.metric.higher_is_better else -1
        differences = [sign * (one - another) for one, another in zip(ours, theirs, strict=True)]
        left, lost = 1 - statistics.fmean(ours), 1 - statistics.fmean(theirs)
        return Duel(
            data_set=self.data_set.name,
            search=search,
            simple=other,
            difference=statistics.fmean(differences),
            margin=margin(differences, folds),
            p_value=corrected_t(differences, folds)[1],
            error_left=left / lost if lost > 0 else None,
        )


def _paired(one: Kept, other: Kept) -> tuple[list[Fold], list[float], list[float]]:
    """The folds that have a value of both, and the two values. Raises UsageError for other folds."""
    if [_rows(fold) for fold in one.folds] != [_rows(fold) for fold in other.folds]:
        raise UsageError(f"{one.trial.file_name} and {other.trial.file_name} are not about the same folds")
    found = [
        (left, left.value, right.value)
        for left, right in zip(one.folds, other.folds, strict=True)
        if left.value is not None and right.value is not None
    ]
    return [fold for fold, _, _ in found], [ours for _, ours, _ in found], [theirs for _, _, theirs in found]


def _rows(fold: Fold) -> tuple[str, int, int]:
    return fold.name, fold.n_train, fold.n_held_out


def margin(differences: Sequence[float], folds: Sequence[Fold]) -> float:
    """Half of the 95 % interval around their mean, with the variance of the corrected test; 0 without a variance."""
    from scipy import stats

    mean = statistics.fmean(differences)
    # t of differences whose mean is 1 is one over the standard error
    t, _ = corrected_t([difference - mean + 1 for difference in differences], folds)
    return 0.0 if t is None else float(stats.t.ppf((1 + _INTERVAL) / 2, len(differences) - 1)) / t


def boards(kept: Sequence[Kept]) -> tuple[Board, ...]:
    """Data set by data set. Raises UsageError for records of several folds, seeds or states of a table."""
    told = {(one.trial.folds, one.trial.seed) for one in kept}
    if len(told) > 1:
        raise UsageError(f"records of {len(told)} kinds of folds and seeds cannot be compared")
    found = [[one for one in kept if one.trial.data_set == name] for name in DATA_SETS]
    return tuple(_board(records) for records in found if records)


def _board(kept: Sequence[Kept]) -> Board:
    from scipy import stats

    first = kept[0]
    if any(one.trial.sha256 != first.trial.sha256 or one.metric != first.metric for one in kept):
        raise UsageError(f"records of {first.trial.data_set} are about different tables")
    by_name = {name: one for name in CONTENDERS for one in kept if one.trial.contender == name}
    means = {name: _mean(one) for name, one in by_name.items()}
    known = {name: mean for name, mean in means.items() if mean is not None}
    sign = -1 if first.metric.higher_is_better else 1
    # Two means that differ by rounding only are one
    ranks = stats.rankdata([round(sign * mean, 12) for mean in known.values()])
    ranked = dict(zip(known, map(float, ranks), strict=True))
    lines = {
        name: Line(kept=one, mean=means[name], deviation=_deviation(one), rank=ranked.get(name))
        for name, one in by_name.items()
    }
    return Board(data_set=DATA_SETS[first.trial.data_set], metric=first.metric, lines=lines)


def _values(kept: Kept) -> list[float]:
    return [fold.value for fold in kept.folds if fold.value is not None]


def _mean(kept: Kept) -> float | None:
    values = _values(kept)
    return statistics.fmean(values) if values else None


def _deviation(kept: Kept) -> float | None:
    values = _values(kept)
    return statistics.stdev(values) if len(values) > 1 else None


def balanced(kept: Kept) -> float | None:
    """Of a classification: the recall of a class, mean over the classes, mean over the folds; None without a score."""
    scores = kept.experiment["scores"]
    if scores is None:
        return None
    matrices = [fold["Confusion matrix"]["values"] for fold in scores["folds"].values()]
    return statistics.fmean(map(_recall, matrices))


def _recall(matrix: Sequence[Sequence[int]]) -> float:
    """Rows are the truth; a class that is only predicted has no recall."""
    return statistics.fmean(row[place] / sum(row) for place, row in enumerate(matrix) if sum(row))


def searches() -> tuple[Contender, ...]:
    """The contenders that are AutoML."""
    return tuple(one for one in CONTENDERS.values() if one.searches)


def duels(found: Sequence[Board], search: str) -> tuple[Duel, ...]:
    """A search against the best simple contender of each data set, p values after Holm over the data sets."""
    made = [duel for board in found if (duel := board.duel(search)) is not None]
    return _holm(made)


def _holm(made: Sequence[Duel]) -> tuple[Duel, ...]:
    from dataclasses import replace

    tested = [duel for duel in made if duel.p_value is not None]
    if not tested:
        return tuple(made)
    from statsmodels.stats.multitest import multipletests

    adjusted = multipletests([duel.p_value for duel in tested], method="holm")[1]
    told = {duel.data_set: float(p) for duel, p in zip(tested, adjusted, strict=True)}
    return tuple(replace(duel, p_adjusted=told.get(duel.data_set)) for duel in made)
