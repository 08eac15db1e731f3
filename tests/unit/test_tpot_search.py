"""The plugin's whole way, with TPOT itself and small budgets: from the rows in the database to what is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from algoreg import contract
from support.clinic import (
    AGE,
    DIAGNOSES,
    DIAGNOSIS,
    HELD_OUT,
    SCORE,
    SEX,
    TRAIN_COUNT,
    VOLUME,
    Clinic,
    Experiment,
    Given,
)
from support.patience import PROMPT_S

PACKAGE = "algoreg_tpot"
SMALL = {"generations": "2", "population_size": "6", "folds": "2", "max_time_s": "120"}
COLUMNS = [AGE, VOLUME, SEX]


def small(
    clinic: Clinic, variable: Given = SCORE, covariables: Any = COLUMNS, **parameters: Any
) -> Experiment:
    values = {**SMALL, **parameters}
    return clinic.experiment(variable, covariables, **{f"MODEL_PARAM_{k}": str(v) for k, v in values.items()})


def spawn(job: Experiment, command: str) -> subprocess.CompletedProcess[str]:
    """As ``job.spawn``, with the time that a search may take on a busy machine."""
    with started(job, command, stdout=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess([command], process.returncode, out, err)


def started(job: Experiment, command: str, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", PACKAGE, command],
        env={**job.environ, "PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def searched(job: Experiment) -> dict[str, Any]:
    """What a good train wrote."""
    done = spawn(job, "train")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return job.read(contract.INPUT_TEST)


def answers(job: Experiment) -> dict[str, Any]:
    done = spawn(job, "test")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    return job.read(contract.PREDICTIONS)


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param(SCORE, id="regression", marks=pytest.mark.thorough),
        pytest.param(DIAGNOSIS, id="classification"),
    ],
)
def test_a_search_and_its_predictions_can_be_repeated(clinic: Clinic, variable: Given) -> None:
    found = []
    for _ in range(2):
        job = small(clinic, variable)
        written = searched(job)
        assert {k: written[k] for k in job.training} == job.training
        assert written["search"]["ended"] == "generations"
        assert [one["generation"] for one in written["search"]["generations"]] == [1, 2]
        assert written["search"]["evaluations"] >= 7
        found.append((json.loads(written["pipeline"]), written["search"], answers(job)))
    assert found[0] == found[1]
    predictions = found[0][2]["predictions"]
    assert len(predictions) == len(HELD_OUT)
    if variable is DIAGNOSIS:
        assert set(predictions) <= set(DIAGNOSES)


@pytest.mark.thorough
def test_another_seed_is_another_search(clinic: Clinic) -> None:
    texts = set()
    for seed in (1, 2):
        job = small(clinic)
        job.change(contract.INPUT_TRAINING, seed=seed)
        texts.add(json.dumps(json.loads(searched(job)["pipeline"])["estimator"]))
    assert len(texts) == 2


def test_progress_is_a_line_a_generation_without_any_row(clinic: Clinic) -> None:
    done = spawn(small(clinic), "train")
    lines = done.stderr.splitlines()
    assert [line.split(":")[1] for line in lines] == [" generation 1 of 2", " generation 2 of 2"]


@pytest.mark.parametrize(
    "space",
    [
        pytest.param("linear", marks=pytest.mark.thorough),
        pytest.param("graph", marks=pytest.mark.thorough),
        "graph-light",
    ],
)
def test_every_space_is_searched(clinic: Clinic, space: str) -> None:
    job = small(clinic, DIAGNOSIS, generations=1, population_size=4, search_space=space)
    searched(job)
    assert len(answers(job)["predictions"]) == len(HELD_OUT)


def test_a_single_covariable_is_enough(clinic: Clinic) -> None:
    job = small(clinic, SCORE, [AGE])
    assert "PolynomialFeatures" in searched(job)["pipeline"]
    assert len(answers(job)["predictions"]) == len(HELD_OUT)


def test_a_class_that_no_row_has_leaves_no_gap_for_xgboost(clinic: Clinic) -> None:
    gap = Given("dx", "polynominal", "text", DIAGNOSIS.values, [DIAGNOSES[0], "never", *DIAGNOSES[1:]])
    job = small(clinic, gap)
    assert "Relabelled" in searched(job)["pipeline"]
    written = answers(job)
    assert set(written["predictions"]) <= set(DIAGNOSES)
    assert all(row["never"] == 0 for row in written["probabilities"] or [])


def test_the_test_imports_neither_the_search_nor_dask(clinic: Clinic) -> None:
    job = small(clinic)
    searched(job)
    program = (
        "import os, sys; from algoreg.runtime import run; code = run('algoreg_tpot', ['test'], os.environ);"
        "print(code, sorted({'tpot.tpot_estimator', 'tpot.evolvers', 'distributed', 'dask'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **job.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "0 []\n", done.stderr


# --- compute ---------------------------------------------------------------------------------------


def computed(job: Experiment) -> dict[str, Any]:
    done = spawn(job, "compute")
    assert done.returncode == 0, done.stderr
    (row,) = job.rows()
    assert (row["shape"], row["error"], row["function"]) == ("application/json", None, "tpot")
    document: dict[str, Any] = json.loads(row["data"])
    return document


def test_compute_stores_the_pipeline_its_scores_and_what_it_uses(clinic: Clinic) -> None:
    useful = Given("useful", "real", "double precision", [3 * value + 1 for value in SCORE.values])
    constant = Given("constant", "real", "double precision", [2.5] * TRAIN_COUNT)
    documents = [computed(small(clinic, SCORE, [useful, constant, SEX])) for _ in range(2)]
    document = documents[0]
    assert documents[1] == document
    assert document["format"] == "algoreg-tpot/1"
    assert document["pipeline"]["format"] == "algoreg-pipeline/1"
    assert document["search"]["ended"] == "generations"
    assert set(document["scores"]) == {
        "r2",
        "neg_mean_squared_error",
        "neg_mean_absolute_error",
        "neg_root_mean_squared_error",
    }
    assert document["scores"]["r2"]["mean"] > 0.5
    importance = {entry["name"]: entry["mean"] for entry in document["importance"]["covariables"]}
    assert list(importance) == ["useful", "constant", "sex"]
    assert importance["useful"] > importance["constant"] == 0
    assert "useful" in document["features_used"]
    assert "constant" not in document["features_used"]


@pytest.mark.thorough
def test_compute_of_a_nominal_variable_finds_what_train_finds(clinic: Clinic) -> None:
    job = small(clinic, DIAGNOSIS)
    text = json.loads(searched(job)["pipeline"])
    left_out = f"WHERE row_number NOT IN {HELD_OUT} ORDER BY"
    job.environ["PARAM_query"] = job.environ["PARAM_query"].replace("ORDER BY", left_out)
    document = computed(job)
    assert set(document["scores"]) == {"accuracy", "balanced_accuracy", "f1_weighted"}
    job.change(contract.INPUT_TRAINING, seed=contract.DEFAULT_SEED)
    assert json.loads(searched(job)["pipeline"])["estimator"] == document["pipeline"]["estimator"]
    assert text["covariables"] == document["pipeline"]["covariables"]


# --- signals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["train", "compute"])
def test_sigterm_keeps_the_best_so_far(clinic: Clinic, command: str) -> None:
    job = small(clinic, generations=1000)
    with started(job, command) as process:
        assert process.stderr is not None
        assert "generation 1 of 1000" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        process.stderr.read()
        assert process.wait(PROMPT_S) == 0
    assert time.monotonic() - began < PROMPT_S
    if command == "train":
        assert job.read(contract.INPUT_TEST)["search"]["ended"] == "SIGTERM"
        assert len(answers(job)["predictions"]) == len(HELD_OUT)
    else:
        document = json.loads(job.rows()[0]["data"])
        assert document["search"]["ended"] == "SIGTERM"
        assert (document["scores"], document["importance"]) == (None, None)


def test_nothing_found_is_code_1_and_an_error_row(clinic: Clinic) -> None:
    rows = 12
    few = [Given(c.code, c.type, c.sql_type, c.values[:rows], c.enumeration) for c in (SCORE, AGE)]
    job = small(clinic, few[0], few[1:])
    job.change(contract.INPUT_TRAINING, test_rows=[0, 1, 2])
    done = spawn(job, "train")
    assert (done.returncode, done.stderr) == (
        1,
        "tpot train: TPOT needs at least 11 training rows, there are 9\n",
    )
    job.environ["PARAM_query"] = job.environ["PARAM_query"].replace(
        "ORDER BY", "WHERE row_number < 9 ORDER BY"
    )
    assert spawn(job, "compute").returncode == 1
    assert job.rows()[0]["error"] == "TPOT needs at least 11 training rows, there are 9"
