"""The neg family: faults are injected on purpose, and the image must fail, visibly and for the right reason.

Each case has a positive twin: the base case, which passed before, differs from it in the fault alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract, faults
from algoreg.check import Check, check
from algoreg.checks.findings import NO_TWIN, failed
from algoreg.checks.order import BASE, HONEST
from algoreg.faults import Fault
from algoreg.probe import FaultyRun, Probe
from algoreg.report import Finding, passed, skipped


def judged(probe: Probe, id: str) -> Iterator[Finding]:
    """Every fault that ``id`` answers for."""
    mine = [fault for fault in faults.all_faults(probe.algorithm) if fault.check == id]
    if not mine:
        yield skipped("no case of it applies to what the metadata declare")
    for fault, run in probe.each(mine, lambda fault: tried(probe, fault)):
        if run is None:
            yield skipped(NO_TWIN, fault.case)
        else:
            yield _unnoticed(run) or passed(fault.case, run.step.ended)


def tried(probe: Probe, fault: Fault) -> FaultyRun | None:
    """The run; None where the same command on good input is not known to be good."""
    if fault.command == contract.COMPUTE and probe.base_computation().problem is not None:
        return None
    return probe.faulty(fault)


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
    declared = {contract.TRAIN: contract.INPUT_TEST, contract.TEST: contract.PREDICTIONS}.get(fault.command)
    if declared is not None and declared in step.changed:
        return failed(
            step,
            "it left a result beside its non-zero code",
            expected=f"no {declared}",
            got=f"{declared}, {step.ended}",
        )
    return None


@check("neg.exit-code", "an injected fault ends with code 0", needs=BASE)
def exit_code(probe: Probe) -> Iterator[Finding]:
    """With an absent or unreadable input, a missing key, no row, an undescribed column or a parameter of another
    type, the run ends with a code from 1 to 124 and leaves no result.

    Why: Chronos and Woken know a failure by the exit code alone. An image of the platform lost its errors in
    an entrypoint of two if blocks: a failing train ended with 0, and test was run on nothing.
    Fix: Let the program's own code through: exec in a shell entrypoint, no pipe (| tee), no command after it,
    no except that swallows.
    """
    yield from judged(probe, "neg.exit-code")


@check("neg.no-model", "test succeeds without its model", needs=HONEST, command=contract.TEST)
def no_model(probe: Probe) -> Iterator[Finding]:
    """test refuses an input without pipeline, with half of its text, or with Python code in its place, and does not
    evaluate that code.

    Why: Predictions that do not come from the trained model are worse than none: they look right.
    Fix: Parse the text strictly, rebuild from a fixed table of classes, and refuse anything else.
    """
    yield from judged(probe, "neg.no-model")


@check("neg.missing-env", "PARAM_meta or all IN_* are absent and it succeeds", needs=HONEST)
def missing_env(probe: Probe) -> Iterator[Finding]:
    """Without PARAM_meta, or without any IN_* variable, train and compute fail.

    Why: Defaults that stand in for what the caller did not say make a wrong job look like a good one.
    Fix: Read each variable by name and fail with that name when it is absent.
    """
    yield from judged(probe, "neg.missing-env")


@check("neg.bad-query", "a database error is swallowed", needs=HONEST)
def bad_query(probe: Probe) -> Iterator[Finding]:
    """An absent table or column, a closed port and a wrong password each make train and compute fail.

    Why: An exception that becomes an empty data set becomes a model of nothing.
    Fix: Do not catch database errors, or end with a non-zero code after reporting them.
    """
    yield from judged(probe, "neg.bad-query")


@check("neg.diagnostic", "the logs do not name the cause", needs=HONEST)
def diagnostic(probe: Probe) -> Iterator[Finding]:
    """Where a fault made the run fail, its logs (and the error of a compute's row) name the cause: the file, key,
    variable, column, parameter, ...

    Why: The logs are what the operator of a hospital has; "failed" alone starts a search through five systems.
    Fix: Print the cause on standard error, and do not send it to a file only.
    """
    every = faults.all_faults(probe.algorithm)
    for fault, run in probe.each(every, lambda fault: tried(probe, fault)):
        if run is None:
            yield skipped(NO_TWIN, fault.case)
        elif not run.step.failed_properly:
            yield skipped(f"see {fault.check}", fault.case)
        else:
            yield _unsaid(run) or passed(fault.case)


def _unsaid(run: FaultyRun) -> Finding | None:
    """A FAIL where the logs, or the error of a compute's row, do not name the cause."""
    step, fault = run.step, run.fault
    places = [("the logs", step.log)]
    # Whether there is such a row is asked by db.results-row
    places += [("the row's error", row.error) for row in step.audit.rows if row.error]
    for place, text in places:
        if not fault.shown_in(text, run.setting):
            wanted = " or ".join(dict.fromkeys(one.token for one in fault.evidence(run.setting)))
            return failed(
                step,
                "it failed without saying why",
                expected=f"{place} to say {wanted}",
                got=f"{step.ended}, {len(text.encode()):,} bytes of {place.removeprefix('the ')} without it",
            )
    return None


CHECKS: tuple[Check, ...] = (bad_query, diagnostic, exit_code, missing_env, no_model)
