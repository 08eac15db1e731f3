"""Each rung of the ladder is broken alone, and takes the blame alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from algoreg import outputs
from algoreg.engines.protocol import Entry, EntryKind, Snapshot
from algoreg.outputs import Defect
from algoreg.samples.sample import Column, Sample

Y = Column(code="y", label="Y", type="real", sql_type="double precision")
X = Column(code="x", label="X", type="real", sql_type="double precision")
DX = Column(
    code="dx",
    label="Diagnosis",
    type="polynominal",
    sql_type="text",
    enumerations=(("AD", "Alzheimer's"), ("CN", "Normal"), ("MCI", "Mild")),
)


def _sample(variable: Column, values: list[Any]) -> Sample:
    rows = tuple((value, float(position)) for position, value in enumerate(values))
    return Sample(
        table="t", order_column="i", variable=variable, covariables=(X,), rows=rows, held_out=(3, 1)
    )


REGRESSION = _sample(Y, [1.0, 2.0, 3.0, None, 5.0])
CLASSIFICATION = _sample(DX, ["AD", "CN", "MCI", "AD", "CN"])
GOOD = {"rows": [3, 1], "predictions": [1.5, 2], "targets": [None, 2.0], "probabilities": None}
GOOD_CLASSES = {
    "rows": [1, 3],
    "predictions": ["CN", "AD"],
    "targets": ["CN", "AD"],
    "probabilities": [{"AD": 0.25, "CN": 0.75, "MCI": 0}, {"AD": 1, "CN": 0, "MCI": 0}],
}


def _snapshot(**files: bytes) -> Snapshot:
    return Snapshot(
        entries=tuple(
            Entry(name=f"{name}.json", kind=EntryKind.FILE, size=len(data), content=data)
            for name, data in files.items()
        )
    )


def _id(defect: Defect | None) -> str | None:
    return None if defect is None else defect.check


def test_good_documents_have_no_defect() -> None:
    assert outputs.predictions_document_defect(REGRESSION, GOOD) is None
    assert outputs.predictions_document_defect(CLASSIFICATION, GOOD_CLASSES) is None
    assert outputs.predictions_document_defect(REGRESSION, {**GOOD, "remark": "kept"}) is None


@pytest.mark.parametrize(
    ("change", "id"),
    [
        ({"predictions": None}, "out.schema"),
        ({"rows": "3, 1"}, "out.schema"),
        ({"predictions": [1.5, float("inf")]}, "out.finite"),
        ({"predictions": ["1.5", "2"]}, "out.domain"),
        ({"predictions": [1.5]}, "out.length"),
        ({"rows": [3]}, "out.length"),
        ({"rows": [3, 2]}, "out.alignment"),
        ({"rows": [3, 3]}, "out.alignment"),
        ({"rows": [1, 3]}, "out.alignment"),
        ({"targets": [0.0, 2.0]}, "out.alignment"),
        ({"targets": [None, 2.0001]}, "out.alignment"),
        ({"targets": [None, None]}, "out.alignment"),
    ],
)
def test_a_broken_regression_is_blamed_on_one_rung(change: dict[str, Any], id: str) -> None:
    assert _id(outputs.predictions_document_defect(REGRESSION, {**GOOD, **change})) == id


@pytest.mark.parametrize(
    ("change", "id"),
    [
        ({"predictions": [1, 0]}, "out.domain"),
        ({"predictions": ["CN", "Dementia"]}, "out.domain"),
        ({"probabilities": [{"AD": 1, "CN": 0}, {"AD": 1, "CN": 0}]}, "out.domain"),
        ({"probabilities": [{"AD": 1.5, "CN": -0.5, "MCI": 0}] * 2}, "out.domain"),
        ({"probabilities": [{"AD": 0.5, "CN": 0.4, "MCI": 0}] * 2}, "out.domain"),
        ({"probabilities": GOOD_CLASSES["probabilities"][:1]}, "out.length"),
        ({"targets": ["AD", "CN"]}, "out.alignment"),
    ],
)
def test_a_broken_classification_is_blamed_on_one_rung(change: dict[str, Any], id: str) -> None:
    assert _id(outputs.predictions_document_defect(CLASSIFICATION, {**GOOD_CLASSES, **change})) == id


def test_a_probability_may_be_a_hair_over_one() -> None:
    rounded = [{"AD": -1e-17, "CN": 1.0000000000000002, "MCI": 0}] * 2
    document = {**GOOD_CLASSES, "probabilities": rounded}
    assert outputs.predictions_document_defect(CLASSIFICATION, document) is None


def test_targets_agree_at_the_tolerance_of_the_contract() -> None:
    document = {**GOOD, "targets": [None, 2.0 + 1e-12]}
    assert outputs.predictions_document_defect(REGRESSION, document) is None


@pytest.mark.parametrize(
    ("snapshot", "id"),
    [
        (_snapshot(other=b"{}"), "out.missing"),
        (
            Snapshot(entries=(Entry(name="predictions.json", kind=EntryKind.SYMLINK, size=0),)),
            "out.type",
        ),
        (
            Snapshot(
                entries=(
                    *_snapshot(predictions=b"{}").entries,
                    Entry(name="pipe", kind=EntryKind.FIFO, size=0),
                )
            ),
            "out.type",
        ),
        (
            Snapshot(entries=_snapshot(predictions=b"{}").entries, overflow="1,001 entries"),
            "out.size",
        ),
        (
            Snapshot(entries=(Entry(name="predictions.json", kind=EntryKind.FILE, size=2**31),)),
            "out.size",
        ),
        (_snapshot(predictions=b'{"rows": [1, 2'), "out.json"),
        (_snapshot(predictions=b""), "out.json"),
    ],
)
def test_a_file_that_cannot_be_read_is_blamed_on_one_rung(snapshot: Snapshot, id: str) -> None:
    assert _id(outputs.read_output(snapshot, "predictions.json").defect) == id


def test_an_absent_output_is_not_called_missing_when_reading_stopped_early() -> None:
    snapshot = Snapshot(entries=(), overflow="1,001 entries")
    assert _id(outputs.read_output(snapshot, "predictions.json").defect) == "out.size"


def test_train_must_carry_its_input_over() -> None:
    given = {"query_features": "SELECT", "query_targets": "SELECT", "test_rows": [1], "seed": 7}
    good = {**given, "seed": 7.0, "pipeline": "{}", "remark": 1}
    assert outputs.training_document_defect(given, good) is None
    for change in ({"seed": 8}, {"test_rows": [1, 2]}, {"query_targets": "SELECT 1"}):
        assert _id(outputs.training_document_defect(given, {**good, **change})) == "out.schema"
    without = {key: value for key, value in good.items() if key != "seed"}
    assert _id(outputs.training_document_defect(given, without)) == "out.schema"
    assert _id(outputs.training_document_defect(given, {**good, "pipeline": 3})) == "out.schema"
    assert _id(outputs.training_document_defect(given, {**good, "score": float("inf")})) == "out.finite"


@pytest.mark.parametrize("text", ["", " \n", "a\x00b", "a\x1b[31m", "x" * (1024 * 1024 + 1)])
def test_a_pipeline_that_is_no_plain_text_is_refused(text: str) -> None:
    assert _id(outputs.pipeline_defect(text)) == "out.pipeline-text"


@pytest.mark.parametrize(
    "text", ["{}", json.dumps({"codes": ["é", "日本", "👩‍⚕️"]}, ensure_ascii=False), "a\tb\nc"]
)
def test_a_plain_pipeline_is_accepted(text: str) -> None:
    assert outputs.pipeline_defect(text) is None


def test_predictions_agree_at_the_tolerance_and_classes_exactly() -> None:
    assert outputs.same_predictions([1.0, "a"], [1.0 + 1e-12, "a"])
    assert not outputs.same_predictions([1.0], [1.0 + 1e-6])
    assert not outputs.same_predictions(["a"], ["b"])
    assert not outputs.same_predictions([1.0], [1.0, 2.0])
