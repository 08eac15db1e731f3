"""Whether an intermediate result of a federated algorithm holds patients' rows instead of sums over them.

Pure, and meant for documents that may say the same in many ways: values are looked for wherever they stand in the
JSON, also inside texts that hold JSON again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from algoreg import strictjson
from algoreg.samples.sample import Sample, Value

_SHORTEST_SERIES = 4
"""So many consecutive values of a column are no coincidence."""
_DIGITS = 5
"""A number with fewer significant digits can be a count or a rounded mean."""
_SHARE = 0.1
"""Of the rows of a part: quantiles are single values of patients, and some of them lie in one row."""
_DEEPEST = 5
"""Texts inside texts."""

Row = tuple[Value, ...]


def raw_rows(document: str, sample: Sample, positions: Sequence[int]) -> str | None:
    """What of the rows at ``positions`` stands in an intermediate result, in words; None for nothing."""
    rows = [sample.rows[position] for position in positions]
    names = [column.name for column in sample.columns]
    lists = list(_lists(_parsed(document), _DEEPEST))
    for name, series in zip(names, zip(*rows, strict=True), strict=True):
        if any(_is_part(values, series) for values in lists):
            return f"the values of {name}, row after row"
    if any(_is_row(values, row) for values in lists for row in rows):
        return "a patient's row"
    return _scattered(lists, rows)


def _parsed(text: str) -> Any:
    try:
        return strictjson.parse(text.encode("utf-8", "replace"))
    except ValueError:
        return None


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    """The scalars of every array and every object, wherever it is."""
    if isinstance(value, str) and depth and value[:1] in "[{":
        yield from _lists(_parsed(value), depth - 1)
    if not isinstance(value, list | dict):
        return
    members = list(value.values()) if isinstance(value, dict) else value
    yield [member for member in members if not isinstance(member, list | dict)]
    for member in members:
        yield from _lists(member, depth)


def _same(left: Any, right: Value) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= 1e-9 * max(abs(left), abs(right))
    return left is not None and str(left) == str(right)


def _is_part(values: list[Any], series: Sequence[Value]) -> bool:
    """Some consecutive values of a column; of codes, which repeat, half of the column at least."""
    numbers = all(_distinctive(value) for value in series if value is not None)
    least = _SHORTEST_SERIES if numbers else max(2 * _SHORTEST_SERIES, len(series) // 2)
    if len(values) < least or len(values) > len(series):
        return False
    starts = range(len(series) - len(values) + 1)
    return any(all(_same(v, series[start + i]) for i, v in enumerate(values)) for start in starts)


def _is_row(values: list[Any], row: Row) -> bool:
    """All values of one row side by side, at least two of them distinctive."""
    known = [value for value in row if value is not None]
    if len(values) < len(known) - 1 or sum(map(_distinctive, known)) < 2:
        return False
    found = [value for value in known if any(_same(one, value) for one in values)]
    return len(found) >= len(known) - 1 and sum(map(_distinctive, found)) >= 2


def _distinctive(value: Any) -> bool:
    if not isinstance(value, float):
        return False
    return len(f"{abs(value):.12g}".replace(".", "").lstrip("0")) >= _DIGITS


def _scattered(lists: Sequence[list[Any]], rows: Sequence[Row]) -> str | None:
    """Two values of a row, in many rows, in whatever arrangement."""
    present = {
        float(f"{value:.9g}") for values in lists for value in values if isinstance(value, int | float)
    }
    told = sum(
        sum(_distinctive(value) and float(f"{value:.9g}") in present for value in row) >= 2 for row in rows
    )
    if told <= max(_SHORTEST_SERIES, _SHARE * len(rows)):
        return None
    return f"two values or more of each of {told} patients"
