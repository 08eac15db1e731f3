"""`algoreg compare` without a container engine: on the same folds, readable, and refused before anything runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from algoreg import schemas
from support.program import CHECKOUT, Run

ASKED = (
    *("--data", CHECKOUT / "docs" / "data" / "diabetes.csv"),
    *("--variable", "progression", "--covariables", "age,sex,bmi", "--engine", "process"),
)


def test_a_comparison_is_of_the_same_folds_and_can_be_read(algoreg: Run, tmp_path: Path) -> None:
    given = ("--folds", "2", "--parameter", "knn.k=15", "--format", "json")
    done = algoreg("compare", "knn", "linreg", *ASKED, *given)
    assert done.code == 0, done.err
    assert "compare-" in done.err
    (path,) = tmp_path.rglob("comparison.json")
    record = json.loads(path.read_text())
    assert json.loads(done.out) == record
    assert schemas.violations("comparison", record) == ()
    knn, linreg = record["experiments"]
    assert (knn["parameters"], linreg["parameters"]) == ({"k": "15"}, {})
    assert record["standings"][0]["code"] == "linreg"
    (pair,) = record["pairs"]
    values = [one["value"] - other["value"] for one, other in zip(knn["folds"], linreg["folds"], strict=True)]
    assert pair["difference"] == pytest.approx(sum(values) / 2)
    rows = [_held_out(tmp_path / one["folder"]) for one in (knn, linreg)]
    assert len(rows[0]) == 2
    assert rows[0] == rows[1]
    assert "<svg" in (path.parent / "compared.svg").read_text()


def _held_out(folder: Path) -> list[list[int]]:
    return [json.loads(path.read_text())["rows"] for path in sorted(folder.glob("fold-*/predictions.json"))]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("knn", "linreg", "--parameter", "knn.k=0"), "an integer from 1 to 100"),
        (("knn", "linreg", "--parameter", "linreg.regularisation=a lot"), "a number from 0 to 1000000"),
        (("knn", "lineg"), "Did you mean linreg?"),
    ],
)
def test_a_comparison_that_cannot_be_is_not_begun(algoreg: Run, arguments: Sequence[str], words: str) -> None:
    done = algoreg("compare", *arguments, *ASKED)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "train" not in done.err


def test_a_comparison_needs_two(algoreg: Run) -> None:
    done = algoreg("compare", "knn", *ASKED)
    assert (done.code, done.out) == (2, "")
    assert "needs two" in done.err
