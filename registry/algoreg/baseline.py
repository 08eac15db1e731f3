"""Failures that an earlier report has already: marks them in a new one, so that only what is new closes the gate.

An operator who begins with images that fail can keep them from becoming worse. For a single failure that somebody
has decided to tolerate, see ``waivers``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from algoreg import files, strictjson
from algoreg import waivers as tolerated
from algoreg.formats import json
from algoreg.model import ImageRef
from algoreg.report import Finding, Outcome, Report, TargetReport, Waived, WaivedBy, worst
from algoreg.waivers import Excused, Waiver

Failure = tuple[str, str, str | None]
"""Whose, which check, which case."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The failures of a saved report."""

    origin: str
    failures: frozenset[Failure]


def read(path: Path) -> Baseline:
    """The baseline in a saved JSON report. Raises UsageError for a file that is none."""
    report = json.parse(files.read(path, most=strictjson.MAX_BYTES), origin=str(path))
    failures = ((subject(one), *failed) for one in report.targets for failed in one.failed_cases())
    return Baseline(origin=str(path), failures=frozenset(failures))


def subject(target: TargetReport) -> str:
    """What a target is called from version to version: its algorithm's code, else its image's name without tag."""
    named = ImageRef.parse(target.target)
    return target.code or (named.repository if named is not None else None) or target.target


def apply(report: Report, baseline: Baseline) -> Excused:
    """``report`` with its known failures marked, unless waived already. Told besides: what fails no longer."""
    targets = tuple(_marked(target, baseline) for target in report.targets)
    return Excused(
        report=replace(report, targets=targets),
        notes=tuple(note for target in targets for note in _gone(target, baseline)),
    )


def _marked(target: TargetReport, baseline: Baseline) -> TargetReport:
    waived = target.waived or ()
    taken = {(one.id, one.case) for one in waived}
    known = (
        Waived(id=id, case=case, by=WaivedBy.BASELINE, source=baseline.origin)
        for id, case in target.failed_cases()
        if (id, case) not in taken and (subject(target), id, case) in baseline.failures
    )
    return replace(target, waived=(*waived, *known))


def _gone(target: TargetReport, baseline: Baseline) -> Iterator[str]:
    """What failed before and does not now: mended, or only not looked at, which is another thing."""
    now = {(subject(target), *failed) for failed in target.failed_cases()}
    before = sorted((one for one in baseline.failures if one[0] == subject(target)), key=repr)
    for _, id, case in (one for one in before if one not in now):
        told = f"{target.target}: {id}{f' ({case})' if case else ''} failed in {baseline.origin}"
        findings = _findings(target, id, case)
        if worst(findings) is Outcome.PASS:
            yield f"{told} and passes now; take a new baseline"
        else:
            yield f"{told} and was not judged now{''.join(f': {one.message}' for one in findings[:1])}"


def _findings(target: TargetReport, id: str, case: str | None) -> tuple[Finding, ...]:
    """Those of this case now; those of the whole check where the case has none."""
    found = tuple(finding for check in target.checks if check.id == id for finding in check.findings)
    return tuple(finding for finding in found if finding.case == case) or found


def excuse(report: Report, *, waivers: Iterable[Waiver] | None, baseline: Baseline | None) -> Excused:
    """``report`` with everything marked that was given to mark; waivers first, which say who answers for it."""
    first = Excused(report=report) if waivers is None else tolerated.apply(report, waivers)
    if baseline is None:
        return first
    second = apply(first.report, baseline)
    return Excused(report=second.report, notes=(*first.notes, *second.notes))
