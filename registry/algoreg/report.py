"""What a validation says: findings, outcomes, verdicts (contract section 7). Data only; formats render it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from algoreg import errors

SCHEMA = "algoreg-report/1"


class Severity(StrEnum):
    """Whether a failure opens the gate (warning) or closes it (error)."""

    ERROR = "error"
    WARNING = "warning"


class Outcome(StrEnum):
    """How one case of one check ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"
    ERROR = "ERROR"


class Verdict(StrEnum):
    """What is said of a whole target."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    PARTIAL = "PARTIAL"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The outcome of one case of one check, with what a person needs to act on it."""

    outcome: Outcome
    case: str | None = None
    """Which experiment was judged, such as ``train regression``; None for a static check."""
    message: str = ""
    expected: str | None = None
    got: str | None = None
    evidence: str | None = None
    """Untrusted text from the image; formats escape it."""
    fix: str | None = None
    reproduce: str | None = None
    """One shell line that shows the same again."""
    blocking: bool = False
    """A SKIP because a prerequisite did not pass; dependants are skipped as well."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """All findings of one check on one target."""

    id: str
    severity: Severity
    findings: tuple[Finding, ...]
    title: str = ""
    why: str = ""
    """Why it matters in Woken: said to people, not repeated in JSON."""

    @property
    def outcome(self) -> Outcome:
        """FAIL over ERROR over PASS over SKIP: the worst that was found."""
        found = {finding.outcome for finding in self.findings}
        return next(
            (o for o in (Outcome.FAIL, Outcome.ERROR, Outcome.PASS) if o in found),
            Outcome.SKIP,
        )

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The cases that failed."""
        return tuple(finding for finding in self.findings if finding.outcome is Outcome.FAIL)

    @property
    def satisfied(self) -> bool:
        """Whether a check that needs this one may be judged: all passed, or it does not apply."""
        return all(
            f.outcome is Outcome.PASS or (f.outcome is Outcome.SKIP and not f.blocking) for f in self.findings
        )


class WaivedBy(StrEnum):
    """What keeps a failure from being counted."""

    WAIVER = "waiver"
    BASELINE = "baseline"


@dataclass(frozen=True, kw_only=True)
class Waived:
    """A failure that stays visible and is not counted, and what covers it."""

    id: str
    """The check."""
    case: str | None
    by: WaivedBy
    source: str
    """The waiver's ``file:line``, or the file of the baseline."""
    reason: str | None = None
    owner: str | None = None
    expires: str | None = None
    """ISO date of the last day; these three are None for a baseline."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What one experiment took, databases and start of the container included."""

    case: str
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """What a test said of the held-out rows of our own data, beside what was true of them."""

    task: str
    """``classification`` (texts) or ``regression`` (numbers)."""
    targets: tuple[float | str, ...]
    predictions: tuple[float | str, ...]
    """In the order of ``targets``."""


@dataclass(frozen=True, kw_only=True)
class TargetReport:
    """Everything found about one target."""

    target: str
    image_id: str | None
    digest: str | None
    code: str | None
    duration_s: float
    checks: tuple[CheckResult, ...]
    partial: bool = False
    """A check was left out by --only or --skip."""
    fail_on: Severity = Severity.ERROR

    waived: tuple[Waived, ...] | None = None
    """The failures that are not counted; None where neither waivers nor a baseline were given."""
    timings: tuple[Timing, ...] = ()
    """In the order in which the experiments ended."""
    predicted: tuple[Predicted, ...] = ()
    """Of each task whose predictions could be read."""

    @property
    def verdict(self) -> Verdict:
        """Contract section 7: FAIL, else ERROR (or nothing ran), else PARTIAL, else PASS.

        A failure that is waived does not count. Checks that wait for it were not judged all the same: PARTIAL.
        """
        return self._verdict({(one.id, one.case) for one in self.waived or ()})

    @property
    def unaided(self) -> Verdict:
        """The verdict when nothing is waived."""
        return self._verdict(set())

    def failed_cases(self) -> tuple[tuple[str, str | None], ...]:
        """Check and case of every failure, each once, in the order of the report."""
        return tuple(dict.fromkeys((c.id, f.case) for c in self.checks for f in c.failures))

    def _verdict(self, waived: set[tuple[str, str | None]]) -> Verdict:
        failures = {(c.id, f.case) for c in self.checks if self._counted(c) for f in c.failures}
        if failures - waived:
            return Verdict.FAIL
        findings = [finding for check in self.checks for finding in check.findings]
        outcomes = {finding.outcome for finding in findings}
        if Outcome.ERROR in outcomes or not outcomes & {Outcome.PASS, Outcome.FAIL}:
            return Verdict.ERROR
        unseen = bool(failures) and any(finding.blocking for finding in findings)
        return Verdict.PARTIAL if self.partial or unseen else Verdict.PASS

    def _counted(self, check: CheckResult) -> bool:
        return check.severity in (Severity.ERROR, self.fail_on)

    def waiver(self, check: CheckResult, finding: Finding) -> Waived | None:
        """What covers this failure."""
        of_this = (one for one in self.waived or () if (one.id, one.case) == (check.id, finding.case))
        return next(of_this, None) if finding.outcome is Outcome.FAIL else None

    def closes(self, check: CheckResult, finding: Finding) -> bool:
        """Whether this is a failure for which the verdict is FAIL: no mere warning, and not waived."""
        failed = finding.outcome is Outcome.FAIL and self._counted(check)
        return failed and self.waiver(check, finding) is None

    def failed(self) -> tuple[str, ...]:
        """The sorted ids of the checks that failed, warnings included."""
        return tuple(sorted(c.id for c in self.checks if c.outcome is Outcome.FAIL))


@dataclass(frozen=True, kw_only=True)
class EngineInfo:
    """The engine that ran the images."""

    name: str
    version: str | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run of ``algoreg validate``."""

    seed: int
    engine: EngineInfo
    targets: tuple[TargetReport, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the targets; ERROR when there is none."""
        verdicts = {target.verdict for target in self.targets}
        order = (Verdict.FAIL, Verdict.ERROR, Verdict.PARTIAL, Verdict.PASS)
        return next((v for v in order if v in verdicts), Verdict.ERROR)

    @property
    def exit_code(self) -> int:
        """0 all PASS, 1 a FAIL, 3 no FAIL but something was not judged (contract section 8)."""
        codes = {Verdict.PASS: errors.EXIT_PASS, Verdict.FAIL: errors.EXIT_FAIL}
        return codes.get(self.verdict, errors.EXIT_ERROR)


WAITS = "not judged until"
"""How the reason of a check begins that waits for others to pass."""

LEFT_OUT = "left out by --only or --skip"
"""Why a check was skipped that nobody asked for."""


def passed(case: str | None = None, message: str = "") -> Finding:
    """A case that keeps the contract."""
    return Finding(outcome=Outcome.PASS, case=case, message=message)


def skipped(reason: str, case: str | None = None, *, blocking: bool = False) -> Finding:
    """A case that was not judged, and why."""
    return Finding(outcome=Outcome.SKIP, case=case, message=reason, blocking=blocking)


def worst(findings: Iterable[Finding]) -> Outcome:
    """The outcome of a check with these findings."""
    return CheckResult(id="", severity=Severity.ERROR, findings=tuple(findings)).outcome
