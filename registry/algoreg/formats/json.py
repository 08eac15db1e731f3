"""Report to JSON, exactly as contract section 8 and ``metadata_schema/report.schema.json`` say."""

from __future__ import annotations

import json
from typing import Any

from algoreg.report import SCHEMA, CheckResult, Finding, Report, TargetReport, Waived


def render(report: Report) -> str:
    """One document; the same report gives the same text."""
    return json.dumps(document(report), indent=1, ensure_ascii=True) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as JSON values; fields that do not apply are null, never absent."""
    return {
        "schema": SCHEMA,
        "verdict": report.verdict.value,
        "seed": report.seed,
        "engine": {"name": report.engine.name, "version": report.engine.version},
        "targets": [_target(target) for target in report.targets],
    }


def _target(target: TargetReport) -> dict[str, Any]:
    return {
        "target": target.target,
        "image_id": target.image_id,
        "digest": target.digest,
        "verdict": target.verdict.value,
        "algorithm": {"code": target.code},
        "duration_s": round(target.duration_s, 3),
        "checks": [_entry(check, finding) for check in target.checks for finding in check.findings],
        **({} if target.waived is None else {"waived": [_waived(one) for one in target.waived]}),
    }


def _waived(one: Waived) -> dict[str, Any]:
    return {
        "id": one.id,
        "case": one.case,
        "by": one.by.value,
        "source": one.source,
        "reason": one.reason,
        "owner": one.owner,
        "expires": one.expires,
    }


def _entry(check: CheckResult, finding: Finding) -> dict[str, Any]:
    return {
        "id": check.id,
        "severity": check.severity.value,
        "outcome": finding.outcome.value,
        "case": finding.case,
        "message": finding.message,
        "expected": finding.expected,
        "got": finding.got,
        "evidence": finding.evidence,
        "fix": finding.fix,
        "reproduce": finding.reproduce,
    }
