"""The neg family: faults are injected on purpose, and the image must fail, visibly and for the right reason.

Each case has a positive twin: the base case, which passed before, differs from it in the fault alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract, faults
from algoreg.check import Check, check
from algoreg.checks.findings import failed
from algoreg.checks.order import BASE, HONEST
from algoreg.faults import Fault
from algoreg.probe import FaultyRun, Probe
from algoreg.report import Finding, passed, skipped


def _faults(probe: Probe) -> tuple[Fault, ...]:
    return (*faults.train_faults(probe.algorithm), *faults.test_faults())


def _unnoticed(run: FaultyRun) -> Finding | None:
    """A FAIL when the fault had no visible consequence; None when it failed as it should."""
    step, fault = run.step, run.fault
    if step.snapshot.get(run.setting.canary) is not None:
        return failed(
            step,
            "the text in place of the pipeline was evaluated as code",
            expected="a refusal",
            got="the file that the code would create is in the volume",
        )
    if not step.failed_properly:
        return failed(step, "it did not fail", expected="exit code 1 to 124")
    declared = contract.PREDICTIONS if fault.command == contract.TEST else contract.INPUT_TEST
    if declared in step.changed:
        return failed(
            step,
            "it left a result beside its non-zero code",
            expected=f"no {declared}",
            got=f"{declared}, {step.ended}",
        )
    return None


def _judge(probe: Probe, id: str) -> Iterator[Finding]:
    """Every fault that ``id`` answers for."""
    mine = [fault for fault in _faults(probe) if fault.check == id]
    for fault, run in probe.each(mine, probe.faulty):
        yield _unnoticed(run) or passed(fault.case, run.step.ended)


@check("neg.exit-code", "an injected fault ends with code 0", needs=BASE)
def exit_code(probe: Probe) -> Iterator[Finding]:
    """With an absent or unreadable input, a missing key, no row, an undescribed column or a parameter of another
    type, the run ends with a code from 1 to 124 and leaves no result.

    Why: Chronos and Woken know a failure by the exit code alone. The thesis lost its errors in an entrypoint of
    two if blocks: a failing train ended with 0, and test was run on nothing.
    Fix: Let the program's own code through: exec in a shell entrypoint, no pipe (| tee), no command after it,
    no except that swallows.
    """
    yield from _judge(probe, "neg.exit-code")


@check("neg.no-model", "test succeeds without its model", needs=HONEST)
def no_model(probe: Probe) -> Iterator[Finding]:
    """test refuses an input without pipeline, with half of its text, or with Python code in its place, and does not
    evaluate that code.

    Why: Predictions that do not come from the trained model are worse than none: they look right.
    Fix: Parse the text strictly, rebuild from a fixed table of classes, and refuse anything else.
    """
    yield from _judge(probe, "neg.no-model")


@check("neg.missing-env", "PARAM_meta or all IN_* are absent and it succeeds", needs=HONEST)
def missing_env(probe: Probe) -> Iterator[Finding]:
    """Without PARAM_meta, or without any IN_* variable, train fails.

    Why: Defaults that stand in for what the caller did not say make a wrong job look like a good one.
    Fix: Read each variable by name and fail with that name when it is absent.
    """
    yield from _judge(probe, "neg.missing-env")


@check("neg.bad-query", "a database error is swallowed", needs=HONEST)
def bad_query(probe: Probe) -> Iterator[Finding]:
    """An absent table or column, a closed port and a wrong password each make train fail.

    Why: An exception that becomes an empty data set becomes a model of nothing.
    Fix: Do not catch database errors, or end with a non-zero code after reporting them.
    """
    yield from _judge(probe, "neg.bad-query")


@check("neg.diagnostic", "the logs do not name the cause", needs=HONEST)
def diagnostic(probe: Probe) -> Iterator[Finding]:
    """Where a fault made the run fail, its logs name the cause: the file, key, variable, column, parameter, ...

    Why: The logs are what the operator of a hospital has; "failed" alone starts a search through five systems.
    Fix: Print the cause on standard error, and do not send it to a file only.
    """
    for fault, run in probe.each(_faults(probe), probe.faulty):
        if not run.step.failed_properly:
            yield skipped(f"see {fault.check}", fault.case)
        elif fault.shown_in(run.step.log, run.setting):
            yield passed(fault.case)
        else:
            wanted = " or ".join(dict.fromkeys(one.token for one in fault.evidence(run.setting)))
            yield failed(
                run.step,
                "it failed without saying why",
                expected=f"the logs to say {wanted}",
                got=f"{run.step.ended}, {run.step.execution.logs.total:,} bytes of logs without it",
            )


CHECKS: tuple[Check, ...] = (bad_query, diagnostic, exit_code, missing_env, no_model)
