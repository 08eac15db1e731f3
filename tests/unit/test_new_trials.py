"""What is concluded from trials: which values work, and on how many of the tables they make a difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from algoreg.model import ParameterType, ParameterValue
from algoreg.scaffolding.python.expressions import Call, Conversion
from algoreg.scaffolding.python.offers import LeftOut, Offer
from algoreg.scaffolding.python.tables import TrialTable
from algoreg.scaffolding.python.trials import Trials, Tried, Unfit

PLAIN, OTHER, ODD = (cast(TrialTable, name) for name in ("plain", "other", "odd"))
WORDS = Offer(
    code="way",
    type=ParameterType.ENUMERATION,
    default="usual",
    conversion=Conversion.WORD,
    values=("near", "far", "usual"),
)

Told = Callable[[TrialTable, ParameterValue, bool], Any]


class Made(Trials):
    """Trials whose predictions are told instead of made: table, value and whether permuted -> what all rows get."""

    def __init__(self, told: Told, *tables: TrialTable) -> None:
        super().__init__(Call(module="none", name="None"), {"way": "usual"}, tables, vouched=(), pfa=False)
        self._told = told
        self.fitted: list[tuple[TrialTable, ParameterValue, bool]] = []

    def _predictions(self, one: TrialTable, values: Any, permuted: bool) -> list[Any]:
        value = values["way"]
        self.fitted.append((one, value, permuted))
        return [self._told(one, value, permuted)] * 20


def tried(made: Made) -> Tried:
    found = made.try_out(WORDS)
    assert isinstance(found, Tried)
    return found


def test_an_effect_is_promised_where_every_table_shows_it() -> None:
    found = tried(Made(lambda table, value, permuted: value, PLAIN, OTHER))
    assert (found.seen, found.validation.effect) == (1, True)


def test_one_table_without_it_is_enough_to_promise_none() -> None:
    found = tried(Made(lambda table, value, permuted: value if table == PLAIN else "same", PLAIN, OTHER, ODD))
    assert found.seen == pytest.approx(1 / 3)
    assert not found.validation.effect


def test_a_difference_with_exchanged_targets_counts() -> None:
    found = tried(Made(lambda table, value, permuted: value if permuted else "same", PLAIN, OTHER))
    assert found.seen == 1


def test_a_table_that_fails_with_exchanged_targets_hides_no_other() -> None:
    def told(table: TrialTable, value: ParameterValue, permuted: bool) -> Any:
        if permuted and table == ODD:
            raise Unfit("too few rows")
        return value if permuted else "same"

    assert tried(Made(told, PLAIN, OTHER, ODD)).seen == pytest.approx(2 / 3)


def test_the_value_that_differs_on_most_tables_stands_last() -> None:
    def told(table: TrialTable, value: ParameterValue, permuted: bool) -> Any:
        return value if value == "near" or table == PLAIN else "usual"

    found = tried(Made(told, PLAIN, OTHER))
    assert found.values == ("usual", "far", "near")
    assert found.seen == 1


def test_a_value_that_fails_on_one_table_is_no_value() -> None:
    def told(table: TrialTable, value: ParameterValue, permuted: bool) -> Any:
        if (table, value) == (OTHER, "far"):
            raise Unfit("too far")
        return value

    found = tried(Made(told, PLAIN, OTHER))
    assert found.values == ("usual", "near")
    assert found.refused == (LeftOut(code="way=far", reason="too far"),)


def test_nothing_is_fitted_twice() -> None:
    made = Made(lambda table, value, permuted: value, PLAIN, OTHER)
    made.on((PLAIN,)).of()
    made.of()
    tried(made)
    assert len(made.fitted) == len(set(made.fitted)) == 6


def test_one_table_with_the_same_for_all_rows_is_enough_to_warn_of() -> None:
    assert Made(lambda table, value, permuted: value, PLAIN).ignores_input()
