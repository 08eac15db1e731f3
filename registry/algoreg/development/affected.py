"""Which checks a change of algorithm.yaml can turn over: everything, unless the value is known to matter to few.

A check is affected when its data, its cases or its judgement depend on the value; the meta family always is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from algoreg.check import Check

META: Final = "meta"
_WORDS: Final = ()
"""Told to people and to Woken; no run depends on it."""
_OF_PARAMETERS: Final = (
    "cap.param-ignored",
    "cap.param-range",
    "neg.exit-code",
    "neg.diagnostic",
    "sem.uses-model",
)
"""The checks that try values of a parameter, good ones and wrong ones."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "label": _WORDS,
    "description": _WORDS,
    "maturity": _WORDS,
    "type": _WORDS,
    "environment": _WORDS,
    "image": _WORDS,
    "version": _WORDS,
    "deterministic": ("det", "pfa", "sem"),
    "federated": ("cap.federated", "db"),
    "variables_can_be_null": ("cap.null",),
    "covariables_can_be_null": ("cap.null",),
}
"""Key -> checks or families beside meta; a key that is not here affects everything."""
PARAMETER_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "label": _WORDS,
    "description": _WORDS,
    "constraints": _OF_PARAMETERS,
    "values": _OF_PARAMETERS,
    "validation.min": _OF_PARAMETERS,
    "validation.max": _OF_PARAMETERS,
    "validation.effect": _OF_PARAMETERS,
}
"""The same for the keys of a parameter; its default and its validation value are in every run."""


def affected(before: Mapping[str, Any], after: Mapping[str, Any], checks: Iterable[Check]) -> frozenset[str]:
    """Ids whose results may differ between two valid documents; none where the documents are equal."""
    names: set[str] | None = set()
    for key in _changed(before, after):
        reached = _reached(key, before, after)
        names = None if names is None or reached is None else names | {META, *reached}
    return frozenset(check.id for check in checks if names is None or _named(check, names))


def _named(check: Check, names: Collection[str]) -> bool:
    return check.id in names or check.family in names


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    return (key for key in {**before, **after} if before.get(key) != after.get(key))


def _reached(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str] | None:
    """Checks or families; None for everything."""
    if key != "parameters":
        return set(KEYS[key]) if key in KEYS else None
    old, new = ({one["code"]: _flat(one) for one in document.get(key, ())} for document in (before, after))
    if old.keys() != new.keys():
        return None
    reached: set[str] = set()
    for code, parameter in new.items():
        for own in _changed(old[code], parameter):
            if own not in PARAMETER_KEYS:
                return None
            reached |= set(PARAMETER_KEYS[own])
    return reached


def _flat(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """``validation`` taken apart: its keys do not reach equally far."""
    validation = parameter.get("validation", {})
    rest = {key: value for key, value in parameter.items() if key != "validation"}
    return rest | {f"validation.{key}": value for key, value in validation.items()}
