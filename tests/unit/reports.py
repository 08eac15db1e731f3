"""Reports for tests of what is made of them."""

from __future__ import annotations

from algoreg.report import CheckResult, EngineInfo, Finding, Outcome, Report, Severity, TargetReport

IMAGE = "example/knn:1.0"
IMAGE_ID = "sha256:" + "a" * 64


def finding(outcome: str, case: str | None = None, *, blocking: bool = False, message: str = "") -> Finding:
    return Finding(outcome=Outcome(outcome), case=case, blocking=blocking, message=message)


def check(id: str, *findings: Finding, warning: bool = False) -> CheckResult:
    severity = Severity.WARNING if warning else Severity.ERROR
    return CheckResult(id=id, severity=severity, findings=findings, title="it is broken", why="A reason.")


def target(
    *checks: CheckResult,
    name: str = IMAGE,
    image_id: str | None = IMAGE_ID,
    digest: str | None = None,
    code: str | None = "knn",
    fail_on: Severity = Severity.ERROR,
    partial: bool = False,
) -> TargetReport:
    return TargetReport(
        target=name,
        image_id=image_id,
        digest=digest,
        code=code,
        duration_s=1.5,
        checks=checks,
        fail_on=fail_on,
        partial=partial,
    )


def report(*targets: TargetReport, engine: str = "docker") -> Report:
    return Report(seed=7, engine=EngineInfo(name=engine, version="20.10"), targets=targets)


GOOD = (check("out.json", finding("PASS", "train")), check("run.start", finding("PASS"), finding("PASS")))
BAD = (check("neg.exit-code", finding("FAIL", "train: x"), finding("PASS", "train: y")), *GOOD)
