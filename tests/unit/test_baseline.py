"""Only what is new closes the gate; what is known is shown as such, and what went away is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reports import BAD, GOOD, check, finding, report, target

from algoreg import baseline
from algoreg.errors import UsageError
from algoreg.formats import json as json_format
from algoreg.formats import terminal
from algoreg.report import Report, Verdict, WaivedBy
from algoreg.waivers import Excused


def against(folder: Path, before: Report, now: Report) -> Excused:
    (folder / "before.json").write_text(json_format.render(before))
    return baseline.apply(now, baseline.read(folder / "before.json"))


def test_the_same_failure_is_known_and_shown(tmp_path: Path) -> None:
    excused = against(tmp_path, report(target(*BAD)), report(target(*BAD, name="example/knn:2.0")))
    assert (excused.report.verdict, excused.notes) == (Verdict.PASS, ())
    (known,) = excused.report.targets[0].waived or ()
    assert (known.id, known.case, known.by) == ("neg.exit-code", "train: x", WaivedBy.BASELINE)
    text = terminal.render(excused.report)
    assert "FAIL neg.exit-code" in text
    assert f"train: x: known from the baseline {tmp_path}/before.json" in text


@pytest.mark.parametrize(
    "failed",
    [
        check("neg.exit-code", finding("FAIL", "train: z")),
        check("neg.diagnostic", finding("FAIL", "train: x")),
        check("neg.exit-code", finding("FAIL")),
    ],
)
def test_another_failure_is_new(tmp_path: Path, failed: object) -> None:
    excused = against(tmp_path, report(target(*BAD)), report(target(failed, *GOOD)))  # type: ignore[arg-type]
    assert (excused.report.verdict, excused.report.exit_code) == (Verdict.FAIL, 1)


@pytest.mark.parametrize(
    ("before", "now", "known"),
    [
        ({"code": "knn"}, {"code": "knn", "name": "other/name:1"}, True),
        ({"code": "knn"}, {"code": "tree"}, False),
        ({"code": None}, {"code": None, "name": "example/knn:9"}, True),
        ({"code": None}, {"code": None, "name": "example/tree:1.0"}, False),
        ({"code": None, "name": "/a/folder"}, {"code": None, "name": "/a/folder"}, True),
    ],
)
def test_a_target_is_the_same_by_its_code_or_by_its_name(
    tmp_path: Path, before: dict[str, str], now: dict[str, str], known: bool
) -> None:
    excused = against(tmp_path, report(target(*BAD, **before)), report(target(*BAD, **now)))  # type: ignore[arg-type]
    assert (excused.report.verdict is Verdict.PASS) is known


@pytest.mark.parametrize(
    ("present", "words"),
    [
        (check("neg.exit-code", finding("PASS", "train: x")), "passes now"),
        (check("neg.exit-code", finding("PASS", "train: y")), "passes now"),
        (check("neg.exit-code", finding("SKIP", message="left out")), "was not judged now: left out"),
        (
            check("neg.exit-code", finding("ERROR", "train: x", message="engine gone")),
            "not judged now: engine",
        ),
        (check("out.size", finding("PASS")), "was not judged now"),
    ],
)
def test_a_failure_that_went_away_is_told(tmp_path: Path, present: object, words: str) -> None:
    excused = against(tmp_path, report(target(*BAD)), report(target(present, *GOOD)))  # type: ignore[arg-type]
    (note,) = excused.notes
    assert "neg.exit-code (train: x) failed in" in note
    assert words in note


def test_a_target_that_is_not_in_this_run_is_no_news(tmp_path: Path) -> None:
    assert against(tmp_path, report(target(*BAD, code="tree")), report(target(*GOOD))).notes == ()


def test_an_error_now_is_not_known_whatever_was_before(tmp_path: Path) -> None:
    broken = check("neg.exit-code", finding("ERROR", "train: x"))
    excused = against(tmp_path, report(target(*BAD)), report(target(broken, *GOOD)))
    assert excused.report.exit_code == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("algoreg-report/1", "algoreg-report/2"),
        lambda text: text.replace('"seed": 7', '"sed": 7'),
        lambda text: json.dumps({"schema": "algoreg-list/1", "algorithms": []}),
        lambda text: "",
    ],
)
def test_what_is_no_report_of_this_form_is_wrong_usage(tmp_path: Path, change: object) -> None:
    text = json_format.render(report(target(*BAD)))
    assert change(text) != text  # type: ignore[operator]
    (tmp_path / "before.json").write_text(change(text))  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"before\.json"):
        baseline.read(tmp_path / "before.json")


def test_a_waiver_comes_before_the_baseline(tmp_path: Path) -> None:
    from datetime import date

    from algoreg.model import ImageRef
    from algoreg.waivers import Waiver

    (tmp_path / "before.json").write_text(json_format.render(report(target(*BAD))))
    waiver = Waiver(
        id="neg.exit-code",
        case=None,
        image=ImageRef.parse("example/knn"),
        digest=None,
        reason="r",
        owner="o",
        expires=date(2030, 1, 1),
        where="w:1",
    )
    excused = baseline.excuse(
        report(target(*BAD)), waivers=(waiver,), baseline=baseline.read(tmp_path / "before.json")
    )
    assert [one.by for one in excused.report.targets[0].waived or ()] == [WaivedBy.WAIVER]


def test_nothing_given_is_nothing_changed() -> None:
    bad = report(target(*BAD))
    assert baseline.excuse(bad, waivers=None, baseline=None).report is bad
