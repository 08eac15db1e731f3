"""Whatever bytes arrive as metadata, there is an algorithm or a refusal in words, never another exception."""

import json
from typing import Any

from good_metadata import GOOD
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import metadata
from algoreg.errors import AlgoregError, MetadataError
from algoreg.model import Algorithm

BASE: dict[str, Any] = metadata.read_document(GOOD, "", syntax="yaml").data
WORDS = st.sampled_from(
    [*BASE, "train", "test", "compute", "wait", "k", "min", "max", "values", "type", "enumeration"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
FRAGMENTS = st.sampled_from(
    [
        *":-?[]{}#&*!|>'\"%@`,\\\t\n \x00\x1b\x85\u2028",
        "---",
        "...",
        "<<",
        "!!str",
        "&a",
        "*a",
        "yes",
        "0x1",
        "\\U00110000",
    ]
)


def outcome(data: bytes | str, syntax: Any) -> Algorithm | None:
    """The algorithm, or None for a refusal that says where and how."""
    refusal: AlgoregError
    try:
        return metadata.parse(metadata.read_document(data, "x", syntax=syntax))
    except AlgoregError as error:
        refusal = error
    problems = refusal.problems if isinstance(refusal, MetadataError) else (f"; fix: {refusal.hint}",)
    assert problems
    assert all("; fix: " in problem for problem in problems)
    return None


@given(st.binary(max_size=200), st.sampled_from(["yaml", "json"]))
@settings(deadline=None)
def test_any_bytes(data: bytes, syntax: str) -> None:
    outcome(data, syntax)


@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=30).map("".join), st.sampled_from(["yaml", "json"]))
@settings(deadline=None, max_examples=300)
def test_text_that_looks_like_yaml(text: str, syntax: str) -> None:
    outcome(text, syntax)


@given(st.integers(0, len(GOOD)), st.integers(0, 20), FRAGMENTS | st.text(max_size=3))
@settings(deadline=None, max_examples=300)
def test_a_good_file_with_a_wound(start: int, length: int, scar: str) -> None:
    outcome(GOOD[:start] + scar + GOOD[start + length :], "yaml")


@given(st.dictionaries(WORDS, VALUES, max_size=4))
@settings(deadline=None, max_examples=300)
def test_a_good_label_with_other_values(values: dict[str, Any]) -> None:
    outcome(json.dumps({**BASE, **values}), "json")


@given(st.dictionaries(WORDS, VALUES, max_size=4))
@settings(deadline=None, max_examples=200)
def test_a_good_parameter_with_other_values(values: dict[str, Any]) -> None:
    algorithm = outcome(json.dumps({**BASE, "parameters": [{**BASE["parameters"][0], **values}]}), "json")
    if algorithm is not None:
        text = metadata.compact_json(
            metadata.read_document(json.dumps(algorithm.document), "", syntax="json")
        )
        assert outcome(text, "json") == algorithm


def test_a_label_of_surrogates_is_refused() -> None:
    assert outcome('{"code": "\ud800"}', "json") is None
