"""How the families word a finding about a run, so that every message has the same parts in the same places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from algoreg.observation import Problem, Step, Trialled
from algoreg.report import Finding, Outcome, passed

_LONGEST = 600


def _cut(text: str) -> str:
    """An image chooses its keys and codes, and may choose one of megabytes."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def failed(
    step: Step, message: str, *, expected: str, got: str | None = None, case: str | None = None
) -> Finding:
    """A FAIL seen in a run: its end, its last lines, and the line that reproduces it."""
    return Finding(
        outcome=Outcome.FAIL,
        case=case or step.case,
        message=_cut(step.redacted(message)),
        expected=_cut(step.redacted(expected)),
        got=_cut(step.redacted(step.ended if got is None else got)),
        evidence=step.evidence or None,
        reproduce=step.reproduce or None,
    )


def blamed(base_case: Iterable[Trialled], id: str) -> Iterator[Finding]:
    """One finding per run of the base case: FAIL where ``id`` takes the blame for its first defect."""
    for trialled in base_case:
        problem = trialled.problem
        for step in trialled.steps:
            if problem is not None and problem.step is step and problem.defect.check == id:
                yield about(problem)
            else:
                yield passed(step.case)


def about(problem: Problem, *, case: str | None = None) -> Finding:
    """A FAIL that is the first defect of an experiment, reported under the asking check's id."""
    defect = problem.defect
    return failed(problem.step, defect.message, expected=defect.expected, got=defect.got, case=case)


NO_TWIN = "its positive twin, compute on plain data, did not pass"


def whole(experiment: Trialled, case: str, *, trouble: str) -> Finding:
    """PASS for a good experiment; else FAIL under the asking check, with the run and the rung it broke at."""
    problem = experiment.problem
    if problem is None:
        return passed(case)
    defect = problem.defect
    return failed(
        problem.step,
        f"{trouble}: {defect.message} ({problem.step.case}, {defect.check})",
        expected=defect.expected,
        got=defect.got,
        case=case,
    )
