"""The page of estimators is what the records give, and the records are what the form says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from algoreg.errors import UsageError
from algoreg.scaffolding.python import estimators
from support.program import CHECKOUT

sys.path.insert(0, str(CHECKOUT))  # benchmarks are no part of the distribution

from benchmarks.estimators import page, records
from benchmarks.estimators.records import Judgement, Record

RECORDS = CHECKOUT / "benchmarks" / "estimators" / "records"


def judged(verdict: str = "PASS", **failed: str) -> Judgement:
    ids = {id.replace("__", "."): message for id, message in failed.items()}
    return Judgement(
        verdict=verdict, passed=40, failed=ids, cases=100, seconds=12.3, seed=7, engine="process 3.11"
    )


def record(name: str, process: Judgement | None, *, refused: str | None = None) -> Record:
    return Record(
        estimator=f"sklearn.some.{name}",
        task="regression",
        refused=refused,
        offered=2,
        result="json",
        process=process,
        versions={"scikit-learn": "1.9"},
    )


def test_the_page_is_what_the_records_give() -> None:
    tasks = [one.task for one in estimators.everything()]
    written = (CHECKOUT / "docs" / "estimators.md").read_text(encoding="utf-8")
    assert written == page.page(records.read_all(RECORDS), tasks=tasks)


def test_every_record_is_of_an_estimator_and_says_why_it_does_not_pass() -> None:
    known = {one.path: one.task for one in estimators.everything()}
    found = records.read_all(RECORDS)
    assert found
    for one in found:
        assert known[one.estimator] == one.task
        assert (one.refused is None) != (one.process is None)
        assert page.passes(one) or one.refused or (one.process and one.process.failed)


def test_the_share_counts_what_was_judged() -> None:
    kept = [
        record("Good", judged()),
        record("Bad", judged("FAIL", sem__uses_data="same | as before")),
        record("None", None, refused="--estimator: None does not work on a table: 2d"),
    ]
    text = page.page(kept, tasks=["regression"] * 5 + ["classification"])
    assert "| regressors | 5 | 3 | 1 (33 % of those judged) | 1 | 1 | 2 |" in text
    assert "| `Bad` | `sem.uses_data`: same \\| as before |" in text
    assert "| `None` | no folder: it does not work on a table: 2d |" in text
    assert page.drawn(kept, seed=1, count=6) == ["Good"]


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = record("Good", judged())
    kept.write(tmp_path)
    assert records.read_all(tmp_path) == (kept,)
    (tmp_path / "Good.json").write_text("{}")
    with pytest.raises(UsageError, match=r"Good\.json"):
        records.read_all(tmp_path)
