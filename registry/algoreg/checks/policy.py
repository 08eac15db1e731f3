"""The policy family: what the platform asks of an image beyond the contract's letter; warnings only."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg.basecase import root_change
from algoreg.check import Check, check
from algoreg.checks.findings import failed
from algoreg.checks.order import LATE
from algoreg.probe import Probe
from algoreg.report import Finding, Severity, passed


@check(
    "policy.rootfs-write",
    "it works only with a writable root file system",
    needs=LATE,
    severity=Severity.WARNING,
    needs_image=True,
)
def rootfs_write(probe: Probe) -> Iterator[Finding]:
    """The base case works with a read-only root file system. Where it does not, and does with a writable one, all other
    checks are made with that, and the first path that it wrote is named.

    Why: What a run leaves in its root is lost with the container, and Woken's operators mount it read only.
    Fix: Write temporary files to /tmp, set HOME and caches (MPLCONFIGDIR, XDG_CACHE_HOME, ...) to a folder there.
    """
    for trialled in probe.base_case():
        path = root_change(trialled)
        step = trialled.steps[0]
        if path is None:
            yield passed(step.case)
        else:
            yield failed(
                step,
                "it works only with a writable root file system",
                expected="writing to /tmp, /dev/shm and the volume only",
                got=f"it changed {path}, and fails where it cannot",
            )


CHECKS: tuple[Check, ...] = (rootfs_write,)
