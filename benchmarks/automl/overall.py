"""Over all data sets: does a search win more often than it loses, and do the ranks differ at all?

Few data sets have little power, and nobody drew them at random: what is told here is a hint, and is told as one.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from benchmarks.automl.contenders import CONTENDERS
from benchmarks.automl.findings import Board, Duel, searches

_LEAST = 3
"""Data sets, and contenders, below which no test over them is made."""


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """Friedman's test of the contenders that every data set has."""

    data_sets: int
    means: Mapping[str, float]
    """Contender -> mean rank."""
    statistic: float | None
    """Chi squared; None where there is too little for a test."""
    p_value: float | None


@dataclass(frozen=True, kw_only=True)
class Match:
    """A search against one opponent over the data sets that have both."""

    search: str
    opponent: str
    data_sets: int
    won: int
    lost: int
    clearly_won: int
    """Data sets whose 95 % interval is above 0."""
    clearly_lost: int
    median: float
    """Of the differences of the metric."""
    p_value: float | None
    """Wilcoxon's signed ranks, two-sided; None where there is too little for a test."""


def ranks(boards: Sequence[Board]) -> Ranks:
    """Mean ranks, counted among the contenders that all data sets have, and whether they differ."""
    from scipy import stats

    shared = [name for name in CONTENDERS if all(_mean(board, name) is not None for board in boards)]
    rows = [[_signed(board, name) for name in shared] for board in boards]
    ranked = stats.rankdata(rows, axis=1) if shared and rows else []
    means = {name: statistics.fmean(row[place] for row in ranked) for place, name in enumerate(shared)}
    if len(shared) < _LEAST or len(boards) < _LEAST:
        return Ranks(data_sets=len(boards), means=means, statistic=None, p_value=None)
    found = stats.friedmanchisquare(*zip(*rows, strict=True))
    return Ranks(
        data_sets=len(boards), means=means, statistic=float(found.statistic), p_value=float(found.pvalue)
    )


def _mean(board: Board, name: str) -> float | None:
    return board.lines[name].mean if name in board.lines else None


def _signed(board: Board, name: str) -> float:
    """The mean with the sign that puts the best first, rounding left out."""
    mean = _mean(board, name) or 0.0
    return round(-mean if board.metric.higher_is_better else mean, 12)


BEST = "the best simple one"


def matches(boards: Sequence[Board]) -> tuple[Match, ...]:
    """Each search against the best simple contender of each data set, every simple one, and the smaller searches."""
    found = [
        _match(search.name, opponent or BEST, [board.duel(search.name, opponent) for board in boards])
        for search in searches()
        for opponent in (None, *_before(search.name))
    ]
    return tuple(match for match in found if match is not None)


def _before(search: str) -> Sequence[str]:
    """The contenders that stand before it: simple ones and smaller searches."""
    return list(takewhile(lambda name: name != search, CONTENDERS))


def _match(search: str, opponent: str, found: Sequence[Duel | None]) -> Match | None:
    duels = [duel for duel in found if duel is not None]
    if not duels:
        return None
    differences = [round(duel.difference, 12) for duel in duels]
    return Match(
        search=search,
        opponent=opponent,
        data_sets=len(duels),
        won=sum(difference > 0 for difference in differences),
        lost=sum(difference < 0 for difference in differences),
        clearly_won=sum(duel.difference - duel.margin > 0 for duel in duels),
        clearly_lost=sum(duel.difference + duel.margin < 0 for duel in duels),
        median=statistics.median(differences),
        p_value=_wilcoxon(differences),
    )


def _wilcoxon(differences: Sequence[float]) -> float | None:
    from scipy import stats

    if sum(difference != 0 for difference in differences) < _LEAST:
        return None
    return float(stats.wilcoxon(differences, method="auto").pvalue)
