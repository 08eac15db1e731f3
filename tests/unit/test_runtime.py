"""The runtime against a real PostgreSQL: what it writes, what it refuses, what it never says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from algoreg import contract
from algoreg.runtime.declaration import declaration_of
from support.clinic import (
    ABSENT,
    AGE,
    DIAGNOSES,
    DIAGNOSIS,
    HELD_OUT,
    PASSWORD,
    ROLE,
    SCORE,
    SEX,
    TRAIN_COUNT,
    VOLUME,
    Clinic,
    Experiment,
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


# --- the faults of contract section 5 -----------------------------------------------------------


def refused(job: Experiment, command: str, *evidence: str) -> str:
    """Run it for real: code 1, the evidence in the logs, nothing written, no secret told."""
    before = job.files()
    done = job.spawn(command)
    assert done.returncode == 1, done.stderr
    assert any(token.lower() in done.stderr.lower() for token in evidence), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert job.files() == before
    assert PASSWORD not in done.stderr + done.stdout
    return done.stderr


def test_absent_or_broken_training_file(clinic: Clinic) -> None:
    job = clinic.regression()
    path = job.volume / contract.INPUT_TRAINING
    path.write_text('{"query_features": ')
    refused(job, "train", "input_training.json")
    path.unlink()
    refused(job, "train", "input_training.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"seed": NaN}',
        b'{"seed": 1e999}',
        b'{"seed": 1, "seed": 2}',
        b"[" * 100_000,
        b'{"seed": ' + b"9" * 5000 + b"}",
        b'"\\ud800',
    ],
)
@pytest.mark.parametrize("command", ["train", "test"])
def test_files_that_are_no_strict_json(
    clinic: Clinic, command: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.regression()
    file = {"train": contract.INPUT_TRAINING, "test": contract.INPUT_TEST}[command]
    (job.volume / file).write_bytes(content)
    assert job.run(command) == 1
    assert file in capsys.readouterr().err


@pytest.mark.parametrize(
    ("keys", "evidence"),
    [
        ({"query_features": ABSENT}, "query_features"),
        ({"query_targets": ABSENT}, "query_targets"),
        ({"query_features": 3}, "query_features"),
        ({"query_targets": "  "}, "query_targets"),
        ({"test_rows": ABSENT}, "test_rows"),
        ({"test_rows": []}, "test_rows"),
        ({"test_rows": [1, 1]}, "test_rows"),
        ({"test_rows": [1.0]}, "test_rows"),
        ({"test_rows": [True]}, "test_rows"),
        ({"test_rows": [-1]}, "test_rows"),
        ({"test_rows": [TRAIN_COUNT]}, "test_rows"),
        ({"test_rows": list(range(TRAIN_COUNT - 1))}, "test_rows"),
        ({"seed": "7"}, "seed"),
        ({"seed": 1.5}, "seed"),
    ],
)
def test_keys_of_the_training_file(
    clinic: Clinic, keys: Mapping[str, Any], evidence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.regression()
    job.change(contract.INPUT_TRAINING, **keys)
    assert job.run("train") == 1
    assert evidence in capsys.readouterr().err
    assert job.files() == [contract.INPUT_TRAINING]


def test_faults_of_the_pipeline(clinic: Clinic) -> None:
    job = clinic.regression()
    assert job.run("train") == 0
    text = job.read(contract.INPUT_TEST)["pipeline"]
    for wrong in (ABSENT, text[: len(text) // 2], "__import__('os').system('touch /tmp/evil')", "", 3, "{}"):
        job.change(contract.INPUT_TEST, pipeline=wrong)
        refused(job, "test", "pipeline")


def test_absent_environment(clinic: Clinic) -> None:
    for name in ("PARAM_meta", "PARAM_variables", "PARAM_covariables"):
        job = clinic.regression()
        del job.environ[name]
        refused(job, "train", name)
    job = clinic.regression()
    job.environ = {name: value for name, value in job.environ.items() if not name.startswith("IN_")}
    refused(job, "train", "IN_HOST")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"age": 1}', '{"a": 1, "a": 2}'])
def test_param_meta_that_is_none(clinic: Clinic, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    job = clinic.regression(PARAM_meta=text)
    assert job.run("train") == 1
    assert "PARAM_meta" in capsys.readouterr().err


def test_an_undescribed_column(clinic: Clinic) -> None:
    job = clinic.regression()
    meta = json.loads(job.environ["PARAM_meta"])
    del meta["left-hippocampus"]
    job.environ["PARAM_meta"] = json.dumps(meta)
    refused(job, "train", "left_hippocampus")


def test_a_type_that_nobody_knows(clinic: Clinic) -> None:
    odd = Given("odd", "string", "text", ["x"] * TRAIN_COUNT)
    refused(clinic.experiment(SCORE, [odd]), "train", "odd")


def test_tables_and_columns_that_do_not_exist(clinic: Clinic) -> None:
    job = clinic.regression()
    job.change(contract.INPUT_TRAINING, query_features="SELECT age FROM no_such_table")
    refused(job, "train", "no_such_table")
    job = clinic.regression()
    job.change(
        contract.INPUT_TRAINING,
        query_targets=job.training["query_targets"].replace("score", "no_such_column"),
    )
    refused(job, "train", "no_such_column")


def test_a_column_that_the_query_does_not_return(clinic: Clinic) -> None:
    job = clinic.regression()
    query = job.training["query_features"].replace('"age", ', "")
    job.change(contract.INPUT_TRAINING, query_features=query)
    refused(job, "train", "age")


def test_a_closed_port(clinic: Clinic) -> None:
    refused(clinic.regression(IN_PORT="9"), "train", "connect")
    refused(clinic.regression(IN_PORT="nonsense"), "train", "IN_PORT")


def test_a_wrong_password(clinic: Clinic) -> None:
    wrong = "Wr0ng-und-geheim"
    said = refused(clinic.regression(IN_PASSWORD=wrong), "train", "authentication")
    assert ROLE in said
    assert wrong not in said


def test_the_science_database_is_asked_in_test_too(clinic: Clinic) -> None:
    job = clinic.regression()
    assert job.run("train") == 0
    job.environ["IN_PORT"] = "9"
    refused(job, "test", "connect")


def test_no_row(clinic: Clinic) -> None:
    job = clinic.regression()
    for key in ("query_features", "query_targets"):
        query = job.training[key].replace(" ORDER", " WHERE false ORDER")
        job.change(contract.INPUT_TRAINING, **{key: query})
    refused(job, "train", "empty")


def test_queries_of_unequal_length(clinic: Clinic) -> None:
    job = clinic.regression()
    job.change(contract.INPUT_TRAINING, query_targets=job.training["query_targets"] + " LIMIT 20")
    refused(job, "train", "query_targets")


@pytest.mark.parametrize("value", ["0", "101", "-5", "five", "5.0", "", "1e1", "1_0", " 5", "٥", "nan"])
def test_parameters_outside_their_type_or_range(
    clinic: Clinic, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.regression(MODEL_PARAM_k=value)
    assert job.run("train") == 1
    assert "parameter k" in capsys.readouterr().err
    assert job.files() == [contract.INPUT_TRAINING]


def test_excluded_types_and_mixtures(clinic: Clinic, author: Any, capsys: pytest.CaptureFixture[str]) -> None:
    program = "def estimator(job):\n    raise AssertionError('reached')\n"
    package = author("author_real", program, constraints={"variable": {"integer": False}, "mixed": False})
    whole = Given("whole", "integer", "integer", VOLUME.values)
    assert clinic.experiment(whole, [AGE]).run("train", package=package) == 1
    assert "whole is of type integer" in capsys.readouterr().err
    assert clinic.experiment(SCORE, [AGE, SEX]).run("train", package=package) == 1
    assert "sex (binominal)" in capsys.readouterr().err
    tasks = author("author_tasks", program, tasks=["regression"])
    assert clinic.classification().run("train", package=tasks) == 1
    assert "dx is of type polynominal" in capsys.readouterr().err


def test_a_volume_that_cannot_be_written(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    job = clinic.regression()
    (job.volume / contract.INPUT_TEST).mkdir()
    assert job.run("train") == 1
    assert contract.INPUT_TEST in capsys.readouterr().err
    assert job.files() == [contract.INPUT_TEST, contract.INPUT_TRAINING]


def test_a_code_outside_the_enumeration_is_told_without_its_value(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    short = Given("dx", "polynominal", "text", [*DIAGNOSIS.values[:-4], *["Planted"] * 4], DIAGNOSES)
    assert clinic.experiment(short, [AGE]).run("train") == 1
    said = capsys.readouterr().err
    assert "dx" in said
    assert "Planted" not in said


def test_text_where_a_number_is_due_is_told_without_its_value(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = Given("odd", "real", "text", ["Planted"] * TRAIN_COUNT)
    assert clinic.experiment(SCORE, [odd]).run("train") == 1
    said = capsys.readouterr().err
    assert "odd" in said
    assert "Planted" not in said


def test_a_value_that_postgresql_quotes_is_not_told(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.experiment(SCORE, [Given("odd", "real", "text", ["Planted"] * TRAIN_COUNT)])
    query = job.training["query_features"].replace('"odd"', '"odd"::integer AS odd')
    job.change(contract.INPUT_TRAINING, query_features=query)
    assert job.run("train") == 1
    said = capsys.readouterr().err
    assert "InvalidTextRepresentation" in said
    assert "Planted" not in said


# --- what an author's program may do ------------------------------------------------------------

BROKEN = """
import os, warnings
from sklearn.base import BaseEstimator, RegressorMixin
class Broken(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        warnings.warn(f"look at 4711.25 and {os.environ['IN_PASSWORD']}")
        try:
            float("Planted code")
        except ValueError as error:
            raise RuntimeError(f"row {X[0]!r}: {os.environ['IN_PASSWORD']} Planted code, C=1e-5") from error
ESTIMATORS = [Broken]
def estimator(job):
    return Broken()
"""


def test_an_unexpected_exception_leaves_a_discreet_traceback(clinic: Clinic, author: Any) -> None:
    package = author("author_broken", BROKEN)
    planted = Given("ward", "polynominal", "text", ["Planted code"] * TRAIN_COUNT)
    job = clinic.experiment(SCORE, [AGE, planted])
    job.environ["PYTHONPATH"] = str(clinic.folder / "site")
    done = job.spawn("train", package=package)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "program.py" in done.stderr
    assert "RuntimeError: row" in done.stderr
    assert "ValueError: could not convert" in done.stderr
    assert "UserWarning: look at # and ***" in done.stderr
    for secret in (PASSWORD, "4711"):
        assert secret not in done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith(" ")]
    assert not any("Planted" in line or "1e-5" in line for line in told)
    assert job.files() == [contract.INPUT_TRAINING]


def test_an_authors_own_failure_is_one_line(
    clinic: Clinic, author: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "from algoreg.runtime import Failure\ndef estimator(job):\n    raise Failure('needs 50 rows')\n"
    assert clinic.regression().run("train", package=author("author_fails", program)) == 1
    assert capsys.readouterr().err == "author_fails train: needs 50 rows\n"


def test_random_states_are_set_from_the_seed(clinic: Clinic, author: Any) -> None:
    program = (
        "from sklearn.ensemble import RandomForestRegressor\n"
        "def estimator(job):\n    return RandomForestRegressor(n_estimators=5)\n"
    )
    package = author("author_forest", program)
    answers = []
    for seed in (1, 1, 2):
        job = clinic.regression()
        job.change(contract.INPUT_TRAINING, seed=seed)
        assert (job.run("train", package=package), job.run("test", package=package)) == (0, 0)
        answers.append(job.read(contract.PREDICTIONS)["predictions"])
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_an_estimator_that_no_text_can_hold_is_refused(
    clinic: Clinic, author: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "from sklearn.preprocessing import FunctionTransformer\n"
        "def estimator(job):\n    return FunctionTransformer(print)\n"
    )
    assert clinic.regression().run("train", package=author("author_function", program)) == 1
    assert "FunctionTransformer is not one that may be rebuilt" in capsys.readouterr().err


# --- parameters of every type -------------------------------------------------------------------


def _parameter(kind: str, default: Any, **more: Any) -> Any:
    from algoreg.runtime.parameters import parameters

    entry = {"code": "p", "type": kind, "default_value": default, **more}
    declared = declaration_of({"code": "c", "entrypoints": ["train"], "parameters": [entry]})
    return lambda text: parameters(declared, {} if text is None else {"MODEL_PARAM_p": text})["p"]


def test_parameters_are_typed() -> None:
    boolean = _parameter("boolean", True)
    assert [boolean(text) for text in (None, "false", "False", "true")] == [True, False, False, True]
    number = _parameter("number", 1, constraints={"min": 0, "max": 1})
    assert [number(text) for text in (None, "0.5", "1e-3", ".25", "1.")] == [1.0, 0.5, 0.001, 0.25, 1.0]
    word = _parameter("enumeration", "a", values=["a", "it's"])
    assert [word(text) for text in (None, "it's")] == ["a", "it's"]
    assert _parameter("string", "")("any thing") == "any thing"


@pytest.mark.parametrize(
    ("kind", "more", "text"),
    [
        ("boolean", {}, "0"),
        ("boolean", {}, ""),
        ("number", {}, "inf"),
        ("number", {}, "nan"),
        ("number", {}, "1e999"),
        ("number", {"constraints": {"max": 1}}, "1.0000001"),
        ("enumeration", {"values": ["a"]}, "A"),
        ("integer", {}, "9" * 400),
    ],
)
def test_texts_that_are_not_of_the_type_are_refused(kind: str, more: dict[str, Any], text: str) -> None:
    from algoreg.runtime import Failure

    with pytest.raises(Failure, match="parameter p: expected"):
        _parameter(kind, True, **more)(text)
