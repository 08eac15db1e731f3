"""The parts of the document that tell who was better; functions from boards to Markdown, nothing is decided here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.automl import findings
from benchmarks.automl import overall as over_all
from benchmarks.automl.findings import Board, Duel, Line
from benchmarks.automl.markdown import NONE, chance, figure, table
from benchmarks.automl.setting import present
from benchmarks.automl.tables import DATA_SETS

_CONVENTIONAL = 0.05


def results(boards: Sequence[Board]) -> str:
    """Mean, deviation and rank of everybody on every data set; the best mean in bold."""
    shown = present(boards)
    rows = [
        [board.data_set.name, _short(board.metric.name), *(_cell(board.lines.get(one.name)) for one in shown)]
        for board in boards
    ]
    return table(("data set", "metric", *(one.name for one in shown)), rows, words=2)


def _short(metric: str) -> str:
    return {"R-squared": "R²", "Accuracy": "accuracy"}.get(metric, metric)


def _cell(line: Line | None) -> str:
    if line is None or line.rank is None:
        return NONE
    text = f"{figure(line.mean)} ± {figure(line.deviation)}"
    failed = f", {line.failed} failed" if line.failed else ""
    return f"{f'**{text}**' if line.rank < 2 else text} ({line.rank:g}{failed})"


def duels(boards: Sequence[Board]) -> str:
    """Each search against the best simple contender of each data set."""
    found = [duel for search in findings.searches() for duel in findings.duels(boards, search.name)]
    headers = (
        "data set",
        "search",
        "best simple",
        "difference",
        "95 % interval",
        "p",
        "p (Holm)",
        "error left",
        "",
    )
    order = list(DATA_SETS)
    return table(headers, map(_duel, sorted(found, key=lambda duel: order.index(duel.data_set))), words=3)


def _duel(duel: Duel) -> Sequence[str]:
    ends = [figure(duel.difference + sign * duel.margin, signed=True) for sign in (-1, 1)]
    left = NONE if duel.error_left is None else f"{duel.error_left:.0%}"
    chances = (chance(duel.p_value), chance(duel.p_adjusted))
    difference = figure(duel.difference, signed=True)
    return (
        duel.data_set,
        duel.search,
        duel.simple,
        difference,
        " to ".join(ends),
        *chances,
        left,
        verdict(duel),
    )


def verdict(duel: Duel) -> str:
    """How a reader should take it."""
    if duel.p_adjusted is None:
        return "the same in every fold" if duel.difference == 0 else "no test"
    if duel.p_adjusted >= _CONVENTIONAL:
        return "may be chance"
    return "better" if duel.difference > 0 else "worse"


def overall(boards: Sequence[Board]) -> str:
    """Mean ranks, and each search against each opponent over the data sets."""
    headers = (
        "search",
        "against",
        "data sets",
        "better",
        "worse",
        "interval above 0",
        "below 0",
        "median",
        "p",
    )
    rows = [
        (
            *(match.search, match.opponent, f"{match.data_sets}", f"{match.won}", f"{match.lost}"),
            *(f"{match.clearly_won}", f"{match.clearly_lost}", figure(match.median, signed=True)),
            chance(match.p_value),
        )
        for match in over_all.matches(boards)
    ]
    return f"{_ranks(boards)}\n\n{table(headers, rows, words=2)}"


def _ranks(boards: Sequence[Board]) -> str:
    found = over_all.ranks(boards)
    ordered = sorted(found.means.items(), key=lambda item: item[1])
    told = table(("contender", "mean rank"), ((name, f"{rank:.2f}") for name, rank in ordered))
    if found.p_value is None:
        return f"{told}\n\nToo few data sets or contenders for Friedman's test."
    test = f"χ² = {found.statistic:.2f}, p = {chance(found.p_value)}"
    return f"{told}\n\nFriedman's test of these ranks over {found.data_sets} data sets: {test}."


def balanced(boards: Sequence[Board]) -> str:
    """The classifications by balanced accuracy, which TPOT's default search looks for; nothing is in bold."""
    shown = present(boards)
    rows = [
        [board.data_set.name, *(figure(_balanced(board, one.name)) for one in shown)]
        for board in boards
        if board.data_set.task == "classification"
    ]
    return table(("data set", *(one.name for one in shown)), rows)


def _balanced(board: Board, name: str) -> float | None:
    return findings.balanced(board.lines[name].kept) if name in board.lines else None


def models(boards: Sequence[Board]) -> str:
    """What the pipelines that were found end in, and in how many folds."""
    return table(("data set", "search", "pipelines end in"), _models(boards), words=3)


def _models(boards: Sequence[Board]) -> Iterator[Sequence[str]]:
    for board in boards:
        for search in findings.searches():
            if search.name in board.lines:
                counted = Counter(board.lines[search.name].kept.models).most_common()
                yield (
                    board.data_set.name,
                    search.name,
                    ", ".join(f"{name} {count}" for name, count in counted),
                )
