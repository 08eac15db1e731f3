"""Checks of this plugin, in the form of algoreg's own."""

from __future__ import annotations

from collections.abc import Iterable

from algoreg.check import check
from algoreg.probe import Probe
from algoreg.report import Finding, passed


@check("example.greeting", "it never does", needs=("meta.schema",))
def greeting(probe: Probe) -> Iterable[Finding]:
    """Shows how a plugin adds a check: it asks the probe, and yields what it found.

    Why: A hospital can have rules of its own.
    Fix: There is nothing to fix.
    """
    yield passed(message="seen by the example plugin")


CHECKS = (greeting,)
