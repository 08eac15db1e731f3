"""Whether an intermediate result of a federated algorithm holds patients' rows instead of sums over them.

Pure, and meant for documents that may say the same in many ways: numbers are looked for in the text, as they are in
logs, so that rounding and quoting hide nothing; series and single rows in the JSON, also in texts that hold JSON again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from algoreg import leaks, strictjson
from algoreg.samples.sample import Sample, Value

_FEW = 4
"""So many consecutive numbers of a column are no coincidence; so many patients may be met by one."""
_SHARE = 0.1
"""Of the rows of a part: quantiles are close to values of patients, and some of them lie in one row."""
_DEEPEST = 5
"""Texts inside texts."""
_MOST_LISTS = 20_000
"""Of a document; what comes later was looked at as text."""

Row = tuple[Value, ...]


def raw_rows(document: str, sample: Sample, positions: Sequence[int]) -> str | None:
    """What of the rows at ``positions`` stands in an intermediate result, in words; None for nothing."""
    rows = [sample.rows[position] for position in positions]
    part = replace(sample, rows=tuple(rows), held_out=())
    told = sum(1 for _ in leaks.rows_shown(document.encode("utf-8", "replace"), part))
    if told > max(_FEW, _SHARE * len(rows)):
        return f"two values or more of each of {told} patients"
    lists = list(islice(_lists(_parsed(document), _DEEPEST), _MOST_LISTS))
    for column, series in zip(sample.columns, zip(*rows, strict=True), strict=True):
        if _holds(lists, series):
            return f"the values of {column.name}, row after row"
    return "a patient's row" if _holds_row(lists, rows) else None


def _parsed(text: str) -> Any:
    try:
        return strictjson.parse(text.encode("utf-8", "replace"))
    except ValueError:
        return None


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    """The scalars of every array and every object, wherever it is, as they compare."""
    if isinstance(value, str) and depth and value[:1] in "[{":
        yield from _lists(_parsed(value), depth - 1)
    if not isinstance(value, list | dict):
        return
    members = list(value.values()) if isinstance(value, dict) else value
    yield [_key(member) for member in members if not isinstance(member, list | dict)]
    for member in members:
        yield from _lists(member, depth)


def _key(value: Any) -> str:
    """A value as it compares: a number is the same number in any text."""
    try:
        return f"{float(value):.9g}" if not isinstance(value, bool) else str(value)
    except (TypeError, ValueError, OverflowError):
        return str(value)


def _holds(lists: Sequence[list[str]], series: Sequence[Value]) -> bool:
    """Whether consecutive values of a column are a list: of codes and counts, which repeat, half of the column."""
    keys = [_key(value) for value in series]
    distinct = len(set(keys)) > len(keys) // 2 and any(isinstance(value, float) for value in series)
    least = _FEW if distinct else max(2 * _FEW, len(keys) // 2)
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    return any(
        keys[start : start + len(values)] == values
        for values in lists
        if least <= len(values) <= len(keys)
        for start in places.get(values[0], ())
    )


def _holds_row(lists: Sequence[list[str]], rows: Sequence[Row]) -> bool:
    """Whether all values of one row but one stand side by side, two of them of the kind that identifies."""
    owners: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        for value in row:
            if isinstance(value, float) and len(f"{abs(value):.9g}".replace(".", "").lstrip("0")) > _FEW:
                owners.setdefault(_key(value), []).append(position)
    for values in lists:
        met = Counter(position for value in set(values) for position in owners.get(value, ()))
        for position in (position for position, count in met.items() if count > 1):
            known = [_key(value) for value in rows[position] if value is not None]
            if sum(key in values for key in known) >= len(known) - 1:
                return True
    return False
