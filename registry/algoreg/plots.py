"""Draws what an experiment and a comparison show, as SVG or PNG by the file's name.

The one module that knows matplotlib, without pyplot: no window, no figure that stays. A person's matplotlibrc is not
read, so that the same values give the same SVG, byte for byte. Labels are untrusted: they are cut, nothing in them
is mathematics, and what a terminal or XML would stumble over is replaced.
"""

from __future__ import annotations

import io
import logging
import math
import os
import secrets
import statistics
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from algoreg import extras, files
from algoreg.errors import UsageError

FORMATS: Final = ("svg", "png")
LABEL_LENGTH: Final = 28
TITLE_LENGTH: Final = 80
MANY_POINTS: Final = 3_000
"""From here on the points of an SVG are an image inside it."""
MANY_CLASSES: Final = 15
"""Beyond it the cells of a matrix hold no numbers."""

# Okabe and Ito's colours, told apart by everybody
_BLUE, _VERMILION, _GREY = "#0072B2", "#D55E00", "#666666"
_STYLE: Final[Any] = {  # the stubs know the keys as literals only
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "algoreg",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
}
_METADATA: Final[Mapping[str, Mapping[str, None]]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
"""None of them: time and version would change the bytes."""
_LARGEST = 1e300
"""Beyond it matplotlib's own arithmetic overflows."""
_LOCK = threading.Lock()
"""Matplotlib's settings are one for the whole process."""


def predicted_against_true(
    path: Path,
    truths: Sequence[object],
    predictions: Sequence[object],
    *,
    title: str,
    unit: str | None = None,
) -> None:
    """Points of a regression, on the diagonal where a prediction is right; pairs without a number are left out.

    Raises UsageError when ``path`` cannot be written, AlgoregError without matplotlib.
    """
    pairs = [
        (truth, predicted)
        for truth, predicted in zip(map(_number, truths), map(_number, predictions), strict=True)
        if truth is not None and predicted is not None
    ]
    axis = f" ({label(unit)})" if unit else ""

    def draw(axes: Any) -> None:
        if not pairs:
            return _nothing(axes)
        true, predicted = zip(*pairs, strict=True)
        ends = (min(*true, *predicted), max(*true, *predicted))
        axes.plot(ends, ends, color=_GREY, linewidth=1, linestyle="--", label="prediction = truth")
        many = len(pairs) > MANY_POINTS
        axes.scatter(
            true, predicted, s=16, color=_BLUE, alpha=0.3 if many else 0.6, linewidths=0, rasterized=many
        )
        axes.set_xlabel(f"true value{axis}")
        axes.set_ylabel(f"prediction{axis}")
        axes.set_aspect("equal", adjustable="datalim")
        _legend(axes)
        return None

    _save(path, draw, title=title, size=(6.0, 5.5))


def confusion_matrix(
    path: Path, labels: Sequence[str], values: Sequence[Sequence[int]], *, title: str
) -> None:
    """A classification's counts, shape (n labels, n labels), rows the truth; coloured by the share of the row.

    Raises UsageError when ``path`` cannot be written, AlgoregError without matplotlib.
    """
    shares = [[count / (sum(row) or 1) for count in row] for row in values]
    side = min(12.0, 3.5 + 0.5 * len(labels))

    def draw(axes: Any) -> None:
        if not labels:
            return _nothing(axes)
        image = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        axes.figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
        step = math.ceil(len(labels) / 40)
        shown = [label(text) for text in labels[::step]]
        axes.set_xticks(range(0, len(labels), step), shown, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(0, len(labels), step), shown)
        axes.set_xlabel("prediction")
        axes.set_ylabel("true class")
        axes.spines[:].set_visible(False)
        if len(labels) <= MANY_CLASSES:
            _write_counts(axes, values, shares)
        return None

    _save(path, draw, title=title, size=(side + 1.0, side))


def _write_counts(axes: Any, values: Sequence[Sequence[int]], shares: Sequence[Sequence[float]]) -> None:
    for y, row in enumerate(values):
        for x, count in enumerate(row):
            colour = "black" if shares[y][x] > 0.5 else "white"
            axes.text(x, y, f"{count}", ha="center", va="center", color=colour)


def comparison(path: Path, rows: Mapping[str, Sequence[float | None]], *, metric: str, title: str) -> None:
    """Each algorithm's figure in each fold as a point, its mean and standard deviation beside them.

    ``rows``: algorithm -> one value per fold, None where it is undefined; the first is drawn on top. Raises
    UsageError when ``path`` cannot be written, AlgoregError without matplotlib.
    """

    def draw(axes: Any) -> None:
        for place, values in enumerate(rows.values()):
            _row(axes, place, [_number(value) for value in values])
        axes.set_yticks(range(len(rows)), [_named(name, values) for name, values in rows.items()])
        axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
        axes.set_xlabel(label(metric))
        axes.grid(visible=True, axis="x", color="#dddddd", linewidth=0.8)
        axes.set_axisbelow(True)
        if axes.collections:
            _legend(axes)
        else:
            _nothing(axes)

    _save(path, draw, title=title, size=(7.0, min(20.0, 1.8 + 0.6 * len(rows))))


def _row(axes: Any, place: int, values: Sequence[float | None]) -> None:
    """The points of one algorithm, each fold at its own height, and under them what they have in common."""
    step = 0.2 / max(1, len(values) - 1)
    points = [(value, place - 0.18 + step * fold) for fold, value in enumerate(values) if value is not None]
    if not points:
        return
    named = not axes.collections
    known, heights = zip(*points, strict=True)
    axes.scatter(
        known, heights, s=22, color=_BLUE, alpha=0.7, linewidths=0, label="one fold" if named else None
    )
    axes.errorbar(
        statistics.fmean(known),
        place + 0.22,
        xerr=statistics.stdev(known) if len(known) > 1 else None,
        fmt="D",
        color=_VERMILION,
        capsize=4,
        label="mean, standard deviation" if named else None,
    )


def _named(name: str, values: Sequence[float | None]) -> str:
    undefined = sum(_number(value) is None for value in values)
    return f"{label(name)}\n({undefined} of {len(values)} undefined)" if undefined else label(name)


def label(text: str, *, length: int = LABEL_LENGTH) -> str:
    """``text`` on one line, printable, and cut."""
    line = "".join(character if character.isprintable() else "\ufffd" for character in text[: length + 1])
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _number(value: object) -> float | None:
    """``value`` where it is a number that can be drawn."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
    return float(value) if number else None  # type: ignore[arg-type]


def _legend(axes: Any) -> None:
    """Below the axes, where it hides no point."""
    axes.figure.legend(frameon=False, loc="outside lower center", ncols=2)


def _nothing(axes: Any) -> None:
    axes.text(0.5, 0.5, "nothing to show", ha="center", va="center", transform=axes.transAxes, color=_GREY)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without matplotlib's words about its folders and fonts, and about characters that a font has not."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"(?s)Glyph \d+ .*missing from")
            yield
    finally:
        logger.setLevel(level)


def _save(path: Path, draw: Callable[[Any], None], *, title: str, size: tuple[float, float]) -> None:
    """Draw on fresh axes and write the file whole or not at all."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"cannot draw {path.name!a}: expected a name that ends in .svg or .png")
    files.ensure_writable(path)
    with _LOCK, _quiet():
        with extras.needed("drawing"):
            import matplotlib as mpl
            from matplotlib.figure import Figure
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_STYLE)
            figure = Figure(figsize=size, layout="constrained", dpi=150)
            axes = figure.add_subplot()
            draw(axes)
            axes.set_title(label(title, length=TITLE_LENGTH))
            content = io.BytesIO()
            figure.savefig(content, format=kind, metadata=_METADATA[kind])
    _write(path, content.getvalue())


def _write(path: Path, content: bytes) -> None:
    """Under a temporary name, then renamed: a reader never sees half of it."""
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
