"""Which of several algorithms is better, and when nobody can say."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoreg import comparison, schemas
from algoreg.errors import UsageError
from algoreg.formats import experiments as formats
from algoreg.record import ExperimentRecord, Fold, Metric, Trouble
from algoreg.report import EngineInfo

TROUBLE = Trouble(case="train fold 1", message="it failed", expected="exit code 0", got="exit code 1")


def experiment(
    code: str, values: Sequence[float | None], *, higher_is_better: bool = True, n_train: int = 80
) -> ExperimentRecord:
    folds = tuple(
        Fold(
            name=str(number),
            n_train=n_train,
            n_held_out=20,
            train_s=2.0,
            test_s=1.0,
            value=value,
            trouble=TROUBLE if value is None else None,
        )
        for number, value in enumerate(values, 1)
    )
    return ExperimentRecord(
        code=code,
        target=f"algoreg/{code}:0.1.0",
        engine=EngineInfo(name="docker", version="28"),
        seed=1,
        task="regression",
        variable="score|x",
        covariables=("age", "\x1b[31m<b>"),
        types={"score|x": "real", "age": "integer", "\x1b[31m<b>": "polynominal"},
        parameters={},
        rows=100,
        folds=folds,
        metric=Metric(name="R-squared", higher_is_better=higher_is_better),
        scores=None,
    )


def test_the_best_comes_first_and_what_has_no_result_last() -> None:
    compared = comparison.compare(
        [experiment("worse", [0.1, 0.2]), experiment("none", [None, None]), experiment("better", [0.3, 0.5])],
        data="x.csv",
    )
    assert [(one.code, one.mean, one.failed) for one in compared.standings] == [
        ("better", pytest.approx(0.4), 0),
        ("worse", pytest.approx(0.15), 0),
        ("none", None, 2),
    ]
    assert compared.standings[0].deviation == pytest.approx(math.sqrt(0.02))
    assert compared.standings[0].seconds == 3.0
    assert [(pair.first, pair.second) for pair in compared.pairs] == [("worse", "better")]


def test_who_failed_on_a_fold_comes_after_all_who_did_not() -> None:
    solid, flaky = experiment("solid", [0.95, 0.8, 0.8]), experiment("flaky", [0.9, None, None])
    compared = comparison.compare([flaky, solid], data="x.csv")
    assert [one.code for one in compared.standings] == ["solid", "flaky"]
    (pair,) = compared.pairs
    assert (pair.difference, pair.p_value) == (pytest.approx(-0.05), None)


@pytest.mark.parametrize(
    "differences",
    [[0.9 - 0.8, 0.8 - 0.7, 0.7 - 0.6, 0.6 - 0.5, 0.5 - 0.4], [1e-16, 1.1e-16, 1.2e-16, 1e-16, 1.1e-16]],
)
def test_what_is_left_of_a_subtraction_is_no_difference(differences: list[float]) -> None:
    assert comparison.corrected_t(differences, experiment("a", differences).folds) == (None, None)


def test_less_can_be_better() -> None:
    compared = comparison.compare(
        [experiment("a", [3.0], higher_is_better=False), experiment("b", [2.0], higher_is_better=False)],
        data="x.csv",
    )
    assert [one.code for one in compared.standings] == ["b", "a"]


def test_the_corrected_test_is_nadeau_and_bengios() -> None:
    """By hand: mean 0.1, variance 0.001 over 5 folds, 20 held out to 80 for training."""
    differences = [0.06, 0.08, 0.10, 0.12, 0.14]
    one = experiment("a", [0.5 + d for d in differences])
    compared = comparison.compare([one, experiment("b", [0.5] * 5)], data="x.csv")
    (pair,) = compared.pairs
    assert pair.difference == pytest.approx(0.1)
    assert pair.statistic == pytest.approx(0.1 / math.sqrt(0.001 * (1 / 5 + 20 / 80)))
    assert pair.p_value == pytest.approx(0.0091, abs=0.0005)  # t = 4.714, 4 degrees of freedom
    assert pair.p_adjusted == pair.p_value


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=10), st.floats(-1, 1))
def test_the_test_is_symmetric_and_finds_nothing_in_equal_values(values: list[float], other: float) -> None:
    folds = experiment("a", values).folds
    there = comparison.corrected_t([value - other for value in values], folds)
    back = comparison.corrected_t([other - value for value in values], folds)
    if there[0] is None or back[0] is None:
        assert there == back == (None, None)
        return
    assert there[0] == pytest.approx(-back[0])
    assert there[1] == pytest.approx(back[1])
    assert comparison.corrected_t([0.0] * len(values), folds) == (None, None)


def test_three_algorithms_make_three_pairs_with_holms_values() -> None:
    compared = comparison.compare(
        [
            experiment("a", [0.5, 0.6, 0.55]),
            experiment("b", [0.3, 0.35, 0.32]),
            experiment("c", [0.31, 0.34, 0.33]),
        ],
        data="x.csv",
    )
    raw = sorted(pair.p_value or 0.0 for pair in compared.pairs)
    adjusted = sorted(pair.p_adjusted or 0.0 for pair in compared.pairs)
    expected = [min(1.0, raw[0] * 3)]
    expected.append(min(1.0, max(expected[0], raw[1] * 2)))
    expected.append(max(expected[1], raw[2]))
    assert adjusted == pytest.approx(expected)


def test_only_common_folds_are_tested() -> None:
    compared = comparison.compare(
        [experiment("a", [0.5, None, 0.7]), experiment("b", [0.4, 0.4, 0.5])], data="x.csv"
    )
    assert compared.pairs[0].difference == pytest.approx(0.15)


def test_other_folds_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="same folds"):
        comparison.compare([experiment("a", [0.1]), experiment("b", [0.1], n_train=81)], data="x")
    with pytest.raises(UsageError, match="needs two"):
        comparison.compare([experiment("a", [0.1])], data="x")


def test_every_format_shows_every_algorithm_and_nothing_raw() -> None:
    compared = comparison.compare(
        [experiment("a", [0.5, None]), experiment("b", [0.4, 0.3])], data="x.csv", notes=("3 rows left out",)
    )
    document = compared.json()
    assert schemas.violations("comparison", document) == ()
    assert all(schemas.violations("experiment", one) == () for one in document["experiments"])
    assert document["ok"] is False
    shown = (
        formats.comparison_text(compared),
        formats.comparison_markdown(compared),
        formats.comparison_html(compared, plot="<svg></svg>"),
    )
    for text in shown:
        assert "\x1b" not in text
        assert "a - b" in text
        assert "3 rows left out" in text
        assert "it failed" in text
    assert "score\\|x from" in shown[1]
    assert all("<b>" not in text for text in shown[1:])
    assert "\\!" not in shown[1]
    assert "![x](" not in formats.comparison_markdown(
        comparison.compare(
            [experiment("![x](http://a/b.png)", [0.5]), experiment("b", [0.4])], data="`x` *y* [z](w)"
        )
    )
    assert "<svg></svg>" in shown[2]
    assert json.loads(formats.as_json(document)) == document
    assert "\x1b[" in formats.comparison_text(compared, color=True)
