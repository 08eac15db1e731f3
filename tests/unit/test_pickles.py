"""A pickle is found in every encoding the contract names, and no honest text is taken for one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import pickle
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoreg import pickles


class Model:
    """Something with a state, as an estimator has."""

    def __init__(self) -> None:
        self.weights = [1.0, 2.0, 3.0]


RAW = {protocol: pickle.dumps(Model(), protocol=protocol) for protocol in range(6)}


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_is_recognised(protocol: int) -> None:
    assert pickles.is_pickle(RAW[protocol])


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "encode",
    [
        lambda raw: base64.b64encode(raw).decode(),
        lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
        lambda raw: base64.encodebytes(raw).decode(),
        lambda raw: raw.hex(),
        lambda raw: base64.b64encode(zlib.compress(raw)).decode(),
        lambda raw: zlib.compress(raw).hex(),
        lambda raw: base64.b64encode(gzip.compress(base64.b64encode(raw))).decode(),
        lambda raw: json.dumps({"class": "KNN", "state": [base64.b64encode(raw).decode()]}),
        lambda raw: "model = " + base64.b64encode(raw).decode(),
    ],
)
def test_every_encoding_is_seen_through(protocol: int, encode) -> None:  # type: ignore[no-untyped-def]
    assert pickles.find(encode(RAW[protocol])) is not None


def test_a_text_protocol_in_plain_sight_is_found() -> None:
    assert pickles.find(RAW[0].decode("ascii")) == "a pickle"


@pytest.mark.parametrize(
    "text",
    [
        "N.",
        "I1\n.",
        '{"class": "sklearn.neighbors.KNeighborsClassifier", "params": {"n_neighbors": 5}}',
        "KNeighborsRegressor(n_neighbors=5, weights='uniform')",
        "deadbeef" * 8,
        base64.b64encode(b"coefficients of a linear model, as text").decode(),
        json.dumps({"coefficients": [0.1, 0.2], "codes": ["Alzheimer's disease", "日本", "0"]}),
        "",
        '["Ui4"]',
        '{"codes": ["Yi4", "AD"], "feature": "by4x"}',
        json.dumps([hashlib.md5(str(n).encode()).hexdigest() for n in range(3000)]),
        json.dumps(
            [base64.b64encode(hashlib.sha512(str(n).encode()).digest()).decode() for n in range(2000)]
        ),
    ],
)
def test_honest_texts_are_left_alone(text: str) -> None:
    assert pickles.find(text) is None


@given(st.text(max_size=200))
def test_any_text_is_looked_at_without_an_exception(text: str) -> None:
    pickles.find(text.encode("utf-8", "replace").decode())


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(
            [base64.b64encode(zlib.compress(bytes([n]) + b"0" * 4_000_000)).decode() for n in range(190)]
        ),
        json.dumps([f"{n:04d}" for n in range(130_000)]),
        base64.b64encode(zlib.compress(b"(" * 4_000_000)).decode(),
    ],
)
def test_a_text_made_to_cost_is_given_up_or_found_quickly(text: str) -> None:
    """Each took minutes to hours of processor time without a budget."""
    started = time.process_time()
    pickles.find(text)
    assert time.process_time() - started < 30


def test_looking_runs_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    canary = tmp_path / "canary"
    hostile = f"cos\nsystem\n(S'touch {canary}'\ntR."
    assert pickles.find(base64.b64encode(hostile.encode()).decode()) == "base64 of a pickle"
    assert not canary.exists()
