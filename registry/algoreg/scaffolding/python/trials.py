"""Fits an estimator on real tables the way `train` and `test` do, to see which values work and which change something.

What is declared must be accepted, and must make a difference: no documentation says where either ends.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

from algoreg.model import ParameterType, ParameterValue, Validation
from algoreg.runtime import fitting, text
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.pfa import pipeline as pfa
from algoreg.runtime.table import Table
from algoreg.scaffolding.python.expressions import Call
from algoreg.scaffolding.python.knowledge import CHECKED_UP_TO, COSTLY
from algoreg.scaffolding.python.offers import LeftOut, Offer
from algoreg.scaffolding.python.tables import TrialTable

Values = Mapping[str, ParameterValue]
_SEED: Final = 42


class Unfit(Exception):
    """The estimator does not work on a table; the reason in one line."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """An offer as far as it works."""

    offer: Offer
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    validation: Validation
    seen: float
    """Share of the tables on which it clearly changes predictions; an effect is promised where that is all of them."""
    refused: tuple[LeftOut, ...] = ()
    """Values of it that do not work."""


class Trials:
    """Remembers what was predicted on each table, so that nothing is fitted twice."""

    def __init__(
        self,
        call: Call,
        base: Values,
        tables: tuple[TrialTable, ...],
        *,
        vouched: tuple[type, ...],
        pfa: bool,
    ) -> None:
        self._call = call
        self._base = base
        self._tables = tables
        self._catalogue = Catalogue(vouched)
        self._pfa = pfa
        self._known: dict[tuple[Any, ...], list[Any] | Unfit] = {}

    def on(self, tables: tuple[TrialTable, ...]) -> Trials:
        """The same on some of the tables; what is known stays known."""
        fewer = copy.copy(self)
        fewer._tables = tables
        return fewer

    def of(self, changed: Values = MappingProxyType({})) -> list[list[Any]]:
        """What is predicted on each table with some parameters changed. Raises Unfit."""
        return [self._known_of(one, changed) for one in self._tables]

    def ignores_input(self) -> bool:
        """Whether it predicts one value for all rows of a table. Raises Unfit."""
        return any(len(set(found)) == 1 for found in self.of())

    def _known_of(self, one: TrialTable, changed: Values, *, permuted: bool = False) -> list[Any]:
        values = {**self._base, **changed}
        key = (one, permuted, tuple(values.items()))
        if key not in self._known:
            try:
                self._known[key] = self._predictions(one, values, permuted)
            except Unfit as unfit:
                self._known[key] = unfit
        found = self._known[key]
        if isinstance(found, Unfit):
            raise found
        return found

    def _predictions(self, one: TrialTable, values: Values, permuted: bool) -> list[Any]:
        table = one.permuted if permuted else one.table
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self._predicted(one, table, values)
            except Exception as error:  # whatever a library raises is the finding
                raise Unfit(_reason(error)) from error

    def _predicted(self, one: TrialTable, table: Table, values: Values) -> list[Any]:
        estimator = self._call.build(values, len(table.y_train))
        made = text.Model(
            task=one.task,
            variable=one.variable,
            covariables=one.covariables,
            seed=_SEED,
            estimator=fitting.assemble(estimator, one.covariables, impute=False, seed=_SEED),
        )
        model = text.read_text(text.write_text(made, self._catalogue), self._catalogue)
        fitted = fitting.fit(model, table)
        if self._pfa:
            pfa.read(fitted, variable=one.variable, covariables=one.covariables)
        return list(fitting.predict(fitted, model, table)["predictions"])

    def try_out(self, offer: Offer) -> Tried | LeftOut:
        """As much of the offer as works; LeftOut where that is nothing beside the default."""
        if offer.type is ParameterType.ENUMERATION:
            return self._enumeration(offer)
        if offer.type is ParameterType.BOOLEAN:
            return self._flag(offer)
        return self._range(offer)

    def _flag(self, offer: Offer) -> Tried | LeftOut:
        if reason := self._refusal(offer, not offer.default):
            return LeftOut(
                code=offer.code, reason=f"{str(not offer.default).lower()} does not work here: {reason}"
            )
        seen = self._seen(offer, False, True)
        return Tried(offer=offer, validation=Validation(effect=seen == 1), seen=seen)

    def _enumeration(self, offer: Offer) -> Tried | LeftOut:
        reasons = {value: self._refusal(offer, value) for value in offer.values}
        values = tuple(value for value, reason in reasons.items() if not reason)
        refused = tuple(
            LeftOut(code=f"{offer.code}={value}", reason=reason)
            for value, reason in reasons.items()
            if reason
        )
        if len(values) < 2:
            return LeftOut(code=offer.code, reason=f"only {values[0]} works here: {refused[0].reason}")
        others = [value for value in values if value != offer.default]
        seen, farthest = max(
            ((self._seen(offer, offer.default, value), value) for value in others), key=itemgetter(0)
        )
        # The checks compare the first with the last
        ordered = (str(offer.default), *sorted(others, key=lambda value: value == farthest))
        validation = Validation(effect=seen == 1)
        return Tried(offer=offer, values=ordered, validation=validation, seen=seen, refused=refused)

    def _range(self, offer: Offer) -> Tried | LeftOut:
        """The farthest ends that work; a costly one is believed where a small value works."""
        costly = offer.code in COSTLY
        lows, highs = offer.lows, offer.highs
        none = offer.default == 0 and "or None" in offer.conversion
        low = next(one for one in lows if not self._refusal(offer, self._typed(offer, one)))
        cap = max(CHECKED_UP_TO, int(low)) if costly else None
        checked = [(one, one if cap is None else min(one, cap)) for one in highs]
        high, at = next(
            (high, at)
            for high, at in (*checked, (highs[-1], highs[-1]))  # which is the default
            if not self._refusal(offer, self._typed(offer, at))
        )
        if low == high:
            return LeftOut(code=offer.code, reason="only its default works beside the others' defaults")
        least = next(
            (one for one in (1, 2) if none and not self._refusal(offer, self._typed(offer, one))), low
        )
        seen = self._seen(offer, self._typed(offer, least), self._typed(offer, at))
        return Tried(
            offer=offer,
            low=low,
            high=high,
            validation=Validation(
                value=self._base[offer.code] if self._base[offer.code] != offer.default else None,
                min=least if least != low else None,
                max=at if at != high else None,
                effect=seen == 1,
            ),
            seen=seen,
        )

    def _typed(self, offer: Offer, value: float) -> ParameterValue:
        return int(value) if offer.type is ParameterType.INTEGER else float(value)

    def _refusal(self, offer: Offer, value: ParameterValue) -> str:
        """Why this value does not work beside the others' defaults; empty where it does."""
        try:
            self.of({} if value == offer.default else {offer.code: value})
        except Unfit as unfit:
            return str(unfit)
        return ""

    def _seen(self, offer: Offer, one: ParameterValue, other: ParameterValue) -> float:
        """Share of the tables on which predictions differ, at least where the variable's values were exchanged."""
        differ = [
            any(self._differ(table, offer, one, other, permuted=permuted) for permuted in (False, True))
            for table in self._tables
        ]
        return sum(differ) / len(differ)

    def _differ(
        self, table: TrialTable, offer: Offer, one: ParameterValue, other: ParameterValue, *, permuted: bool
    ) -> bool:
        try:
            left, right = (
                self._known_of(table, {offer.code: value}, permuted=permuted) for value in (one, other)
            )
        except Unfit:
            return False
        return _apart(left, right)


def _apart(left: list[Any], right: list[Any]) -> bool:
    """Clearly: one class, or a difference in the last digits, may be none on another table."""
    apart = [
        a != b if isinstance(a, str) else abs(a - b) > 1e-6 * max(1.0, abs(a))
        for a, b in zip(left, right, strict=True)
    ]
    return sum(map(bool, apart)) > len(apart) // 10


def _reason(error: Exception) -> str:
    line = " ".join(str(error).split()) or type(error).__name__
    return line if len(line) <= 160 else f"{line[:160]} ..."
