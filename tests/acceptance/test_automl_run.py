"""The AutoML benchmark as a person starts it, at its smallest: two small data sets, the smallest search, two folds."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from support.program import CHECKOUT

sys.path.insert(0, str(CHECKOUT))  # benchmarks are no part of the distribution

from benchmarks.automl import records, trials
from benchmarks.automl.contenders import CONTENDERS
from benchmarks.automl.tables import DATA_SETS

SMALL = ("--data-sets", "wine,gapminder", "--contenders", "linreg,tpot 2x8", "--folds", "2")
TRIALS = 4


def automl(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.automl", *words],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("automl") / "records"
    done = automl("run", *SMALL, "--output", made)
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.slow
@pytest.mark.thorough
def test_every_record_is_whole_and_ok_on_the_same_folds(folder: Path) -> None:
    found = records.read_all(folder)
    assert len(found) == TRIALS
    for one in found:
        assert one.experiment["ok"] is True
        assert [fold.value is not None for fold in one.folds] == [True, True]
        assert one.cost.cpu_s > 0
        assert len(one.models) == 2
        assert one.experiment["folder"] is None
    for name in ("wine", "gapminder"):
        rows = {
            tuple((fold.n_train, fold.n_held_out) for fold in one.folds)
            for one in found
            if one.trial.data_set == name
        }
        assert len(rows) == 1
    by_name = {(one.trial.data_set, one.trial.contender): one for one in found}
    assert set(by_name["gapminder", "linreg"].models) == {"LinearRegression"}
    assert set(by_name["wine", "linreg"].models) == {"LogisticRegression"}
    assert by_name["wine", "tpot 2x8"].cost.cpu_s > by_name["wine", "linreg"].cost.cpu_s


@pytest.mark.slow
@pytest.mark.thorough
def test_the_tables_have_the_means_of_the_records(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "automl.md"
    done = automl("report", "--records", folder, "--document", path)
    assert done.returncode == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    for one in folder.iterdir():
        document = json.loads(one.read_text(encoding="utf-8"))
        values = [fold["value"] for fold in document["experiment"]["folds"]]
        name = document["trial"]["data_set"]
        (row,) = re.findall(rf"^\| {name} \| (?:R²|accuracy) .*$", text, re.MULTILINE)
        assert f"{statistics.fmean(values):.3f} ± {statistics.stdev(values):.3f}" in row
    assert len(list(tmp_path.glob("automl-*.svg"))) == 2


@pytest.mark.slow
@pytest.mark.thorough
def test_what_is_kept_is_not_made_again_and_half_a_file_is_refused(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = automl("run", *SMALL, "--output", folder)
    assert again.returncode == 0
    assert f"{TRIALS} trials, {TRIALS} of them kept already" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before

    path = folder / "wine.linreg.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    try:
        for words in (
            ("run", *SMALL, "--output"),
            ("report", "--document", folder.parent / "x.md", "--records"),
        ):
            refused = automl(*words, folder)
            assert refused.returncode == 2
            assert "wine.linreg.json is no record to go on with" in refused.stderr
            assert path.read_bytes() == whole[:300]
    finally:
        path.write_bytes(whole)


def test_a_trial_that_breaks_is_told_and_not_kept(tmp_path: Path) -> None:
    wrong = replace(CONTENDERS["knn"], typed=lambda _: {"nonsense": "1"})
    told: list[str] = []
    how = trials.Round(folds=2, seed=7, jobs=1, output=tmp_path)
    assert trials.make([DATA_SETS["gapminder"]], [wrong], how, told.append) == 1
    assert "BROKE" in told[-1]
    assert "nonsense" in told[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_none_is_refused() -> None:
    refused = automl("run", "--data-sets", "wine,cheese")
    assert refused.returncode == 2
    assert "no data set 'cheese'" in refused.stderr
