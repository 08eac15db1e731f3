"""The order of blame between families: what must have passed before a later family is judged.

A check whose prerequisite did not pass is skipped, so that one defect gives one id.
"""

from __future__ import annotations

from typing import Final

STATIC: Final = ("meta.arch", "meta.entrypoint", "meta.match", "meta.version", "meta.workdir")
"""What must hold before an image is started."""

BASE: Final = ("out.alignment", "out.pipeline-text")
"""The ends of the ladder: the base case is good."""

HONEST: Final = ("neg.exit-code",)
"""Failures can be seen from outside at all."""

LATE: Final = (
    "cli.no-command",
    "cli.shell-injection",
    "cli.unknown-command",
    "neg.bad-query",
    "neg.diagnostic",
    "neg.missing-env",
    "neg.no-model",
)
"""Everything before the families that look at meaning, repetition and hostile data."""
