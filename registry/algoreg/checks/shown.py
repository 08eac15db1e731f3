"""What an image showed, in which of its runs: the same question for several ids, asked of the same runs.

These are the base case of every profile, every fault (what leaks does so in a failure most of all) and an unknown
command. Others have run them already, and what one of the runs on special data shows is left to their own families.
"""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import faults
from algoreg.checks import cli, neg
from algoreg.checks.findings import failed
from algoreg.exposure import Exposure, Kind
from algoreg.observation import Step
from algoreg.probe import Probe
from algoreg.report import Finding, passed

_MOST = 10
"""Findings of one check: an image chooses how many files it writes."""


def runs(probe: Probe) -> Iterator[Step]:
    """Every run that is looked through."""
    for trialled in probe.base_case():
        yield from trialled.steps
    every = faults.all_faults(probe.algorithm)
    for _, run in probe.each(every, lambda fault: neg.tried(probe, fault)):
        if run is not None:
            yield run.step
    yield cli.unknown(probe)


def judged(probe: Probe, kinds: tuple[Kind, ...], message: str, expected: str) -> Iterator[Finding]:
    """One FAIL per thing and place, at the first run that shows it; one PASS where nothing is shown."""
    seen: dict[Exposure, list[Step]] = {}
    count = 0
    for step in runs(probe):
        count += 1
        for exposure in step.exposed:
            if exposure.kind in kinds:
                seen.setdefault(exposure, []).append(step)
    if not seen:
        yield passed(message=f"{count} runs looked through")
    for exposure, steps in list(seen.items())[:_MOST]:
        yield failed(
            steps[0],
            f"{message} (in {len(steps)} of {count} runs)",
            expected=expected,
            got=f"{exposure.what}, in {exposure.place}",
        )
