"""Reads CSV files strictly: a row of another length than the header is an error, never filled up.

Comma, semicolon or tab is told from the first lines. Cells are stripped; an empty one and the words of ``NULLS``
are NULL ("None" is not: it is an answer people give). A column is numbers when every cell that is not NULL is one,
truth values when each is true or false, else text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from algoreg import extras
from algoreg.datasets import limits
from algoreg.datasets.naming import ensure_distinct
from algoreg.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS: Final = (",", ";", "\t")
NULLS: Final = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null"})
_TRUTH: Final = {"true": True, "false": False}
_SNIFFED_LINES = 20
_SNIFFED_CHARACTERS = 64 * 1024


def read(path: Path, origin: str) -> pd.DataFrame:
    """The table of a CSV file; messages call it ``origin``. Raises UsageError, AlgoregError without pandas."""
    with extras.needed("reading data"):
        import pandas as pd

    text = _text(path, origin)
    delimiter = sniff(text)
    lines = _lines(text, delimiter, origin)
    names = _header(next(lines, (0, []))[1], origin)
    rows = _rows(lines, names, origin)
    columns = zip(*rows, strict=True)
    return pd.DataFrame({name: _typed(column) for name, column in zip(names, columns, strict=True)})


def _text(path: Path, origin: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{origin} is not UTF-8: byte {error.start:,} is no part of a character",
            hint="Save it as UTF-8 (in a spreadsheet: CSV UTF-8).",
        ) from error
    except OSError as error:
        raise UsageError(f"cannot read {origin}: {error.strerror or error}") from error


def sniff(text: str) -> str:
    """The delimiter that cuts every one of the first lines into the most cells; a comma where none cuts."""
    start = text[:_SNIFFED_CHARACTERS]
    if len(text) > len(start):
        start = start[: start.rfind("\n") + 1] or start

    def cells(delimiter: str) -> int:
        rows = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        return min((len(row) for row in islice(rows, _SNIFFED_LINES) if row), default=0)

    return max(DELIMITERS, key=cells)


def _lines(text: str, delimiter: str, origin: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line it ends in, cells) of every line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise UsageError(
            f"{origin}, line {reader.line_num}: {error}",
            hint="Look at the quotes of this line and before it.",
        ) from error


def _header(cells: Sequence[str], origin: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not names:
        raise UsageError(f"{origin} is empty", hint="Name a file with a header and rows.")
    for position, name in enumerate(names, 1):
        if not name:
            raise UsageError(
                f"{origin}: column {position} has no name in the first line",
                hint="Name it, or leave it out (pandas: to_csv(index=False)).",
            )
    if sum(map(_is_number, names)) * 2 > len(names):
        raise UsageError(
            f"{origin} has no header: the first line holds numbers where names are expected",
            hint="Write the columns' names into the first line.",
        )
    ensure_distinct(origin, names)
    return names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _rows(lines: Iterator[tuple[int, list[str]]], names: Sequence[str], origin: str) -> list[list[str]]:
    """Every row, as long as the header. Raises UsageError."""
    rows = []
    for line, cells in lines:
        if len(cells) != len(names):
            raise UsageError(
                f"{origin}, line {line}: {len(cells)} cells, and the header has {len(names)}",
                hint="Complete the line; a cell that holds the delimiter is written in quotes.",
            )
        rows.append(cells)
        limits.ensure_cells(origin, len(rows), len(names))
    if not rows:
        raise UsageError(f"{origin} holds a header and no row", hint="Name a file with rows.")
    return rows


def _typed(texts: Sequence[str]) -> pd.Series:
    """A column's cells as numbers, else as truth values, else as text."""
    import pandas as pd

    stripped = (text.strip() for text in texts)
    cells = pd.Series([None if text in NULLS else text for text in stripped], dtype=object)
    try:
        return cells if cells.isna().all() else pd.to_numeric(cells)
    except ValueError:
        pass
    truths = [cell if cell is None else _TRUTH.get(cell.lower()) for cell in cells]
    return pd.Series(truths, dtype=object) if truths.count(None) == cells.isna().sum() else cells
