"""The generated parts of the document, each a function from the boards to Markdown; nothing is decided or read here."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from benchmarks.automl import findings
from benchmarks.automl import overall as over_all
from benchmarks.automl.contenders import CONTENDERS, Contender
from benchmarks.automl.findings import Board, Duel, Line
from benchmarks.automl.records import Kept
from benchmarks.automl.tables import DATA_SETS

NONE = "–"
_CONVENTIONAL = 0.05
_BASE = "linreg"
"""The contender that costs are told in multiples of."""


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown, the first column to the left and the others to the right."""
    marks = ["---", *("---:" for _ in headers[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headers, marks, *rows))


def figure(value: float | None, digits: int = 3, *, signed: bool = False) -> str:
    """With so many decimals; a dash where there is none."""
    if value is None:
        return NONE
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def _p(value: float | None) -> str:
    return NONE if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _kept(boards: Sequence[Board]) -> Iterator[Kept]:
    return chain.from_iterable((line.kept for line in board.lines.values()) for board in boards)


def present(boards: Sequence[Board]) -> tuple[Contender, ...]:
    """The contenders that have a record, in their order."""
    return tuple(one for name, one in CONTENDERS.items() if any(name in board.lines for board in boards))


def data(boards: Sequence[Board]) -> str:
    """The data sets: what they are, their size, where they come from."""
    headers = (
        "data set",
        "about",
        "package",
        "terms",
        "rows",
        "covariables (nominal)",
        "without any covariable",
    )
    return table(headers, map(_described, boards))


def _described(board: Board) -> Sequence[str]:
    one = board.data_set
    experiment = next(iter(board.lines.values())).kept.experiment
    size = f"{len(experiment['covariables'])} ({len(one.nominal)})"
    base = f"{board.metric.name} {figure(baseline(board))}"
    return (
        f"{one.name}: {one.variable}",
        one.source,
        one.package,
        one.terms,
        f"{experiment['rows']}",
        size,
        base,
    )


def baseline(board: Board) -> float | None:
    """What a constant prediction gets: the share of the largest class, or 0 of the variance explained."""
    if board.data_set.task == "regression":
        return 0.0
    scores = next((one.kept.experiment["scores"] for one in board.lines.values() if not one.failed), None)
    if scores is None:
        return None
    classes = [sum(row) for row in scores["average"]["Confusion matrix"]["values"]]
    return max(classes) / sum(classes)


def contenders(boards: Sequence[Board]) -> str:
    """Who competes, with what, and why."""
    return table(
        ("contender", "parameters", "why"),
        ((one.name, _typed(boards, one.name), one.why) for one in present(boards)),
    )


def _typed(boards: Sequence[Board], name: str) -> str:
    """What was typed; a range where it depends on the data set."""
    typed = [board.lines[name].kept.trial.parameters for board in boards if name in board.lines]
    codes = sorted(set(chain.from_iterable(typed)))
    return ", ".join(f"`{code}={_range([one[code] for one in typed])}`" for code in codes) or "none"


def _range(texts: Sequence[str]) -> str:
    ends = sorted(set(texts), key=float)
    return ends[0] if len(ends) == 1 else f"{ends[0]}...{ends[-1]}"


def results(boards: Sequence[Board]) -> str:
    """Mean, deviation and rank of everybody on every data set; the best mean in bold."""
    shown = present(boards)
    rows = [
        [board.data_set.name, _short(board.metric.name), *(_cell(board.lines.get(one.name)) for one in shown)]
        for board in boards
    ]
    return table(("data set", "metric", *(one.name for one in shown)), rows)


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
    return table(headers, map(_duel, sorted(found, key=lambda duel: order.index(duel.data_set))))


def _duel(duel: Duel) -> Sequence[str]:
    ends = [figure(duel.difference + sign * duel.margin, signed=True) for sign in (-1, 1)]
    left = NONE if duel.error_left is None else f"{duel.error_left:.0%}"
    chances = (_p(duel.p_value), _p(duel.p_adjusted))
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
            _p(match.p_value),
        )
        for match in over_all.matches(boards)
    ]
    return f"{_ranks(boards)}\n\n{table(headers, rows)}"


def _ranks(boards: Sequence[Board]) -> str:
    found = over_all.ranks(boards)
    ordered = sorted(found.means.items(), key=lambda item: item[1])
    told = table(("contender", "mean rank"), ((name, f"{rank:.2f}") for name, rank in ordered))
    if found.p_value is None:
        return f"{told}\n\nToo few data sets or contenders for Friedman's test."
    test = f"χ² = {found.statistic:.2f}, p = {_p(found.p_value)}"
    return f"{told}\n\nFriedman's test of these ranks over {found.data_sets} data sets: {test}."


def cost(boards: Sequence[Board]) -> str:
    """Seconds of a fold, median and range over the data sets, and the multiple of the cheapest way."""
    return table(
        ("contender", "train, wall s", "all, processor s", f"times {_BASE}"),
        (_cost(boards, one.name) for one in present(boards)),
    )


def _cost(boards: Sequence[Board], name: str) -> Sequence[str]:
    lines = [board.lines[name] for board in boards if name in board.lines]
    both = [board.lines for board in boards if name in board.lines and _BASE in board.lines]
    ratios = [found[name].cpu_s / found[_BASE].cpu_s for found in both]
    trains = [line.train_s for line in lines if line.train_s is not None]
    return name, _spread(trains, 1), _spread([line.cpu_s for line in lines], 1), _spread(ratios, 1)


def _spread(values: Sequence[float], digits: int) -> str:
    if not values:
        return NONE
    ends = f"{figure(min(values), digits)}–{figure(max(values), digits)}"
    return f"{figure(statistics.median(values), digits)} ({ends})"


def origin(boards: Sequence[Board]) -> str:
    """Versions, machine, load, seed, and what is missing of the whole experiment."""
    records = list(_kept(boards))
    keys = sorted(set(chain.from_iterable(one.machine for one in records)))
    facts = [
        f"{key} {', '.join(sorted({one.machine[key] for one in records if key in one.machine}))}"
        for key in keys
    ]
    loads = [load for one in records for load in (one.cost.load_before, one.cost.load_after)]
    trial = records[0].trial
    lines = [
        f"{len(records)} trials of {trial.folds} folds, seed {trial.seed}, "
        f"{sum(one.cost.cpu_s for one in records) / 60:.0f} minutes of processor in all.",
        f"Load average while they were made: {min(loads):.1f} to {max(loads):.1f}, median "
        f"{statistics.median(loads):.1f}.",
        f"{'; '.join(facts)}.",
        f"Not made: {'; '.join(missing(boards)) or 'nothing'}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def missing(boards: Sequence[Board]) -> tuple[str, ...]:
    """What belongs to the whole experiment and has no record: contender, and on which data sets."""
    known = {board.data_set.name: board.lines for board in boards}
    found = {
        one.name: [
            name
            for name, data_set in DATA_SETS.items()
            if data_set.task in one.tasks and one.name not in known.get(name, {})
        ]
        for one in CONTENDERS.values()
    }
    return tuple(f"{name} on {', '.join(sets)}" for name, sets in found.items() if sets)
