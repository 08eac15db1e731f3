"""The hooks a plugin may implement, and nothing else; ``plugins`` finds and calls them.

A plugin is a distribution with an entry point in the group ``algoreg`` that names a module. Each function of that
module that is marked with ``algoreg.hookimpl`` answers the hook of the same name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from algoreg.check import Check

hookspec = pluggy.HookspecMarker("algoreg")


@hookspec
def algoreg_algorithms() -> list[Path]:  # type: ignore[empty-body]
    """The ``algorithm.yaml`` of every algorithm of the plugin, each in the folder of its runnable package."""


@hookspec
def algoreg_checks() -> list[Check]:  # type: ignore[empty-body]
    """Checks beyond those of the contract; they add findings and change none."""
