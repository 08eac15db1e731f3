"""What people and programs are shown: nothing of an image's raw, and everything that it takes to mend a failure."""

from __future__ import annotations

import json

import pytest

from algoreg import schemas
from algoreg.formats import escape, terminal
from algoreg.formats import json as json_format
from algoreg.report import (
    CheckResult,
    EngineInfo,
    Finding,
    Outcome,
    Report,
    Severity,
    TargetReport,
    passed,
    skipped,
)

HOSTILE = "\x1b]0;owned\x07\x1b[2J\r::stop-commands::x\n100 passed, 0 failed\u202edesrever\x9b31m"

FAILED = Finding(
    outcome=Outcome.FAIL,
    case="train: input absent",
    message="it did not fail",
    expected="exit code 1 to 124",
    got=f"exit code 0 {HOSTILE}",
    evidence=HOSTILE,
    fix="Use exec.",
    reproduce="docker run --rm -e IN_PASSWORD=*** -e 'A=b c' image:1 train",
)


def report(*checks: CheckResult) -> Report:
    target = TargetReport(
        target="image:1", image_id="sha256:0", digest=None, code="knn", duration_s=1.25, checks=checks
    )
    return Report(seed=7, engine=EngineInfo(name="docker", version="20.10"), targets=(target,))


def result(id: str, *findings: Finding, severity: Severity = Severity.ERROR) -> CheckResult:
    return CheckResult(id=id, severity=severity, findings=findings, title="it is broken", why="A reason.")


WHOLE = report(
    result("neg.exit-code", FAILED, FAILED),
    result("meta.root", Finding(outcome=Outcome.FAIL, message="root"), severity=Severity.WARNING),
    result("sem.uses-data", skipped("not judged until neg.exit-code passes", blocking=True)),
    result("run.start", passed("train regression")),
)


@pytest.mark.parametrize("color", [False, True])
def test_a_terminal_sees_no_control_character_of_an_image(color: bool) -> None:
    text = terminal.render(WHOLE, color=color)
    ours = text.replace("\x1b[", "") if color else text
    assert not set(ours) & {"\x1b", "\x07", "\r", "\x9b", "\u202e"}
    assert not any(line.startswith(("::", "100 passed")) for line in text.splitlines())
    assert "owned" in text


def test_a_failure_says_what_it_takes_to_mend_it() -> None:
    text = terminal.render(WHOLE)
    for words in (
        "image:1 FAIL",
        "FAIL neg.exit-code",
        "WARN meta.root",
        "exit code 1 to 124",
        "A reason.",
        "Use exec.",
        "docker run --rm image:1 train  (2 variables: --format json)",
        "1 checks wait for the above to pass: sem.uses-data",
        "seed 7",
    ):
        assert words in text


def test_json_is_what_the_schema_says_and_ascii() -> None:
    text = json_format.render(WHOLE)
    assert text.isascii()
    document = json.loads(text)
    assert schemas.first_problem("report", document) is None
    assert document["verdict"] == "FAIL"
    (target,) = document["targets"]
    assert [entry["id"] for entry in target["checks"]].count("neg.exit-code") == 2
    assert all(set(entry) == set(target["checks"][0]) for entry in target["checks"])


@pytest.mark.parametrize(
    ("checks", "verdict", "code"),
    [
        ((result("a.b", passed()),), "PASS", 0),
        ((result("a.b", FAILED),), "FAIL", 1),
        ((result("a.b", FAILED, severity=Severity.WARNING), result("c.d", passed())), "PASS", 0),
        ((result("a.b", Finding(outcome=Outcome.ERROR)), result("c.d", passed())), "ERROR", 3),
        ((result("a.b", Finding(outcome=Outcome.ERROR)), result("c.d", FAILED)), "FAIL", 1),
        ((), "ERROR", 3),
    ],
)
def test_the_verdict_follows_the_contract(checks: tuple[CheckResult, ...], verdict: str, code: int) -> None:
    assert (report(*checks).verdict.value, report(*checks).exit_code) == (verdict, code)


def test_long_evidence_is_cut() -> None:
    lines = escape.safe_lines("x" * 10_000 + "\n" + "\n".join(map(str, range(1000))))
    assert len(lines) <= 21
    assert max(map(len, lines)) < 500
