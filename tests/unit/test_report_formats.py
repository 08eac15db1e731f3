"""The formats of a report, read by parsers that are not ours; nothing of an image's text gets loose in any of them."""

from __future__ import annotations

import hashlib
import html
import json
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import junitparser
import lxml.etree
import pytest
import sarif_kit.validate
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_samples import (
    ERRORING,
    FAILING,
    HOSTILE,
    LONG,
    OUTCOMES,
    PASSING,
    check,
    failed,
    hostile,
    report,
    reports,
    target,
    texts,
)

from algoreg.formats import annotations, badge, junit, kinds, markdown, sarif, told
from algoreg.formats import html as html_format
from algoreg.formats.told import Place
from algoreg.report import LEFT_OUT, Report, passed, skipped
from support.html_reader import Reader

XSD = lxml.etree.XMLSchema(file=str(Path(__file__).parent / "report_schemas" / "junit.xsd"))
PLACE = Place(uri="plugins/knn/Dockerfile", line=30, column=2)
SEVERAL = {**OUTCOMES, "hostile": hostile(HOSTILE), "long": hostile(LONG), "empty": report()}
BOUND = 200_000
"""What a report of four findings may take, whatever they hold."""

every_outcome = pytest.mark.parametrize("one", SEVERAL.values(), ids=SEVERAL)
any_report = settings(max_examples=40, deadline=None)


# All of them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds.Kind)
@every_outcome
def test_every_kind_is_written_safe_and_bounded(kind: kinds.Kind, one: Report) -> None:
    text = kinds.renderers()[kind](one, lambda *_: PLACE)
    text.encode("utf-8")
    assert not set(text) & set("\x1b\x07\r\x00\u202e\u2028\ufffe")
    assert not [line for line in text.splitlines() if line.startswith(("::stop", "100 passed", "# heading"))]
    if kind is not kinds.Kind.JSON:
        assert len(text) < BOUND


def test_a_kind_is_known_by_its_name_and_written_once() -> None:
    assert set(kinds.renderers()) == set(kinds.Kind)


# JUnit ----------------------------------------------------------------------------------------------------


def read_junit(text: str) -> Any:
    document = lxml.etree.fromstring(text.encode())
    XSD.assertValid(document)
    return junitparser.JUnitXml.fromstring(text.encode())


@every_outcome
def test_junit_is_taken_by_parsers_that_are_not_ours(one: Report) -> None:
    suites = list(read_junit(junit.render(one)))
    assert len(suites) == len(one.targets)
    for suite, told_of in zip(suites, one.targets, strict=True):
        cases = list(suite)
        assert len(cases) == suite.tests == sum(len(c.findings) for c in told_of.checks)
        results = [type(result).__name__ for case in cases for result in case.result]
        assert (suite.failures, suite.errors, suite.skipped) == tuple(
            results.count(name) for name in ("Failure", "Error", "Skipped")
        )
        assert len({(case.classname, case.name) for case in cases}) == len(cases)
        verdicts = [prop.value for prop in suite.properties() if prop.name == "verdict"]
        assert verdicts == [told_of.verdict.value]


@any_report
@given(reports)
def test_junit_holds_whatever_a_report_holds(one: Report) -> None:
    suites = list(read_junit(junit.render(one)))
    for suite, told_of in zip(suites, one.targets, strict=True):
        if told_of.verdict.value in ("PASS", "PARTIAL"):
            assert (suite.failures, suite.errors) == (0, 0)
        if told_of.verdict.value == "FAIL":
            assert suite.failures > 0


def test_junit_maps_each_outcome() -> None:
    first, _ = read_junit(junit.render(FAILING))
    kinds_of = {case.name: [type(result).__name__ for result in case.result] for case in first}
    assert kinds_of == {
        "meta.root": ["Skipped"],
        "neg.exit-code: train: input absent": ["Failure"],
        "neg.exit-code: train: input absent (2)": ["Failure"],
        "neg.exit-code: test: input absent": [],
        "out.size: train": ["Skipped"],
        "run.start: train regression": [],
        "run.start: compute": [],
        "sem.uses-data": ["Skipped"],
    }
    said = {case.name: result.message for case in first for result in case.result}
    assert "warning" in said["meta.root"]
    assert "ada@example.org" in said["out.size: train"]
    (error,) = next(iter(read_junit(junit.render(ERRORING))))
    assert [(type(one).__name__, one.message, one.type) for one in error.result] == [
        ("Error", "the engine went away", "run.start")
    ]


def test_junit_tells_the_time_of_an_experiment_once() -> None:
    first = FAILING.targets[0]
    twice = replace(first, checks=(*first.checks, check("out.json", passed("train regression"))))
    times = {case.name: case.time for case in next(iter(read_junit(junit.render(report(twice)))))}
    assert times["run.start: train regression"] == 3.25
    assert sum(times.values()) == 4.25


# SARIF ----------------------------------------------------------------------------------------------------


def read_sarif(one: Report, place: Place | None = PLACE) -> dict[str, Any]:
    text = sarif.render(one, locate=lambda *_: place)
    assert text.isascii()
    log = json.loads(text)
    assert sarif_kit.validate.validation_errors(log) == []
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    return dict(run)


