"""The row that a compute must leave: one, its own, with data or with an error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from algoreg.databases.protocol import DATA_MAX_BYTES, ResultRow
from algoreg.rows import Expectation, failure_defect, result_defect
from algoreg.strictjson import TooLarge

WANTED = Expectation(job_id="job-1", node="local", function="stub", result="json")
GOOD = replace(
    ResultRow.written(job_id="job-1", node="local", shape="application/json", data='{"a": 1}'),
    function="stub",
)
FAILED = ResultRow(
    job_id="job-1", node="local", shape="text/plain+error", function="stub", error="no row", error_bytes=6
)


def defects(*rows: ResultRow) -> tuple[str | None, str | None]:
    """What is said of these rows after a success and after a failure."""
    found = (result_defect(rows, WANTED), failure_defect(rows, WANTED))
    return found[0] and found[0].check, found[1] and found[1].check


def test_a_result_and_a_failure_are_told_apart() -> None:
    assert defects(GOOD) == (None, "db.results-row")
    assert defects(FAILED) == ("db.results-row", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"job_id": "job-2"},
        {"node": "elsewhere"},
        {"function": "python-stub"},
        {"function": None},
    ],
)
def test_a_row_of_somebody_else_is_none(changes: dict[str, Any]) -> None:
    assert defects(replace(GOOD, **changes)) == ("db.results-row", "db.results-row")
    assert defects(replace(FAILED, **changes)) == ("db.results-row", "db.results-row")


def test_no_row_and_two_rows() -> None:
    assert defects() == ("db.results-row", "db.results-row")
    assert defects(GOOD, replace(GOOD, result_name="second")) == ("db.results-row", "db.results-row")


def test_data_and_error_exclude_each_other() -> None:
    both = replace(GOOD, error="", error_bytes=0)
    assert defects(both) == ("db.results-row", "db.results-row")
    neither = replace(GOOD, data=None, data_bytes=None)
    assert defects(neither) == ("db.results-row", "db.results-row")


@pytest.mark.parametrize("shape", ["text/plain+error", "work_complete", "JSON", "pfa", ""])
def test_a_result_under_another_shape(shape: str) -> None:
    assert defects(replace(GOOD, shape=shape))[0] == "db.shape"


def test_a_failure_under_the_results_shape() -> None:
    assert defects(replace(FAILED, shape="application/json"))[1] == "db.shape"


def test_data_that_are_not_of_their_shape() -> None:
    broken = replace(ResultRow.written(job_id="job-1", node="local", shape="json", data="{"), function="stub")
    assert defects(broken)[0] == "db.shape"


def test_data_too_large_to_be_read() -> None:
    large = replace(GOOD, data=None, data_bytes=DATA_MAX_BYTES + 1)
    # The contract bounds no result: nothing is said of it
    with pytest.raises(TooLarge):
        result_defect([large], WANTED)
