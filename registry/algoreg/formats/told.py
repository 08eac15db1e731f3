"""What every format tells of a report in the same words: a finding's weight, its place, its text on bounded lines.

How it looks is each format's own business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from algoreg.formats.escape import safe
from algoreg.report import CheckResult, Finding, Outcome, Severity, TargetReport, Verdict, Waived, WaivedBy

_MAX_TEXT = 1000


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in an author's files the cause of a finding stands."""

    uri: str
    """Relative to the folder that the command ran in."""
    line: int = 1
    column: int = 1


Locate = Callable[[TargetReport, CheckResult, Finding], Place | None]


def nowhere(_target: TargetReport, _check: CheckResult, _finding: Finding) -> Place | None:
    """For a report whose plugins are not at hand."""
    return None


class Weight(StrEnum):
    """What a finding means for who reads the report."""

    ERROR = "error"
    """It could not be judged."""
    FAIL = "fail"
    """It closes the gate."""
    WARN = "warn"
    """It failed and does not count: a mere warning."""
    WAIVED = "waived"
    """It failed and does not count: a waiver or the baseline covers it."""
    SKIP = "skip"
    PASS = "pass"


TROUBLE = (Weight.FAIL, Weight.ERROR, Weight.WARN, Weight.WAIVED)
"""What a person must see, in this order."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One finding with everything it belongs to."""

    target: TargetReport
    check: CheckResult
    finding: Finding

    @property
    def weight(self) -> Weight:
        """What it means."""
        if self.finding.outcome is not Outcome.FAIL:
            return Weight(self.finding.outcome.lower())
        if self.target.closes(self.check, self.finding):
            return Weight.FAIL
        return Weight.WAIVED if self.waiver is not None else Weight.WARN

    @property
    def waiver(self) -> Waived | None:
        """What covers it."""
        return self.target.waiver(self.check, self.finding)


def cases(target: TargetReport) -> Iterator[Case]:
    """Every finding, in the order of the report."""
    for check in target.checks:
        for finding in check.findings:
            yield Case(target=target, check=check, finding=finding)


def troubles(target: TargetReport) -> list[Case]:
    """The findings that a person must see, the worst first."""
    return sorted(
        (one for one in cases(target) if one.weight in TROUBLE), key=lambda one: TROUBLE.index(one.weight)
    )


def brief(text: str, limit: int = _MAX_TEXT) -> str:
    """``text`` on one safe line of a bounded length."""
    return safe(text[:limit]) + (" ..." if len(text) > limit else "")


def waived(one: Waived) -> str:
    """Why a failure is not counted."""
    if one.by is WaivedBy.BASELINE:
        return brief(f"known from the baseline {one.source}")
    return brief(f"{one.reason} ({one.owner}, until {one.expires}, {one.source})")


def counts(target: TargetReport) -> str:
    """``31 checks passed, 1 failed, 1 warned, 2 skipped``."""
    found = Counter(check.outcome for check in target.checks)
    warned = sum(1 for c in target.checks if c.outcome is Outcome.FAIL and c.severity is Severity.WARNING)
    parts = {
        "passed": found[Outcome.PASS],
        "failed": found[Outcome.FAIL] - warned,
        "warned": warned,
        "not judged for an error": found[Outcome.ERROR],
        "skipped": found[Outcome.SKIP],
    }
    return "checks: " + (", ".join(f"{count} {word}" for word, count in parts.items() if count) or "none")


def unseen(target: TargetReport) -> str | None:
    """What PARTIAL means of this target; None for another verdict."""
    if target.verdict is not Verdict.PARTIAL:
        return None
    why = "left out by --only or --skip" if target.partial else "waiting for a failure that is waived"
    return f"Nothing that counts failed, and this is no PASS: checks were not judged, {why}."


def engine(name: str, version: str | None) -> str:
    """``docker 20.10.24``."""
    return brief(f"{name} {version or ''}".strip())