@any_report
@given(reports, st.sampled_from([PLACE, None]))
@example(SEVERAL["hostile"], PLACE)
@example(SEVERAL["long"], None)
def test_sarif_is_valid_whatever_a_report_holds(one: Report, place: Place | None) -> None:
    read_sarif(one, place)


def test_sarif_has_a_rule_for_each_check_and_a_result_for_each_failure() -> None:
    run = read_sarif(FAILING)
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == {check.id for target in FAILING.targets for check in target.checks}
    assert "Why: Woken believes the code.\nFix: Use exec." in rules["neg.exit-code"]["help"]["text"]
    found = [(one["ruleId"], one["level"], bool(one["suppressions"])) for one in run["results"]]
    assert found == [
        ("meta.root", "warning", False),
        ("neg.exit-code", "error", False),
        ("neg.exit-code", "error", False),
        ("out.size", "error", True),
    ]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "plugins/knn/Dockerfile"},
        "region": {"startLine": 30, "startColumn": 2},
    }
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_of_what_could_not_be_judged_has_no_result_and_no_success() -> None:
    run = read_sarif(ERRORING)
    (invocation,) = run["invocations"]
    assert (run["results"], invocation["executionSuccessful"]) == ([], False)
    (notification,) = invocation["toolExecutionNotifications"]
    assert "the engine went away" in notification["message"]["text"]


def test_sarif_knows_a_defect_again() -> None:
    """In another run, of another tag; and two defects are two."""

    def fingerprints(*findings: Any, name: str = "algoreg/knn:0.1.0", code: str | None = "knn") -> list[str]:
        run = read_sarif(report(target(check("neg.exit-code", *findings), name=name, code=code)))
        return [one["partialFingerprints"][sarif.FINGERPRINT] for one in run["results"]]

    again = fingerprints(failed(text="got 0 at 12:00"), name="algoreg/knn:0.2.0")
    assert fingerprints(failed()) == again
    assert fingerprints(failed(), code=None) == fingerprints(failed(), code=None, name="algoreg/knn@sha256:1")
    several = fingerprints(failed(), failed(), failed("test: pipeline absent"), failed(None))
    assert len(set(several)) == 4
    assert several[0] == again[0]
    assert fingerprints(failed(), code="linreg") != again


def test_sarif_takes_nothing_for_a_placeholder_or_a_link() -> None:
    run = read_sarif(report(target(check("a.b", failed(text='{0} {"a": 1} [text](1) [plain]')))))
    text = run["results"][0]["message"]["text"]
    assert '{{0} {"a": 1} \\[text](1) [plain]' in text


# Markdown -------------------------------------------------------------------------------------------------


