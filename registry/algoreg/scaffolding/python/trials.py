"""Fits an estimator on real tables the way `train` and `test` do, to see which values work and which change something.

What is declared must be accepted, and must make a difference: no documentation says where either ends.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
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
    """Share of the tables on which it changes predictions; the checks are promised an effect where that is all."""
    refused: tuple[LeftOut, ...] = ()
    """Values of it that do not work."""

    @property
    def told(self) -> str:
        """What was seen, for the author."""
        return f"it changes predictions on {100 * self.seen:.0f} % of the tables that were tried"


class Trials:
    """Remembers what was predicted, so that nothing is fitted twice."""

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
        self._known: dict[tuple[Any, ...], list[list[Any]] | Unfit] = {}

    def of(self, changed: Values = MappingProxyType({}), *, permuted: bool = False) -> list[list[Any]]:
        """What is predicted on each table with some parameters changed. Raises Unfit."""
        key = (permuted, tuple(changed.items()))
        if key not in self._known:
            try:
                self._known[key] = [self._predictions(one, changed, permuted) for one in self._tables]
            except Unfit as unfit:
                self._known[key] = unfit
        found = self._known[key]
        if isinstance(found, Unfit):
            raise found
        return found

    def ignores_input(self) -> bool:
        """Whether it predicts one value for all rows of every table. Raises Unfit."""
        return all(prediction == found[0] for found in self.of() for prediction in found)

    def _predictions(self, one: TrialTable, changed: Values, permuted: bool) -> list[Any]:
        table = one.permuted if permuted else one.table
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self._predicted(one, table, {**self._base, **changed})
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
        seen = {value: self._seen(offer, offer.default, value) for value in others}
        apart = max(others, key=seen.__getitem__)
        # The checks compare the first with the last
        ordered = (str(offer.default), *sorted(others, key=lambda value: value == apart))
        validation = Validation(effect=seen[apart] == 1)
        return Tried(offer=offer, values=ordered, validation=validation, seen=seen[apart], refused=refused)

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
        differ = self._differences(offer, one, other, permuted=False)
        if not all(differ):
            again = self._differences(offer, one, other, permuted=True)
            differ = [a or b for a, b in zip(differ, again, strict=True)]
        return sum(differ) / len(differ)

    def _differences(
        self, offer: Offer, one: ParameterValue, other: ParameterValue, *, permuted: bool
    ) -> list[bool]:
        try:
            left, right = (self.of({offer.code: value}, permuted=permuted) for value in (one, other))
        except Unfit:
            return [False] * len(self._tables)
        return [_differ(a, b) for a, b in zip(left, right, strict=True)]


def _differ(left: list[Any], right: list[Any]) -> bool:
    """Clearly: one class, or a difference in the last digits, may be none on another table."""
    apart = [
        a != b if isinstance(a, str) else abs(a - b) > 1e-6 * max(1.0, abs(a))
        for a, b in zip(left, right, strict=True)
    ]
    return sum(map(bool, apart)) > len(apart) // 10


def _reason(error: Exception) -> str:
    line = " ".join(str(error).split()) or type(error).__name__
    return line if len(line) <= 160 else f"{line[:160]} ..."
