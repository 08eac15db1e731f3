"""Strict JSON accepts what every reader reads alike, and says what is wrong with the rest."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoreg import strictjson

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_json_writes_is_read_back(value: object) -> None:
    read = strictjson.parse(json.dumps(value).encode())
    assert read == value
    assert strictjson.equal(read, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "line 1"),
        (b"{} {}", "Extra data"),
        (b'{"a": 1,}', "line 1"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b'{"a": 1, "a": 2}', "'a' occurs twice"),
        (b"[" * 201 + b"]" * 201, "deeper than 200"),
        (b"[" * 100_000, "deeper than 200"),
        (b'"\xff"', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'"\\ud800"', "lone surrogate"),
        (b'{"\\udfff": 1}', "lone surrogate"),
    ],
)
def test_what_is_not_strict_is_named(text: bytes, words: str) -> None:
    with pytest.raises(strictjson.NotStrictJson, match=words.replace("(", r"\(")):
        strictjson.parse(text)


def test_brackets_in_strings_are_no_depth() -> None:
    assert strictjson.parse(json.dumps("[" * 1000 + '\\"').encode()) == "[" * 1000 + '\\"'


@pytest.mark.parametrize("text", [b"[1e999]", b'{"a": [-1e999]}', b"1" + b"0" * 5000])
def test_numbers_beyond_a_double_are_not_finite(text: bytes) -> None:
    assert not strictjson.finite(strictjson.parse(text))


def test_finite_numbers_are_finite() -> None:
    assert strictjson.finite({"a": [1, 2.5, None, True, "1e999"]})
    assert not strictjson.finite([math.inf])


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": [None]}, {"b": [None], "a": 1.0}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (None, 0, False),
    ],
)
def test_equality_is_that_of_json(left: object, right: object, same: bool) -> None:
    assert strictjson.equal(left, right) is same
    assert strictjson.equal(right, left) is same


@pytest.mark.parametrize(
    "text",
    [
        b'"' + b'\\"' * 500_000,
        b"{" + b",".join(b'"%d": 0' % n for n in range(200_000)) + b', "199999": 0}',
    ],
)
def test_hostile_texts_take_linear_time(text: bytes) -> None:
    """Each took minutes when work grew with the square of the size; the test's time-out is the reader's patience."""
    with pytest.raises(strictjson.NotStrictJson):
        strictjson.parse(text)
