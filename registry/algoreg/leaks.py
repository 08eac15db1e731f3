"""Whether a text shows a patient: two values of one row of the table, however they were printed.

A value counts when it cannot be meant otherwise: a number of five significant digits or more, which ``samples``
sees to, and neither the least nor the greatest of its column, which stand in PARAM_meta and in every summary (other
quantiles are means of two patients, as the samples are made). A text full of numbers meets some values by chance,
so that more digits are asked for the more numbers there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from algoreg.samples.sample import Sample, Value

_NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
"""Every byte is looked at once or twice, whatever the text."""
_LONGEST = 40
_LEAST, _MOST = 5, 7
"""Significant digits that count: fewer say too little, more do not survive single precision."""
_TEXT_MAX = 1024 * 1024


def rows_shown(text: bytes, sample: Sample) -> Iterator[int]:
    """Positions of the rows of which two values stand in ``text``, also rounded to five digits."""
    numbers = _numbers(text[:_TEXT_MAX])
    if len(numbers) < 2:
        return
    told = _told(sample)
    for position, row in enumerate(sample.rows):
        candidates = [value for value, known in zip(row, told, strict=True) if value not in known]
        if sum(any(form in numbers for form in _forms(value)) for value in candidates) > 1:
            yield position


def _numbers(text: bytes) -> frozenset[tuple[int, str]]:
    """(digits, number rounded to so many): as many digits as were printed, where these are enough."""
    found = [number for number in _NUMBER.findall(text) if len(number) <= _LONGEST]
    precise = [(count, number) for number in found if (count := _digits(number)) >= _LEAST]
    # So that by chance hardly any text meets two values of a row
    least = next((digits for digits in range(_LEAST, _MOST) if len(precise) <= 2 * 10 ** (digits - 3)), _MOST)
    return frozenset(
        (min(count, _MOST), _rounded(float(number), min(count, _MOST)))
        for count, number in precise
        if count >= least
    )


def _digits(number: bytes) -> int:
    """How many digits are significant, as written."""
    return len(number.lower().partition(b"e")[0].replace(b".", b"").lstrip(b"0"))


def _rounded(value: float, digits: int) -> str:
    return f"{abs(value):.{digits - 1}e}"


def _forms(value: Value) -> Iterator[tuple[int, str]]:
    """A number at every precision at which it is told from rounder ones; a code has none."""
    if not isinstance(value, float):
        return
    for digits in range(_LEAST, _MOST + 1):
        rounded = _rounded(value, digits)
        if len(rounded.partition("e")[0].replace(".", "").rstrip("0")) >= _LEAST:
            yield digits, rounded


def _told(sample: Sample) -> list[frozenset[Value]]:
    """Per column the least and the greatest value, of all the rows and of those to train on."""
    tables = (sample.rows, [sample.rows[position] for position in sample.training])
    return [
        frozenset(end for table in tables for end in _ends([row[index] for row in table]))
        for index in range(len(sample.columns))
    ]


def _ends(values: Sequence[Value]) -> tuple[float, ...]:
    numbers = [value for value in values if isinstance(value, float)]
    return (min(numbers), max(numbers)) if numbers else ()
