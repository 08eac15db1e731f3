"""`compute` against a real PostgreSQL: one row whatever happens, and a result that `test` would agree with."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from algoreg import contract
from support.clinic import (
    AGE,
    DIAGNOSIS,
    HELD_OUT,
    PASSWORD,
    RESULTS,
    ROLE,
    SCORE,
    SEX,
    TRAIN_COUNT,
    VOLUME,
    WRITER,
    Clinic,
    Experiment,
    Given,
)
from support.titus import Titus

PACKAGES = ("algoreg_knn", "algoreg_linreg")
ERROR = "text/plain+error"


def stored(job: Experiment) -> dict[str, Any]:
    """The one row of the job."""
    (row,) = job.rows()
    assert row["result_name"] == ""
    assert row["node"] == job.environ["NODE"]
    assert (row["data"] is None) != (row["error"] is None)
    return row


def computed(job: Experiment, package: str = "algoreg_knn") -> dict[str, Any]:
    """The document that `compute` stored."""
    assert job.run("compute", package=package) == 0
    row = stored(job)
    assert (row["error"], row["shape"]) == (None, "application/pfa+json")
    document = json.loads(row["data"])
    assert isinstance(document, dict)
    return document


# --- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("variable", [SCORE, DIAGNOSIS], ids=["regression", "classification"])
def test_one_row_with_everything_in_its_column(clinic: Clinic, package: str, variable: Given) -> None:
    job = clinic.experiment(variable, [AGE, VOLUME, SEX])
    done = job.spawn("compute", package=package)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    document = json.loads(stored(job)["data"])
    assert [field["name"] for field in document["input"]["fields"]] == ["age", "left_hippocampus", "sex"]
    assert document["output"] == ("string" if variable is DIAGNOSIS else "double")
    assert all(isinstance(value, str) for value in document["metadata"].values())
    row = stored(job)
    assert row["function"] == package.removeprefix("algoreg_")
    assert row["parameters"] == ({"k": 5} if package == "algoreg_knn" else {"regularisation": 0.0})
    assert row["timestamp"] is not None
    assert job.files() == [contract.INPUT_TRAINING]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("variable", [SCORE, DIAGNOSIS], ids=["regression", "classification"])
def test_on_the_training_rows_it_predicts_what_test_predicts(
    clinic: Clinic, titus: Titus, package: str, variable: Given
) -> None:
    columns = [AGE, VOLUME, SEX]
    job = clinic.experiment(variable, columns)
    assert (job.run("train", package=package), job.run("test", package=package)) == (0, 0)
    expected = job.read(contract.PREDICTIONS)["predictions"]
    left_out = f"WHERE row_number NOT IN {HELD_OUT} ORDER BY"
    job.environ["PARAM_query"] = job.environ["PARAM_query"].replace("ORDER BY", left_out)
    document = json.dumps(computed(job, package))
    rows = [{contract.db_safe(c.code): c.values[row] for c in columns} for row in HELD_OUT]
    answers = titus(document, rows)
    assert answers == (expected if variable is DIAGNOSIS else pytest.approx(expected, rel=1e-9))


def test_the_same_twice(clinic: Clinic) -> None:
    job = clinic.classification()
    first = computed(job)
    job.environ["JOB_ID"] += "-again"
    assert computed(job) == first


def test_function_is_the_images_where_it_says_one(clinic: Clinic) -> None:
    job = clinic.regression(FUNCTION="python-knn")
    computed(job)
    assert stored(job)["function"] == "python-knn"


NUMBERS, TEXTS = [0, 10, 9], ["0", "10", "9"]


@pytest.mark.parametrize("sql_type", ["integer", "text"])
@pytest.mark.parametrize("sent", [NUMBERS, TEXTS])
@pytest.mark.parametrize("package", PACKAGES)
def test_codes_of_digits_are_text_in_the_document(
    clinic: Clinic, titus: Titus, sql_type: str, sent: list[Any], package: str
) -> None:
    codes = NUMBERS if sql_type == "integer" else TEXTS
    digits = Given("digits", "polynominal", sql_type, [codes[i % 3] for i in range(TRAIN_COUNT)], sent)
    document = computed(clinic.experiment(digits, [AGE]), package)
    assert set(document["cells"]["classes"]["init"]) == {"0", "9", "10"}
    answers = titus(json.dumps(document), [{"age": value} for value in AGE.values])
    assert set(answers) <= {"0", "9", "10"}
    document = computed(clinic.experiment(SCORE, [digits]), package)
    assert titus(json.dumps(document), [{"digits": "0"}])


@pytest.mark.parametrize("code", ["IQ", "3rd-Ventricle", "order", "let", "SELECT"])
def test_the_field_is_the_db_safe_name(clinic: Clinic, titus: Titus, code: str) -> None:
    column = Given(code, "real", "double precision", AGE.values)
    document = json.dumps(computed(clinic.experiment(SCORE, [column]), "algoreg_linreg"))
    assert titus(document, [{contract.db_safe(code): 50.0}])


# --- the environment ------------------------------------------------------------------------------


def as_of_2017(job: Experiment, *, port: bool = True) -> None:
    """Only the variables of 2017: JDBC, and PARAM_MODEL_."""
    kept = {k: v for k, v in job.environ.items() if not k.startswith(("IN_", "OUT_"))}
    place = f"127.0.0.1:{job.server.port}"
    for prefix, database, user in (("IN", "clinic", ROLE), ("OUT", RESULTS, WRITER)):
        kept[f"{prefix}_JDBC_URL"] = f"jdbc:postgresql://{place}/{database}?ApplicationName=woken"
        kept |= {f"{prefix}_JDBC_USER": user, f"{prefix}_JDBC_PASSWORD": PASSWORD}
    job.environ = kept


def test_the_variables_of_2017_alone(clinic: Clinic) -> None:
    job = clinic.regression(PARAM_MODEL_k="3")
    as_of_2017(job)
    assert computed(job)["cells"]["nNeighbors"]["init"] == 3
    assert stored(job)["parameters"] == {"k": 3}


def test_what_one_family_lacks_the_other_tells(clinic: Clinic) -> None:
    """2.2.0 of 2017-12 passed host, port, user and password, but no database."""
    job = clinic.regression(OUT_JDBC_URL=f"jdbc:postgresql://elsewhere:1/{RESULTS}")
    del job.environ["OUT_DATABASE"]
    computed(job)


FLAG = {
    "entrypoints": ["compute"],
    "result": "pfa",
    "parameters": [
        {"code": "flag", "type": "boolean", "default_value": True},
        {"code": "word", "type": "string", "default_value": "plain"},
        {"code": "way", "type": "enumeration", "values": ["a", "b"], "default_value": "a"},
        {"code": "weight", "type": "number", "default_value": 1},
    ],
}
RIDGE = (
    "from sklearn.linear_model import Ridge\n"
    "def estimator(job):\n"
    "    return Ridge(alpha=job.parameters['weight'], fit_intercept=job.parameters['flag'])\n"
)


@pytest.mark.parametrize(("text", "flag"), [("false", False), ("False", False), ("true", True), (None, True)])
def test_parameters_of_every_type(clinic: Clinic, author: Any, text: str | None, flag: bool) -> None:
    package = author("author_flag", RIDGE, **FLAG)
    more = {"MODEL_PARAM_word": "naïve 'x'", "PARAM_MODEL_way": "b", "MODEL_PARAM_weight": "2.5e-1"}
    job = clinic.regression(**more, **({} if text is None else {"MODEL_PARAM_flag": text}))
    assert job.run("compute", package=package) == 0
    row = stored(job)
    assert row["parameters"] == {"flag": flag, "word": "naïve 'x'", "way": "b", "weight": 0.25}
    constant = json.loads(row["data"])["cells"]["model"]["init"]["const"]
    assert (constant == 0.0) is not flag


# --- failures -------------------------------------------------------------------------------------


def refused(job: Experiment, *evidence: str, package: str = "algoreg_knn") -> str:
    """Code 1, one error row, the evidence in it and in the logs, no secret in either."""
    done = job.spawn("compute", package=package)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    row = stored(job)
    assert (row["shape"], row["data"]) == (ERROR, None)
    assert row["function"] == package.removeprefix("algoreg_")
    for told in (row["error"], done.stderr):
        assert any(token.lower() in told.lower() for token in evidence), told
        assert PASSWORD not in told
    assert row["error"] in done.stderr
    return str(row["error"])


def without(*names: str) -> Callable[[dict[str, str]], None]:
    def change(environ: dict[str, str]) -> None:
        for name in [name for name in environ if name.startswith(names)]:
            del environ[name]

    return change


def changed(**values: str) -> Callable[[dict[str, str]], None]:
    return lambda environ: environ.update(values)


def query(old: str, new: str) -> Callable[[dict[str, str]], None]:
    return lambda environ: environ.update(PARAM_query=environ["PARAM_query"].replace(old, new))


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        pytest.param(without("PARAM_meta"), ["PARAM_meta"], id="no-meta"),
        pytest.param(changed(PARAM_meta="{"), ["PARAM_meta"], id="broken-meta"),
        pytest.param(changed(PARAM_meta='{"score": {"type": "real"}}'), ["age"], id="undescribed-column"),
        pytest.param(without("PARAM_query"), ["PARAM_query"], id="no-query"),
        pytest.param(without("PARAM_variables"), ["PARAM_variables"], id="no-variable"),
        pytest.param(without("IN_"), ["IN_"], id="no-in"),
        pytest.param(changed(IN_PORT="9"), ["connect"], id="closed-port"),
        pytest.param(changed(IN_PASSWORD="wrong-and-secret"), ["authentication"], id="wrong-password"),
        pytest.param(query("FROM", "FROM no_such_table, "), ["no_such_table"], id="no-table"),
        pytest.param(query('"age"', '"no_such_column"'), ["no_such_column"], id="no-column"),
        pytest.param(query('"age",', ""), ["age"], id="column-not-returned"),
        pytest.param(query("ORDER", "WHERE false ORDER"), ["empty"], id="no-row"),
        pytest.param(query("ORDER BY row_number", "ORDER BY row_number LIMIT 1"), ["rows"], id="one-row"),
        pytest.param(changed(PARAM_query=""), ["PARAM_query"], id="empty-query"),
        pytest.param(changed(PARAM_query="DELETE FROM patients"), ["PARAM_query"], id="no-select"),
        pytest.param(changed(MODEL_PARAM_k="0"), ["parameter k"], id="parameter-below"),
        pytest.param(changed(MODEL_PARAM_k="five"), ["parameter k"], id="parameter-no-number"),
    ],
)
def test_what_goes_wrong_is_one_row(
    clinic: Clinic, change: Callable[[dict[str, str]], None], evidence: list[str]
) -> None:
    job = clinic.regression()
    change(job.environ)
    refused(job, *evidence)


def test_an_excluded_type(clinic: Clinic, author: Any) -> None:
    package = author("author_integers", RIDGE, **FLAG, constraints={"variable": {"real": False}})
    assert clinic.regression().run("compute", package=package) == 1


def test_a_class_alone_is_refused(clinic: Clinic) -> None:
    alone = Given("dx", "polynominal", "text", ["AD"] * TRAIN_COUNT, ["AD", "CN"])
    refused(clinic.experiment(alone, [AGE]), "one class", package="algoreg_linreg")


def test_a_name_that_pfa_cannot_hold(clinic: Clinic) -> None:
    column = Given("größe", "real", "double precision", AGE.values)
    refused(clinic.experiment(SCORE, [column]), "größe")


@pytest.mark.parametrize("column", [AGE, SEX, SCORE])
def test_null_is_refused_by_its_column_where_it_is_not_declared(clinic: Clinic, column: Given) -> None:
    values = [None if row == 3 else value for row, value in enumerate(column.values)]
    broken = Given(column.code, column.type, column.sql_type, values, column.enumeration)
    job = clinic.experiment(broken, [AGE]) if column is SCORE else clinic.experiment(SCORE, [broken])
    assert "NULL" in refused(job, contract.db_safe(column.code))


def test_declared_nulls_are_dropped_and_imputed(clinic: Clinic, author: Any, titus: Titus) -> None:
    tolerant = {**FLAG, "variables_can_be_null": True, "covariables_can_be_null": True}
    package = author("author_null", RIDGE, **tolerant)
    score = Given("score", "real", "double precision", [None, *SCORE.values[1:]])
    age = Given("Age", "real", "double precision", [*AGE.values[:-1], None])
    job = clinic.experiment(score, [age])
    assert job.run("compute", package=package) == 0
    document = stored(job)["data"]
    present = [float(value) for value in age.values[1:] if value is not None]
    mean = sum(present) / len(present)
    nothing, middle = titus(document, [{"age": None}, {"age": {"double": mean}}])
    assert nothing == pytest.approx(middle, rel=1e-12)


def test_an_unexpected_exception_stores_its_masked_traceback(clinic: Clinic, author: Any) -> None:
    program = "def estimator(job):\n    raise ValueError(f'row 63.25 of {job.covariables[0].name} M')\n"
    package = author("author_broken", program, **{**FLAG, "parameters": []})
    job = clinic.regression()
    with pytest.raises(ValueError, match="row"):
        job.run("compute", package=package)
    row = stored(job)
    assert (row["shape"], row["data"]) == (ERROR, None)
    assert "Traceback" in row["error"]
    assert row["error"].endswith("ValueError: row # of age ***")


def test_an_estimator_that_no_document_tells(clinic: Clinic, author: Any) -> None:
    program = "from sklearn.svm import SVR\ndef estimator(job):\n    return SVR()\n"
    package = author("author_svr", program, **{**FLAG, "parameters": []})
    job = clinic.regression()
    assert job.run("compute", package=package) == 1
    assert "SVR" in stored(job)["error"]


def test_a_result_that_the_runtime_does_not_write(clinic: Clinic, author: Any) -> None:
    package = author("author_svg", RIDGE, **{**FLAG, "result": "svg"})
    job = clinic.regression()
    assert job.run("compute", package=package) == 1
    assert "svg" in stored(job)["error"]


# --- where no row can be ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        pytest.param(changed(OUT_PORT="9"), ["OUT_", "port 9"], id="closed-port"),
        pytest.param(changed(OUT_PASSWORD="wrong-and-secret"), ["OUT_", WRITER], id="wrong-password"),
        pytest.param(without("OUT_"), ["OUT_HOST"], id="absent"),
        pytest.param(changed(OUT_PORT="x"), ["OUT_PORT"], id="no-port"),
        pytest.param(changed(JOB_ID="x" * 129), ["JOB_ID"], id="long-job-id"),
        pytest.param(without("JOB_ID"), ["JOB_ID"], id="no-job-id"),
        pytest.param(changed(NODE="x" * 33), ["NODE"], id="long-node"),
        pytest.param(changed(FUNCTION="x" * 257), ["FUNCTION"], id="long-function"),
    ],
)
def test_what_makes_a_row_impossible_is_said(
    clinic: Clinic, change: Callable[[dict[str, str]], None], evidence: list[str]
) -> None:
    job = clinic.regression()
    job_id = job.environ["JOB_ID"]
    change(job.environ)
    done = job.spawn("compute")
    assert done.returncode == 1
    assert all(token in done.stderr for token in evidence), done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
    assert job.rows(job_id) == []


def test_two_failures_at_once_are_both_said(clinic: Clinic) -> None:
    done = clinic.regression(OUT_PORT="9", MODEL_PARAM_k="0").spawn("compute")
    assert done.returncode == 1
    assert "parameter k" in done.stderr
    assert "OUT_" in done.stderr


def test_the_longest_names_are_stored(clinic: Clinic) -> None:
    job = clinic.regression(JOB_ID="ü" * 128, NODE="ö" * 32)
    computed(job)


def test_a_row_that_is_there_already_is_left_alone(clinic: Clinic) -> None:
    job = clinic.regression()
    first = computed(job)
    done = job.spawn("compute")
    assert done.returncode == 1
    assert "duplicate key" in done.stderr
    assert json.loads(stored(job)["data"]) == first


@pytest.mark.parametrize("name", ["MODEL_PARAM_word", "JOB_ID"])
def test_bytes_that_are_no_text(clinic: Clinic, author: Any, name: str) -> None:
    package = author("author_flag", RIDGE, **FLAG)
    job = clinic.regression()
    job_id = job.environ["JOB_ID"]
    job.environ[name] = os.fsdecode(b"\xff")
    assert job.run("compute", package=package) == 1
    assert len(job.rows(job_id)) == (name != "JOB_ID")


# --- usage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("compute", "--mode", "intermediate"),
        ("compute", "--mode", "aggregate", "--job-ids", "a"),
        ("compute", "extra"),
        ("compute", ""),
        ("compute;id",),
        ("train", "--mode", "intermediate"),
    ],
)
def test_arguments_that_nobody_declared_leave_nothing(
    clinic: Clinic, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.regression(IN_PORT="1", OUT_PORT="1")
    assert job.run(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: " in told.err
    assert job.rows() == []


def test_bad_input_is_told_before_scikit_learn_is_imported(clinic: Clinic) -> None:
    job = clinic.regression(MODEL_PARAM_k="0")
    job.environ["PYTHONPROFILEIMPORTTIME"] = "1"
    done = job.spawn("compute")
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert done.returncode == 1
    assert imported & {"sklearn", "numpy", "scipy", "pandas", "statsmodels"} == set()
