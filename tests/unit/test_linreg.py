"""Least squares over parts equal those over the whole, whatever the columns look like; and nothing is ever NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.discrete.discrete_model import MNLogit
from statsmodels.regression.linear_model import OLS

from algoreg.runtime import Column, Failure, Job, Part, Table, fitting, pfa
from algoreg_linreg import coding, privacy, program, summary

AGE = Column(name="age", type="integer")
SEX = Column(name="sex", type="binominal", codes=("M", "F"))
FAR = Column(name="far", type="real")
GENE = Column(name="gene", type="polynominal", codes=("x", "y", "z", "never"))
TINY = Column(name="tiny", type="real")
CONSTANT = Column(name="constant", type="real")
TWIN = Column(name="twin", type="real")
ILL = (AGE, SEX, FAR, GENE, TINY, CONSTANT, TWIN)
NUMBER = Column(name="y", type="real")
TWO = Column(name="y", type="binominal", codes=("no", "yes"))
THREE = Column(name="y", type="polynominal", codes=("c", "unseen", "a", "b"))


def ill_scaled(count: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Far from 0, tiny, constant, collinear, a code without rows; and a variable that depends on most of them."""
    rng = np.random.default_rng(seed)
    age, sex, gene = rng.integers(40, 90, count), rng.integers(0, 2, count), rng.integers(0, 3, count)
    far, tiny = rng.normal(size=count), rng.normal(size=count)
    x = np.column_stack([age, sex, 1e8 + far, gene, tiny * 1e-12, np.full(count, 0.1), 2 * age - 3 * tiny])
    return x, 0.3 * age + sex + 2 * far + tiny + gene**2 + rng.normal(size=count)


def job(columns: Sequence[Column], y: np.ndarray, variable: Column = NUMBER, weight: float = 0.0) -> Job:
    return Job(
        task="classification" if variable.nominal else "regression",
        parameters={"regularisation": weight},
        n_train=len(y),
        seed=42,
        variable=variable,
        covariables=tuple(columns),
        classes=tuple(code for place, code in enumerate(variable.codes) if place in y),
    )


def table(x: np.ndarray, y: np.ndarray) -> Table:
    return Table(x_train=x, y_train=y, x_held_out=x[:0], truth=())


def whole(asked: Job, x: np.ndarray, y: np.ndarray) -> tuple[Any, dict[str, Any]]:
    """What `compute` does: the fitted pipeline, and the metadata read back."""
    fitted = fitting.assemble(program.estimator(asked), asked.covariables, impute=False, seed=42).fit(x, y)
    told = pfa.read(fitted, variable=asked.variable, covariables=asked.covariables)
    return fitted, parsed(program.metadata(asked, table(x, y), told))


def parsed(metadata: dict[str, str]) -> dict[str, Any]:
    assert "NaN" not in str(metadata)
    assert "Infinity" not in str(metadata)
    plain = ("model", "reference_class", "no_statistics")
    return {name: text if name in plain else json.loads(text) for name, text in metadata.items()}


def over_parts(columns: Sequence[Column], x: np.ndarray, y: np.ndarray, cuts: Sequence[int]) -> pfa.Predictor:
    parts = []
    for begin, end in zip([0, *cuts], [*cuts, len(y)], strict=True):
        part = program.intermediate(job(columns, y[begin:end]), table(x[begin:end], y[begin:end]))
        parts.append(Part(rows=end - begin, summary=json.loads(json.dumps(part))))
    return program.aggregate(job(columns, y), parts)


def predictions(predictor: pfa.Predictor, columns: Sequence[Column], x: np.ndarray) -> np.ndarray:
    places = {column.name: place for place, column in enumerate(columns)}
    features = []
    for feature in predictor.features:
        values = x[:, [places[feature.name]]]
        if isinstance(feature, pfa.Continuous):
            features.append((values - feature.mean) / feature.scale)
        else:
            features.append((values == np.arange(len(feature.codes))).astype(float))
    assert isinstance(predictor.model, pfa.Linear)
    return np.hstack(features) @ np.array(predictor.model.coefficients[0]) + predictor.model.intercepts[0]


