"""JSON that is made to take long, or to be misread."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoreg.runtime import strict
from algoreg.runtime.failure import Failure

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(JSON)
def test_what_is_written_is_read_again(value: object) -> None:
    assert strict.loads(strict.dumps(value), "x") == value
    assert strict.loads(json.dumps(value, ensure_ascii=False), "x") == value


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '["' + '\\"' * 500_000, '"' + "\\" * 1_000_001])
def test_a_string_without_an_end_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(Failure, match="not JSON"):
        strict.loads(text, "x")
    assert time.process_time() - began < 5


def test_brackets_in_strings_do_not_count() -> None:
    text = json.dumps(["[[[[\\" * 50, '"[[['])
    assert strict.loads(text, "x", max_depth=1) == json.loads(text)
    with pytest.raises(Failure, match="nested deeper than 1"):
        strict.loads('["\\"", []]', "x", max_depth=1)
