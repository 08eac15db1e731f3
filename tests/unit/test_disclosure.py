"""Raw rows are found however they are arranged, and sums are let through."""

from __future__ import annotations

import json
import random
import statistics
from typing import Any

import pytest

from algoreg.disclosure import raw_rows
from algoreg.samples.sample import Column, Sample

RNG = random.Random(1)
CODES = ("AD", "CN", "MCI")
ROWS = tuple(
    (RNG.uniform(20, 300), RNG.uniform(18, 40), RNG.randrange(20, 80), RNG.choice(CODES)) for _ in range(60)
)
SAMPLE = Sample(
    table="t",
    order_column="o",
    variable=Column(code="score", label="Score", type="real", sql_type="double precision"),
    covariables=(
        Column(code="bmi", label="BMI", type="real", sql_type="double precision"),
        Column(code="age", label="Age", type="integer", sql_type="integer"),
        Column(
            code="dx", label="Diagnosis", type="polynominal", sql_type="text", enumerations=(("AD", "AD"),)
        ),
    ),
    rows=ROWS,
    held_out=(0,),
)
PART = tuple(range(5, 45))
SCORES, BMI, AGES, DIAGNOSES = (list(column) for column in zip(*(ROWS[p] for p in PART), strict=True))


@pytest.mark.parametrize(
    "document",
    [
        {"data": [list(ROWS[p]) for p in PART]},
        {
            "data": [
                {"score": ROWS[p][0], "bmi": ROWS[p][1], "age": ROWS[p][2], "dx": ROWS[p][3]} for p in PART
            ]
        },
        {"indep_vars": [{"name": "dx", "series": DIAGNOSES}], "centroids": [[1.0]]},
        {"columns": {"bmi": BMI}},
        {"head": BMI[:5]},
        {"model": json.dumps({"X": [list(ROWS[p][:3]) for p in PART]})},
        {"first": list(ROWS[PART[0]])},
        {"shuffled": [sorted(BMI), sorted(SCORES)]},
        [[round(value, 4) for value in ROWS[p][:2]] for p in PART],
        {"csv": "\n".join(",".join(map(str, ROWS[p])) for p in PART)},
        [[f"{ROWS[p][0]!r}", f"{ROWS[p][1]!r}", str(ROWS[p][2]), ROWS[p][3]] for p in PART],
    ],
    ids=[
        "arrays",
        "objects",
        "series of codes",
        "a column",
        "a head",
        "text in text",
        "one row",
        "sorted",
        "rounded",
        "csv",
        "texts",
    ],
)
def test_rows_are_found(document: Any) -> None:
    assert raw_rows(json.dumps(document), SAMPLE, PART)


@pytest.mark.parametrize(
    "document",
    [
        {
            "n": len(PART),
            "sums": [sum(SCORES), sum(BMI), sum(AGES)],
            "counts": {"AD": 12, "CN": 15, "MCI": 13},
        },
        {"means": [statistics.fmean(BMI)], "min": [min(BMI), min(SCORES)], "max": [max(BMI), max(SCORES)]},
        {"codes": ["AD", "CN", "MCI"], "columns": ["score", "bmi", "age", "dx"]},
        {"quartiles": [statistics.quantiles(BMI, n=4), statistics.quantiles(SCORES, n=4)]},
        {"counts": [1, 0, 3, 2, 5, 8]},
        "not an object",
    ],
    ids=["sums", "extremes", "codes", "quartiles", "histogram", "text"],
)
def test_summaries_are_let_through(document: Any) -> None:
    assert raw_rows(json.dumps(document), SAMPLE, PART) is None


def test_what_is_no_json_holds_nothing_that_can_be_found() -> None:
    assert raw_rows("{", SAMPLE, PART) is None


def test_many_short_lists_are_looked_through_in_bounded_time() -> None:
    document = [[float(n), float(n) + 0.5, "AD"] for n in range(100_000)]
    assert raw_rows(json.dumps(document), SAMPLE, PART) is None
