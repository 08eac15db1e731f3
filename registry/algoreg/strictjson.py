"""Strict JSON from untrusted bytes: no duplicate keys, no NaN, no lone surrogates, bounded depth (check out.json).

Says what is wrong in words; whether that is a failure is the caller's business.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from typing import Any, Never

from algoreg.contract import JSON_MAX_DEPTH
from algoreg.errors import AlgoregError

# Possessive, and content with a string that never ends: a hostile file must not be scanned once per quote.
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]|,', re.DOTALL)
MAX_BYTES = 16 * 1024 * 1024
"""Longer documents are not parsed; who reads a file need not read more of it."""
_MAX_TOKENS = 1_000_000
"""Each value costs some hundred bytes once it is parsed."""
_MAX_DIGITS = len(str(int(sys.float_info.max)))
"""An integer of more digits is beyond every double, so it counts as infinite."""


class TooLarge(AlgoregError):
    """More than we can parse within the memory that a checker may take; nothing is said about the document."""

    default_hint = "Keep results small; the contract's documents hold some numbers for each row."


class NotStrictJson(ValueError):
    """The bytes are not strict JSON; the message says where and why."""


class DuplicateKey(NotStrictJson):
    """An object has a key twice; readers differ in which they take."""


def _refuse_constant(name: str) -> Never:
    raise NotStrictJson(f"the literal {name} is not JSON")


def _integer(text: str) -> int | float:
    if len(text.lstrip("-")) <= _MAX_DIGITS and abs(int(text)) <= sys.float_info.max:
        return int(text)
    return -math.inf if text.startswith("-") else math.inf


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise DuplicateKey(f"the key {twice[:60]!r} occurs twice in one object")
    return result


def _check_shape(data: bytes) -> None:
    """Depth and number of values, before anything is built. Raises NotStrictJson, TooLarge."""
    depth = 0
    if len(data) > MAX_BYTES:
        raise TooLarge(f"a JSON document of {len(data):,} bytes is not parsed")
    for count, match in enumerate(_STRUCTURE.finditer(data)):
        if count > _MAX_TOKENS:
            raise TooLarge(f"a JSON document of more than {_MAX_TOKENS:,} values is not parsed")
        token = match[0][:1]
        if token in b"[{":
            depth += 1
            if depth > JSON_MAX_DEPTH:
                raise NotStrictJson(f"nested deeper than {JSON_MAX_DEPTH} levels")
        elif token in b"]}":
            depth -= 1


def leaves(value: Any) -> Iterator[Any]:
    """Every scalar below ``value``, keys of objects included, without recursion."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        else:
            yield item


def parse(data: bytes) -> Any:
    """The value of ``data``. Numbers beyond a double come back as infinities. Raises NotStrictJson, TooLarge."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrictJson(f"not UTF-8 at byte {error.start}") from error
    if text.startswith("\ufeff"):
        raise NotStrictJson("begins with a byte order mark")
    _check_shape(data)
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise NotStrictJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    for leaf in leaves(value):
        if isinstance(leaf, str) and any("\ud800" <= character <= "\udfff" for character in leaf):
            raise NotStrictJson("a string holds a lone surrogate")
    return value


def finite(value: Any) -> bool:
    """Whether every number below ``value`` is finite."""
    return all(math.isfinite(leaf) for leaf in leaves(value) if isinstance(leaf, float))


def equal(left: Any, right: Any) -> bool:
    """Equality of JSON values: ``1`` equals ``1.0`` but not ``true``; the order of keys does not count."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return (type(left) is type(right) and left == right) or (_numbers(left, right) and left == right)


def _numbers(left: Any, right: Any) -> bool:
    return isinstance(left, int | float) and isinstance(right, int | float)
