"""Writes the generated parts of ``docs/automl.md`` and its plots; the prose between them is a person's.

A part stands between ``<!-- automl: NAME -->`` and ``<!-- automl: end -->``; what was there before is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.automl import findings, parts, pictures, records, setting
from benchmarks.automl.findings import Board

from algoreg import files
from algoreg.errors import UsageError

END: Final = "<!-- automl: end -->"
PARTS: Final[Mapping[str, Callable[[Sequence[Board]], str]]] = {
    "data": setting.data,
    "contenders": setting.contenders,
    "results": parts.results,
    "duels": parts.duels,
    "overall": parts.overall,
    "balanced": parts.balanced,
    "models": parts.models,
    "cost": setting.cost,
    "origin": setting.origin,
}
"""Name -> what makes the Markdown of it."""


def write(folder: Path, document: Path) -> None:
    """From the records of ``folder``. A document that is not there is begun. Raises UsageError."""
    boards = findings.boards(records.read_all(folder))
    text = _read(document)
    for name, make in PARTS.items():
        text = replaced(text, name, make(boards))
    pictures.differences(document.with_name(f"{document.stem}-differences.svg"), boards)
    pictures.costs(document.with_name(f"{document.stem}-cost.svg"), boards)
    files.write(document, text)


def _read(document: Path) -> str:
    if not document.exists():
        return "\n".join(f"{_begin(name)}\n{END}\n" for name in PARTS)
    try:
        return document.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {document.name}: {error}") from error


def _begin(name: str) -> str:
    return f"<!-- automl: {name} -->"


def replaced(text: str, name: str, part: str) -> str:
    """``text`` with another part of this name. Raises UsageError unless its place is there, once."""
    place = re.compile(f"{re.escape(_begin(name))}\n.*?{re.escape(END)}", re.DOTALL)
    count = len(place.findall(text))
    if count != 1:
        raise UsageError(
            f"expected one part {name} in the document, got {count}",
            hint=f"Write {_begin(name)} on a line, and {END} on one below it.",
        )
    made = f"{_begin(name)}\n\n{part.strip()}\n\n{END}"
    return place.sub(lambda _: made, text)
