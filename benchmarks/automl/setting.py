"""The parts of the document that tell what was compared, on what, and at what cost; nothing is decided here."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from itertools import chain

from benchmarks.automl.contenders import CONTENDERS, DEADLINE_S, Contender
from benchmarks.automl.findings import Board
from benchmarks.automl.markdown import NONE, figure, table
from benchmarks.automl.records import Kept
from benchmarks.automl.tables import DATA_SETS

_BASE = "linreg"
"""The contender that costs are told in multiples of."""


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
    return table(headers, map(_described, boards), words=4)


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
    classes: list[int] = [sum(row) for row in scores["average"]["Confusion matrix"]["values"]]
    return max(classes) / sum(classes)


def contenders(boards: Sequence[Board]) -> str:
    """Who competes, with what, and why."""
    return table(
        ("contender", "parameters", "why"),
        ((one.name, _typed(boards, one.name), one.why) for one in present(boards)),
        words=3,
    )


def _typed(boards: Sequence[Board], name: str) -> str:
    """What was typed; a range where it depends on the data set."""
    typed = [board.lines[name].kept.trial.parameters for board in boards if name in board.lines]
    codes = sorted(set(chain.from_iterable(typed)))
    return ", ".join(f"`{code}={_range([one[code] for one in typed])}`" for code in codes) or "none"


def _range(texts: Sequence[str]) -> str:
    if len(set(texts)) == 1:
        return texts[0]
    ends = sorted(texts, key=float)
    return f"{ends[0]}...{ends[-1]}"


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
        f"Searches that their deadline of {DEADLINE_S} s ended: {'; '.join(_late(records)) or 'none'}.",
        f"Not made: {'; '.join(missing(boards)) or 'nothing'}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _late(records: Sequence[Kept]) -> Iterator[str]:
    """Data set, contender and fold of each search that ran into its deadline."""
    for one in records:
        for fold in one.folds:
            if CONTENDERS[one.trial.contender].searches and (fold.train_s or 0) >= DEADLINE_S:
                yield f"{one.trial.contender} on {one.trial.data_set}, fold {fold.name}"


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
