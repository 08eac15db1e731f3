"""JSON as strict as the contract's: no duplicate keys, no NaN, bounded depth and numbers."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from algoreg import contract
from algoreg.runtime.failure import Failure

_STRING = re.compile(r'"(?:[^"\\]|\\.?)*+"?', re.DOTALL)
"""One without an end goes on to the text's end, and is looked at once."""
_MAX_DIGITS = 400
"""Longest number that is read; a double needs no more than 325 characters."""


def _depth(text: str) -> int:
    """How deep the brackets nest; told before parsing, which would run into the recursion limit."""
    depth = deepest = 0
    for character in _STRING.sub("", text):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def loads(text: str, source: str, *, max_depth: int = contract.JSON_MAX_DEPTH) -> Any:
    """Parse ``text``; ``source`` (a file, a variable, a key) names it in every message.

    Raises Failure. Messages tell positions, never content.
    """

    def refuse(what: str) -> NoReturn:
        raise Failure(f"{source}: {what}")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            refuse("is not strict JSON: a key occurs twice in one object")
        return result

    def finite(number: str) -> float:
        value = float(number) if len(number) <= _MAX_DIGITS else math.inf
        if not math.isfinite(value):
            refuse("is not strict JSON: a number is too large")
        return value

    def integer(number: str) -> int:
        if len(number) > _MAX_DIGITS:
            refuse("is not strict JSON: a number is too large")
        return int(number)

    if _depth(text) > max_depth:
        refuse(f"is nested deeper than {max_depth} levels")
    try:
        return json.loads(
            text,
            object_pairs_hook=unique,
            parse_float=finite,
            parse_int=integer,
            parse_constant=lambda name: refuse(f"is not strict JSON: {name} is no number"),
        )
    except json.JSONDecodeError as error:
        raise Failure(f"{source}: is not JSON: {error.msg} at character {error.pos}") from None


def dumps(value: Any) -> str:
    """Compact JSON, ASCII and printable, on one line. Raises ValueError on NaN and infinities."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