def equal(left: Any, right: Any) -> None:
    """The same document to 1e-8 relative, null where null."""
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key, value in left.items():
            equal(value, right[key])
    elif isinstance(left, float):
        assert right == pytest.approx(left, rel=1e-8, abs=0)
    else:
        assert left == right


# --- over parts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cuts", [(60, 210), (40, 85), (150,), (), (30, 60, 90, 120, 150, 180, 210, 240, 270)]
)
def test_parts_add_up_exactly_for_ill_scaled_columns(cuts: tuple[int, ...]) -> None:
    x, y = ill_scaled(300)
    fitted, metadata = whole(job(ILL, y), x, y)
    predictor = over_parts(ILL, x, y, cuts)
    rows, _ = ill_scaled(1000, seed=4)
    expected = fitted.predict(rows)
    assert np.max(np.abs(predictions(predictor, ILL, rows) - expected) / np.abs(expected)) < 1e-8
    equal(metadata, parsed(dict(predictor.metadata)))
    assert metadata["not_estimable"] == ["gene=never", "constant", "twin"]


def test_parts_that_lie_far_apart() -> None:
    """Sorted by a column: each part has its own mean, and no spread to speak of."""
    x, y = ill_scaled(300)
    x[:, 2] = 1e6 * np.arange(300) + x[:, 2] - 1e8
    fitted, metadata = whole(job(ILL, y), x, y)
    predictor = over_parts(ILL, x, y, (100, 200))
    assert predictions(predictor, ILL, x) == pytest.approx(fitted.predict(x), rel=1e-8)
    equal(metadata, parsed(dict(predictor.metadata)))


def test_no_row_can_be_found_in_a_part() -> None:
    x, y = ill_scaled(60)
    text = json.dumps(program.intermediate(job(ILL, y), table(x, y)))
    varying = [y.tolist(), x[:, 2].tolist(), x[:, 4].tolist(), x[:, 6].tolist()]
    assert not [value for column in varying for value in column if repr(value) in text]
    assert len(json.loads(text)["factor"]) == len(coding.names(ILL)) + 2


def test_too_few_rows_are_refused_with_their_bound() -> None:
    x, y = ill_scaled(40)
    least = len(coding.names(ILL)) + 2 + privacy.MARGIN
    for count in range(1, least):
        with pytest.raises(Failure, match=f"at least {least}"):
            program.intermediate(job(ILL, y[:count]), table(x[:count], y[:count]))
    columns = (FAR,)
    told = program.intermediate(job(columns, y[:8]), table(x[:8, [2]], y[:8]))
    assert len(told["factor"]) == 3


@pytest.mark.parametrize("alone", [1, 2])
@pytest.mark.parametrize(("column", "place"), [(SEX, 1), (AGE, 0), (NUMBER, None)])
def test_a_group_of_one_or_two_is_refused(column: Column, place: int | None, alone: int) -> None:
    x, y = ill_scaled(60)
    odd = (np.arange(60) < alone).astype(float)
    if place is None:
        y = odd
    else:
        x[:, place] = odd
    with pytest.raises(Failure, match=f"value of {column.name} "):
        program.intermediate(job(ILL, y), table(x, y))


def test_a_group_without_rows_in_a_part_is_nobodys_secret() -> None:
    x, y = ill_scaled(90)
    x = x[np.argsort(x[:, 1], kind="stable")]  # all men in the first part
    fitted, metadata = whole(job(ILL, y), x, y)
    predictor = over_parts(ILL, x, y, (int((x[:, 1] == 0).sum()),))
    assert predictions(predictor, ILL, x) == pytest.approx(fitted.predict(x), rel=1e-8)
    equal(metadata, parsed(dict(predictor.metadata)))


