"""The algorithm's parameters out of the environment: typed, inside their range, or refused by their code."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from algoreg.runtime.declaration import Declaration, Parameter
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import ParameterValue

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}
_QUOTED_MAX = 60


def _typed(parameter: Parameter, text: str) -> ParameterValue | None:
    """The value that ``text`` stands for, None where it is not of the parameter's type."""
    match parameter.type:
        case "integer":
            return int(text) if _INTEGER.fullmatch(text) else None
        case "number":
            value = float(text) if _NUMBER.fullmatch(text) else math.nan
            return value if math.isfinite(value) else None
        case "boolean":
            return _BOOLEANS.get(text.lower())
        case "enumeration":
            return text if text in parameter.values else None
        case _:  # a byte that is no UTF-8 arrives as a surrogate, which no result could tell
            return None if any("\ud800" <= character <= "\udfff" for character in text) else text


def _expected(parameter: Parameter) -> str:
    match parameter.type:
        case "boolean":
            return "true or false"
        case "enumeration":
            return "one of " + ", ".join(parameter.values)
        case "string":
            return "UTF-8 text"
    bounds = [("from", parameter.minimum), ("to", parameter.maximum)]
    told = "".join(f" {word} {bound:g}" for word, bound in bounds if bound is not None)
    return f"a value of type {parameter.type}{told}"


def parse(parameter: Parameter, text: str) -> ParameterValue:
    """Read one parameter's text. Raises Failure naming its code."""
    value = _typed(parameter, text)
    inside = value is not None and (
        isinstance(value, str | bool)
        or (
            (parameter.minimum is None or value >= parameter.minimum)
            and (parameter.maximum is None or value <= parameter.maximum)
        )
    )
    if value is None or not inside:
        raise Failure(
            f"parameter {parameter.code}: expected {_expected(parameter)}, got {text[:_QUOTED_MAX]!a}"
        )
    return value


def _default(parameter: Parameter) -> ParameterValue:
    """YAML writes a number without a fraction as an integer, and an enumeration's word as it likes."""
    match parameter.type:
        case "number":
            return float(parameter.default)
        case "enumeration" | "string":
            return str(parameter.default)
    return parameter.default


def parameters(declaration: Declaration, environ: Mapping[str, str]) -> dict[str, ParameterValue]:
    """Code -> value of every declared parameter; names as in contract section 2. Raises Failure."""
    values = {}
    for parameter in declaration.parameters:
        names = (f"MODEL_PARAM_{parameter.code}", f"PARAM_MODEL_{parameter.code}")
        text = next((environ[name] for name in names if name in environ), None)
        values[parameter.code] = _default(parameter) if text is None else parse(parameter, text)
    return values
