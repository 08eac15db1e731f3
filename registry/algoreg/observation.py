"""What was seen of an experiment: its runs, what they left, and the first thing wrong with them.

Values only, and the one rule that several families share: which run.* check takes the blame for a bad end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from algoreg import exposure
from algoreg.databases.protocol import Audit, ResultRow
from algoreg.engines.protocol import Ending, Execution, RunRequest, Snapshot
from algoreg.exposure import Exposure
from algoreg.outputs import Defect
from algoreg.samples.sample import Sample

_EVIDENCE_LINES = 12
_EVIDENCE_CHARACTERS = 4000

FAILURE_CODES = range(1, 125)
"""Codes an image may fail with; above are the engine's and the signals'."""


_SIGNALS = range(1, 65)


def _signal(code: int | None) -> int | None:
    """The signal that an exit code speaks of; 255 is what exit(-1) gives, no signal has such a number."""
    return code - 128 if code is not None and code - 128 in _SIGNALS else None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One run of the algorithm, and the volume around it."""

    case: str
    """The case's name in the report, such as ``train regression``."""
    request: RunRequest = field(repr=False)
    execution: Execution
    before: Mapping[str, bytes] = field(repr=False)
    """The input files that were put for this run."""
    snapshot: Snapshot = field(repr=False)
    """The volume after the run; without content once the run has been judged (but for the base case)."""
    changed: tuple[str, ...] = ()
    """Names in the volume that were not put there, and inputs that are not as they were."""
    reproduce: str = ""
    exposed: tuple[Exposure, ...] = ()
    """What it showed and must not, in its logs, files and rows."""
    refused_packets: int | None = None
    """How often it tried to reach what is not in its pod; None where nobody counted."""
    audit: Audit = field(default_factory=Audit, repr=False)
    """What the experiment did to its databases, up to the end of this run."""

    @property
    def log(self) -> str:
        """What it wrote, as text; untrusted."""
        return self.execution.logs.text

    @property
    def evidence(self) -> str:
        """The last lines it wrote, for a finding; the run's passwords are taken out."""
        lines = self.redacted(self.log).strip().splitlines()
        return "\n".join(lines[-_EVIDENCE_LINES:])[-_EVIDENCE_CHARACTERS:]

    def redacted(self, text: str) -> str:
        """``text`` without the passwords of this run: a report travels further than a log."""
        return exposure.redacted(text, self.request.environment)

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        execution = self.execution
        match execution.ending:
            case Ending.EXITED:
                number = _signal(execution.exit_code)
                return f"exit code {execution.exit_code}" + (f", signal {number}" if number else "")
            case Ending.TIMED_OUT:
                return f"still running after {self.request.timeout_s:g} s"
            case Ending.LOG_OVERFLOW:
                return f"killed after {execution.logs.total:,} bytes of logs"
            case Ending.NOT_STARTED:
                return f"not started: {execution.start_error}"
            case _:
                return str(execution.ending)

    @property
    def failed_properly(self) -> bool:
        """Whether it ended by itself with a code that a failure may have."""
        return self.execution.ending is Ending.EXITED and self.execution.exit_code in FAILURE_CODES

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with code 0."""
        return self.execution.ending is Ending.EXITED and self.execution.exit_code == 0

    def without_content(self) -> Step:
        """The same, names and sizes only: a validation remembers all its runs, and files can be large."""
        entries = tuple(replace(entry, content=None) for entry in self.snapshot.entries)
        audit = replace(self.audit, rows=tuple(row.without_content() for row in self.audit.rows))
        return replace(self, before={}, snapshot=replace(self.snapshot, entries=entries), audit=audit)


def changed_entries(before: Mapping[str, bytes], snapshot: Snapshot) -> tuple[str, ...]:
    """Names in ``snapshot`` that are not in ``before``, and those whose content is not as it was."""
    entries = {entry.name: entry for entry in snapshot.entries}
    modified = {name for name, data in before.items() if name in entries and entries[name].content != data}
    return tuple(sorted((entries.keys() - before.keys()) | modified))


def run_defect(step: Step) -> Defect | None:
    """The first that applies of run.start, run.oom, run.timeout, log.size (killed by us), run.signal, run.exit-code."""
    execution = step.execution
    code = execution.exit_code
    rules: tuple[tuple[bool, str, str, str], ...] = (
        (
            execution.ending is Ending.NOT_STARTED,
            "run.start",
            "the engine cannot start it",
            "a program that starts",
        ),
        (
            execution.oom_killed,
            "run.oom",
            "the memory limit killed a process of it",
            "to fit into resources.memory_mb",
        ),
        (
            execution.ending is Ending.TIMED_OUT,
            "run.timeout",
            "it outlived its deadline",
            f"an end within {step.request.timeout_s:g} s",
        ),
        (
            execution.ending is Ending.UNTOLD,
            "run.timeout",
            "it did not come to an end that was told",
            f"an end within {step.request.timeout_s:g} s",
        ),
        (
            execution.ending is Ending.LOG_OVERFLOW,
            "log.size",
            "it was killed for the size of its logs",
            "at most 64 MiB of logs",
        ),
        (_signal(code) is not None, "run.signal", "it died of a signal", "an end by itself"),
        (code != 0, "run.exit-code", "it failed on plain data", "exit code 0"),
    )
    return next(
        (
            Defect(check=check, message=message, expected=expected, got=step.ended)
            for applies, check, message, expected in rules
            if applies
        ),
        None,
    )


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The first thing wrong in an experiment, and the run it was seen in."""

    step: Step
    defect: Defect


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A train and, when its output could be read, a test."""

    sample: Sample
    train: Step | None = None
    """None for an experiment that only tests."""
    test: Step | None = None
    pipeline: str | None = None
    """The text that train left; None when it could not be read."""
    predictions: Mapping[int, Any] = field(default_factory=dict)
    """Row position -> prediction, of ``predictions.json``; empty when it could not be read."""
    problem: Problem | None = None
    """The first defect of run.* or of the ladder out.*; None for a good experiment."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The runs that took place, in order."""
        return tuple(step for step in (self.train, self.test) if step is not None)

    def without_content(self) -> Experiment:
        """The same without the files of its volumes."""
        problem = self.problem
        return replace(
            self,
            train=self.train and self.train.without_content(),
            test=self.test and self.test.without_content(),
            problem=problem and replace(problem, step=problem.step.without_content()),
        )


@dataclass(frozen=True, kw_only=True)
class Computation:
    """A compute, and the row that it left."""

    sample: Sample
    step: Step
    row: ResultRow | None = None
    """The job's one row with its data; None when there is no such row."""
    problem: Problem | None = None
    """The first defect of run.*, db.results-row, db.shape and, where it was evaluated, pfa.*; None for a good one."""
    outputs: tuple[Any, ...] = ()
    """What its PFA document predicts for the held-out rows without NULL, then for others; empty where not asked."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The run."""
        return (self.step,)

    def without_content(self) -> Computation:
        """The same without files and data; the row's digest stays."""
        problem = self.problem
        return replace(
            self,
            step=self.step.without_content(),
            row=self.row and self.row.without_content(),
            problem=problem and replace(problem, step=problem.step.without_content()),
        )


Trialled = Experiment | Computation
"""What came of a question that is put to every profile of an image."""