def rendered_markdown(text: str) -> lxml.etree._Element:
    """As a foreign reader of GitHub's tables shows it."""
    return lxml.etree.HTML(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


@every_outcome
def test_markdown_neutralises_what_is_not_ours(one: Report) -> None:
    text = markdown.render(one)
    assert len(text.encode()) <= markdown.MAX_BYTES < 65_536
    page = rendered_markdown(text)
    assert not page.xpath("//a|//img|//script|//h1|//blockquote|//em[not(contains(., 'more parts'))]")
    for mention in page.xpath("//text()[contains(., '@octocat') or contains(., '#1 ')]"):
        assert mention.getparent().tag == "code", mention
    rows = page.xpath("//table[1]//tbody/tr")
    assert len(rows) == len(one.targets)
    assert all(len(row) == 4 for row in page.xpath("//tbody/tr"))


@any_report
@given(texts)
def test_markdown_shows_the_very_text(text: str) -> None:
    page = rendered_markdown(
        f"| a | {markdown.code(text) or '-'} |\n|---|---|\n| {markdown.code(text) or '-'} | b |\n"
    )
    (cell,) = page.xpath("//tbody/tr/td[1]")
    shown = "".join(cell.itertext())
    assert re.sub(r"\s+", " ", shown).strip() == re.sub(r"\s+", " ", told.brief(text) or "-").strip()


def test_markdown_stays_below_githubs_limit_and_says_what_is_left_out() -> None:
    many = report(target(*(check("neg.exit-code", failed(f"case {n}", LONG)) for n in range(400))))
    text = markdown.render(many)
    assert 60_000 < len(text.encode()) <= markdown.MAX_BYTES
    assert re.search(r"_[0-9]+ more parts do not fit", text)
    assert text.count("<details>") == text.count("</details>")


def test_markdown_folds_the_details_below_a_table() -> None:
    page = rendered_markdown(markdown.render(FAILING))
    assert [row[0].text for row in page.xpath("//table[2]/tbody/tr")] == ["FAIL", "FAIL", "WARN", "WAIVED"]
    assert len(page.xpath("//details/summary")) == 4
    assert "Mended in 0.2.0" in "".join(page.itertext())


# HTML -----------------------------------------------------------------------------------------------------


OURS = frozenset(
    re.findall(
        "[a-z0-9]+",
        "html head meta link title style body a header h1 h2 h3 h4 span p nav ul li main section dl dt dd article "
        "code strong details summary pre table caption thead tbody tr th td svg rect div figure figcaption circle line",
    )
)


@any_report
@given(reports)
@example(SEVERAL["hostile"])
@example(SEVERAL["long"])
@example(FAILING)
def test_html_is_one_page_that_asks_for_nothing(one: Report) -> None:
    text = html_format.render(one)
    reader = Reader()
    reader.feed(text)
    assert set(reader.tags) <= OURS
    names = {name for name, _ in reader.attributes}
    assert not [
        name for name in names if name.startswith("on") or name in ("src", "style", "srcset", "action")
    ]
    links = [value or "" for name, value in reader.attributes if name == "href"]
    assert all(link == "data:," or link.startswith("#") for link in links)
    strict = lxml.etree.fromstring(text.removeprefix("<!doctype html>\n").encode())
    assert len(strict.xpath("//section")) == len(one.targets)
    ids = strict.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(ids)


def test_html_allows_its_own_style_and_nothing_else() -> None:
    text = html_format.render(FAILING)
    style = text.partition("<style>")[2].partition("</style>")[0]
    policy = text.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src &#x27;sha256-{digest}&#x27;" in policy
    assert policy.startswith("default-src &#x27;none&#x27;;")
    assert "unsafe" not in policy
    assert "script" not in policy
    assert "url(" not in style
    assert "@import" not in style


def test_html_tells_verdict_evidence_time_and_waiver() -> None:
    page = lxml.etree.HTML(html_format.render(FAILING))
    assert "".join(page.find(".//h1").itertext()) == "Conformance: FAIL"
    text = " ".join(page.itertext())
    for words in (
        "exit code 1 to 124",
        "Use exec.",
        "Woken believes",
        "Mended in 0.2.0",
        "docker run --rm image:1",
    ):
        assert words in text
    assert page.xpath("//pre/code/text()") == ["| exit code 0", "docker run --rm image:1 train"] * 4
    bars = [float(width) for width in page.xpath("//table[@class='chart']//rect/@width")]
    assert bars == [100.0, pytest.approx(30.8)]
    assert len(page.xpath("//table/caption")) == len(page.xpath("//table"))
    assert page.xpath("//details[@open]")


# Annotations and badge ------------------------------------------------------------------------------------

_COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


@any_report
@given(reports)
@example(SEVERAL["hostile"])
@example(SEVERAL["long"])
def test_annotations_are_commands_of_ours_only(one: Report) -> None:
    lines = annotations.render(one, locate=lambda *_: PLACE).splitlines()
    findings = [case for target in one.targets for case in told.troubles(target)]
    assert len(lines) == len(findings) + len(one.targets)
    for line in lines:
        matched = _COMMAND.fullmatch(line)
        assert matched
        names = [one.partition("=")[0] for one in matched[2].split(",")]
        assert names in (["title"], ["file", "line", "col", "title"])


@pytest.mark.parametrize("write", [html_format.render, markdown.render])
def test_partial_is_explained(write: Callable[[Report], str]) -> None:
    left_out = report(target(check("run.start", passed()), check("a.b", skipped(LEFT_OUT)), partial=True))
    assert "left out by --only or --skip" in html.unescape(write(left_out))
    assert "Nothing failed." not in html.unescape(write(left_out))
    assert "this is no PASS" not in write(PASSING)


def test_annotations_say_where_and_how_bad() -> None:
    first, *_ = FAILING.targets
    lines = annotations.render(report(first), locate=lambda *_: PLACE).splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::error",
        "::error",
        "::warning",
        "::notice",
    ]
    assert lines[1].startswith(
        "::error file=plugins/knn/Dockerfile,line=30,col=2,title=neg.exit-code%3A it is broken::"
    )
    assert "%0Agot: exit code 0%0Afix: Use exec." in lines[1]
    assert annotations.render(PASSING).startswith("::notice title=algoreg PASS::")
    assert "::error title=cannot be judged%3A run.start" in annotations.render(ERRORING)


@every_outcome
def test_a_badge_is_an_svg_with_a_title(one: Report) -> None:
    root = lxml.etree.fromstring(badge.render(one).encode())
    named = {"svg": "http://www.w3.org/2000/svg"}
    (title,) = root.xpath("svg:title/text()", namespaces=named)
    assert title.startswith("algoreg: ")
    assert all(f" {target.verdict.value}" in title for target in one.targets)
    assert root.xpath("//svg:text/text()", namespaces=named)[1] == one.verdict.value
    assert {element.tag.partition("}")[2] for element in root.iter()} == {
        "svg",
        "title",
        "clipPath",
        "rect",
        "g",
        "text",
    }


def test_a_badge_names_the_one_algorithm() -> None:
    assert ">knn<" in badge.render(PASSING)
    assert ">algoreg<" in badge.render(FAILING)


def test_names_of_kinds_cost_no_format() -> None:
    """The commands offer them, and --help must stay quick."""
    code = "import sys, algoreg.formats.kinds; print([m for m in sys.modules if 'rich' in m or 'xml' in m])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
