"""The two plots of the document: what a search gains, with its uncertainty, and what is paid for how much.

Drawn as ``algoreg.plots`` draws: without a person's matplotlibrc, and the same bytes for the same records.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from benchmarks.automl import findings
from benchmarks.automl.contenders import CONTENDERS, Contender
from benchmarks.automl.findings import Board
from benchmarks.automl.setting import present
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from algoreg import files

_STYLE: Any = {  # matplotlib's stubs know the keys as literals only
    "svg.fonttype": "none",
    "svg.hashsalt": "algoreg",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
# Okabe and Ito's colours, told apart by everybody: cold ones are simple, warm ones search
_COLOURS = {
    "knn": "#56B4E9",
    "knn by hand": "#0072B2",
    "linreg": "#66C2A5",
    "linreg by hand": "#009E73",
}
_WARM = ("#E69F00", "#CC79A7", "#D55E00", "#882255")
_COLUMNS = 4


def _colour(name: str) -> str:
    warm = [one.name for one in findings.searches()]
    return _COLOURS[name] if name in _COLOURS else _WARM[warm.index(name) % len(_WARM)]


def differences(path: Path, boards: Sequence[Board]) -> None:
    """For each data set, each search minus the best simple contender, with the 95 % interval.

    Raises UsageError when ``path`` cannot be written.
    """
    names = [one.name for one in findings.searches()]
    figure = _figure(7.5, 1.6 + 0.16 * len(boards) * (len(names) + 1))
    axes = figure.add_subplot()
    for place, name in enumerate(names):
        _bars(axes, boards, name, (place - (len(names) - 1) / 2) / (len(names) + 1))
    axes.axvline(0, color="#666666", linewidth=1)
    axes.set_yticks(range(len(boards)), [f"{one.data_set.name}\n({one.metric.name})" for one in boards])
    axes.set_ylim(len(boards) - 0.5, -0.5)
    axes.set_xlabel("search minus the best simple contender: mean over the folds, corrected 95 % interval")
    axes.grid(visible=True, axis="x", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    _legend(figure, [one for one in present(boards) if one.searches])
    _save(figure, path)


def _bars(axes: Any, boards: Sequence[Board], name: str, shift: float) -> None:
    found = [(place, board.duel(name)) for place, board in enumerate(boards)]
    made = [(place, duel) for place, duel in found if duel is not None]
    if made:
        axes.errorbar(
            [duel.difference for _, duel in made],
            [place + shift for place, _ in made],
            xerr=[duel.margin for _, duel in made],
            fmt="o",
            markersize=4,
            markeredgecolor="#333333",
            markeredgewidth=0.5,
            capsize=2,
            color=_colour(name),
        )


def costs(path: Path, boards: Sequence[Board]) -> None:
    """A panel for each data set: the metric against the processor time of a fold, one mark for each contender.

    Raises UsageError when ``path`` cannot be written.
    """
    rows = math.ceil(len(boards) / _COLUMNS)
    figure = _figure(10.0, 0.8 + 2.3 * rows)
    for place, board in enumerate(boards):
        axes = figure.add_subplot(rows, _COLUMNS, place + 1)
        for name, line in board.lines.items():
            if line.mean is not None:
                mark = "o" if CONTENDERS[name].searches else "s"
                style = {"markersize": 6, "markeredgecolor": "#333333", "markeredgewidth": 0.5}
                axes.plot(line.cpu_s, line.mean, mark, color=_colour(name), **style)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(*_ends([line.cpu_s for line in board.lines.values()]))
        axes.set_title(board.data_set.name)
        axes.set_ylabel(board.metric.name)
        axes.grid(visible=True, color="#eeeeee", linewidth=0.8)
    figure.supxlabel("processor seconds for a fold, everything included")
    _legend(figure, present(boards))
    _save(figure, path)


def _ends(seconds: Sequence[float]) -> tuple[float, float]:
    """Wide enough for the marks, and for two numbers on the axis: a factor of five at least."""
    low, high = min(seconds) / 1.2, max(seconds) * 1.2
    return (low, high) if high >= 5 * low else (low, 5 * low)


def _legend(figure: Any, shown: Sequence[Contender]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D(
            [], [], linestyle="", marker="o" if one.searches else "s", color=_colour(one.name), label=one.name
        )
        for one in shown
    ]
    if marks:
        figure.legend(handles=marks, loc="outside upper center", ncols=len(marks), frameon=False)


def _figure(width: float, height: float) -> Any:
    logging.getLogger("matplotlib").setLevel(
        logging.ERROR
    )  # its folders and fonts are nobody's business here
    mpl.rcdefaults()
    mpl.rcParams.update(_STYLE)
    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Any, path: Path) -> None:
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    files.write(path, content.getvalue())
