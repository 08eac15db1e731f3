"""The iso family: the image touches nothing but what it was given to touch."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks.findings import failed
from algoreg.checks.order import LATE
from algoreg.observation import Step
from algoreg.probe import Probe
from algoreg.report import Finding, passed, skipped


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


@check("iso.network", "it tried to reach more than its databases", needs=LATE, needs_image=True)
def network(probe: Probe) -> Iterator[Finding]:
    """In the base case nothing is sent to anywhere but the two databases: no connection, no datagram, no look-up of a
    name, IPv6 included. The network of the run leads nowhere, and its kernel counts what found no way out.

    Why: A hospital's network is closed: what fetches a model or sends statistics fails there, or gives patients away.
    Fix: Put everything into the image, switch telemetry and version checks off, use the host names as they are given.
    """
    for step in (step for trialled in probe.base_case() for step in trialled.steps):
        if step.refused_packets is None:
            yield skipped("this engine does not count packets", step.case)
        elif step.refused_packets:
            yield failed(
                step,
                "it tried to reach something that is not its database",
                expected="no packet to anywhere else",
                got=f"packets without a way out: {step.refused_packets} (a look-up of a name is two)",
            )
        else:
            yield passed(step.case)


CHECKS: tuple[Check, ...] = (input_modified, network)
