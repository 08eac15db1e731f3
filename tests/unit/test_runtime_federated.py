"""`compute --mode` against a real PostgreSQL: parts stored, put together, and every part that is none refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from support.clinic import AGE, DIAGNOSIS, SEX, Clinic, Experiment, Given
from support.titus import Titus

PACKAGE = "algoreg_linreg"
ROWS = 60
SCORE = Given("score", "real", "double precision", [0.25 * ((7 * i) % 31) + i % 3 for i in range(ROWS)])
COLUMNS = [
    Given("Age", "real", "double precision", [40.5 + (7 * i) % 31 for i in range(ROWS)]),
    Given("left-hippocampus", "integer", "integer", [1_000_000 + (13 * i) % 29 for i in range(ROWS)]),
    Given("sex", "binominal", "text", ["M" if i % 2 else "F" for i in range(ROWS)], ["M", "F"]),
]
UNEVEN = ("row_number < 11", "row_number BETWEEN 11 AND 25", "row_number > 25")


def compute(job: Experiment, *more: str, **environ: str) -> int:
    job.environ |= environ
    return job.run("compute", *more, package=PACKAGE)


def part(job: Experiment, name: str, condition: str) -> str:
    """Store the part of the rows that meet a condition; its job id."""
    full = job.environ["PARAM_query"]
    job_id = f"{job.environ['JOB_ID']}-{name}"
    environ = {
        **job.environ,
        "JOB_ID": job_id,
        "PARAM_query": full.replace("ORDER", f"WHERE {condition} ORDER"),
    }
    kept, job.environ = job.environ, environ
    code = compute(job, "--mode", "intermediate")
    job.environ = kept
    assert code == 0, job.rows(job_id)
    return job_id


def aggregate(job: Experiment, *job_ids: str) -> int:
    return compute(job, "--mode", "aggregate", "--job-ids", *job_ids)


def stored(job: Experiment, job_id: str | None = None) -> dict[str, Any]:
    (row,) = job.rows(job_id)
    return row


def refused(job: Experiment, *job_ids: str) -> str:
    """Code 1 and one error row; what it says."""
    assert aggregate(job, *job_ids) == 1
    row = stored(job)
    assert (row["shape"], row["data"]) == ("text/plain+error", None)
    return str(row["error"])


@pytest.fixture
def job(clinic: Clinic) -> Experiment:
    return clinic.experiment(SCORE, COLUMNS)


def test_three_uneven_parts_equal_the_whole(job: Experiment, titus: Titus) -> None:
    parts = [part(job, f"p{n}", condition) for n, condition in enumerate(UNEVEN)]
    assert [json.loads(stored(job, name)["data"])["rows"] for name in parts] == [11, 15, 34]
    together = json.loads(aggregated(job, parts))
    job.environ["JOB_ID"] += "-whole"
    assert compute(job) == 0
    whole = json.loads(stored(job)["data"])
    names = [field["name"] for field in whole["input"]["fields"]]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*(c.values for c in COLUMNS), strict=True)]
    expected = titus(json.dumps(whole), rows)
    assert titus(json.dumps(together), rows) == pytest.approx(expected, rel=1e-8, abs=0)
    for name, coefficient in json.loads(whole["metadata"]["coefficients"]).items():
        other = json.loads(together["metadata"]["coefficients"])[name]
        assert list(other.values()) == pytest.approx(list(coefficient.values()), rel=1e-8, abs=0)


def aggregated(job: Experiment, parts: list[str]) -> str:
    assert aggregate(job, *parts) == 0
    row = stored(job)
    assert (row["shape"], row["error"], row["function"]) == ("application/pfa+json", None, "linreg")
    return str(row["data"])


def test_the_order_of_the_parts_does_not_matter(job: Experiment) -> None:
    parts = [part(job, f"p{n}", condition) for n, condition in enumerate(UNEVEN)]
    first = json.loads(aggregated(job, parts))
    job.environ["JOB_ID"] += "-again"
    second = json.loads(aggregated(job, parts[::-1]))
    left, right = (document["cells"]["model"]["init"]["coeff"] for document in (first, second))
    assert left == pytest.approx(right, rel=1e-8)


def test_a_part_is_json_that_tells_what_it_is_of(job: Experiment) -> None:
    name = part(job, "p", "true")
    row = stored(job, name)
    assert (row["shape"], row["error"]) == ("application/json", None)
    told = json.loads(row["data"])
    assert told["algorithm"] == "linreg"
    assert told["covariables"][2] == {"name": "sex", "type": "binominal", "codes": ["M", "F"]}
    assert set(told["summary"]) == {"origin", "factor"}


def test_aggregating_reads_no_science_database_and_no_other_row(job: Experiment) -> None:
    name = part(job, "mine", "true")
    part(job, "not-asked-for", UNEVEN[0])
    job.environ = {k: v for k, v in job.environ.items() if not k.startswith("IN_") and k != "PARAM_query"}
    assert json.loads(json.loads(aggregated(job, [name]))["metadata"]["rows"]) == ROWS


def test_a_nominal_variable_refuses_the_mode_by_name(clinic: Clinic) -> None:
    for mode in (["--mode", "intermediate"], ["--mode", "aggregate", "--job-ids", "x"]):
        job = clinic.experiment(DIAGNOSIS, [AGE, SEX])
        assert compute(job, *mode) == 1
        error = stored(job)["error"]
        assert " ".join(mode[:2]) in error
        assert "dx" in error
        assert "polynominal" in error


def test_codes_that_only_the_data_would_tell_are_refused(clinic: Clinic) -> None:
    ward = Given("ward", "polynominal", "text", ["ab"[i % 2] for i in range(ROWS)])
    job = clinic.experiment(SCORE, [ward, COLUMNS[0]])
    assert compute(job, "--mode", "intermediate") == 1
    assert "no codes of ward" in stored(job)["error"]


def test_a_part_of_too_few_rows_is_refused(job: Experiment) -> None:
    job.environ["PARAM_query"] += " LIMIT 7"
    assert compute(job, "--mode", "intermediate") == 1
    assert "7 rows are too few" in stored(job)["error"]


def test_ids_that_are_no_parts(job: Experiment) -> None:
    name = part(job, "p", "true")
    assert "twice" in refused(job, name, name)
    job.environ["JOB_ID"] += "2"
    assert "'nobody' has 0 rows" in refused(job, name, "nobody")
    failed = job.environ["JOB_ID"]
    job.environ["JOB_ID"] += "3"
    assert "holds an error" in refused(job, name, failed)
    job.environ["JOB_ID"] += "4"
    assert compute(job) == 0
    document = job.environ["JOB_ID"]
    job.environ["JOB_ID"] += "5"
    assert "application/pfa+json" in refused(job, name, document)


def test_an_id_is_data(job: Experiment) -> None:
    part(job, "p", "true")
    assert "0 rows" in refused(job, "x' OR '1'='1")


def plant(job: Experiment, change: Callable[[Any], Any]) -> str:
    """A part as a stranger could have stored it."""
    data = stored(job, part(job, "good", "true"))["data"]
    job_id = f"{job.environ['JOB_ID']}-planted"
    changed = change(data)
    with job.server.results() as connection:
        connection.execute(
            "INSERT INTO job_result (job_id, node, data, shape) VALUES (%s, 'x', %s, 'json')",
            (job_id, changed),
        )
    return job_id


def edited(**values: Any) -> Callable[[str], str]:
    return lambda data: json.dumps({**json.loads(data), **values})


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        pytest.param(lambda _: None, "no data", id="null"),
        pytest.param(lambda _: "", "not JSON", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], "not JSON", id="cut"),
        pytest.param(lambda _: "[" * 10_000, "nested", id="deep"),
        pytest.param(lambda data: data.replace('"rows":60', '"rows":NaN'), "no number", id="nan"),
        pytest.param(lambda data: data.replace('"rows":60', '"rows":60,"rows":60'), "twice", id="key-twice"),
        pytest.param(lambda data: data + " " * 17_000_000, "more than", id="large"),
        pytest.param(lambda _: "[]", "format", id="no-object"),
        pytest.param(edited(more=1), "format", id="more-keys"),
        pytest.param(edited(format="algoreg-intermediate/2"), "format", id="other-format"),
        pytest.param(edited(version="0.0.9"), "version", id="other-version"),
        pytest.param(edited(algorithm="knn"), "algorithm", id="other-algorithm"),
        pytest.param(edited(covariables=[]), "covariables", id="other-columns"),
        pytest.param(edited(parameters={"regularisation": 1.0}), "parameters", id="other-parameters"),
        pytest.param(edited(rows=True), "rows", id="boolean-rows"),
        pytest.param(edited(rows=-1), "rows", id="negative-rows"),
        pytest.param(edited(rows=61), "contradicts", id="wrong-rows"),
        pytest.param(edited(summary=[]), "summary", id="no-summary"),
        pytest.param(edited(summary={"py/object": "os.system"}), "summary", id="pickled"),
    ],
)
def test_parts_of_strangers(job: Experiment, change: Callable[[str], Any], evidence: str) -> None:
    assert evidence in refused(job, plant(job, change))


def test_parts_of_other_codes_cannot_be_put_together(job: Experiment) -> None:
    name = part(job, "p", "true")
    meta = json.loads(job.environ["PARAM_meta"])
    meta["sex"]["enumerations"].reverse()
    job.environ["PARAM_meta"] = json.dumps(meta)
    assert "covariables" in refused(job, name)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mode",),
        ("--mode", "nonsense"),
        ("--mode", "intermediate", "--job-ids", "a"),
        ("--mode", "aggregate"),
        ("--mode", "aggregate", "--job-ids"),
        ("--mode", "aggregate", "--job-ids", ""),
        ("--mode", "aggregate", "--job-ids", "a", ""),
        ("--job-ids", "a"),
        ("--mode=intermediate",),
    ],
)
def test_arguments_that_are_none(
    job: Experiment, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compute(job, *arguments) == 2
    assert "usage: docker run IMAGE {train|test|compute} [--mode intermediate" in capsys.readouterr().err
    assert job.rows() == []
