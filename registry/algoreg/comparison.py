"""Several algorithms on the same folds: who is best, by how much, and whether chance would do the same.

Folds share most of their training rows, so that a plain paired t-test finds too much: the variance is corrected
as Nadeau and Bengio proposed (Inference for the Generalization Error, Machine Learning 52, 2003), and the p values
are Holm's over all pairs.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from algoreg.errors import UsageError
from algoreg.record import ComparisonRecord, ExperimentRecord, Fold, Pair, Standing

_DIGITS = 12


def compare(
    experiments: Sequence[ExperimentRecord], *, data: str, notes: Sequence[str] = ()
) -> ComparisonRecord:
    """Standings and pairs. Raises UsageError for fewer than two, or for two that saw other folds."""
    if len(experiments) < 2:
        raise UsageError(
            "a comparison needs two algorithms", hint="Name their codes, as in: algoreg compare knn linreg"
        )
    first = experiments[0]
    shapes = [[(fold.n_train, fold.n_held_out) for fold in one.folds] for one in experiments]
    if any(shape != shapes[0] for shape in shapes) or any(one.metric != first.metric for one in experiments):
        raise UsageError("algorithms can be compared on the same folds only")
    return ComparisonRecord(
        experiments=tuple(experiments),
        standings=tuple(
            sorted(map(_standing, experiments), key=lambda s: _rank(s, first.metric.higher_is_better))
        ),
        pairs=_pairs(experiments),
        metric=first.metric,
        data=data,
        notes=tuple(notes),
    )


def _rank(standing: Standing, higher_is_better: bool) -> tuple[bool, bool, float, str]:
    """Whoever failed on a fold comes after all who did not: the mean of the easy folds is no mean."""
    mean = standing.mean or 0.0
    return (
        standing.mean is None,
        standing.failed > 0,
        -mean if higher_is_better else mean,
        standing.code,
    )


def _standing(one: ExperimentRecord) -> Standing:
    values = [value for value in one.values if value is not None]
    seconds = [fold.train_s + fold.test_s for fold in one.folds if fold.train_s and fold.test_s]
    return Standing(
        code=one.code,
        mean=statistics.fmean(values) if values else None,
        deviation=statistics.stdev(values) if len(values) > 1 else None,
        seconds=statistics.fmean(seconds) if seconds else None,
        failed=sum(1 for value in one.values if value is None),
    )


def _pairs(experiments: Sequence[ExperimentRecord]) -> tuple[Pair, ...]:
    found = [pair for one, other in combinations(experiments, 2) if (pair := _pair(one, other)) is not None]
    return _holm(found)


def _pair(one: ExperimentRecord, other: ExperimentRecord) -> Pair | None:
    """None where no fold has a value of both."""
    both = [
        (fold, left - right)
        for fold, left, right in zip(one.folds, one.values, other.values, strict=True)
        if left is not None and right is not None
    ]
    if not both:
        return None
    differences = [difference for _, difference in both]
    statistic, p_value = corrected_t(differences, [fold for fold, _ in both])
    return Pair(
        first=one.code,
        second=other.code,
        difference=statistics.fmean(differences),
        statistic=statistic,
        p_value=p_value,
        p_adjusted=None,
    )


def corrected_t(differences: Sequence[float], folds: Sequence[Fold]) -> tuple[float | None, float | None]:
    """t and two-sided p of paired differences over folds; None, None where they do not vary, or there is one."""
    count = len(differences)
    # What is left of a subtraction is no difference
    differences = [round(difference, _DIGITS) for difference in differences]
    variance = statistics.variance(differences) if count > 1 else 0.0
    if variance < 10.0 ** (-2 * _DIGITS):
        variance = 0.0
    if variance == 0.0:
        return None, None
    from scipy import stats

    overlap = statistics.fmean(fold.n_held_out / fold.n_train for fold in folds)
    t = statistics.fmean(differences) / math.sqrt(variance * (1 / count + overlap))
    return t, float(2 * stats.t.sf(abs(t), count - 1))


def _holm(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    tested = [pair for pair in pairs if pair.p_value is not None]
    if not tested:
        return tuple(pairs)
    from statsmodels.stats.multitest import multipletests

    adjusted = multipletests([pair.p_value for pair in tested], method="holm")[1]
    told = {id(pair): float(p) for pair, p in zip(tested, adjusted, strict=True)}
    return tuple(replace(pair, p_adjusted=told.get(id(pair))) for pair in pairs)
