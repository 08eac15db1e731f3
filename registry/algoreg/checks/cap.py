"""The cap family: does the image do what its metadata declare?"""

from __future__ import annotations

from collections.abc import Iterator

from algoreg.check import Check, check
from algoreg.checks.findings import whole
from algoreg.checks.order import LATE
from algoreg.probe import Probe, Trial
from algoreg.report import Finding, skipped


@check("cap.task", "a declared task is refused, or done as the other task", needs=LATE)
def task(probe: Probe) -> Iterator[Finding]:
    """Every declared task other than the base case's is done on plain data: numbers for a regression, codes for a
    classification.

    Why: Woken offers the algorithm for every variable that its tasks allow.
    Fix: Choose the task by the variable's type in PARAM_meta, or do not declare it.
    """
    others = [name for name in probe.algorithm.base_tasks if name != probe.base_task]
    if not others:
        yield skipped("one task is declared, and the base case tried it")
    for name, experiment in probe.each(others, lambda name: probe.trial(Trial(task=name))):
        yield whole(experiment, name, trouble=f"{name} is declared and not done")


CHECKS: tuple[Check, ...] = (task,)
