"""The log family: what an image writes about itself stays within bounds."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg.check import Check, check
from algoreg.checks.findings import failed
from algoreg.contract import LOG_MAX_BYTES
from algoreg.engines.protocol import Ending
from algoreg.probe import Probe
from algoreg.report import Finding, passed


@check("log.size", "it writes over 64 MiB of logs", needs=("run.start",))
def size(probe: Probe) -> Iterator[Finding]:
    """No run of the base case writes more than 64 MiB to standard output and error.

    Why: Mesos keeps the logs of every task on the disk that the database uses, too.
    Fix: Log what a person can read; take progress bars and debug levels out of the image.
    """
    for step in (step for trialled in probe.base_case() for step in trialled.steps):
        if step.execution.ending is Ending.LOG_OVERFLOW:
            yield failed(
                step,
                "it was killed for the size of its logs",
                expected=f"at most {LOG_MAX_BYTES >> 20} MiB",
                got=f"{step.execution.logs.total:,} bytes when it was killed",
            )
        else:
            yield passed(step.case)


CHECKS: tuple[Check, ...] = (size,)
