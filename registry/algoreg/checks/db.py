"""The db family: what compute writes into job_result, and what any command tries on the two databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg import contract, faults, rows
from algoreg.check import Check, check
from algoreg.checks import shown
from algoreg.checks.findings import about, failed
from algoreg.checks.order import LATE
from algoreg.databases.protocol import Role, Statement
from algoreg.exposure import Kind
from algoreg.observation import Problem, Step
from algoreg.probe import FaultyRun, Probe
from algoreg.report import Finding, passed, skipped

_CHANGES = "permission denied for table job_result"
"""PostgreSQL's words for an UPDATE, DELETE, TRUNCATE or upsert by a role that may INSERT and SELECT."""
_MOST = 5
_DEFINES = re.compile(r"\s*(create|alter|drop|grant|revoke|comment|lock|reindex)\b", re.IGNORECASE)
_READS = re.compile(
    r"\s*((select|values|table|show|set|reset)\b|with\b(?!.*\b(insert|update|delete|merge)\b))",
    re.IGNORECASE | re.DOTALL,
)
"""Reading, as far as its first word tells; a WITH can hold a change anywhere."""


def _failures(probe: Probe) -> Iterator[FaultyRun]:
    """Computes with a fault that ended as a failure must."""
    mine = [f for f in faults.all_faults(probe.algorithm) if f.command == contract.COMPUTE]
    for _, run in probe.each(mine, probe.faulty):
        if run.step.failed_properly:
            yield run


def _judged(probe: Probe, id: str) -> Iterator[Finding]:
    """The row of the base case, and those of failures, under the id that takes the blame."""
    base = probe.base_computation()
    if base.problem is not None:
        mine = base.problem.defect.check == id
        yield about(base.problem) if mine else skipped(f"see {base.problem.defect.check}", base.step.case)
        return
    yield passed(base.step.case)
    for run in _failures(probe):
        defect = rows.failure_defect(run.step.audit.rows, probe.expectation(run))
        if defect is not None and defect.check == id:
            yield about(Problem(step=run.step, defect=defect))
        else:
            yield passed(run.fault.case)


@check(
    "db.results-row",
    "there is not exactly one row that says what came of the job",
    needs=LATE,
    command=contract.COMPUTE,
)
def results_row(probe: Probe) -> Iterator[Finding]:
    """compute leaves exactly one row in job_result, under its own JOB_ID, NODE and function: with data and no error
    after a success, with an error and no data after a failure.

    Why: Woken polls the table for this row. Without one the person waits until a time-out; with two, reading the
    result raises an exception.
    Fix: Insert one row in one transaction, committed before the end with code 0; on failure one with the message
    in error, then end with a code from 1 to 124.
    """
    yield from _judged(probe, "db.results-row")


@check("db.shape", "the row is not of its shape", needs=("db.results-row",), command=contract.COMPUTE)
def shape(probe: Probe) -> Iterator[Finding]:
    """The column shape holds an identifier of the declared result, and data are of that shape; a failure's row has
    the error shape. What a PFA document holds is judged by pfa.* alone.

    Why: Woken chooses the reader of a result by this text; an unknown one raises an exception instead of an answer.
    Fix: Write the identifier of the contract's table, and data that its format's own schema accepts.
    """
    yield from _judged(probe, "db.shape")


def _attempts(probe: Probe, wanted: Role, words: str, expected: str) -> Iterator[Finding]:
    """One FAIL per run that tried something, the first few; one PASS where none did."""
    count, tried = 0, []
    for step in (*shown.runs(probe), *_federated_steps(probe)):
        count += 1
        noted = [one for one in step.audit.statements if one.role is wanted and _class_of(one) == words]
        tried += [_attempt(step, noted[0], expected)] if noted else []
    yield from tried[:_MOST] or [passed(message=f"{count} runs looked through")]


def _federated_steps(probe: Probe) -> Iterator[Step]:
    if probe.algorithm.federated and probe.base_computation().problem is None:
        for _, part in probe.parts():
            yield part.step
        if all(part.problem is None for _, part in probe.parts()):
            yield probe.aggregate().step


def _attempt(step: Step, statement: Statement, expected: str) -> Finding:
    what = "denied" if statement.denied else "carried out"
    detail = f" ({statement.denied})" if statement.denied else ""
    return failed(
        step,
        f"it tried what its role is not for, and was {what}",
        expected=expected,
        got=f"{' '.join(statement.text.split())[:200]}{detail}",
    )


def _class_of(statement: Statement) -> str:
    """The check that answers for a noted statement; empty for reading where nothing may be read."""
    if statement.role is Role.SCIENCE:
        reads = statement.denied and _READS.match(statement.text) and "function" not in statement.denied
        return "" if reads else "db.science-write"
    changes = statement.denied == _CHANGES and not _DEFINES.match(statement.text)
    return "db.results-foreign" if changes else "db.privilege"


@check("db.science-write", "it tried to change the science database", needs=LATE)
def science_write(probe: Probe) -> Iterator[Finding]:
    """On the science database no run of the base case sends anything but reading and settings. PostgreSQL's own log is
    the witness, also of what it denied.

    Why: These are the hospital's patients, and other algorithms read the same tables at the same time.
    Fix: Keep intermediate tables in memory; open the connection read only.
    """
    yield from _attempts(
        probe, Role.SCIENCE, "db.science-write", "nothing but SELECT, SHOW and SET on the science database"
    )


@check("db.results-foreign", "it touched another job's result", needs=("db.results-row",))
def results_foreign(probe: Probe) -> Iterator[Finding]:
    """No run tries to change or delete rows of job_result, and none shows the result of a job that it was not given.

    Why: The table holds everybody's results; a clean-up of one's own has deleted those of others.
    Fix: Only INSERT your own row, without ON CONFLICT DO UPDATE; read rows by the job ids of --job-ids alone.
    """
    yield from _attempts(probe, Role.RESULTS, "db.results-foreign", "INSERT and SELECT of its own rows only")
    yield from shown.judged(
        probe, (Kind.FOREIGN,), "it shows the result of another job", "to read no row that it was not given"
    )


@check("db.privilege", "it tried more than to store a result", needs=("db.results-row",))
def privilege(probe: Probe) -> Iterator[Finding]:
    """On the results database no run tries to define or drop anything, to use files or programs of the server, or to
    change roles and sessions.

    Why: The table's owner and its migrations are Woken's; what an algorithm creates there breaks the next release.
    Fix: Expect job_result to exist, and use it as it is.
    """
    yield from _attempts(probe, Role.RESULTS, "db.privilege", "INSERT into and SELECT from job_result")


CHECKS: tuple[Check, ...] = (privilege, results_foreign, results_row, science_write, shape)
