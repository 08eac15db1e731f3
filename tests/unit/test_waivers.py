"""A tolerated failure stays visible, is covered by nobody's accident, and never covers more than it says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import BAD, GOOD, IMAGE_ID, check, finding, report, target

from algoreg import schemas, waivers
from algoreg.errors import MetadataError, UsageError
from algoreg.formats import json as json_format
from algoreg.formats import terminal
from algoreg.report import CheckResult, Outcome, Report, Severity, Verdict, Waived, WaivedBy

CHECKS = ("neg.exit-code", "out.json", "meta.root")
KEYS = ("id", "case", "image", "digest", "reason", "owner", "expires")
TODAY = date(2026, 11, 23)
ENTRY = """\
  - id: neg.exit-code
    image: example/knn:1.0
    reason: Mended in 1.1.
    owner: ada@example.org
    expires: "2026-11-23"
"""


def read(folder: Path, text: str, name: str = "waivers.yaml") -> tuple[waivers.Waiver, ...]:
    (folder / name).write_text(text)
    return waivers.read(folder / name, checks=CHECKS, day=TODAY)


def applied(folder: Path, given: Report, *changes: tuple[str, str]) -> waivers.Excused:
    text = ENTRY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return waivers.apply(given, read(folder, f"waivers:\n{text}"))


def test_an_entry_is_read_with_its_line(tmp_path: Path) -> None:
    (one,) = read(tmp_path, f"# ours\nwaivers:\n{ENTRY}")
    assert (one.id, one.case, one.owner, one.expires) == ("neg.exit-code", None, "ada@example.org", TODAY)
    assert one.where == f"{tmp_path}/waivers.yaml:3"


@pytest.mark.parametrize("indent", [1, "\t"])
def test_json_is_read_too_with_lines_where_it_can_be(tmp_path: Path, indent: int | str) -> None:
    entry = {"id": "out.json", "digest": IMAGE_ID, "reason": "r", "owner": "o", "expires": "2027-01-01"}
    (one,) = read(tmp_path, json.dumps({"waivers": [entry]}, indent=indent), "waivers.json")
    assert one.digest == IMAGE_ID
    assert one.where.endswith("waivers.json:3" if indent == 1 else "waivers.json: $.waivers[0]")


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        (
            "neg.exit-code",
            "neg.exit-cod",
            2,
            "there is no check 'neg.exit-cod' [waivers.unknown-check]; fix: write neg",
        ),
        ("neg.exit-code", "zzz", 2, "`algoreg checks` lists them"),
        ("neg.exit-code", "neg", 2, "no check 'neg'"),
        ("2026-11-23", "2026-11-22", 6, "expired on 2026-11-22"),
        ("Mended in 1.1.", '"\\u200b"', 4, "$.waivers[0].reason"),
        ("2026-11-23", "2026-02-30", 6, "there is no day"),
        ("2026-11-23", "20261123", 6, "$.waivers[0].expires"),
        ('"2026-11-23"', "2026-11-23", 6, '"2026-11-23" in quotes'),
        ("Mended in 1.1.", '" "', 4, "$.waivers[0].reason"),
        ("ada@example.org", '""', 5, "$.waivers[0].owner"),
        ("    owner: ada@example.org\n", "", 2, "the key owner"),
        ("    image: example/knn:1.0\n", "", 2, "image and digest"),
        ("image: example/knn:1.0", "digest: sha256:abc", 3, "$.waivers[0].digest"),
        ("    image: ", f"    digest: {IMAGE_ID}\n    image: ", 3, "image and digest"),
        ("example/knn:1.0", "Example/KNN:1.0", 3, "not the name of an image"),
        ("example/knn:1.0", f"example/knn@{IMAGE_ID}", 3, "write digest"),
        ("example/knn:1.0", "a" * 64, 3, "write digest"),
        ("image:", "imgae:", 3, "write image"),
    ],
)
def test_what_is_wrong_names_file_and_line(
    tmp_path: Path, before: str, after: str, line: int, words: str
) -> None:
    assert before in ENTRY
    with pytest.raises(MetadataError) as refused:
        read(tmp_path, f"waivers:\n{ENTRY.replace(before, after, 1)}")
    assert refused.value.exit_code == 2
    told = [problem for problem in refused.value.problems if words in problem]
    assert told, refused.value.problems
    assert f"waivers.yaml:{line}:" in told[0]


def test_every_wrong_entry_is_told_at_once(tmp_path: Path) -> None:
    wrong = ENTRY.replace("neg.exit-code", "no.such").replace("2026-11-23", "2020-01-01")
    with pytest.raises(MetadataError) as refused:
        read(tmp_path, f"waivers:\n{wrong}{wrong}")
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize("text", ["", "[]", "waivers: {}", "waivers: [1]", "waivers:\n\t- id: x", "{"])
def test_what_is_no_list_of_waivers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MetadataError, match=r"waivers\.yaml"):
        read(tmp_path, text)


def test_an_absent_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        waivers.read(tmp_path / "absent.yaml", checks=CHECKS, day=TODAY)


def test_a_waived_failure_is_not_counted_and_stays_visible(tmp_path: Path) -> None:
    bad = report(target(*BAD))
    assert bad.verdict is Verdict.FAIL
    excused = applied(tmp_path, bad)
    assert (excused.report.verdict, excused.report.exit_code, excused.notes) == (Verdict.PASS, 0, ())
    document = json_format.document(excused.report)
    assert schemas.first_problem("report", document) is None
    (told,) = document["targets"]
    assert [one["outcome"] for one in told["checks"] if one["case"] == "train: x"] == ["FAIL"]
    (waived,) = told.pop("waived")
    assert waived == {
        "id": "neg.exit-code",
        "case": "train: x",
        "by": "waiver",
        "source": f"{tmp_path}/waivers.yaml:2",
        "reason": "Mended in 1.1.",
        "owner": "ada@example.org",
        "expires": "2026-11-23",
    }
    (before,) = json_format.document(bad)["targets"]
    assert {**told, "verdict": "FAIL"} == before
    text = terminal.render(excused.report)
    assert "example/knn:1.0 PASS" in text
    assert "FAIL neg.exit-code" in text
    assert "Mended in 1.1. (ada@example.org, until 2026-11-23, " in text


def test_a_saved_report_keeps_its_waivers(tmp_path: Path) -> None:
    text = json_format.render(applied(tmp_path, report(target(*BAD))).report)
    again = json_format.parse(text.encode(), origin="saved")
    assert json_format.render(again) == text
    assert again.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ("image: example/knn:1.0", True),
        ("image: example/knn", True),
        ("image: example/knn:1.1", False),
        ("image: knn", False),
        ("image: other/knn", False),
        (f"digest: {IMAGE_ID}", True),
        ("digest: sha256:" + "b" * 64, True),
        ("digest: sha256:" + "c" * 64, False),
    ],
)
def test_a_waiver_is_for_the_image_that_it_names(tmp_path: Path, scope: str, covered: bool) -> None:
    pushed = target(*BAD, digest="registry.example/knn@sha256:" + "b" * 64)
    excused = applied(tmp_path, report(pushed), ("image: example/knn:1.0", scope))
    assert (excused.report.verdict is Verdict.PASS) is covered
    assert any("names no image of this run" in note for note in excused.notes) is not covered


@pytest.mark.parametrize(("case", "covered"), [("train: x", True), ("train: y", False), ("train", False)])
def test_a_waiver_of_a_case_is_for_this_case(tmp_path: Path, case: str, covered: bool) -> None:
    change = ("    image:", f'    case: "{case}"\n    image:')
    excused = applied(tmp_path, report(target(*BAD)), change)
    assert (excused.report.verdict is Verdict.PASS) is covered
    assert any("did not fail" in note for note in excused.notes) is not covered


def test_one_case_that_is_not_waived_fails(tmp_path: Path) -> None:
    two = check("neg.exit-code", finding("FAIL", "train: x"), finding("FAIL", "train: z"))
    change = ("    image:", '    case: "train: x"\n    image:')
    excused = applied(tmp_path, report(target(two, *GOOD)), change)
    assert excused.report.verdict is Verdict.FAIL
    assert len(excused.report.targets[0].waived or ()) == 1


def test_other_targets_are_not_touched(tmp_path: Path) -> None:
    excused = applied(tmp_path, report(target(*BAD), target(*BAD, name="example/tree:1.0", code="tree")))
    assert [one.verdict for one in excused.report.targets] == [Verdict.PASS, Verdict.FAIL]
    assert excused.report.exit_code == 1


def test_an_error_is_never_waived(tmp_path: Path) -> None:
    broken = check("neg.exit-code", finding("ERROR", "train: x"))
    excused = applied(tmp_path, report(target(broken, *GOOD)))
    assert (excused.report.verdict, excused.report.exit_code) == (Verdict.ERROR, 3)
    assert excused.report.targets[0].waived == ()


def test_what_waits_for_a_waived_failure_is_not_taken_for_judged(tmp_path: Path) -> None:
    """A waived base case would otherwise open the gate to an image of which nothing was seen."""
    waiting = check(
        "out.json", finding("SKIP", blocking=True, message="not judged until neg.exit-code passes")
    )
    base = check("neg.exit-code", finding("FAIL", "train: x"))
    excused = applied(tmp_path, report(target(base, waiting)))
    assert (excused.report.verdict, excused.report.exit_code) == (Verdict.PARTIAL, 3)


def test_without_waivers_a_report_has_no_such_key() -> None:
    assert "waived" not in json_format.document(report(target(*BAD)))["targets"][0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=20,
)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)), max_size=3) | JSON)
def test_anything_else_is_refused_in_words(entries: object) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.json"
        path.write_text(json.dumps({"waivers": entries}))
        try:
            found = waivers.read(path, checks=CHECKS, day=TODAY)
        except MetadataError as error:
            refused = error.problems
        else:
            refused = ()
            assert len(found) == len(entries)  # type: ignore[arg-type]
        assert all("w.json" in problem for problem in refused)


@given(
    outcomes=st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=6),
    waived=st.sets(st.integers(0, 5)),
    warnings=st.sets(st.integers(0, 5)),
    fail_on=st.sampled_from(list(Severity)),
)
def test_nothing_but_a_waived_failure_stops_counting(
    outcomes: list[Outcome], waived: set[int], warnings: set[int], fail_on: Severity
) -> None:
    def one(index: int, outcome: Outcome) -> CheckResult:
        return check(f"a.{index}", finding(outcome, f"case {index}"), warning=index in warnings)

    marks = tuple(
        Waived(id=f"a.{index}", case=f"case {index}", by=WaivedBy.WAIVER, source="w:1") for index in waived
    )
    made = replace(target(*(one(*pair) for pair in enumerate(outcomes)), fail_on=fail_on), waived=marks)
    counted = [
        index
        for index, outcome in enumerate(outcomes)
        if outcome is Outcome.FAIL
        and index not in waived
        and (index not in warnings or fail_on is Severity.WARNING)
    ]
    assert (made.verdict is Verdict.FAIL) is bool(counted)
    if made.verdict is Verdict.PASS:
        assert Outcome.ERROR not in outcomes
        assert set(outcomes) & {Outcome.PASS, Outcome.FAIL}
    if not set(enumerate(outcomes)) & {(index, Outcome.FAIL) for index in waived}:
        assert made.verdict is made.unaided


def test_of_two_waivers_of_one_failure_the_longer_one_counts(tmp_path: Path) -> None:
    longer = ENTRY.replace('"2026-11-23"', '"2027-01-31"')
    (tmp_path / "two.yaml").write_text(f"waivers:\n{ENTRY}{longer}")
    given = waivers.read(tmp_path / "two.yaml", checks=CHECKS, day=TODAY)
    excused = waivers.apply(report(target(*BAD)), given)
    (mark,) = excused.report.targets[0].waived or ()
    assert mark.expires == "2027-01-31"
    (note,) = excused.notes
    assert note == (
        f"{tmp_path / 'two.yaml'}:2: neg.exit-code is covered by another entry, which expires later or stands before"
    )
