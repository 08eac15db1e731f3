"""algoreg: a registry of containerised algorithms, and the checker that proves an image keeps its contract.

Plugin authors need one name from here, ``hookimpl``; everything else is in the modules.
"""

from __future__ import annotations

import pluggy

__version__ = "0.1.0"

hookimpl = pluggy.HookimplMarker("algoreg")
"""Marks a plugin's function as the implementation of a hook of ``algoreg.hookspecs``."""
