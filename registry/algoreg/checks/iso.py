"""The iso family: the image touches nothing but what it was given to touch."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks.findings import failed
from algoreg.checks.order import LATE
from algoreg.observation import Step
from algoreg.probe import Probe
from algoreg.report import Finding, passed


def _untouched(step: Step) -> Finding:
    for name, data in step.before.items():
        entry = step.snapshot.get(name)
        if entry is None or entry.content != data:
            state = "gone" if entry is None else f"a {entry.kind} of {entry.size:,} bytes"
            return failed(
                step,
                f"{name} is not as it was",
                expected=f"{len(data):,} bytes unchanged",
                got=f"{name} is {state}",
            )
    return passed(step.case)


@check("iso.input-modified", "it changed its input file", needs=LATE, command=contract.TRAIN)
def input_modified(probe: Probe) -> Iterator[Finding]:
    """train leaves input_training.json as it was, byte for byte, and test leaves input_test.json.

    Why: The input is the record of what was asked; changed, an experiment cannot be repeated or audited.
    Fix: Open it for reading only, and write the output under its own name.
    """
    for step in probe.base().steps:
        yield _untouched(step)


CHECKS: tuple[Check, ...] = (input_modified,)
