"""Held-out rows keep the contract, whatever the table; a table too small is told which class is at fault."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from algoreg import folds
from algoreg.errors import AlgoregError, UsageError
from algoreg.samples.sample import Column, Sample, Value


def sample(values: Sequence[Value]) -> Sample:
    codes = sorted({value for value in values if isinstance(value, str)})
    kind, sql_type = ("polynominal", "text") if codes else ("real", "double precision")
    variable = Column(
        code="y", label="Y", type=kind, sql_type=sql_type, enumerations=tuple((code, code) for code in codes)
    )
    return Sample(
        table="t",
        order_column="o",
        variable=variable,
        covariables=(Column(code="x", label="X", type="real", sql_type="double precision"),),
        rows=tuple((value, float(row)) for row, value in enumerate(values)),
        held_out=(),
    )


classes = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=8, max_size=60)
numbers = st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=3, max_size=60)
columns = st.one_of(classes, numbers)
seeds = st.integers(-(2**40), 2**40)


def ensure_contract(table: Sample, held_out: tuple[int, ...]) -> None:
    """Not empty, unique, ascending; two rows and every class left; no row without a truth."""
    truths = [row[0] for row in table.rows]
    assert held_out
    assert list(held_out) == sorted(set(held_out))
    assert set(held_out) <= {row for row, truth in enumerate(truths) if truth is not None}
    training = [truth for row, truth in enumerate(truths) if row not in held_out and truth is not None]
    assert len(training) >= 2
    if table.variable.nominal:
        assert set(training) == {truth for truth in truths if truth is not None}


def rarest(values: Sequence[Value]) -> int:
    counted = Counter(value for value in values if value is not None)
    return min(counted.values()) if len(counted) > 1 else 0


@settings(deadline=None)
@given(columns, st.integers(2, 6), seeds)
def test_folds_keep_the_contract(values: list[Value], count: int, seed: int) -> None:
    known = sum(value is not None for value in values)
    assume(known >= (count if count > 2 else 4))
    table = sample(values)
    assume(not table.variable.nominal or rarest(values) >= count)
    parts = folds.k_fold(table, folds=count, seed=seed)
    assert len(parts) == count
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for part in parts:
        ensure_contract(table, part)
    together = sorted(row for part in parts for row in part)
    assert together == [row for row, value in enumerate(values) if value is not None]
    if table.variable.nominal:
        for part in parts:
            assert {values[row] for row in part} == {value for value in values if value is not None}


@settings(deadline=None)
@given(columns, st.floats(0.01, 0.99), seeds)
def test_a_hold_out_keeps_the_contract_or_is_refused(values: list[Value], share: float, seed: int) -> None:
    table = sample(values)
    known = sum(value is not None for value in values)
    try:
        held_out = folds.holdout(table, share=share, seed=seed)
    except UsageError:
        assert known < 3 or table.variable.nominal
        return
    ensure_contract(table, held_out)
    assert abs(len(held_out) - share * known) <= 2


@settings(deadline=None)
@given(st.integers(3, 12), st.integers(3, 12), seeds)
def test_a_quarter_of_an_ordinary_table_is_never_refused(first: int, second: int, seed: int) -> None:
    table = sample(["a"] * 4 * first + ["b"] * 4 * second)
    held_out = folds.holdout(table, share=0.25, seed=seed)
    assert Counter(table.rows[row][0] for row in held_out) == {"a": first, "b": second}


@pytest.mark.parametrize("values", [list(range(40)), ["a", "b"] * 20])
def test_the_seed_decides(values: list[Value]) -> None:
    table = sample(values)
    for seed in (7, -1, 2**70):
        assert folds.k_fold(table, folds=4, seed=seed) == folds.k_fold(table, folds=4, seed=seed)
        assert folds.holdout(table, share=0.3, seed=seed) == folds.holdout(table, share=0.3, seed=seed)
    assert folds.k_fold(table, folds=4, seed=7) != folds.k_fold(table, folds=4, seed=8)
    assert folds.holdout(table, share=0.3, seed=7) != folds.holdout(table, share=0.3, seed=8)


def test_as_many_folds_as_rows() -> None:
    parts = folds.k_fold(sample(list(range(10))), folds=10, seed=1)
    assert sorted(parts) == [(row,) for row in range(10)]


def split(values: Sequence[Value], *, count: int | None, share: float) -> None:
    """Into ``count`` folds; without a count, one hold-out."""
    if count is None:
        folds.holdout(sample(values), share=share, seed=1)
    else:
        folds.k_fold(sample(values), folds=count, seed=1)


def refusal(values: Sequence[Value], *, count: int | None = None, share: float = 0.25) -> str:
    with pytest.raises(UsageError) as refused:
        split(values, count=count, share=share)
    return f"{refused.value.message} | {refused.value.hint}"


@pytest.mark.parametrize(
    ("values", "count", "told"),
    [
        ([1, 2, 3], 2, "known in 3, and at least 4"),
        ([1, 2, 3, 4, None], 5, "known in 4, and at least 5"),
        ([1, 2, 3, 4], 1, "cannot make 1 folds"),
        ([1, 2, 3, 4], 1001, "cannot make 1001 folds"),
        (["a"] * 9 + ["b"] * 3, 5, 'the class "b" has 3 rows, and at least 5 are needed | Make 3 folds'),
        (["a"] * 9 + ["b"], 2, 'the class "b" has 1 row, and at least 2 are needed | Leave out'),
        (["a"] * 9 + [None], 2, 'every row is of the class "a"'),
        (["a"] * 9 + ["\x1b[31m"], 2, '"\\u001b[31m"'),
    ],
)
def test_folds_that_cannot_be_made(values: list[Value], count: int, told: str) -> None:
    assert told in refusal(values, count=count)


@pytest.mark.parametrize(
    ("values", "share", "told"),
    [
        ([1, 2], 0.5, "known in 2, and at least 3"),
        ([1, 2, 3], 0.0, "share of 0.0"),
        ([1, 2, 3], 1.0, "share of 1.0"),
        ([1, 2, 3], float("nan"), "share of nan"),
        (["a"] * 9 + ["b"], 0.5, 'the class "b" has 1 row, and at least 2'),
        (["a"] * 9, 0.5, "every row is of the class"),
        (["a", "b", "c"] * 3, 0.1, "1 of 9 rows would be held out"),
        (["a", "b", "c"] * 3, 0.9, "7 of 9 rows would be held out"),
        (["a"] * 98 + ["b"] * 2, 0.8, 'no row of the class "b" would be left'),
    ],
)
def test_hold_outs_that_cannot_be_made(values: list[Value], share: float, told: str) -> None:
    assert told in refusal(values, share=share)


@pytest.mark.parametrize("count", [None, 2])
def test_without_scikit_learn_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, count: int | None
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", None)
    with pytest.raises(AlgoregError, match=r"splitting the data needs sklearn\.model_selection"):
        split([1, 2, 3, 4], count=count, share=0.5)
