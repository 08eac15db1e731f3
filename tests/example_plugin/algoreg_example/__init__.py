"""A plugin outside the tree: what it has to say to the registry.

The image's program imports this module, too, so what only the registry needs is imported inside the hooks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from algoreg import hookimpl

if TYPE_CHECKING:
    from algoreg.check import Check


@hookimpl
def algoreg_algorithms() -> list[Path]:
    """Where the algorithm's metadata lies."""
    return [Path(__file__).with_name("algorithm.yaml")]


@hookimpl
def algoreg_checks() -> list[Check]:
    """A check beyond those of the contract."""
    from algoreg_example.checks import CHECKS

    return list(CHECKS)
