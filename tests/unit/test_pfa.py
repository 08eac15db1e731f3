"""Every PFA document says what its estimator says: on random rows, at ties, for hostile codes, where NULL is taken."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
)
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from algoreg.runtime import Column, Failure, fitting, pfa
from algoreg.runtime.declaration import declaration_of
from algoreg.runtime.neighbours import NearestClassifier, NearestRegressor
from support.titus import Titus

DECLARATION = declaration_of({"code": "an-algorithm", "version": "1.2.3", "entrypoints": ["compute"]})
AGE = Column(name="age", type="integer")
SEX = Column(name="_3rd_sex", type="binominal", codes=("M", "F'"))
VOLUME = Column(name="order", type="real")
GENE = Column(name="let", type="polynominal", codes=("0", "größe 你好", 'Alzheimer\'s "disease"', "never"))
MIXED = (AGE, SEX, VOLUME, GENE)
NUMBER = Column(name="y", type="real")
TWO = Column(name="y", type="binominal", codes=("yes", "n'o"))
THREE = Column(name="y", type="polynominal", codes=("c", "a", "unseen", "ü"))


def drawn(columns: Sequence[Column], count: int, rng: np.random.Generator) -> np.ndarray:
    """Rows as the runtime encodes them; whole numbers on purpose, so that distances tie."""
    draw = {
        "integer": lambda: rng.integers(40, 90, count).astype(float),
        "real": lambda: rng.integers(0, 400, count) / 100,
    }
    return np.column_stack(
        [
            rng.integers(0, min(3, len(c.codes)), count).astype(float) if c.nominal else draw[c.type]()
            for c in columns
        ]
    )


def records(columns: Sequence[Column], rows: np.ndarray) -> list[dict[str, Any]]:
    """Rows as a caller gives them."""
    told = []
    for row in rows.tolist():
        values = zip(columns, row, strict=True)
        told.append(
            {c.name: None if math.isnan(v) else c.codes[int(v)] if c.nominal else v for c, v in values}
        )
    return told


def targets(variable: Column, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noisy = x[:, 0] * 0.1 + rng.normal(size=len(x))
    if not variable.nominal:
        return noisy
    present = [place for place, code in enumerate(variable.codes) if code != "unseen"]
    return np.array(present)[np.digitize(noisy, np.quantile(noisy, [0.4, 0.7][: len(present) - 1]))]


def fitted(
    estimator: Any, columns: Sequence[Column], x: np.ndarray, y: np.ndarray, *, impute: bool = False
) -> Any:
    return fitting.assemble(estimator, columns, impute=impute, seed=42).fit(x, y)


def document_of(model: Any, variable: Column, columns: Sequence[Column]) -> str:
    predictor = pfa.read(model, variable=variable, covariables=columns)
    return pfa.document(predictor, covariables=columns, declaration=DECLARATION)


def same(answers: Sequence[Any], model: Any, variable: Column, rows: np.ndarray) -> None:
    expected = model.predict(rows)
    if variable.nominal:
        assert list(answers) == [variable.codes[int(place)] for place in expected]
    else:
        assert list(answers) == pytest.approx(expected.tolist(), rel=1e-9, abs=0)


CASES = [
    pytest.param(NearestRegressor(5), NUMBER, id="knn-regression"),
    pytest.param(NearestClassifier(6), TWO, id="knn-binominal"),
    pytest.param(NearestClassifier(4, algorithm="brute"), THREE, id="knn-polynominal"),
    pytest.param(LinearRegression(), NUMBER, id="least-squares"),
    pytest.param(Ridge(), NUMBER, id="ridge"),
    pytest.param(LogisticRegression(C=math.inf), TWO, id="logistic-binominal"),
    pytest.param(LogisticRegression(), THREE, id="logistic-polynominal"),
    pytest.param(RidgeClassifier(), TWO, id="ridge-binominal"),
]


@pytest.mark.parametrize(("estimator", "variable"), CASES)
def test_a_document_equals_its_estimator_on_1000_random_rows(
    titus: Titus, estimator: Any, variable: Column
) -> None:
    rng = np.random.default_rng(11)
    x = drawn(MIXED, 200, rng)
    model = fitted(estimator, MIXED, x, targets(variable, x, rng))
    rows = drawn(MIXED, 1000, rng)
    same(titus(document_of(model, variable, MIXED), records(MIXED, rows)), model, variable, rows)
    if variable.nominal:  # a document that always says the same would pass as well
        assert len(set(model.predict(rows))) == len(variable.codes) - ("unseen" in variable.codes)


@pytest.mark.parametrize("columns", [(AGE,), (SEX,), (SEX, GENE), (VOLUME, AGE)])
def test_single_and_unmixed_covariables(titus: Titus, columns: tuple[Column, ...]) -> None:
    """With nominal ones alone nearly every distance ties."""
    rng = np.random.default_rng(5)
    x = drawn(columns, 60, rng)
    for estimator, variable in (
        (NearestRegressor(7), NUMBER),
        (NearestClassifier(4), THREE),
        (Ridge(), NUMBER),
    ):
        model = fitted(estimator, columns, x, targets(variable, x, rng))
        rows = drawn(columns, 100, rng)
        same(titus(document_of(model, variable, columns), records(columns, rows)), model, variable, rows)


@pytest.mark.parametrize(("estimator", "variable"), [CASES[0], CASES[4]])
def test_null_is_taken_where_it_is_imputed(titus: Titus, estimator: Any, variable: Column) -> None:
    rng = np.random.default_rng(3)
    x = drawn(MIXED, 80, rng)
    x[rng.random(x.shape) < 0.2] = np.nan
    x[:2] = drawn(MIXED, 2, rng)
    model = fitted(estimator, MIXED, x, targets(variable, np.nan_to_num(x), rng), impute=True)
    document = document_of(model, variable, MIXED)
    kinds = [field["type"] for field in json.loads(document)["input"]["fields"]]
    assert kinds == [["null", "double"], ["null", "string"], ["null", "double"], ["null", "string"]]
    tagged = [
        {n: v if v is None else {"string" if isinstance(v, str) else "double": v} for n, v in row.items()}
        for row in records(MIXED, x)
    ]
    same(titus(document, tagged), model, variable, x)


def test_a_code_that_nobody_knows_gives_zeros(titus: Titus) -> None:
    rng = np.random.default_rng(3)
    x = drawn(MIXED, 80, rng)
    model = fitted(Ridge(), MIXED, x, targets(NUMBER, x, rng))
    (told,) = records(MIXED, x[:1])
    unknown = x[:1].copy()
    unknown[0, 1] = -1.0
    answers = titus(document_of(model, NUMBER, MIXED), [{**told, "_3rd_sex": "?"}])
    same(answers, model, NUMBER, unknown)


def test_the_document_is_what_the_contract_asks_for() -> None:
    rng = np.random.default_rng(3)
    x = drawn(MIXED, 30, rng)
    text = document_of(fitted(NearestClassifier(3), MIXED, x, targets(THREE, x, rng)), THREE, MIXED)
    document = json.loads(text)
    assert text.isascii()
    assert document["method"] == "map"
    assert [(f["name"], f["type"]) for f in document["input"]["fields"]] == [
        ("age", "double"),
        ("_3rd_sex", "string"),
        ("order", "double"),
        ("let", "string"),
    ]
    assert document["output"] == "string"
    assert document["metadata"] == {"algorithm": "an-algorithm", "version": "1.2.3"}
    assert document["cells"]["classes"]["init"] == ["c", "a", "ü"]
    assert len(document["cells"]["codebook"]["init"]) == 30


# --- nearest --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_nearest_is_scikit_learns_nearest_where_distances_differ(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, rows = rng.normal(size=(300, 4)), rng.normal(size=(50, 4))
    y = rng.integers(0, 3, 300)
    ours = NearestClassifier(7, algorithm="brute").fit(x, y)
    theirs = KNeighborsClassifier(7).fit(x, y)
    for mine, its in zip(ours.kneighbors(rows), theirs.kneighbors(rows), strict=True):
        assert mine == pytest.approx(its, rel=1e-12)
    assert (ours.predict(rows) == theirs.predict(rows)).all()
    assert ours.predict_proba(rows) == pytest.approx(theirs.predict_proba(rows))
    numbers = KNeighborsRegressor(7).fit(x, y / 3).predict(rows)
    assert NearestRegressor(7).fit(x, y / 3).predict(rows) == pytest.approx(numbers, rel=1e-12)


def test_the_first_of_equally_near_rows_wins() -> None:
    model = NearestRegressor(2).fit([[1.0], [-1.0], [0.1 + 0.2 + 0.7], [0.5]], [10.0, 20.0, 30.0, 40.0])
    assert model.kneighbors([[0.0]], return_distance=False).tolist() == [[3, 0]]
    assert model.predict([[0.0]]).tolist() == [25.0]


# --- what cannot be told ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "evidence"),
    [
        (DecisionTreeRegressor(), "DecisionTreeRegressor"),
        (PoissonRegressor(), "PoissonRegressor"),
        (KNeighborsRegressor(weights="distance"), "distance"),
        (KNeighborsRegressor(metric="manhattan"), "manhattan"),
    ],
)
def test_what_no_document_can_tell_is_refused_by_name(estimator: Any, evidence: str) -> None:
    rng = np.random.default_rng(3)
    x = drawn(MIXED, 30, rng)
    model = fitted(estimator, MIXED, x, np.abs(targets(NUMBER, x, rng)))
    with pytest.raises(Failure, match=evidence):
        pfa.read(model, variable=NUMBER, covariables=MIXED)


@pytest.mark.parametrize("names", [["größe"], ["100%"], ["a b"], ["age", "age"], [""]])
def test_names_that_no_field_can_have(names: list[str]) -> None:
    with pytest.raises(Failure, match="covariable"):
        pfa.check_names([Column(name=name, type="real") for name in names])


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_no_document_holds_a_number_that_is_not_finite(number: float) -> None:
    predictor = pfa.Predictor(
        features=(pfa.Continuous(name="age", mean=0.0, scale=1.0),),
        model=pfa.Linear(coefficients=((number,),), intercepts=(0.0,)),
    )
    with pytest.raises(Failure, match="not finite"):
        pfa.document(predictor, covariables=(AGE,), declaration=DECLARATION)
