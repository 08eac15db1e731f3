"""What a program may hold in the place of ``estimator``: a search over the training rows, and a result in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from algoreg import contract
from support.clinic import AGE, DIAGNOSES, DIAGNOSIS, HELD_OUT, SCORE, SEX, TRAIN_COUNT, VOLUME, Clinic

SEARCH = """
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier
from algoreg.runtime import Failure, Found

seen = []

def search(job, x, y):
    seen.append((job, x, y))
    if job.task == "classification":
        return Found(estimator=KNeighborsClassifier(int(y.max()) + 1))
    if not (abs(x[:, :2].mean(axis=0)) < 1e-9).all():
        raise Failure("the columns are not prepared")
    return Found(estimator=Ridge(alpha=float(len(x))), notes={"tried": 3, "ended": "all tried"})
"""

DESCRIBED = """
from sklearn.linear_model import Ridge
from algoreg.runtime import Found, fitting

def search(job, x, y):
    return Found(estimator=Ridge(alpha=0.5), notes={"tried": 2})

def result(job, table, model, notes):
    fitted = fitting.fit(model, table)
    score = fitted.score(table.x_train, table.y_train)
    return {"score": score, "notes": notes, "features": [column.name for column in job.covariables]}
"""

ESTIMATOR_ONLY = """
from sklearn.linear_model import Ridge
def estimator(job):
    return Ridge()
def result(job, table, model, notes):
    return [notes, table.x_train.shape[0], type(model.estimator[-1]).__name__, %s]
"""


def test_a_search_is_given_the_prepared_training_rows(clinic: Clinic, author: Any) -> None:
    package = author("author_search", SEARCH)
    job = clinic.regression()
    assert job.run("train", package=package) == 0
    from author_search import program  # type: ignore[import-not-found]

    ((told, x, y),) = program.seen
    n_train = TRAIN_COUNT - len(HELD_OUT)
    assert x.shape == (n_train, 4)  # age and volume scaled, two codes of sex
    assert list(y) == [SCORE.values[row] for row in range(TRAIN_COUNT) if row not in HELD_OUT]
    assert (told.n_train, told.seed) == (n_train, 7)


def test_what_a_search_found_is_trained_and_its_notes_are_kept(clinic: Clinic, author: Any) -> None:
    package = author("author_search", SEARCH)
    job = clinic.regression()
    assert (job.run("train", package=package), job.run("test", package=package)) == (0, 0)
    written = job.read(contract.INPUT_TEST)
    assert written["search"] == {"tried": 3, "ended": "all tried"}
    estimator = json.loads(written["pipeline"])["estimator"]
    assert str(float(TRAIN_COUNT - len(HELD_OUT))) in json.dumps(estimator)
    assert len(job.read(contract.PREDICTIONS)["predictions"]) == len(HELD_OUT)


def test_a_key_of_the_caller_is_not_overwritten_by_notes(clinic: Clinic, author: Any) -> None:
    job = clinic.regression()
    job.change(contract.INPUT_TRAINING, search=["the", "caller's"])
    assert job.run("train", package=author("author_search", SEARCH)) == 0
    assert job.read(contract.INPUT_TEST)["search"] == ["the", "caller's"]


def test_classes_are_positions_of_codes_and_no_notes_no_key(clinic: Clinic, author: Any) -> None:
    package = author("author_search", SEARCH)
    job = clinic.classification()
    assert (job.run("train", package=package), job.run("test", package=package)) == (0, 0)
    assert "search" not in job.read(contract.INPUT_TEST)
    assert set(job.read(contract.PREDICTIONS)["predictions"]) <= set(DIAGNOSES)


def test_a_searchs_failure_is_one_line(
    clinic: Clinic, author: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "from algoreg.runtime import Failure\ndef search(job, x, y):\n    raise Failure('found nothing')\n"
    )
    job = clinic.regression()
    assert job.run("train", package=author("author_empty", program)) == 1
    assert capsys.readouterr().err == "author_empty train: found nothing\n"
    assert job.files() == [contract.INPUT_TRAINING]


JSON = {"entrypoints": ["compute"], "result": "json"}


def test_a_result_in_json_is_stored(clinic: Clinic, author: Any) -> None:
    job = clinic.experiment(SCORE, [AGE, VOLUME, SEX])
    assert job.run("compute", package=author("author_described", DESCRIBED, **JSON)) == 0
    (row,) = job.rows()
    assert (row["shape"], row["error"]) == ("application/json", None)
    told = json.loads(row["data"])
    assert told["notes"] == {"tried": 2}
    assert told["features"] == ["age", "left_hippocampus", "sex"]
    assert 0 < told["score"] < 1


def test_a_result_in_json_needs_no_search(clinic: Clinic, author: Any) -> None:
    job = clinic.experiment(SCORE, [AGE])
    assert job.run("compute", package=author("author_plain", ESTIMATOR_ONLY % "1", **JSON)) == 0
    assert json.loads(job.rows()[0]["data"]) == [{}, TRAIN_COUNT, "Ridge", 1]


def test_what_is_no_json_is_an_error_row(clinic: Clinic, author: Any) -> None:
    job = clinic.experiment(DIAGNOSIS, [AGE])
    job.environ["PYTHONPATH"] = str(clinic.folder / "site")
    done = job.spawn("compute", package=author("author_nan", ESTIMATOR_ONLY % "float('nan')", **JSON))
    assert done.returncode == 1
    (row,) = job.rows()
    assert (row["data"], row["shape"]) == (None, "text/plain+error")
    assert "ValueError" in row["error"]


@pytest.mark.parametrize("result", ["html", "plotly"])
def test_other_results_are_refused_by_name(clinic: Clinic, author: Any, result: str) -> None:
    package = author(f"author_{result}", DESCRIBED, entrypoints=["compute"], result=result)
    job = clinic.experiment(SCORE, [AGE])
    assert job.run("compute", package=package) == 1
    assert f"declares the result '{result}'" in job.rows()[0]["error"]


def test_an_aggregation_is_pfa_only(clinic: Clinic, author: Any) -> None:
    package = author("author_parts", DESCRIBED, federated=True, **JSON)
    job = clinic.experiment(SCORE, [AGE])
    assert job.run("compute", "--mode", "aggregate", "--job-ids", "a", package=package) == 1
    assert "of an aggregation pfa only" in job.rows()[0]["error"]
