"""What a lint says: the outcomes of checks and the remarks of rules, of each target, as a report and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from algoreg.linting.rules import Place, Remark, Rule
from algoreg.report import CheckResult, EngineInfo, Finding, Outcome, Report, Severity, TargetReport, passed

SCHEMA = "algoreg-lint/1"
_NO_ENGINE = EngineInfo(name="lint", version=None)


class Kind(StrEnum):
    """What a target is, and with it where its facts come from."""

    ENGINE = "image of the engine"
    REGISTRY = "image of a registry"
    ARCHIVE = "archive"
    PLUGIN = "plugin"
    DOCKERFILE = "Dockerfile"


@dataclass(frozen=True, kw_only=True)
class Linted:
    """One target; of an archive, one image in it."""

    target: str
    kind: Kind
    rules: tuple[Rule, ...]
    """What was looked for; those without a remark are kept."""
    remarks: tuple[Remark, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    """Of the contract; a case of theirs is a place."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Case of a check's finding -> where it is."""
    image_id: str | None = None
    digest: str | None = None
    code: str | None = None
    duration_s: float = 0.0

    def results(self) -> tuple[CheckResult, ...]:
        """Checks and rules in one form, by id."""
        ruled = (_result(rule, [one for one in self.remarks if one.rule == rule]) for rule in self.rules)
        return tuple(sorted((*self.checks, *ruled), key=lambda result: result.id))

    def report(self, fail_on: Severity) -> TargetReport:
        """As a validation would say it."""
        return TargetReport(
            target=self.target,
            image_id=self.image_id,
            digest=self.digest,
            code=self.code,
            duration_s=self.duration_s,
            checks=self.results(),
            fail_on=fail_on,
        )


def _result(rule: Rule, remarks: Iterable[Remark]) -> CheckResult:
    findings = tuple(
        Finding(
            outcome=Outcome.FAIL,
            case=one.place.text,
            message=one.message,
            expected=one.expected,
            got=one.got,
            fix=rule.fix,
        )
        for one in remarks
    )
    return CheckResult(
        id=rule.id, severity=rule.severity, findings=findings or (passed(),), title=rule.title, why=rule.why
    )


def report(found: Iterable[Linted], fail_on: Severity) -> Report:
    """All targets, with a verdict and an exit code."""
    targets = tuple(one.report(fail_on) for one in found)
    return Report(seed=0, engine=_NO_ENGINE, targets=targets)


def render_json(found: Iterable[Linted], fail_on: Severity) -> str:
    """One document in the form of ``lint.schema.json``; the same findings give the same text, but for the time."""
    found = tuple(found)
    document = {
        "schema": SCHEMA,
        "verdict": report(found, fail_on).verdict.value,
        "targets": [_target(one, fail_on) for one in found],
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _target(one: Linted, fail_on: Severity) -> dict[str, Any]:
    places = {**one.places, **{remark.place.text: remark.place for remark in one.remarks}}
    return {
        "target": one.target,
        "kind": one.kind.value,
        "image_id": one.image_id,
        "digest": one.digest,
        "verdict": one.report(fail_on).verdict.value,
        "algorithm": {"code": one.code},
        "duration_s": round(one.duration_s, 3),
        "checks": [
            _entry(result, finding, places.get(finding.case or ""))
            for result in one.results()
            for finding in result.findings
        ],
    }


def _entry(result: CheckResult, finding: Finding, place: Place | None) -> dict[str, Any]:
    return {
        "id": result.id,
        "severity": result.severity.value,
        "outcome": finding.outcome.value,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "message": finding.message,
        "expected": finding.expected,
        "got": finding.got,
        "fix": finding.fix,
    }
