"""Databases on a PostgreSQL that is somebody else's: only ours come, all of ours go, and roles reach nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from test_samples import algorithm

from algoreg.databases import embedded
from algoreg.databases.given import Address, GivenServer
from algoreg.databases.protocol import Access, ResultRow
from algoreg.databases.server import PostgresServer
from algoreg.errors import DatabaseError, UsageError
from algoreg.samples import catalogue
from algoreg.samples.sample import Sample

SECRET = "rosebud-4711"


@dataclass(frozen=True)
class Installed:
    """A PostgreSQL of somebody else, as its superuser sees it."""

    superuser: PostgresServer
    port: int

    def address(self, user: str = "keeper", password: str = SECRET) -> Address:
        return Address.parse(f"postgresql://{user}:{password}@127.0.0.1:{self.port}/postgres")

    def state(self) -> set[tuple[str, str]]:
        """Databases with who may connect, and roles."""
        query = (
            "SELECT datname::text, coalesce(datacl::text, '') FROM pg_database"
            " UNION SELECT rolname::text, rolcanlogin::text FROM pg_roles"
        )
        with self.superuser.session("postgres") as connection:
            return {(name, rest) for name, rest in connection.execute(query)}


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    with embedded.running(rng=random.Random(1)) as running:
        with running.server.session("postgres") as connection:
            for name, rights in (("keeper", "CREATEDB CREATEROLE"), ("clerk", "CREATEDB")):
                connection.execute(
                    f"CREATE ROLE {name} LOGIN {rights} PASSWORD '{SECRET}' IN ROLE pg_signal_backend"
                )
        yield Installed(superuser=running.server, port=running.port)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return catalogue.plain(algorithm(), "regression", random.Random(3))


def login(
    installed: Installed, access: Access, database: str | None = None
) -> psycopg.Connection[tuple[object]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=installed.port,
        dbname=database or access.database,
        user=access.user,
        password=access.password,
    )


def test_what_is_asked_for_is_there_and_all_of_it_goes(installed: Installed, sample: Sample) -> None:
    before, server = installed.state(), GivenServer(installed.address())
    with server.experiment(sample) as pair:
        with login(installed, pair.science) as connection:
            rows = connection.execute(sample.query.encode()).fetchall()
        assert len(rows) == len(sample.rows)
        with login(installed, pair.results) as connection:
            insert = "INSERT INTO job_result (job_id, node, shape, data) VALUES ('1', 'local', 'text', 'x')"
            connection.execute(insert)
        audit = pair.audit()
        assert [(row.job_id, row.data) for row in audit.rows] == [("1", "x")]
    server.close()
    assert installed.state() == before


def test_given_results_are_no_new_ones(installed: Installed, sample: Sample) -> None:
    server = GivenServer(installed.address())
    with server.experiment(sample) as pair:
        pair.store([ResultRow.written(job_id="7", node="a", shape="json", data="{}")])
        assert pair.audit().rows == ()
    server.close()


def test_roles_can_do_nothing_but_their_job(installed: Installed, sample: Sample) -> None:
    server = GivenServer(installed.address())
    with server.experiment(sample) as pair, server.experiment(sample) as other:
        for access, statement in (
            (pair.science, f'DELETE FROM "{sample.table}"'),
            (pair.science, "CREATE TABLE mine (a integer)"),
            (pair.results, "DELETE FROM job_result"),
            (pair.results, "UPDATE job_result SET data = ''"),
            (pair.results, "CREATE TABLE mine (a integer)"),
        ):
            with (
                login(installed, access) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(statement.encode())
        for access, elsewhere in ((pair.science, other.science), (pair.results, other.results)):
            with pytest.raises(psycopg.OperationalError, match="CONNECT"):
                login(installed, access, elsewhere.database)
    server.close()


def test_who_may_not_make_roles_leaves_nothing_half_made(installed: Installed, sample: Sample) -> None:
    before, server = installed.state(), GivenServer(installed.address("clerk"))
    with pytest.raises(DatabaseError, match="permission denied to create role"), server.experiment(sample):
        pytest.fail("it was made")
    server.close()
    assert installed.state() == before


def test_a_wrong_password_is_not_repeated(installed: Installed, sample: Sample) -> None:
    server = GivenServer(installed.address(password=f"{SECRET}x"))
    with pytest.raises(DatabaseError) as refused, server.experiment(sample):
        pytest.fail("it was made")
    assert "password authentication failed" in refused.value.message
    assert SECRET not in refused.value.message


def test_work_that_fails_leaves_nothing(installed: Installed, sample: Sample) -> None:
    before, server = installed.state(), GivenServer(installed.address())
    with pytest.raises(ZeroDivisionError), server.experiment(sample) as pair, login(installed, pair.science):
        raise ZeroDivisionError  # while somebody is still connected
    server.close()
    assert installed.state() == before


@pytest.mark.parametrize(
    ("url", "host", "port", "database"),
    [
        ("postgresql://me@db.example:99/", "db.example", 99, "postgres"),
        ("postgres://me@10.0.0.1/mine", "10.0.0.1", 5432, "mine"),
        ("postgresql://me:a%40b@db:7/x?sslmode=require", "db", 7, "x"),
    ],
)
def test_addresses(url: str, host: str, port: int, database: str) -> None:
    address = Address.parse(url)
    assert (address.host, address.port, address.database) == (host, port, database)


@pytest.mark.parametrize(
    "url",
    [
        f"me:{SECRET}@host",
        f"postgresql://me:{SECRET}@x@host/",
        f"postgresql://me:x {SECRET}@host/",
        f"postgresql://me:{SECRET}@/",
        f"postgresql://me:{SECRET}@[::1]:7/x",  # a JDBC URL has no place for it
        f"postgresql://me:{SECRET}@%2Fvar%2Frun/x",
        f"postgresql://me:{SECRET}@a,b/",
        f"postgresql://me:x@host:{SECRET}/",
        f"mysql://me:{SECRET}@host/",
        f"postgresql://me:{SECRET}@host:70000/",
        "",
    ],
)
def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Address.parse(url)
    assert SECRET not in f"{refused.value.message} {refused.value.hint} {refused.value.__cause__}"
    assert SECRET not in repr(Address.parse(f"postgresql://me:{SECRET}@host/"))
