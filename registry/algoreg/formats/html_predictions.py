"""Predictions beside the truth, on the HTML page: dots along a diagonal, or a table of who was taken for whom."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import mean

from algoreg.formats import told
from algoreg.formats.markup import Markup, element, joined
from algoreg.report import Predicted

_SIDE, _EDGE = 100.0, 4.0
"""Of the square that is drawn, in units of its own."""
_MOST_CODES = 6
"""Columns that a telephone has room for."""


def predicted(found: Sequence[Predicted]) -> Markup | None:
    """Every task's figure; None where nothing was predicted."""
    figures = [figure for figure in map(_figure, found) if figure is not None]
    return joined(element("h3", "What was predicted"), *figures) if figures else None


def _figure(one: Predicted) -> Markup | None:
    if not one.targets:
        return None
    pairs = list(zip(one.targets, one.predictions, strict=True))
    numbers = [(t, p) for t, p in pairs if _finite(t) and _finite(p)]
    if one.task == "regression":
        return _dots([(float(t), float(p)) for t, p in numbers]) if numbers else None
    return _confusion([(str(t), str(p)) for t, p in pairs])


def _finite(value: float | str) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _dots(pairs: list[tuple[float, float]]) -> Markup:
    """Truth to the right, prediction upwards: on the diagonal both are the same."""
    values = [value for pair in pairs for value in pair]
    low, high = min(values), max(values)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return _EDGE + (value - low) / width * (_SIDE - 2 * _EDGE)

    dots = [element("circle", cx=f"{place(t):.2f}", cy=f"{_SIDE - place(p):.2f}", r="1.2") for t, p in pairs]
    error = mean(abs(t - p) for t, p in pairs)
    said = f"{len(pairs)} held-out rows from {low:.4g} to {high:.4g}, mean absolute error {error:.4g}"
    diagonal = element("line", x1="0", y1=f"{_SIDE:g}", x2=f"{_SIDE:g}", y2="0")
    square = element(
        "svg",
        diagonal,
        *dots,
        viewBox=f"0 0 {_SIDE:g} {_SIDE:g}",
        role="img",
        aria_label=f"Regression: {said}",
    )
    caption = element("figcaption", f"Regression: predictions upwards, true values to the right; {said}")
    return element("figure", square, caption, class_="dots")


def _confusion(pairs: list[tuple[str, str]]) -> Markup:
    """Rows are true codes, columns predicted ones."""
    codes = sorted({code for pair in pairs for code in pair})
    right = sum(target == prediction for target, prediction in pairs)
    said = f"Classification: {right} of {len(pairs)} held-out rows right"
    if len(codes) > _MOST_CODES:
        return element("p", f"{said}, of {len(codes)} codes")
    counts = Counter(pairs)
    head = element(
        "tr",
        element("th", "true code", scope="col"),
        *(element("th", f"as {told.brief(code, 16)}", scope="col") for code in codes),
    )
    rows = [
        element(
            "tr",
            element("th", told.brief(target, 40), scope="row"),
            *(element("td", str(counts[target, code])) for code in codes),
        )
        for target in codes
    ]
    caption = element("caption", f"{said}: how often a row was taken for what")
    return element("table", caption, element("thead", head), element("tbody", *rows))
