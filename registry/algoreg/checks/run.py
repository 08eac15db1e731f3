"""The run family: does the base case start, live within its limits, end by itself, and end with code 0?

Only the base case is judged here; every other case belongs to its own family.
"""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks.findings import blamed, failed
from algoreg.checks.order import LATE, STATIC
from algoreg.engines.protocol import Ending
from algoreg.probe import Probe
from algoreg.report import Finding, Severity, passed, skipped


@check("run.start", "the engine cannot start it", needs=STATIC)
def start(probe: Probe) -> Iterator[Finding]:
    """The image is started with a declared command, and its program runs at all.

    Why: Chronos reports a task that cannot start as failed without a word of the reason, and Woken waits until
    its time is up.
    Fix: Make the ENTRYPOINT an executable of the image's platform that the image's USER may run, and give a
    script its #! line, or name its interpreter: ["python", "main.py"].
    """
    yield from blamed(probe.base_case(), "run.start")


@check("run.oom", "the memory limit killed a process of it", needs=("run.start",), needs_image=True)
def oom(probe: Probe) -> Iterator[Finding]:
    """No process of the base case, children included, is killed at the declared memory limit.

    Why: Mesos kills at the same limit, and a killed child can leave a half result behind a code of 0.
    Fix: Use less memory, or declare what is needed in resources.memory_mb.
    """
    yield from blamed(probe.base_case(), "run.oom")


@check("run.timeout", "it outlived its deadline", needs=("run.oom",))
def timeout(probe: Probe) -> Iterator[Finding]:
    """The base case ends within resources.timeout_s.

    Why: Woken gives up after a day; until then the experiment's slot and the person behind it wait.
    Fix: Bound the work, close what keeps the process alive (threads, connections), or declare a longer
    resources.timeout_s.
    """
    yield from blamed(probe.base_case(), "run.timeout")


@check("run.signal", "it died of a signal that is not ours", needs=("run.timeout",))
def signal(probe: Probe) -> Iterator[Finding]:
    """The base case ends by itself, not by a signal (code 128 + n).

    Why: A crash gives Woken no message to show, and looks like a fault of the cluster.
    Fix: Find the crash (a native library, kill in a script) and end with a code from 0 to 124.
    """
    yield from blamed(probe.base_case(), "run.signal")


@check("run.exit-code", "the base case ends in another code than 0", needs=("run.signal",))
def exit_code(probe: Probe) -> Iterator[Finding]:
    """On plain data, train, test and compute end with code 0.

    Why: The exit code is all that Chronos sees: anything but 0 is a failed job, whatever was written.
    Fix: Read the last lines of the log; end with 0 exactly when the declared output was written.
    """
    for trialled in probe.base_case():
        if trialled.problem is not None and trialled.problem.defect.check == "log.size":
            yield skipped("it was killed for the size of its logs, see log.size", blocking=True)
        else:
            yield from blamed([trialled], "run.exit-code")


@check("run.sigterm", "a run stopped by SIGTERM outlived it by 10 s", needs=LATE)
def sigterm(probe: Probe) -> Iterator[Finding]:
    """While the science database makes it wait, the run is sent SIGTERM, and ends within 10 s.

    Why: Woken kills jobs through Chronos, which sends SIGTERM first; what outlives it is killed without
    cleaning up, and holds its slot until then.
    Fix: Use exec in a shell entrypoint so that the program gets the signal, and do not ignore it.
    """
    for command, step in probe.each(probe.algorithm.working_commands, probe.interrupted):
        case = f"{command} stopped by SIGTERM"
        match step.execution.ending:
            case Ending.OUTLIVED_SIGTERM:
                yield failed(
                    step,
                    "it lived on after SIGTERM",
                    expected=f"an end within {contract.SIGTERM_GRACE_S:g} s of SIGTERM",
                    case=case,
                )
            case Ending.STOPPED:
                yield passed(case)
            case _:
                yield skipped(f"it could not be stopped midway ({step.ended})", case)


@check(
    "run.pids",
    "it reached the process limit",
    needs=("run.exit-code",),
    severity=Severity.WARNING,
    needs_image=True,
)
def pids(probe: Probe) -> Iterator[Finding]:
    """The base case stays below 256 processes and threads, as far as samples can tell.

    Why: At the limit, fork fails at random places, so that results depend on how busy the machine is.
    Fix: Bound the pools of workers and threads (OMP_NUM_THREADS, n_jobs).
    """
    for step in (step for trialled in probe.base_case() for step in trialled.steps):
        peak = step.execution.pids_peak
        if peak is not None and peak >= contract.PIDS_LIMIT:
            yield failed(
                step,
                "it reached the process limit",
                expected=f"fewer than {contract.PIDS_LIMIT} processes",
                got=f"{peak} processes",
            )
        else:
            yield passed(step.case, "" if peak is None else f"at most {peak} processes seen")


CHECKS: tuple[Check, ...] = (exit_code, oom, pids, signal, sigterm, start, timeout)
