"""What Chronos would make of a document that it does not refuse and does not understand either."""

from __future__ import annotations

from typing import Any

from algoreg.export.jobs.model import ChronosVersion
from algoreg.export.remarks import Remark


def remarks(document: Any, version: ChronosVersion, *, origin: str) -> tuple[Remark, ...]:
    """Everything that this version of Chronos would misread or refuse, in the order of the schema."""
    return ()
