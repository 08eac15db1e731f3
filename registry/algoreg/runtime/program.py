"""The author's package in the world that the caller made for it; every command gets one of these."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoreg.runtime.arguments import Request
from algoreg.runtime.declaration import Declaration
from algoreg.runtime.discretion import Discretion


@dataclass(frozen=True, kw_only=True)
class Program:
    """Who runs, what it declared, what is asked of it, and where."""

    package: str
    """Its ``program`` module has ``estimator(job)``; what else it may have is told in ``algoreg.runtime``."""
    declaration: Declaration
    request: Request
    environ: Mapping[str, str]
    volume: Path
    discretion: Discretion

    def module(self) -> Any:
        """Import the author's module: late, because it imports scikit-learn.

        That takes a second of processor time, an eighth of it in vain looks for garbage.
        """
        gc.disable()
        try:
            return importlib.import_module(f"{self.package}.program")
        finally:
            gc.enable()
