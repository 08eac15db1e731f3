"""What `compute` says of any model: scores and importance that can be believed, and no patient's value."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from algoreg.runtime import Column, Job, Table, explanation, fitting
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.text import Model

AGE, NOISE = Column(name="age", type="real"), Column(name="noise", type="real")
SCORE = Column(name="score", type="real")
GROUP = Column(name="diagnosis", type="polynominal", codes=("AD", "CN", "rare"))


def explained(variable: Column, estimator: Any, x: Any, y: Any, **notes: Any) -> dict[str, Any]:
    task = "classification" if variable.nominal else "regression"
    job = Job(task=task, parameters={}, n_train=len(y), seed=3, variable=variable, covariables=(AGE, NOISE))
    table = Table(x_train=x, y_train=y, x_held_out=x[:0], truth=())
    model = Model(
        task=task,
        variable=variable,
        covariables=(AGE, NOISE),
        seed=3,
        estimator=fitting.assemble(estimator, (AGE, NOISE), impute=False, seed=3),
    )
    return explanation.explain(job, table, model, notes, Catalogue())


@pytest.fixture
def x() -> Any:
    return np.random.default_rng(1).normal(loc=70.5, scale=9.25, size=(60, 2))


def test_a_regression_by_one_covariable(x: Any) -> None:
    told = explained(SCORE, LinearRegression(), x, 3 * x[:, 0] + 1)
    assert told["format"] == "algoreg-model/1"
    assert told["scores"]["r2"]["mean"] == pytest.approx(1)
    first, second = told["importance"]["covariables"]
    assert (first["name"], second["name"]) == ("age", "noise")
    assert first["mean"] > 1
    assert abs(second["mean"]) < 0.01
    assert told["pipeline"]["estimator"]["class"] == "sklearn.pipeline.Pipeline"
    assert "search" not in told


def test_a_class_of_one_row_is_no_trouble(x: Any) -> None:
    y = (x[:, 0] > 70).astype(np.int64)
    y[0] = 2
    told = explained(GROUP, DecisionTreeClassifier(max_depth=2), x, y, tried=5)
    assert told["scores"]["accuracy"]["mean"] > 0.8
    assert told["features_used"][0] == "age"
    assert told["search"] == {"tried": 5}


def test_too_few_rows_have_no_scores_and_a_model_all_the_same(x: Any) -> None:
    told = explained(GROUP, DecisionTreeClassifier(), x[:2], np.array([0, 1]))
    assert told["scores"] is None
    assert told["pipeline"]["variable"]["name"] == "diagnosis"


def test_no_value_of_a_row_is_told_and_all_of_it_is_json(x: Any) -> None:
    text = json.dumps(explained(SCORE, LinearRegression(), x, x.sum(axis=1)), allow_nan=False)
    assert not [value for value in x.ravel().tolist() if repr(value)[:8] in text]
