"""Report to SARIF 2.1.0, for code scanning: a rule for each check, a result for each failure, at its place in a file.

What could not be judged is no result but a notification of a run that did not succeed: SARIF's results speak of the
code alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from algoreg.formats import told
from algoreg.formats.escape import safe_lines
from algoreg.formats.told import Case, Locate, Weight
from algoreg.report import CheckResult, Outcome, Report, WaivedBy

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FAILED = (Weight.FAIL, Weight.WARN, Weight.WAIVED)
_PLACEHOLDER = re.compile(r"\{(?=\d+\})")
_LINK = re.compile(r"\[(?=[^\]]*\]\()")
FINGERPRINT = "algoreg/v1"


def render(report: Report, *, locate: Locate = told.nowhere) -> str:
    """One log with one run, ASCII only."""
    checks = _checks(report)
    found = [case for target in report.targets for case in told.cases(target)]
    rules = {id: position for position, id in enumerate(checks)}
    run = {
        "tool": {
            "driver": {
                "name": "algoreg",
                "rules": [_rule(check, found) for check in checks.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(found)],
        "results": list(_results(found, rules, locate)),
        "properties": {
            "verdict": report.verdict.value,
            "seed": report.seed,
            "engine": told.engine(report.engine.name, report.engine.version),
        },
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=True) + "\n"


def _checks(report: Report) -> dict[str, CheckResult]:
    """Every check once, those that passed too: a rule without a result is one that nothing broke."""
    found = {check.id: check for target in report.targets for check in target.checks}
    return dict(sorted(found.items()))


def _rule(check: CheckResult, found: list[Case]) -> dict[str, Any]:
    fixes = (case.finding.fix for case in found if case.check.id == check.id)
    title = f"It fails when: {check.title}" if check.title else check.id
    help = {"Why": check.why, "Fix": next(filter(None, fixes), None), "More": f"algoreg explain {check.id}"}
    return {
        "id": check.id,
        "shortDescription": {"text": told.brief(title)},
        "fullDescription": {"text": told.brief(check.why or title)},
        "help": _message([f"{label}: {told.brief(text)}" for label, text in help.items() if text]),
        "defaultConfiguration": {"level": check.severity.value},
        "properties": {"tags": ["conformance", check.id.partition(".")[0]]},
    }


def _message(lines: list[str]) -> dict[str, str]:
    """Text in which nothing is taken for a placeholder or a link."""
    text = _PLACEHOLDER.sub("{{", "\n".join(lines))
    return {"text": _LINK.sub(r"\\[", text)}


def _invocation(found: list[Case]) -> dict[str, Any]:
    errors = [case for case in found if case.finding.outcome is Outcome.ERROR]
    notifications = [
        {
            "level": "error",
            "message": _message(_lines(case)),
            "associatedRule": {"id": case.check.id},
            "locations": [_logical(case)],
        }
        for case in errors
    ]
    return {"executionSuccessful": not errors, "toolExecutionNotifications": notifications}


def _results(found: list[Case], rules: dict[str, int], locate: Locate) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for case in found:
        if case.weight not in _FAILED:
            continue
        identity = _identity(case)
        seen[identity] += 1
        place = locate(case.target, case.check, case.finding)
        yield {
            "ruleId": case.check.id,
            "ruleIndex": rules[case.check.id],
            "level": case.check.severity.value,
            "message": _message(_lines(case)),
            "locations": [_logical(case) if place is None else {**_physical(place), **_logical(case)}],
            "partialFingerprints": {FINGERPRINT: _digest(f"{identity}\0{seen[identity]}")},
            "suppressions": _suppressions(case),
        }


def _identity(case: Case) -> str:
    """The same in every run of the same defect: no tag, no digest, no line, nothing that is drawn from a seed."""
    who = case.target.code or re.sub(r"(@.*|:[^/:]*)$", "", case.target.target)
    what = case.finding.case if case.finding.case is not None else case.finding.message
    return f"{who}\0{case.check.id}\0{what}"


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _lines(case: Case) -> list[str]:
    finding = case.finding
    named = {"expected": finding.expected, "got": finding.got, "fix": finding.fix}
    lines = [told.brief(f"{finding.case}: {finding.message}" if finding.case else finding.message)]
    lines += [f"{label}: {told.brief(text)}" for label, text in named.items() if text]
    if finding.reproduce:
        lines.append(f"reproduce: {told.brief(finding.reproduce, 4000)}")
    return lines + [f"log | {line}" for line in safe_lines(finding.evidence or "") if finding.evidence]


def _physical(place: told.Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": place.uri},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }


def _logical(case: Case) -> dict[str, Any]:
    name = told.brief(case.target.target)
    return {"logicalLocations": [{"name": name, "fullyQualifiedName": name, "kind": "module"}]}


def _suppressions(case: Case) -> list[dict[str, Any]]:
    """Waived: shown as closed, with the reason. An empty list says that nothing suppresses the result."""
    if case.waiver is None:
        return []
    kind = "external"
    state = "accepted" if case.waiver.by is WaivedBy.WAIVER else "underReview"
    return [{"kind": kind, "status": state, "justification": told.waived(case.waiver)}]
