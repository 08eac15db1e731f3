"""Judges the names of columns: which of them a contract's caller can say, and which would be taken for each other.

A name of letters, digits, ``_`` and ``-`` is the code as it is. Of any other, everything else becomes ``_`` and the
name itself the label: PARAM_covariables has commas between names, and no blanks (contract section 2).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from algoreg import contract
from algoreg.datasets import limits
from algoreg.errors import UsageError
from algoreg.schemas import shown

_UNUSUAL = re.compile(r"[^\w-]+")
_NEAR = 3
_FIRST = 12


def printable(text: str) -> str:
    """``text`` on one line, without anything that a terminal would obey."""
    return "".join(character if character.isprintable() else "?" for character in text)


def ensure_distinct(origin: str, names: Sequence[Any]) -> None:
    """Raises UsageError when a name stands for two columns."""
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise UsageError(f"{origin} has two columns {shown(name)}", hint="Rename or leave out one.")
        seen.add(name)


def code_of(name: str) -> str:
    """The code of a column."""
    return _UNUSUAL.sub("_", name).strip("_") if _UNUSUAL.search(name) else name


def _ensure_usable(name: str) -> None:
    """Raises UsageError when nothing of a column's name can be used, or too much."""
    size = len(contract.db_safe(code_of(name)).encode("utf-8", "replace"))
    if not 0 < size <= limits.MAX_NAME_BYTES:
        expected = f"1 to {limits.MAX_NAME_BYTES} bytes of letters, digits, - and _"
        raise UsageError(
            f"column {shown(name)} cannot be named in a query: expected {expected}, got {size}",
            hint="Rename the column.",
        )


def find(name: str, names: Iterable[str]) -> str:
    """The column called ``name``, by its name or its code. Raises UsageError telling the nearest names."""
    known = list(names)
    if name in known:
        return name
    by_code = [one for one in known if code_of(one) == name]
    if len(by_code) == 1:
        return by_code[0]
    raise UsageError(f"there is no column {shown(name)}", hint=_nearest(name, known))


def _nearest(name: str, known: Sequence[str]) -> str:
    """The columns whose names are like ``name``, else the first of all."""
    folded = {one.casefold(): one for one in known}
    near = [
        folded[one] for one in difflib.get_close_matches(name.casefold()[:64], folded, n=_NEAR, cutoff=0.5)
    ]
    if near:
        return f"Near are: {', '.join(map(shown, near))}"
    return f"There are: {', '.join(map(shown, known[:_FIRST]))}{', ...' if len(known) > _FIRST else ''}"


def ensure_columns(names: Sequence[str]) -> None:
    """Raises UsageError when a name cannot be used, or two are one in the database (contract section 2)."""
    by_column: dict[str, str] = {}
    for name in names:
        _ensure_usable(name)
        column = contract.db_safe(code_of(name))
        if other := by_column.get(column):
            told = f"the column {shown(name)} is asked for twice"
            if other != name:
                told = (
                    f"the columns {shown(other)} and {shown(name)} are one in the database, {shown(column)}"
                )
            raise UsageError(told, hint="Rename or leave out one of them.")
        by_column[column] = name


def free(base: str, taken: Iterable[str]) -> str:
    """``base``, with as many ``_`` behind it as make it another name than those taken."""
    known = frozenset(taken)
    while base in known:
        base += "_"
    return base
