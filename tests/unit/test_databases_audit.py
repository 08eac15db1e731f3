"""What PostgreSQL noted of an experiment's roles: every write, done or denied, and nothing of honest work."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from psycopg import sql

from algoreg.databases import embedded
from algoreg.databases.embedded import Embedded
from algoreg.databases.protocol import Access, ResultRow, Role
from algoreg.databases.server import Experiment
from algoreg.samples.sample import Column, Sample

SAMPLE = Sample(
    table="features_a1",
    order_column="position_a1",
    variable=Column(code="score", label="Score", type="real", sql_type="double precision"),
    covariables=(Column(code="age", label="Age", type="integer", sql_type="integer"),),
    rows=((1.5, 50), (2.5, 60)),
    held_out=(0,),
)
INSERT = "INSERT INTO job_result (job_id, node, shape, function, data) VALUES (%s, 'n', 'json', 'f', %s)"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Embedded]:
    with embedded.running(rng=random.Random(3)) as running:
        yield running


@pytest.fixture
def pair(postgres: Embedded) -> Iterator[Experiment]:
    with postgres.server.experiment(SAMPLE) as databases:
        yield databases


def login(postgres: Embedded, access: Access) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=postgres.port,
        dbname=access.database,
        user=access.user,
        password=access.password,
        autocommit=True,
    )


def attempt(postgres: Embedded, access: Access, statement: str) -> None:
    with login(postgres, access) as connection, suppress(psycopg.Error):
        connection.execute(statement.encode())


def test_honest_work_leaves_no_note(postgres: Embedded, pair: Experiment) -> None:
    with login(postgres, pair.science) as connection:
        connection.execute("SET application_name = 'x'")
        connection.execute("SHOW server_version")
        with connection.transaction(), connection.cursor("named") as cursor:
            cursor.execute(SAMPLE.query.encode())
            assert len(cursor.fetchall()) == 2
        with connection.cursor() as cursor, cursor.copy("COPY features_a1 TO STDOUT") as copy:
            assert len(list(copy)) == 2
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM nowhere")
    with login(postgres, pair.results) as connection, connection.transaction():
        connection.execute(INSERT, ("mine", "{}"))
        connection.execute("SELECT * FROM job_result WHERE job_id = 'mine'")
    audit = pair.audit()
    assert audit.statements == ()
    (row,) = audit.rows
    assert (row.job_id, row.node, row.function, row.shape, row.data, row.error) == (
        "mine",
        "n",
        "f",
        "json",
        "{}",
        None,
    )
    assert row.data_bytes == 2
    assert row.data_digest == ResultRow.written(job_id="", node="", shape="", data="{}").data_digest


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE features_a1 SET age = 1",
        "DELETE FROM features_a1",
        "DROP TABLE features_a1",
        "CREATE TABLE mine (a integer)",
        "CREATE TEMP TABLE mine (a integer)",
        "INSERT INTO features_a1 VALUES (9, 1, 1)",
        "COPY features_a1 FROM STDIN",
        "COPY features_a1 TO PROGRAM 'cat'",
        "SELECT lo_create(0)",
        "BEGIN; UPDATE features_a1 SET age = 1",
        "SELECT 1; TRUNCATE features_a1",
        "WITH gone AS (DELETE FROM features_a1 RETURNING *) SELECT * FROM gone",
        "DO $$ BEGIN UPDATE features_a1 SET age = 1; END $$",
        "START TRANSACTION READ ONLY; DELETE FROM features_a1",
    ],
)
def test_an_attempt_on_the_science_database_is_noted(
    postgres: Embedded, pair: Experiment, statement: str
) -> None:
    attempt(postgres, pair.science, statement)
    noted = pair.audit().statements
    assert noted
    assert {one.role for one in noted} == {Role.SCIENCE}
    assert any(one.denied for one in noted)


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        ("UPDATE job_result SET data = 'x'", True),
        ("DELETE FROM job_result", True),
        ("TRUNCATE job_result", True),
        ("INSERT INTO job_result (job_id, node, shape) VALUES ('a', 'b', 'c') "
         "ON CONFLICT (job_id, shape, result_name, node) DO UPDATE SET data = 'x'", True),
        ("CREATE TABLE mine (a integer)", True),
        ("COPY (SELECT 1) TO PROGRAM 'cat'", True),
        ("SELECT pg_read_file('/etc/passwd')", True),
        ("SET ROLE postgres", True),
        ("CREATE ROLE other", True),
        ("ALTER ROLE current_user PASSWORD 'other'", False),
    ],
)  # fmt: skip
def test_an_attempt_on_the_results_database_is_noted(
    postgres: Embedded, pair: Experiment, statement: str, denied: bool
) -> None:
    attempt(postgres, pair.results, statement)
    noted = pair.audit().statements
    assert noted
    assert {one.role for one in noted} == {Role.RESULTS}
    assert any(one.denied for one in noted) is denied


def test_two_experiments_are_told_apart(postgres: Embedded) -> None:
    with postgres.server.experiment(SAMPLE) as first, postgres.server.experiment(SAMPLE) as second:
        attempt(postgres, first.results, "DELETE FROM job_result")
        assert len(first.audit().statements) == 1
        assert second.audit().statements == ()


def test_given_rows_and_another_jobs_row_are_not_the_algorithms(postgres: Embedded, pair: Experiment) -> None:
    pair.store([ResultRow.written(job_id="part-1", node="n", shape="json", data="[1]")])
    with login(postgres, pair.results) as connection:
        found = connection.execute("SELECT job_id, data FROM job_result").fetchall()
    assert len(found) == 2
    assert pair.foreign_result in {data for _, data in found}
    assert pair.audit().rows == ()


def test_a_row_too_large_to_be_read_is_known_by_its_size(postgres: Embedded, pair: Experiment) -> None:
    with login(postgres, pair.results) as connection:
        statement = sql.SQL("INSERT INTO job_result (job_id, node, shape, data) SELECT 'a', 'n', 'json', {}")
        connection.execute(statement.format(sql.SQL("repeat('x', 17 * 1024 * 1024)")))
    (row,) = pair.audit().rows
    assert (row.data, row.data_bytes) == (None, 17 * 1024 * 1024)


def test_every_text_of_a_row_is_read_back(postgres: Embedded, pair: Experiment) -> None:
    with login(postgres, pair.results) as connection:
        connection.execute(
            "INSERT INTO job_result (job_id, node, shape, data, parameters, result_title)"
            " VALUES ('a', 'n', 'json', '{}', '{\"url\": \"postgresql://\\u0061@b\"}', 'Title')"
        )
    (row,) = pair.audit().rows
    assert (row.parameters, row.result_title) == ('{"url": "postgresql://a@b"}', "Title")
    assert row.without_content().parameters is None
