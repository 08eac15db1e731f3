"""Waiting mode, of the cap family: what is executed in a container that waits is as good as what is run."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract, faults
from algoreg.check import check
from algoreg.checks.det import as_base
from algoreg.checks.findings import failed
from algoreg.checks.order import LATE
from algoreg.engines.protocol import Ending
from algoreg.observation import Step
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, passed
from algoreg.vigil import Vigil

_KILLED = (Ending.TIMED_OUT, Ending.LOG_OVERFLOW)
"""How a command ends that can be ended only with its container, by us."""
_NAMED = 5


@check(
    "cap.wait",
    "waiting mode dies, leaves zombies, returns other codes or outlives SIGTERM",
    # What it does not do in a container of its own, it cannot do in one that waits
    needs=(*LATE, "det.fresh", "run.sigterm"),
    needs_image=True,
    command=contract.WAIT,
)
def wait(probe: Probe) -> Iterator[Finding]:
    """docker run -d IMAGE wait stays up. Train and test, executed in it with docker exec and the image's ENTRYPOINT,
    do what they do in containers of their own, twice and with a failing train in between: the same predictions, the
    same codes. No zombie is left, and the container ends within 10 s of SIGTERM.

    Why: An interactive session keeps one container and executes its commands there: one that dies, clogs or cannot be
    stopped takes the session with it.
    Fix: Let wait do nothing but wait for SIGTERM and for its children; keep no state between commands; do not declare
    it where the program has no such mode.
    """
    (fault, *_) = faults.key_faults()
    vigil = probe.waiting(fault)
    for finding in _findings(probe, vigil, fault):
        yield finding
        if finding.outcome is Outcome.FAIL:
            return


def _findings(probe: Probe, vigil: Vigil, fault: faults.Fault) -> Iterator[Finding]:
    """In the order of blame; what follows the first FAIL may be its consequence."""
    yield _stays(vigil)
    yield _leaves_nothing(vigil)
    for experiment in (vigil.first, vigil.again):
        if experiment is not None:
            yield as_base(probe, experiment, experiment.steps[-1].case, "executed in a container that waits")
    if vigil.refused is not None:
        yield _same_code(vigil.refused, probe.faulty(fault).step)
    yield _ends(vigil.wait)


def _stays(vigil: Vigil) -> Finding:
    case, wait = "wait stays up", vigil.wait
    killed = any(step.execution.ending in _KILLED for step in vigil.steps)
    if wait.execution.ending is Ending.EXITED and not killed:
        return failed(
            wait,
            "waiting mode ended by itself",
            expected="a container that stays up until SIGTERM",
            case=case,
        )
    if wait.execution.oom_killed:
        return failed(
            wait,
            "the memory limit killed a process in the container that waits",
            expected="to fit into resources.memory_mb, whatever was executed before",
            case=case,
        )
    return passed(case)


def _leaves_nothing(vigil: Vigil) -> Finding:
    case = "wait leaves no zombie"
    if not vigil.zombies:
        return passed(case)
    return failed(
        vigil.wait,
        "zombies are left in the container that waits",
        expected="every process that ends is waited for",
        got=f"{len(vigil.zombies)}, such as {', '.join(vigil.zombies[:_NAMED])} (number and name)",
        case=case,
    )


def _same_code(executed: Step, run: Step) -> Finding:
    if executed.succeeded or executed.execution.exit_code != run.execution.exit_code:
        return failed(
            executed,
            "executed in a container that waits, a failure has another code",
            expected=f"{run.ended}, as when it is run",
        )
    return passed(executed.case)


def _ends(wait: Step) -> Finding:
    case = "wait stopped by SIGTERM"
    if wait.execution.ending is Ending.OUTLIVED_SIGTERM:
        return failed(
            wait,
            "waiting mode lives on after SIGTERM",
            expected=f"an end within {contract.SIGTERM_GRACE_S:g} s of SIGTERM",
            case=case,
        )
    return passed(case)
