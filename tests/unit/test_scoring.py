"""Scores are Woken's: literal keys, its formulas written out by hand here, null where a figure has no meaning."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import scoring
from algoreg.errors import AlgoregError, UsageError
from algoreg.samples.sample import Column, Value

CODES = ("a", "b", "c")
REAL = Column(code="y", label="Y", type="real", sql_type="double precision")
BINARY_KEYS = ["Accuracy", "Recall", "Precision", "F1-score", "False positive rate"]
POLYNOMIAL_KEYS = [
    "Accuracy",
    "Weighted recall",
    "Weighted precision",
    "Weighted F1-score",
    "Weighted false positive rate",
]
REGRESSION_KEYS = ["MSE", "RMSE", "MAE", "R-squared", "Explained variance"]

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
number_pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30)
code_pairs = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), min_size=1, max_size=30)


def nominal(kind: str, codes: Sequence[str] = CODES) -> Column:
    enumerations = tuple((code, code.upper()) for code in codes)
    return Column(code="dx", label="Diagnosis", type=kind, sql_type="text", enumerations=enumerations)


BINOMINAL = nominal("binominal", "ab")
POLYNOMINAL = nominal("polynominal")


def ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)


def test_the_fixture_of_woken() -> None:
    assert scoring.score(BINOMINAL, list("ababaa"), list("aabbba")).json() == {
        "type": "BinaryClassificationScore",
        "Confusion matrix": {"labels": ["a", "b"], "values": [[2, 2], [1, 1]]},
        "Accuracy": 0.5,
        "Recall": 0.5,
        "Precision": pytest.approx(2 / 3),
        "F1-score": pytest.approx(4 / 7),
        "False positive rate": 0.5,
    }


@given(code_pairs)
def test_a_binary_score_by_hand(pairs: list[tuple[str, str]]) -> None:
    pairs = [(truth.replace("c", "a"), predicted.replace("c", "b")) for truth, predicted in pairs]
    positive = min(truth for truth, _ in pairs)
    tp = sum(truth == predicted == positive for truth, predicted in pairs)
    fn = sum(truth == positive != predicted for truth, predicted in pairs)
    fp = sum(truth != positive == predicted for truth, predicted in pairs)
    tn = len(pairs) - tp - fn - fp
    recall, precision = ratio(tp, tp + fn), ratio(tp, tp + fp)
    f1 = None
    if recall is not None and precision is not None:
        f1 = ratio(2 * precision * recall, precision + recall)
    expected = [(tp + tn) / len(pairs), recall, precision, f1, ratio(fp, fp + tn)]

    found = scoring.score(BINOMINAL, *zip(*pairs, strict=True))

    assert list(found.figures) == BINARY_KEYS
    assert list(found.figures.values()) == [close(value) for value in expected]
    assert found.confusion is not None
    assert found.confusion.labels[0] == positive


@given(code_pairs)
def test_a_polynomial_score_by_hand(pairs: list[tuple[str, str]]) -> None:
    n = len(pairs)
    weighted = dict.fromkeys(POLYNOMIAL_KEYS[1:], 0.0)
    one_class = len({truth for truth, _ in pairs}) == 1
    for code in {truth for truth, _ in pairs}:
        count = sum(truth == code for truth, _ in pairs)
        tp = sum(truth == predicted == code for truth, predicted in pairs)
        fp = sum(truth != code == predicted for truth, predicted in pairs)
        recall, precision = tp / count, ratio(tp, tp + fp) or 0
        f1 = ratio(2 * precision * recall, precision + recall) or 0
        values = (recall, precision, f1, 0 if one_class else fp / (n - count))
        for key, value in zip(weighted, values, strict=True):
            weighted[key] += value * count / n

    found = scoring.score(POLYNOMINAL, *zip(*pairs, strict=True)).figures

    assert list(found) == POLYNOMIAL_KEYS
    assert found["Accuracy"] == close(sum(truth == predicted for truth, predicted in pairs) / n)
    for key, value in weighted.items():
        assert found[key] == (None if one_class and "false" in key else close(value)), key


@given(code_pairs)
def test_the_confusion_matrix_counts_every_pair_once(pairs: list[tuple[str, str]]) -> None:
    matrix = scoring.score(POLYNOMINAL, *zip(*pairs, strict=True)).confusion
    assert matrix is not None
    assert set(matrix.labels) == {code for pair in pairs for code in pair}
    assert list(matrix.labels) == sorted(matrix.labels)
    for truth, row in zip(matrix.labels, matrix.values, strict=True):
        assert list(row) == [pairs.count((truth, predicted)) for predicted in matrix.labels]


def test_labels_keep_the_order_of_the_enumeration() -> None:
    backwards = nominal("polynominal", "cba")
    matrix = scoring.score(backwards, ["a", "b", "c"], ["a", "b", "c"]).confusion
    assert matrix is not None
    assert matrix.labels == ("c", "b", "a")
    binary = scoring.score(nominal("binominal", "ba"), ["a", "b", "b", "b"], ["a", "b", "b", "a"]).figures
    assert binary["Recall"] == pytest.approx(2 / 3)


@settings(deadline=None)
@given(number_pairs)
def test_a_regression_by_hand(pairs: list[tuple[float, float]]) -> None:
    n = len(pairs)
    truths = [truth for truth, _ in pairs]
    mean = math.fsum(truths) / n
    squares = math.fsum((truth - predicted) ** 2 for truth, predicted in pairs)
    spread = math.fsum((truth - mean) ** 2 for truth in truths)
    explained = math.fsum((predicted - mean) ** 2 for _, predicted in pairs) / n

    found = scoring.score(REAL, *zip(*pairs, strict=True)).figures

    assert list(found) == REGRESSION_KEYS
    assert found["MSE"] == close(squares / n)
    assert found["RMSE"] == close(math.sqrt(squares / n))
    assert found["MAE"] == close(math.fsum(abs(truth - predicted) for truth, predicted in pairs) / n)
    assert found["Explained variance"] == pytest.approx(explained, rel=1e-6, abs=1e-6)
    constant = min(truths) == max(truths)
    assert found["R-squared"] == (None if constant else pytest.approx(1 - squares / spread, rel=1e-6))


def test_explained_variance_is_an_absolute_quantity() -> None:
    small = scoring.score(REAL, [1, 2, 3], [1, 2, 3]).figures["Explained variance"]
    large = scoring.score(REAL, [10, 20, 30], [10, 20, 30]).figures["Explained variance"]
    assert small == pytest.approx(2 / 3)
    assert large == pytest.approx(200 / 3)


def test_integers_and_texts_that_tell_numbers_are_numbers() -> None:
    integer = Column(code="n", label="N", type="integer", sql_type="integer")
    found = scoring.score(integer, [1, "2"], ["1.5", 2]).figures
    assert found["MSE"] == pytest.approx(0.125)


def test_one_class_in_the_truth_is_no_crash() -> None:
    binary = scoring.score(BINOMINAL, ["b", "b"], ["a", "b"])
    assert binary.undefined == ("False positive rate",)
    assert (binary.figures["Recall"], binary.figures["Precision"]) == (0.5, 1.0)
    nobody = scoring.score(BINOMINAL, ["a", "b"], ["b", "b"])
    assert nobody.undefined == ("Precision", "F1-score")
    polynomial = scoring.score(POLYNOMINAL, ["c", "c"], ["a", "c"])
    assert polynomial.undefined == ("Weighted false positive rate",)


@pytest.mark.parametrize("constant", [[0.1, 0.1, 0.1], [5], [0, 1e-200]])
def test_a_constant_truth_has_no_r_squared(constant: list[Value]) -> None:
    found = scoring.score(REAL, constant, [1.0] * len(constant))
    assert found.undefined == ("R-squared",)
    assert found.value is None


def test_what_leaves_the_doubles_is_null() -> None:
    found = scoring.score(REAL, [1e200, 1e-200], [1, 1])
    assert found.undefined == ("MSE", "RMSE", "R-squared", "Explained variance")
    assert json.dumps(found.json(), allow_nan=False)


@pytest.mark.parametrize("column", [BINOMINAL, POLYNOMINAL, REAL])
def test_rows_without_truth_are_left_out_and_counted(column: Column) -> None:
    values: list[Value] = ["a", None, "b"] if column.nominal else [1.0, None, 2.0]
    found = scoring.score(column, values, [values[0], values[0], values[2]])
    assert (found.rows, found.left_out, found.value) == (2, 1, 1.0)
    nothing = scoring.score(column, [None], [values[0]])
    assert (nothing.rows, nothing.left_out, nothing.undefined) == (0, 1, tuple(nothing.figures))
    assert list(nothing.figures) == list(found.figures)
    assert json.dumps(nothing.json(), allow_nan=False)


@pytest.mark.parametrize(
    ("column", "truths", "predictions", "told"),
    [
        (REAL, [1, 2], [1], "2 true values and 1 predictions"),
        (REAL, [1], [1, 2], "1 true values and 2 predictions"),
        (REAL, [1, 2], [1, None], "prediction 1 .counted from 0. is missing"),
        (REAL, [1, 2], [1, math.nan], "prediction 1 .* no finite number"),
        (REAL, [1, math.inf], [1, 1], "true value 1 .* no finite number"),
        (REAL, [1], ["secret"], "prediction 0 .* no finite number"),
        (REAL, [1], [True], "prediction 0 .* no finite number"),
        (REAL, [1], [10**400], "prediction 0 .* no finite number"),
        (BINOMINAL, ["a"], ["secret"], "prediction 0 .* no code of its enumeration"),
        (BINOMINAL, ["a"], [1], "prediction 0 .* no code of its enumeration"),
        (BINOMINAL, ["secret"], ["a"], "true value 0 .* no code of its enumeration"),
        (POLYNOMINAL, [None, "a"], ["a", None], "prediction 1 .* is missing"),
    ],
)
def test_what_makes_no_pairs(
    column: Column, truths: list[Value], predictions: list[Value], told: str
) -> None:
    with pytest.raises(scoring.ScoreError, match=told) as refused:
        scoring.score(column, truths, predictions)
    assert "secret" not in refused.value.message


def test_folds_are_pooled_and_not_averaged() -> None:
    folds: dict[str, tuple[list[Value], list[Value]]] = {
        "1": ([1, 2, None], [1, 3, 0]),
        "2": ([30, 40, 50], [30, 40, 56]),
    }
    found = scoring.k_fold(REAL, folds)
    assert found.average == scoring.score(REAL, [1, 2, None, 30, 40, 50], [1, 3, 0, 30, 40, 56])
    assert found.values == {"1": pytest.approx(-1.0), "2": pytest.approx(0.82)}
    document = found.json()
    assert list(document) == ["type", "average", "folds"]
    assert document["type"] == "KFoldCrossValidationScore"
    assert document["folds"]["2"] == scoring.score(REAL, *folds["2"]).json()
    assert found.average.left_out == 1


def test_no_fold_is_no_score() -> None:
    with pytest.raises(UsageError, match="no fold"):
        scoring.k_fold(REAL, {})


@pytest.mark.parametrize("column", [BINOMINAL, POLYNOMINAL, REAL])
def test_what_algorithms_are_compared_by_is_in_the_score(column: Column) -> None:
    values: list[Value] = ["a", "b"] if column.nominal else [1.0, 2.0]
    found = scoring.score(column, values, values)
    compared = scoring.metrics(column)
    assert found.headline == scoring.headline(column) == compared[0]
    assert found.type == scoring.score_type(column)
    assert {metric.key for metric in compared} == set(found.figures) - {"Explained variance"}
    best = {metric.key: 1.0 if metric.higher_is_better else 0.0 for metric in compared}
    assert {key: found.figures[key] for key in best} == best


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    with pytest.raises(AlgoregError, match=r"scoring needs sklearn\.metrics") as refused:
        scoring.score(REAL, [1], [1])
    assert refused.value.hint == "pip install 'algoreg[run]'"
