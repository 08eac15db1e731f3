"""The program as a person starts it: a subprocess, its two streams and its exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
ALGOREG = str(Path(sys.executable).with_name("algoreg"))


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    def report(self) -> dict[str, Any]:
        """Standard output as one JSON document."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def failed(self) -> set[str]:
        """Ids with a FAIL in the only target of a JSON report."""
        (target,) = self.report()["targets"]
        return {entry["id"] for entry in target["checks"] if entry["outcome"] == "FAIL"}


Run = Callable[..., Result]
