"""A saved report is read back as it was, and what is no report is refused with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from report_samples import ERRORING, FAILING, HOSTILE, OUTCOMES, PASSING, hostile, reports

from algoreg import conformance, schemas
from algoreg.errors import UsageError
from algoreg.formats import json as json_format
from algoreg.formats import terminal
from algoreg.report import Report

RULES = conformance.catalogue().checks


def parsed(text: str) -> Report:
    return json_format.parse(text.encode(), origin="report.json", rules=RULES)


@settings(max_examples=80, deadline=None)
@given(reports)
@example(PASSING)
@example(FAILING)
@example(ERRORING)
@example(hostile(HOSTILE))
def test_what_is_written_is_read_back(report: Report) -> None:
    text = json_format.render(report)
    assert schemas.first_problem("report", json.loads(text)) is None
    again = parsed(text)
    assert json_format.render(again) == text
    assert (again.verdict, again.exit_code) == (report.verdict, report.exit_code)


@pytest.mark.parametrize("report", OUTCOMES.values(), ids=OUTCOMES)
def test_a_person_reads_the_same_of_a_saved_report(report: Report) -> None:
    """But for the titles, which are those of the catalogue."""
    titles = {rule.id: rule for rule in RULES}
    fresh, again = terminal.render(report), terminal.render(parsed(json_format.render(report)))
    for check in (check for target in report.targets for check in target.checks):
        fresh = fresh.replace(f"{check.id}  {check.title}", f"{check.id}  {titles[check.id].title}")
    assert [line for line in fresh.splitlines() if "why" not in line] == [
        line for line in again.splitlines() if "why" not in line
    ]
    assert ("Woken believes" in fresh) == ("why" in again)


def changed(**changes: Any) -> bytes:
    """The failing report with values replaced, by dotted path."""
    document = json_format.document(FAILING)
    for path, value in changes.items():
        place: Any = document
        *way, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        for step in way:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1"),
        (b"\xff", "not UTF-8"),
        (b'{"schema": 1, "schema": 2}', "twice"),
        (b'{"seed": NaN}', "NaN"),
        (b"[]", "$: expected object"),
        (b'"' + b"x" * 17_000_000 + b'"', "bytes is not parsed"),
        (changed(schema="algoreg-report/2"), "$.schema: its form is"),
        (b'{"schema": "algoreg-report/2"}', "and algoreg-report/1 is read"),
        (changed(targets__0__checks__1__outcome="OK"), "$.targets[0].checks[1].outcome"),
        (changed(targets__0__checks__1__case=...), "$.targets[0].checks[1]"),
        (changed(targets__1__duration_s=-1), "$.targets[1].duration_s"),
        (changed(targets__1__duration_s=float("inf")), "Infinity"),
        (changed(verdict="PASS"), "$.verdict: it says PASS, and its checks give FAIL"),
        (changed(targets__0__verdict="PASS"), "$.targets[0].verdict: it says PASS, and its checks give FAIL"),
        (changed(targets__0__waived=...), None),
        (changed(targets__1__verdict="FAIL"), "$.targets[1].verdict"),
        (changed(targets__1__verdict="ERROR"), "$.targets[1].verdict"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(text: bytes, words: str | None) -> None:
    if words is None:
        json_format.parse(text, origin="report.json")
        return
    with pytest.raises(UsageError) as caught:
        json_format.parse(text, origin="report.json")
    assert caught.value.message.startswith("report.json: ")
    assert words in caught.value.message
    assert caught.value.hint


def test_a_verdict_of_warnings_is_kept(tmp_path: Path) -> None:
    """--fail-on warning is not in the file; the verdict that came of it is."""
    document = json_format.document(PASSING)
    document["verdict"] = document["targets"][0]["verdict"] = "FAIL"
    report = parsed(json.dumps(document))
    (target,) = report.targets
    assert target.verdict.value == "FAIL"
    assert target.closes(target.checks[0], target.checks[0].findings[0])
