"""An unfitted estimator as JSON values and back: class paths and constructor parameters, nothing evaluated.

Numbers, texts, booleans, null and lists stand for themselves; everything else is an object whose first key says
what it is: ``class``, ``tuple``, ``dict``, ``slice``, ``array``, ``dtype`` or ``float`` (nan, inf, -inf).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from algoreg.runtime.allowed import REFUSED_PARAMETERS, Catalogue
from algoreg.runtime.failure import Failure

_INTEGER_BOUND: Final = 2**63
_DTYPES: Final = ("bool", "int32", "int64", "float32", "float64")
_SPECIAL_FLOATS: Final = ("nan", "inf", "-inf")


def describe(  # noqa: PLR0911 - one line for each kind of value
    value: Any, catalogue: Catalogue, where: str = "estimator"
) -> Any:
    """``value`` as JSON. Raises Failure naming the parameter that has no description (``where``)."""
    import numpy as np

    match value:
        case None | bool() | str():
            return str(value) if isinstance(value, str) else value
        case np.generic() if value.dtype.name in _DTYPES:
            return describe(value.item(), catalogue, where)
        case int() if abs(value) < _INTEGER_BOUND:
            return value
        case float():
            return value if math.isfinite(value) else {"float": str(value)}
        case list():
            return [describe(item, catalogue, where) for item in value]
        case tuple():
            return {"tuple": [describe(item, catalogue, where) for item in value]}
        case dict():
            pairs = value.items()
            return {
                "dict": [[describe(k, catalogue, where), describe(v, catalogue, where)] for k, v in pairs]
            }
        case slice():
            parts = (value.start, value.stop, value.step)
            return {"slice": [describe(part, catalogue, where) for part in parts]}
        case np.ndarray() if value.dtype.name in _DTYPES or value.dtype.kind == "U":
            dtype = "str" if value.dtype.kind == "U" else value.dtype.name
            return {"array": describe(value.tolist(), catalogue, where), "dtype": dtype}
        case type() if (name := getattr(value, "__name__", "")) in _DTYPES and value is getattr(
            np, name, None
        ):
            return {"dtype": name}
    if hasattr(value, "get_params") and not isinstance(value, type):
        return _describe_estimator(value, catalogue)
    raise Failure(f"pipeline: {where} is a {type(value).__name__}, which cannot be written as text")


def _describe_estimator(estimator: Any, catalogue: Catalogue) -> dict[str, Any]:
    kind = type(estimator)
    path = catalogue.path_of(kind)
    defaults = inspect.signature(kind).parameters
    parameters = {}
    for name, value in sorted(estimator.get_params(deep=False).items()):
        if _is_default(value, defaults[name].default):
            continue
        if name in REFUSED_PARAMETERS:
            raise Failure(f"pipeline: parameter {name} of {path} must be left at its default")
        parameters[name] = describe(value, catalogue, f"parameter {name} of {path}")
    return {"class": path, "parameters": parameters}


def _is_default(value: Any, default: Any) -> bool:
    if value is default:
        return True
    plain = bool | int | float | str
    if type(value) is not type(default) or not isinstance(value, plain):
        return False
    return value == default or (value != value and default != default)  # noqa: PLR0124 - both are nan


def rebuild(value: Any, catalogue: Catalogue) -> Any:
    """The inverse of ``describe``. Raises Failure; every message begins with ``pipeline``."""
    if isinstance(value, list):
        return [rebuild(item, catalogue) for item in value]
    if isinstance(value, int) and abs(value) >= _INTEGER_BOUND:
        raise Failure("pipeline: an integer is out of range")
    if not isinstance(value, dict):
        return value
    builders: dict[str, Callable[[Mapping[str, Any], Catalogue], Any]] = {
        "class": _estimator,
        "tuple": lambda entry, known: tuple(_list(entry, "tuple", known)),
        "dict": _dict,
        "slice": _slice,
        "array": _array,
        "dtype": _dtype,
        "float": _special_float,
    }
    kind = next(iter(value), None)
    if kind not in builders:
        raise Failure("pipeline: an object in it is none that can be rebuilt")
    return builders[kind](value, catalogue)


def _list(entry: Mapping[str, Any], key: str, catalogue: Catalogue) -> list[Any]:
    if not isinstance(entry[key], list):
        raise Failure(f"pipeline: {key} is not an array")
    return [rebuild(item, catalogue) for item in entry[key]]


def _estimator(entry: Mapping[str, Any], catalogue: Catalogue) -> Any:
    path, parameters = entry["class"], entry.get("parameters")
    if not isinstance(path, str) or not isinstance(parameters, dict):
        raise Failure("pipeline: a class comes without a path or without parameters")
    kind = catalogue.resolve(path)
    accepted = inspect.signature(kind).parameters
    for name in parameters:
        if name not in accepted or name in REFUSED_PARAMETERS or not catalogue.may_set(path, name):
            raise Failure(f"pipeline: parameter {name[:60]!a} of {path} may not be set")
    try:
        return kind(**{name: rebuild(value, catalogue) for name, value in parameters.items()})
    except TypeError as error:
        raise Failure(f"pipeline: {path} cannot be built: {error}") from None


def _dict(entry: Mapping[str, Any], catalogue: Catalogue) -> dict[Any, Any]:
    pairs = _list(entry, "dict", catalogue)
    if not all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], str | int | float) for p in pairs):
        raise Failure("pipeline: dict is not an array of pairs")
    return dict(pairs)


def _slice(entry: Mapping[str, Any], catalogue: Catalogue) -> slice:
    parts = _list(entry, "slice", catalogue)
    if len(parts) != 3 or not all(part is None or isinstance(part, int | str) for part in parts):
        raise Failure("pipeline: slice is not an array of start, stop and step")
    return slice(*parts)


def _array(entry: Mapping[str, Any], catalogue: Catalogue) -> Any:
    import numpy as np

    dtype, items = entry.get("dtype"), _list(entry, "array", catalogue)
    if dtype not in (*_DTYPES, "str") or not _is_plain(items):
        raise Failure("pipeline: an array comes without a known dtype, or holds more than numbers and texts")
    try:
        return np.array(items, dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        raise Failure("pipeline: an array does not hold values of its dtype") from None


def _is_plain(value: Any) -> bool:
    return (
        all(map(_is_plain, value)) if isinstance(value, list) else isinstance(value, bool | int | float | str)
    )


def _dtype(entry: Mapping[str, Any], _: Catalogue) -> Any:
    import numpy as np

    if entry["dtype"] not in _DTYPES:
        raise Failure("pipeline: an unknown dtype")
    return getattr(np, entry["dtype"])


def _special_float(entry: Mapping[str, Any], _: Catalogue) -> float:
    if entry["float"] not in _SPECIAL_FLOATS:
        raise Failure("pipeline: float is none of nan, inf, -inf")
    return float(entry["float"])