@pytest.mark.parametrize(
    "change",
    [
        {"origin": None},
        {"origin": [0.0]},
        {"origin": [0.0, "0"]},
        {"origin": [True, 0.0]},
        {"origin": [1e151, 0.0]},
        {"factor": [[1.0]]},
        {"factor": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, None]]},
        {"factor": [[3.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]},
        {"factor": [[4.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]},
        {"factor": {"__class__": "os.system"}},
        {"more": 1},
    ],
)
def test_a_hostile_summary_is_refused(change: dict[str, Any]) -> None:
    good = {"origin": [0.0, 0.0], "factor": [[3.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]}
    asked = job((FAR,), np.zeros(9))
    summary.read(asked, Part(rows=9, summary=good))
    with pytest.raises(Failure, match="summary"):
        summary.read(asked, Part(rows=9, summary={**good, **change}))


def test_sums_that_overflow_together_are_refused() -> None:
    part = {"origin": [9e149, 0.0], "factor": [[3.0, 9e149, 0.0], [0.0, 9e149, 0.0], [0.0, 0.0, 1.0]]}
    other = {**part, "origin": [-9e149, 0.0]}
    parts = [Part(rows=9, summary=part), Part(rows=9, summary=other)]
    with pytest.raises(Failure, match="too large"):
        program.aggregate(job((FAR,), np.zeros(18)), parts)


# --- coefficients ---------------------------------------------------------------------------------

PLAIN = (AGE, SEX, TINY)


def plain(count: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariables, a variable, and the matrix that a person would give to statsmodels."""
    x, y = ill_scaled(count)
    x = x[:, [0, 1, 4]]
    x[:, 2] *= 1e12
    return x, y, np.column_stack([np.ones(count), x])


def test_coefficients_and_errors_are_statsmodels_own() -> None:
    x, y, matrix = plain()
    _, metadata = whole(job(PLAIN, y), x, y)
    fit = OLS(y, matrix).fit()
    assert list(metadata["coefficients"]) == ["(Intercept)", "age", "sex=F", "tiny"]
    expected = zip(fit.params, fit.bse, fit.tvalues, fit.pvalues, strict=True)
    for row, told in zip(expected, metadata["coefficients"].values(), strict=True):
        assert list(told) == ["coef", "std_err", "t_values", "p_values"]
        assert list(told.values()) == pytest.approx(row, rel=1e-8)
    assert metadata["r_squared"] == pytest.approx(fit.rsquared)
    assert metadata["residual_standard_error"] == pytest.approx(math.sqrt(fit.scale))


@pytest.mark.parametrize("variable", [TWO, THREE])
def test_logistic_coefficients_are_statsmodels_own(variable: Column) -> None:
    x, y, matrix = plain()
    noisy = y + np.random.default_rng(1).normal(size=len(y)) * 8
    classes = np.digitize(
        noisy, np.quantile(noisy, [0.4, 0.7][: len(variable.codes) - 1 - (variable is THREE)])
    )
    places = np.array([0, 1] if variable is TWO else [0, 2, 3])[classes]
    _, metadata = whole(job(PLAIN, places, variable), x, places)
    fit = MNLogit(classes, matrix).fit(disp=0)
    assert metadata["reference_class"] == variable.codes[0]
    assert list(metadata["coefficients"]) == (["yes"] if variable is TWO else ["a", "b"])
    for index, coefficients in enumerate(metadata["coefficients"].values()):
        columns = (fit.params, fit.bse, fit.tvalues, fit.pvalues)
        for row, told in zip(
            zip(*(c[:, index] for c in columns), strict=True), coefficients.values(), strict=True
        ):
            assert list(told.values()) == pytest.approx(row, rel=1e-5)


def test_classes_that_can_be_separated_have_no_errors_and_say_so() -> None:
    x, _, _ = plain()
    y = (x[:, 0] > 65).astype(np.int64)
    fitted, metadata = whole(job(PLAIN, y, TWO), x, y)
    assert metadata["coefficients"] == {}
    assert "separated" in metadata["no_statistics"]
    assert (fitted.predict(x) == y).all()


@pytest.mark.parametrize("variable", [TWO, THREE])
def test_a_penalty_changes_the_coefficients_and_takes_their_errors(variable: Column) -> None:
    x, _, _ = plain()
    y = (x[:, 0] > 65).astype(np.int64) * 2 * (variable is THREE) + (x[:, 0] > 65) * (variable is TWO)
    y = np.where(x[:, 0] > 80, 3, y) if variable is THREE else y
    models = [whole(job(PLAIN, y, variable, weight), x, y) for weight in (0.5, 1e6)]
    for fitted, metadata in models:
        assert "penalised" in metadata["model"]
        assert math.isclose(fitted.named_steps["estimator"].C, 1 / float(metadata["model"].split()[-1]))
    (_, light), (_, heavy) = models
    strong = next(iter(light["coefficients"].values()))["age"]
    weak = next(iter(heavy["coefficients"].values()))["age"]
    assert strong["std_err"] is None
    assert abs(weak["coef"]) < abs(strong["coef"]) / 100


# --- degenerate -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(2, 14))
def test_few_rows_have_an_answer_and_no_errors_without_freedom(count: int) -> None:
    x, y = ill_scaled(count)
    fitted, metadata = whole(job(ILL, y), x, y)
    assert np.isfinite(fitted.predict(x)).all()
    freedom = metadata["residual_degrees_of_freedom"]
    errors = [row["std_err"] for name, row in metadata["coefficients"].items() if name == "age"]
    assert (errors == [None]) is (freedom <= 0)


def test_a_constant_variable_depends_on_nothing() -> None:
    x, y = ill_scaled(60)
    y[:] = 3.3
    fitted, metadata = whole(job(ILL, y), x, y)
    assert fitted.predict(x) == pytest.approx(y)
    assert metadata["coefficients"]["(Intercept)"]["coef"] == pytest.approx(3.3)
    assert metadata["coefficients"]["age"] == {
        "coef": 0.0,
        "std_err": 0.0,
        "t_values": None,
        "p_values": None,
    }
    assert metadata["r_squared"] is None


def test_a_perfect_fit_has_no_t_values() -> None:
    x, _ = ill_scaled(60)
    y = 2 * x[:, 0] + 0.1
    _, metadata = whole(job((AGE,), y), x[:, :1], y)
    assert metadata["coefficients"]["age"]["coef"] == pytest.approx(2)
    assert metadata["coefficients"]["age"]["p_values"] is None
    assert metadata["r_squared"] == 1.0


def test_a_constant_column_alone_predicts_the_mean() -> None:
    x, y = ill_scaled(60)
    fitted, metadata = whole(job((CONSTANT,), y), x[:, [5]], y)
    assert fitted.predict(x[:, [5]]) == pytest.approx(np.full(60, y.mean()))
    assert metadata["not_estimable"] == ["constant"]


def test_one_class_alone_is_refused_by_its_variable() -> None:
    with pytest.raises(Failure, match="variable y has one class only"):
        program.estimator(job(PLAIN, np.zeros(9, np.int64), TWO))


def test_values_too_large_for_their_sums_are_refused() -> None:
    x, y = ill_scaled(60)
    x[:, 2] *= 1e300
    with pytest.raises(Failure, match="too large"):
        summary.of_table(job(ILL, y), table(x, y))


# --- the image ------------------------------------------------------------------------------------


def lines(path: Path) -> set[str]:
    return {
        line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    }


def test_the_images_pins_are_the_templates_and_more() -> None:
    root = Path(__file__).parents[2]
    templates, plugin = root / "registry/algoreg/templates", root / "plugins/linreg"
    pins = lines(plugin / "algoreg_linreg/constraints.txt")
    assert lines(templates / "constraints.txt") <= pins
    assert pins <= lines(root / "constraints.txt")
