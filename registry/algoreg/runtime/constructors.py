"""Which parameters a class is made from: what may stand in a text, and what must not get lost on the way there."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

REQUIRED: Final = inspect.Parameter.empty
"""The default of a parameter that has none."""
_COLLECTING: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def constructor(kind: type) -> Mapping[str, Any]:
    """Parameter -> default. A constructor that hands ``**others`` on has the parameters of the next class, too.

    XGBClassifier names ``objective`` alone: a reader of its signature would lose all the rest.
    """
    hashable: Any = kind  # which mypy doubts of a type
    return _constructor(hashable)


@cache
def _constructor(kind: type) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for base in kind.__mro__:
        if "__init__" not in vars(base):
            continue
        own = [*inspect.signature(vars(base)["__init__"]).parameters.values()][1:]
        for parameter in own:
            if parameter.kind not in _COLLECTING:
                found.setdefault(parameter.name, parameter.default)
        if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in own):
            break
    return found


def arguments_of(value: Any) -> dict[str, Any]:
    """Parameter -> value of an estimator, extras included, or of a splitter, which has no ``get_params``."""
    if hasattr(value, "get_params"):
        return dict(value.get_params(deep=False))
    return {name: getattr(value, name) for name in constructor(type(value))}


def is_default(value: Any, default: Any) -> bool:
    """Whether leaving ``value`` out of a text changes nothing. A numpy scalar is the number or text it holds."""
    if value is default:
        return True
    own, other = _plain(value), _plain(default)
    if type(own) is not type(other) or not isinstance(own, bool | int | float | str):
        return False
    return own == other or (own != own and other != other)  # noqa: PLR0124 - both are nan


def _plain(value: Any) -> Any:
    import numpy as np

    return value.item() if isinstance(value, np.generic) else value
