"""A column of a table as plain values of one kind, whatever types the table's library gave them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from algoreg.errors import UsageError
from algoreg.schemas import shown

if TYPE_CHECKING:
    import pandas as pd


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "numbers"
    TRUTH = "truth values"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The values of one column."""

    name: str
    kind: Kind
    values: Sequence[Any] = field(repr=False)
    """float, bool or str, by the kind; None is NULL."""

    def known(self) -> Iterator[tuple[int, Any]]:
        """(row, value) of what is not NULL; rows are counted from 1."""
        return ((row, value) for row, value in enumerate(self.values, 1) if value is not None)

    def refusal(self, what: str, *, row: int | None = None, hint: str) -> UsageError:
        """The error that names the column, and never a value."""
        where = "" if row is None else f", row {row:,} (the header aside)"
        return UsageError(f"column {shown(self.name)}{where}: {what}", hint=hint)


def cells(name: str, series: pd.Series) -> Cells:
    """The column ``name``. Raises UsageError: nothing in it, an infinite number, or no kind of value we know."""
    import pandas as pd

    number, truth = pd.api.types.is_numeric_dtype(series), pd.api.types.is_bool_dtype(series)
    found = _numbers(name, series) if number and not truth else _objects(name, series)
    if all(value is None for value in found.values):
        raise found.refusal("every value is NULL", hint="Leave the column out.")
    return found


def _numbers(name: str, series: pd.Series) -> Cells:
    import numpy as np

    if series.dtype.kind == "c":
        raise Cells(name=name, kind=Kind.NUMBER, values=()).refusal(
            "it holds complex numbers", hint="Make two columns of it."
        )
    numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
    values = [None if value != value else value for value in numbers.tolist()]  # noqa: PLR0124 - nan is NULL
    found = Cells(name=name, kind=Kind.NUMBER, values=values)
    infinite = np.isinf(numbers)
    if infinite.any():
        row = int(infinite.argmax()) + 1
        raise found.refusal("the number is not finite", row=row, hint="Correct it, or leave it empty.")
    return found


def _objects(name: str, series: pd.Series) -> Cells:
    """Text, truth values, or numbers in boxes of their own, as databases give them."""
    import pandas as pd

    raw = series.astype(object)
    values = [None if null else value for value, null in zip(raw, raw.isna(), strict=True)]
    kinds = {kind: _kind(kind) for kind in dict.fromkeys(map(type, values))}
    found = Cells(name=name, kind=next(filter(None, kinds.values()), Kind.TEXT), values=values)
    for row, value in found.known():
        if kinds[type(value)] != found.kind:
            raise found.refusal(_stranger(found.kind, value), row=row, hint="Keep one kind of value in it.")
    if found.kind is Kind.NUMBER:
        return _numbers(
            name, pd.Series([None if one is None else _double(one) for one in values], dtype=float)
        )
    return found


def _double(value: Any) -> float:
    """Infinite where it is beyond a double."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _kind(kind: type) -> Kind | None:
    import numpy as np

    if issubclass(kind, bool | np.bool_):
        return Kind.TRUTH
    if issubclass(kind, int | float | Decimal | np.integer | np.floating):
        return Kind.NUMBER
    return Kind.TEXT if issubclass(kind, str) else None


def _stranger(kind: Kind, value: Any) -> str:
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return "a date or time is no type of variable; write it as a number (years, days since ...)"
    return f"a value of type {type(value).__name__[:40]} among {kind}"
