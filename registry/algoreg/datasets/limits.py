"""How much data is read: an experiment's rows are held in memory, several times over."""

from __future__ import annotations

from typing import Final

from algoreg.errors import UsageError

MAX_BYTES: Final = 512 * 1024 * 1024
MAX_CELLS: Final = 5_000_000
"""Rows times columns: 100,000 rows of 50 columns."""
MAX_COLUMNS: Final = 1_500
"""PostgreSQL takes 1,600."""
MAX_CODES: Final = 1_000
"""Of a nominal column that nobody described."""
MAX_NAME_BYTES: Final = 63
"""PostgreSQL cuts longer names of columns."""
MAX_META_BYTES: Final = 128 * 1024 - 64
"""Linux takes no longer environment variable; ``PARAM_meta=`` is part of it."""

_HINT = "Leave out columns or rows that the question does not need."


def ensure_cells(origin: str, rows: int, columns: int) -> None:
    """Raises UsageError when a table is larger than what is read."""
    if columns > MAX_COLUMNS:
        raise UsageError(f"{origin} has {columns:,} columns, at most {MAX_COLUMNS:,} are read", hint=_HINT)
    if rows * columns > MAX_CELLS:
        raise UsageError(
            f"{origin} is too large: {rows:,} rows or more of {columns:,} columns, "
            f"at most {MAX_CELLS:,} cells are read",
            hint=_HINT,
        )


def ensure_bytes(origin: str, size: int) -> None:
    """Raises UsageError when a file is larger than what is read."""
    if size > MAX_BYTES:
        raise UsageError(f"{origin} has {size:,} bytes, at most {MAX_BYTES:,} are read", hint=_HINT)
