"""Report to JSON, exactly as contract section 8 and ``metadata_schema/report.schema.json`` say, and back.

What a check is called and why it matters is not in the file: who reads one brings the catalogue of checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any, Protocol

from algoreg import schemas, strictjson
from algoreg.errors import UsageError
from algoreg.report import (
    SCHEMA,
    WAITS,
    CheckResult,
    EngineInfo,
    Finding,
    Outcome,
    Predicted,
    Report,
    Severity,
    TargetReport,
    Timing,
    Verdict,
    Waived,
    WaivedBy,
)

_HINT = "Name a file that `algoreg validate --format json` or --report json=FILE has written."


class Rule(Protocol):
    """What is told of a check, and not repeated in each report."""

    @property
    def id(self) -> str:
        """``family.name``."""

    @property
    def title(self) -> str:
        """Completes the sentence "fails when ..."."""

    @property
    def why(self) -> str:
        """Why it matters in Woken."""


def render(report: Report) -> str:
    """One document; the same report gives the same text."""
    return json.dumps(_well_formed(document(report)), indent=1, ensure_ascii=True) + "\n"


def _well_formed(value: Any) -> Any:
    """Half a surrogate pair is spelt out: no strict reader would take the document with it."""
    if isinstance(value, dict):
        return {key: _well_formed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_well_formed(item) for item in value]
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


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
        **({"timings": [_timing(one) for one in target.timings]} if target.timings else {}),
        **({"predicted": [_predicted(one) for one in target.predicted]} if target.predicted else {}),
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


def _timing(one: Timing) -> dict[str, Any]:
    return {"case": one.case, "duration_s": round(one.duration_s, 3)}


def _predicted(one: Predicted) -> dict[str, Any]:
    return {"task": one.task, "targets": list(one.targets), "predictions": list(one.predictions)}


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


def parse(text: bytes, *, origin: str, rules: Iterable[Rule] = ()) -> Report:
    """The report of a saved document, with the titles and reasons of ``rules``.

    Raises UsageError, which names the place in ``origin``, for a text that is no report of this form, and for one
    whose verdict does not follow from its checks.
    """
    try:
        data = strictjson.parse(text)
    except (strictjson.NotStrictJson, strictjson.TooLarge) as error:
        raise UsageError(f"{origin}: no report: {error}", hint=_HINT) from error
    if isinstance(data, dict) and data.get("schema") != SCHEMA:
        said = schemas.shown(data["schema"]) if "schema" in data else "unknown"
        raise UsageError(f"{origin}: $.schema: its form is {said}, and {SCHEMA} is read", hint=_HINT)
    if (broken := schemas.first_problem("report", data)) is not None:
        found = f"expected {broken.expected}, got {broken.got}"
        raise UsageError(f"{origin}: {broken.path}: {found}", hint=f"{broken.fix}. {_HINT}")
    known = {rule.id: rule for rule in rules}
    targets = tuple(
        _target_of(one, f"{origin}: $.targets[{index}]", known) for index, one in enumerate(data["targets"])
    )
    report = Report(seed=int(data["seed"]), engine=EngineInfo(**data["engine"]), targets=targets)
    _ensure_verdict(data["verdict"], report.verdict, f"{origin}: $")
    return report


def _target_of(data: Mapping[str, Any], where: str, rules: Mapping[str, Rule]) -> TargetReport:
    """Which severity closed the gate is not in the file: the verdict tells, where it matters."""
    target = TargetReport(
        target=data["target"],
        image_id=data["image_id"],
        digest=data["digest"],
        code=data["algorithm"]["code"],
        duration_s=float(data["duration_s"]),
        checks=tuple(
            _check_of(list(entries), rules)
            for _, entries in groupby(data["checks"], lambda entry: (entry["id"], entry["severity"]))
        ),
        partial=data["verdict"] == Verdict.PARTIAL,
        waived=tuple(map(_waived_of, data["waived"])) if "waived" in data else None,
        timings=tuple(Timing(**one) for one in data.get("timings", ())),
        predicted=tuple(_predicted_of(one, where) for one in data.get("predicted", ())),
    )
    if data["verdict"] == Verdict.FAIL != target.verdict:
        target = replace(target, fail_on=Severity.WARNING)
    _ensure_verdict(data["verdict"], target.verdict, where)
    return target


def _predicted_of(data: Mapping[str, Any], where: str) -> Predicted:
    targets, predictions = tuple(data["targets"]), tuple(data["predictions"])
    if len(targets) != len(predictions):
        raise UsageError(
            f"{where}.predicted: {len(targets)} targets and {len(predictions)} predictions",
            hint="The file was changed after it was written, or cut; validate again.",
        )
    return Predicted(task=data["task"], targets=targets, predictions=predictions)


def _check_of(entries: list[Mapping[str, Any]], rules: Mapping[str, Rule]) -> CheckResult:
    id = entries[0]["id"]
    rule = rules.get(id)
    return CheckResult(
        id=id,
        severity=Severity(entries[0]["severity"]),
        findings=tuple(map(_finding_of, entries)),
        title=rule.title if rule else "",
        why=rule.why if rule else "",
    )


def _finding_of(entry: Mapping[str, Any]) -> Finding:
    outcome = Outcome(entry["outcome"])
    said = {key: value for key, value in entry.items() if key not in ("id", "severity", "outcome")}
    blocking = outcome is Outcome.SKIP and entry["message"].startswith(WAITS)
    return Finding(outcome=outcome, blocking=blocking, **said)


def _waived_of(data: Mapping[str, Any]) -> Waived:
    return Waived(**{**data, "by": WaivedBy(data["by"])})


def _ensure_verdict(said: str, follows: Verdict, where: str) -> None:
    if said != follows:
        raise UsageError(
            f"{where}.verdict: it says {said}, and its checks give {follows}",
            hint="The file was changed after it was written, or cut; validate again.",
        )
