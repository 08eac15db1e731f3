"""An unfitted estimator as JSON values and back: class paths and constructor parameters, nothing evaluated.

Numbers, texts, booleans, null and lists stand for themselves; everything else is an object whose first key says
what it is: ``class`` (an estimator or a splitter), ``tuple``, ``dict``, ``slice``, ``array``, ``dtype`` or
``float`` (nan, inf, -inf); in the parameters that may hold one, ``function`` or ``graph``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.arrays import DTYPES, dtype_name, is_dtype, rebuild_array, rebuild_dtype
from algoreg.runtime.bounds import GRAPH
from algoreg.runtime.constructors import REQUIRED, arguments_of, constructor, is_default
from algoreg.runtime.failure import Failure
from algoreg.runtime.functions import FUNCTIONS, describe_function, rebuild_function
from algoreg.runtime.graphs import describe_graph, rebuild_graph

MAX_DEPTH: Final = 40
"""How deep a text's brackets may nest, and how deep an estimator is followed."""
_INTEGER_BOUND: Final = 2**63
_SPECIAL_FLOATS: Final = ("nan", "inf", "-inf")


def describe(  # noqa: PLR0911 - one line for each kind of value
    value: Any, catalogue: Catalogue, where: str = "estimator", depth: int = 0
) -> Any:
    """``value`` as JSON. Raises Failure naming the parameter that has no description (``where``)."""
    import numpy as np

    if depth > MAX_DEPTH:
        raise Failure(f"pipeline: {where} is nested deeper than {MAX_DEPTH} levels, or holds itself")
    inner = partial(describe, catalogue=catalogue, where=where, depth=depth + 1)
    match value:
        case None | bool() | str():
            return str(value) if isinstance(value, str) else value
        case np.generic() if value.dtype.name in DTYPES:
            return inner(value.item())
        case int() if abs(value) < _INTEGER_BOUND:
            return value
        case float():
            return value if math.isfinite(value) else {"float": str(value)}
        case list():
            return [inner(item) for item in value]
        case tuple():
            return {"tuple": [inner(item) for item in value]}
        case dict():
            return {"dict": [[inner(key), inner(item)] for key, item in value.items()]}
        case slice():
            return {"slice": [inner(part) for part in (value.start, value.stop, value.step)]}
        case np.ndarray() if (dtype := dtype_name(value)) is not None:
            return {"array": inner(value.tolist()), "dtype": dtype}
        case type() if is_dtype(value):
            return {"dtype": value.__name__}
    if not isinstance(value, type) and (hasattr(value, "get_params") or catalogue.is_splitter(type(value))):
        return _describe_object(value, catalogue, depth)
    raise Failure(f"pipeline: {where} is a {type(value).__name__}, which cannot be written as text")


def _describe_object(value: Any, catalogue: Catalogue, depth: int) -> dict[str, Any]:
    kind = type(value)
    path, defaults = catalogue.path_of(kind), constructor(kind)
    told = {}
    for name, argument in sorted(arguments_of(value).items()):
        if is_default(argument, defaults.get(name, REQUIRED)):
            continue
        where = f"parameter {name} of {path}"
        rules = catalogue.rules(path, kind, name)
        inner = partial(describe, catalogue=catalogue, where=where, depth=depth + 1)
        told[name] = _describe_parameter(name, argument, where, GRAPH in rules, inner)
        for rule in rules:
            rule.check(told[name], where)
    return {"class": path, "parameters": told}


def _describe_parameter(
    name: str, value: Any, where: str, is_graph: bool, inner: Callable[[Any], Any]
) -> Any:
    if is_graph:
        return describe_graph(value, inner, where)
    if name in FUNCTIONS and callable(value):
        return describe_function(name, value, where)
    return inner(value)


def rebuild(value: Any, catalogue: Catalogue) -> Any:
    """The inverse of ``describe``. Raises Failure; every message begins with ``pipeline``."""
    if isinstance(value, list):
        return [rebuild(item, catalogue) for item in value]
    if isinstance(value, int) and abs(value) >= _INTEGER_BOUND:
        raise Failure("pipeline: an integer is out of range")
    if not isinstance(value, dict):
        return value
    kind = next(iter(value), "")
    if kind not in _BUILDERS or not set(value) <= {kind, *_COMPANIONS.get(kind, ())}:
        raise Failure("pipeline: an object in it is none that can be rebuilt")
    return _BUILDERS[kind](value, catalogue)


def _list(entry: Mapping[str, Any], key: str, catalogue: Catalogue) -> list[Any]:
    if not isinstance(entry[key], list):
        raise Failure(f"pipeline: {key} is not an array")
    return [rebuild(item, catalogue) for item in entry[key]]


def _object(entry: Mapping[str, Any], catalogue: Catalogue) -> Any:
    path, parameters = entry["class"], entry.get("parameters")
    if not isinstance(path, str) or not isinstance(parameters, dict):
        raise Failure("pipeline: a class comes without a path or without parameters")
    kind = catalogue.resolve(path)
    arguments = {name: _parameter(name, value, path, kind, catalogue) for name, value in parameters.items()}
    try:
        return kind(**arguments)
    except (TypeError, ValueError) as error:
        raise Failure(f"pipeline: {path} cannot be built: {str(error)[:200]!a}") from None


def _parameter(name: str, value: Any, path: str, kind: type, catalogue: Catalogue) -> Any:
    rules = catalogue.rules(path, kind, name)
    for rule in rules:
        rule.check(value, f"parameter {name} of {path}")
    if GRAPH in rules:
        return rebuild_graph(value, partial(rebuild, catalogue=catalogue))
    if name in FUNCTIONS and isinstance(value, dict) and "function" in value:
        return rebuild_function(name, value)
    return rebuild(value, catalogue)


def _dict(entry: Mapping[str, Any], catalogue: Catalogue) -> dict[Any, Any]:
    pairs = _list(entry, "dict", catalogue)
    if not all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], str | int | float) for p in pairs):
        raise Failure("pipeline: dict is not an array of pairs")
    rebuilt = dict(pairs)
    if len(rebuilt) != len(pairs):
        raise Failure("pipeline: dict has a key twice")
    return rebuilt


def _slice(entry: Mapping[str, Any], catalogue: Catalogue) -> slice:
    parts = _list(entry, "slice", catalogue)
    if len(parts) != 3 or not all(part is None or isinstance(part, int | str) for part in parts):
        raise Failure("pipeline: slice is not an array of start, stop and step")
    return slice(*parts)


def _special_float(entry: Mapping[str, Any], _: Catalogue) -> float:
    if entry["float"] not in _SPECIAL_FLOATS:
        raise Failure("pipeline: float is none of nan, inf, -inf")
    return float(entry["float"])


_BUILDERS: Final[Mapping[str, Callable[[Mapping[str, Any], Catalogue], Any]]] = {
    "class": _object,
    "tuple": lambda entry, known: tuple(_list(entry, "tuple", known)),
    "dict": _dict,
    "slice": _slice,
    "array": lambda entry, known: rebuild_array(entry, _list(entry, "array", known)),
    "dtype": lambda entry, _: rebuild_dtype(entry),
    "float": _special_float,
}
_COMPANIONS: Final = {"class": ("parameters",), "array": ("dtype",)}
"""What may stand beside the key that says what an object is."""
