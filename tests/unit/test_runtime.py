"""The runtime against a real PostgreSQL: what it writes, which input it takes, how it answers other commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from algoreg import contract
from support.clinic import (
    ABSENT,
    AGE,
    DIAGNOSES,
    DIAGNOSIS,
    HELD_OUT,
    SCORE,
    SEX,
    TRAIN_COUNT,
    VOLUME,
    Clinic,
    Given,
)


def values(column: Given) -> list[Any]:
    return [column.values[row] for row in HELD_OUT]


# --- what it writes -----------------------------------------------------------------------------


def test_regression_from_training_to_predictions(clinic: Clinic) -> None:
    job = clinic.regression()
    trained = job.spawn("train")
    assert (trained.returncode, trained.stderr, trained.stdout) == (0, "", "")
    written = job.read(contract.INPUT_TEST)
    assert {k: v for k, v in written.items() if k != "pipeline"} == job.training
    assert written["pipeline"].isprintable()
    assert job.files() == [contract.INPUT_TEST, contract.INPUT_TRAINING]

    tested = job.spawn("test")
    assert (tested.returncode, tested.stderr, tested.stdout) == (0, "", "")
    answer = job.read(contract.PREDICTIONS)
    assert answer["rows"] == list(HELD_OUT)
    assert answer["targets"] == values(SCORE)
    assert all(isinstance(value, float) for value in answer["predictions"])
    assert answer["probabilities"] is None
    assert job.read(contract.INPUT_TEST) == written


def test_predictions_are_scikit_learns_own(clinic: Clinic) -> None:
    """The same by hand: scaling fitted on the training rows only, full one-hot, k neighbours."""
    import numpy as np
    from sklearn.neighbors import KNeighborsRegressor

    job = clinic.regression(MODEL_PARAM_k="3")
    assert job.run("train") == 0
    assert job.run("test") == 0
    train = [row for row in range(TRAIN_COUNT) if row not in HELD_OUT]
    continuous = np.array([AGE.values, VOLUME.values], dtype=float).T
    scaled = (continuous - continuous[train].mean(axis=0)) / continuous[train].std(axis=0)
    one_hot = np.array([[value == "M", value == "F"] for value in SEX.values], dtype=float)
    x = np.hstack([scaled, one_hot])
    model = KNeighborsRegressor(3).fit(x[train], np.array(SCORE.values)[train])
    expected = model.predict(x[list(HELD_OUT)])
    assert job.read(contract.PREDICTIONS)["predictions"] == pytest.approx(list(expected), rel=1e-12)


def test_classification_answers_with_codes_and_probabilities(clinic: Clinic) -> None:
    job = clinic.classification()
    assert job.spawn("train").returncode == 0
    tested = job.spawn("test")
    assert (tested.returncode, tested.stderr) == (0, "")
    answer = job.read(contract.PREDICTIONS)
    assert answer["targets"] == values(DIAGNOSIS)
    assert set(answer["predictions"]) <= set(DIAGNOSES)
    for row in answer["probabilities"]:
        assert list(row) == DIAGNOSES
        assert sum(row.values()) == pytest.approx(1, abs=1e-9)


def test_a_class_no_training_row_has_still_has_a_probability(clinic: Clinic) -> None:
    rare = Given("dx", "polynominal", "text", DIAGNOSIS.values, [*DIAGNOSES, "never seen"])
    job = clinic.experiment(rare, [AGE])
    assert (job.run("train"), job.run("test")) == (0, 0)
    for row in job.read(contract.PREDICTIONS)["probabilities"]:
        assert row["never seen"] == 0
        assert len(row) == 4


def test_test_runs_anywhere_with_one_file_and_no_parameters(clinic: Clinic, tmp_path: Path) -> None:
    job = clinic.classification(MODEL_PARAM_k="1")
    assert (job.run("train"), job.run("test")) == (0, 0)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / contract.INPUT_TEST).write_bytes((job.volume / contract.INPUT_TEST).read_bytes())
    first = job.read(contract.PREDICTIONS)
    job.volume = elsewhere
    job.environ = {k: v for k, v in job.environ.items() if k.startswith("IN_")}
    job.environ |= {"ALGOREG_VOLUME": str(elsewhere), "MODEL_PARAM_k": "20"}
    assert job.run("test") == 0
    assert job.read(contract.PREDICTIONS) == first


def test_every_key_of_the_input_travels_with_an_equal_value(clinic: Clinic) -> None:
    job = clinic.regression()
    job.training |= {"extra": {"ünï": [1, 2.5, -0.0, 10**30, None, True, "\u2028😀\ud800"]}, "seed": -1}
    job.start()
    assert job.run("train") == 0
    written = job.read(contract.INPUT_TEST)
    del written["pipeline"]
    assert written == job.training


@pytest.mark.parametrize("seed", [None, 0, 2**40, -5])
def test_any_integer_is_a_seed(clinic: Clinic, seed: int | None) -> None:
    job = clinic.regression()
    job.change(contract.INPUT_TRAINING, seed=ABSENT if seed is None else seed)
    assert (job.run("train"), job.run("test")) == (0, 0)


def test_columns_are_matched_by_name(clinic: Clinic) -> None:
    job = clinic.regression()
    assert (job.run("train"), job.run("test")) == (0, 0)
    first = job.read(contract.PREDICTIONS)
    turned = job.training["query_features"].replace('"age", "left_hippocampus"', '"left_hippocampus", "age"')
    assert turned != job.training["query_features"]
    job.change(contract.INPUT_TRAINING, query_features=turned)
    assert (job.run("train"), job.run("test")) == (0, 0)
    assert job.read(contract.PREDICTIONS) == first


def test_held_out_rows_keep_the_callers_order(clinic: Clinic) -> None:
    job = clinic.regression()
    job.change(contract.INPUT_TRAINING, test_rows=[29, 3, 17])
    assert (job.run("train"), job.run("test")) == (0, 0)
    answer = job.read(contract.PREDICTIONS)
    assert answer["rows"] == [29, 3, 17]
    assert answer["targets"] == [SCORE.values[row] for row in (29, 3, 17)]


def test_k_above_the_training_rows_lets_all_of_them_vote(clinic: Clinic) -> None:
    job = clinic.regression(MODEL_PARAM_k="100")
    assert (job.run("train"), job.run("test")) == (0, 0)
    train = [value for row, value in enumerate(SCORE.values) if row not in HELD_OUT]
    mean = pytest.approx(sum(train) / len(train))
    assert all(value == mean for value in job.read(contract.PREDICTIONS)["predictions"])


@pytest.mark.parametrize("name", ["MODEL_PARAM_k", "PARAM_MODEL_k"])
def test_both_names_of_a_parameter_reach_the_text(clinic: Clinic, name: str) -> None:
    job = clinic.regression(**{name: "9"})
    assert job.run("train") == 0
    assert '"n_neighbors":9' in job.read(contract.INPUT_TEST)["pipeline"].replace(" ", "")


# --- hostile, and legal -------------------------------------------------------------------------

APOSTROPHE = ["Alzheimer's disease", "Parkinson's", 'say "no"']
UNICODE = ["Größe — 你好", "naïve\u202e", "🧠"]


@pytest.mark.parametrize(
    ("sql_type", "stored", "sent"),
    [
        pytest.param("text", APOSTROPHE, APOSTROPHE, id="apostrophe"),
        pytest.param("text", UNICODE, UNICODE, id="unicode"),
        pytest.param("text", ["0", "1", "2"], [0, 1, 2], id="digits-in-text"),
        pytest.param("integer", [0, 1, 2], [0, 1, 2], id="digits-in-integer"),
        pytest.param("integer", [0, 1, 2], ["0", "1", "2"], id="digits-sent-as-text"),
        pytest.param("double precision", [0.0, 1.0, 2.0], [0, 1, 2], id="digits-in-double"),
        pytest.param("numeric(4,2)", [0, 1, 2], [0, 1, 2], id="digits-in-numeric"),
        pytest.param("text", ["a,b", "c;d", "{e}"], ["a,b", "c;d", "{e}"], id="punctuation"),
    ],
)
@pytest.mark.parametrize("place", ["variable", "covariable"])
def test_hostile_codes(
    clinic: Clinic, place: str, sql_type: str, stored: Sequence[Any], sent: Sequence[Any]
) -> None:
    hostile = Given("h", "polynominal", sql_type, [stored[i % 3] for i in range(TRAIN_COUNT)], sent)
    job = clinic.experiment(hostile, [AGE]) if place == "variable" else clinic.experiment(SCORE, [hostile])
    assert (job.run("train"), job.run("test")) == (0, 0)
    answer = job.read(contract.PREDICTIONS)
    if place == "variable":
        assert answer["targets"] == [str(sent[row % 3]) for row in HELD_OUT]
        assert set(answer["predictions"]) <= {str(code) for code in sent}


@pytest.mark.parametrize(
    "code", ["order", "3rd-Ventricle", "IQ", "SELECT", "user", "100%", 'quo"te', "größe"]
)
def test_hostile_names(clinic: Clinic, code: str) -> None:
    variable = Given(code, "real", "double precision", SCORE.values)
    job = clinic.experiment(variable, [AGE])
    assert (job.run("train"), job.run("test")) == (0, 0)
    job = clinic.experiment(SCORE, [Given(code, "real", "double precision", AGE.values), SEX])
    assert (job.run("train"), job.run("test")) == (0, 0)


def test_a_single_row_to_predict(clinic: Clinic) -> None:
    job = clinic.classification()
    job.change(contract.INPUT_TRAINING, test_rows=[5])
    assert (job.run("train"), job.run("test")) == (0, 0)
    assert len(job.read(contract.PREDICTIONS)["predictions"]) == 1


def test_without_enumerations_the_training_rows_codes_count(clinic: Clinic) -> None:
    """A code that only a held-out row has is known to nobody: encoded as none of them, not refused."""
    ward = Given("ward", "polynominal", "text", ["z" if i == 3 else "ab"[i % 2] for i in range(TRAIN_COUNT)])
    job = clinic.experiment(SCORE, [ward, AGE])
    assert (job.run("train"), job.run("test")) == (0, 0)
    pipeline = json.loads(job.read(contract.INPUT_TEST)["pipeline"])
    assert pipeline["covariables"][0]["codes"] == ["a", "b"]


# --- NULL ---------------------------------------------------------------------------------------


def with_null(column: Given, *rows: int) -> Given:
    changed = [None if row in rows else value for row, value in enumerate(column.values)]
    return Given(column.code, column.type, column.sql_type, changed, column.enumeration)


@pytest.mark.parametrize("column", [SCORE, DIAGNOSIS])
def test_a_held_out_null_target_is_predicted_all_the_same(clinic: Clinic, column: Given) -> None:
    job = clinic.experiment(with_null(column, 11), [AGE, SEX])
    assert (job.run("train"), job.run("test")) == (0, 0)
    answer = job.read(contract.PREDICTIONS)
    assert answer["targets"] == [None if row == 11 else column.values[row] for row in HELD_OUT]
    assert answer["predictions"][1] is not None


@pytest.mark.parametrize(("row", "column"), [(0, AGE), (11, AGE), (0, SEX), (0, SCORE)])
def test_an_undeclared_null_is_refused_by_its_column(
    clinic: Clinic, row: int, column: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = with_null(column, row)
    job = clinic.experiment(broken, [AGE]) if column is SCORE else clinic.experiment(SCORE, [broken])
    assert job.run("train") == 1
    said = capsys.readouterr().err
    assert contract.db_safe(column.code) in said
    assert "NULL" in said
    assert job.files() == [contract.INPUT_TRAINING]


TOLERANT = {"variables_can_be_null": True, "covariables_can_be_null": True}


def test_declared_nulls_are_dropped_and_imputed(clinic: Clinic, author: Any) -> None:
    plain = "from sklearn.dummy import DummyRegressor\ndef estimator(job):\n    return DummyRegressor()\n"
    package = author("author_tolerant", plain, **TOLERANT)
    empty = Given("empty", "real", "double precision", [None] * TRAIN_COUNT)
    job = clinic.experiment(with_null(SCORE, 0, 3), [with_null(AGE, 1, 11), with_null(SEX, 2, 17), empty])
    assert (job.run("train", package=package), job.run("test", package=package)) == (0, 0)
    answer = job.read(contract.PREDICTIONS)
    used = [value for row, value in enumerate(SCORE.values) if row not in HELD_OUT and row != 0]
    assert answer["predictions"] == pytest.approx([sum(used) / len(used)] * 4)


# --- commands -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("train", "more"),
        ("compute;id",),
        ("compute", "--mode", "intermediate"),  # kNN is not federated
        ("wait",),
        ("TRAIN",),
        ("--help",),
        ("",),
    ],
)
def test_other_commands_are_answered_with_usage(
    clinic: Clinic, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.regression(IN_PORT="1")
    assert job.run(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "train" in told.err
    assert "test" in told.err
    assert job.files() == [contract.INPUT_TRAINING]


def test_usage_is_told_without_importing_anything_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "algoreg_knn", "nonsense"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert (
        imported & {"sklearn", "numpy", "scipy", "psycopg", "typer", "docker", "jsonschema", "rich"} == set()
    )


def test_bad_input_is_told_before_scikit_learn_is_imported(clinic: Clinic) -> None:
    job = clinic.regression(MODEL_PARAM_k="0")
    job.environ["PYTHONPROFILEIMPORTTIME"] = "1"
    done = job.spawn("train")
    assert done.returncode == 1
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert imported & {"sklearn", "numpy", "scipy", "psycopg"} == set()
