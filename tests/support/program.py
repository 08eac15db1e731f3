"""The program as a person starts it: a subprocess, its two streams and its exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from algoreg.engines.keeper import SHARED_MEMORY

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


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL, under another user, can pass, in memory where there is some: on a busy disk
    it takes longer to copy its databases than it has.
    """
    memory = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="test", dir=memory) as name:
        Path(name).chmod(0o755)
        yield Path(name)
