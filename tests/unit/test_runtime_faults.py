"""Faults of contract section 5 in the runtime, over a real PostgreSQL: code 1, one line, nothing written, no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from algoreg import contract
from support.clinic import (
    ABSENT,
    AGE,
    DIAGNOSES,
    DIAGNOSIS,
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
