"""Numpy's arrays and dtypes as JSON and back: numbers, booleans and texts, never objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from algoreg.runtime.failure import Failure

DTYPES: Final = ("bool", "int32", "int64", "float32", "float64")
_TEXT: Final = "str"
MAX_CHARACTERS: Final = 2**22
"""Of an array of texts, which takes the longest one's room for each of them."""


def is_dtype(value: Any) -> bool:
    """Whether ``value`` is one of numpy's types that a text can name."""
    import numpy as np

    name = getattr(value, "__name__", "")
    return isinstance(value, type) and name in DTYPES and value is getattr(np, name, None)


def dtype_name(array: Any) -> str | None:
    """The dtype as a text says it; None where it has no word for it."""
    if array.dtype.kind == "U":
        return _TEXT
    return array.dtype.name if array.dtype.name in DTYPES else None


def rebuild_dtype(entry: Mapping[str, Any]) -> Any:
    """The type itself, as ``numpy.float64``. Raises Failure."""
    import numpy as np

    if entry["dtype"] not in DTYPES:
        raise Failure("pipeline: an unknown dtype")
    return getattr(np, entry["dtype"])


def rebuild_array(entry: Mapping[str, Any], items: list[Any]) -> Any:
    """An array of ``items``. Raises Failure: no known dtype, more than numbers and texts, ragged, too much room."""
    import numpy as np

    dtype = entry.get("dtype")
    if dtype not in (*DTYPES, _TEXT) or not _is_plain(items):
        raise Failure("pipeline: an array comes without a known dtype, or holds more than numbers and texts")
    if dtype == _TEXT and _room(items) > MAX_CHARACTERS:
        raise Failure(f"pipeline: an array of texts takes more than {MAX_CHARACTERS} characters")
    try:
        return np.array(items, dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        raise Failure("pipeline: an array does not hold values of its dtype") from None


def _is_plain(value: Any) -> bool:
    return (
        all(map(_is_plain, value)) if isinstance(value, list) else isinstance(value, bool | int | float | str)
    )


def _widths(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        for item in value:
            yield from _widths(item)
    else:
        yield len(str(value))


def _room(items: list[Any]) -> int:
    widths = [*_widths(items)]
    return len(widths) * max(widths, default=0)
