"""What a row of the table of misreadings is made of: a place, a rule that it breaks, and what Chronos does then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from algoreg.export.jobs.model import ChronosVersion
from algoreg.export.remarks import Severity

REQUIRED: Final = "required"
UNKNOWN: Final = "additionalProperties"
TWICE: Final = "twice"
BOTH: Final = "both"
SYNTAX: Final = "syntax"
PLACEHOLDER: Final = "placeholder"
NETWORK: Final = "network"
"""Keywords: an absent key, one that is not known, a name given twice, keys that exclude each other, no JSON, what
stands for a password, and a network that is not joined."""

ANY: Final = "*"
"""Any place."""
NULL, BOOLEAN, NUMBER, NUMERIC, NO_AMOUNT, TEXT, ARRAY, OBJECT, EMPTY = (
    "null",
    "boolean",
    "number",
    "text of a number above zero",
    "text of zero or less",
    "text",
    "array",
    "object",
    "empty object",
)
"""Kinds of value."""
NO_TEXTS: Final = (ARRAY, OBJECT, EMPTY)
TEXTS: Final = (NUMERIC, NO_AMOUNT, TEXT)

V3: Final = (ChronosVersion.V3,)
V2_5: Final = (ChronosVersion.V2_5,)
AMOUNTS: Final = ("cpus", "mem", "disk")
FAILS: Final = "Chronos answers with status 500 and a Java exception, and takes no job"


@dataclass(frozen=True, kw_only=True)
class Misreading:
    """One row."""

    id: str
    at: tuple[str, ...]
    keywords: tuple[str, ...]
    got: tuple[str, ...]
    """Kinds of the value that stands there; none: whatever it is."""
    versions: tuple[ChronosVersion, ...]
    consequence: str
    severity: Severity


def row(
    id: str,
    at: str | tuple[str, ...],
    keywords: str | tuple[str, ...],
    consequence: str,
    *,
    got: tuple[str, ...] = (),
    versions: tuple[ChronosVersion, ...] = tuple(ChronosVersion),
    severity: Severity = Severity.ERROR,
) -> Misreading:
    """A row, in the order in which it is read: id, place, what is broken, what comes of it."""
    return Misreading(
        id=f"job.{id}",
        at=(at,) if isinstance(at, str) else at,
        keywords=(keywords,) if isinstance(keywords, str) else keywords,
        got=got,
        versions=versions,
        consequence=consequence,
        severity=severity,
    )
