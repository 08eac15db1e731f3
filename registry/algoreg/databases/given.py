"""An experiment's databases on a PostgreSQL that is somebody else's: only what is ours is made, and all of it goes.

Unlike ``server``'s own, such a PostgreSQL is shared and stays: its databases, groups and settings are left as they
are, names are random, no other patients are planted, and nobody reads its log. The result of a scheduler's job is
read there likewise.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from algoreg import job
from algoreg.databases import jobresult, server, templates
from algoreg.databases.journal import Noted
from algoreg.databases.protocol import JOB_RESULT, ResultRow, Role
from algoreg.databases.server import Connection, Experiment, PostgresServer
from algoreg.errors import UsageError
from algoreg.export.jobs.address import HOST
from algoreg.samples.sample import Sample

CONNECT_TIMEOUT_S = 10
_READ_TIMEOUT_MS = 60_000
_DEFAULT_PORT = "5432"
_HINT = "Expected postgresql://USER@HOST:PORT/ with the password in PGPASSWORD, or its @ : / written as %40 %3A %2F."
_NOBODYS = templates.ForeignResult(job_id="", node="", data="", shape="")


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where such a PostgreSQL is, for us and for algorithms alike, and as whom databases are made there."""

    host: str
    port: int
    conninfo: str = field(repr=False)
    database: str = server.ADMINISTRATION
    """The one to connect to for administration."""

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises UsageError that shows nothing of the URL: where the password begins cannot be told."""
        try:
            found = conninfo_to_dict(url)
        except psycopg.Error:
            raise _wrong() from None
        host, port = str(found.get("host") or ""), str(found.get("port") or _DEFAULT_PORT)
        if not (HOST.fullmatch(host) and port.isdigit() and 0 < int(port) < 65536):
            raise _wrong()
        database = str(found.get("dbname") or server.ADMINISTRATION)
        return cls(host=host, port=int(port), conninfo=url, database=database)

    def connect(self, database: str) -> Connection:
        """A new connection of the account that makes databases."""
        wanted = self.database if database == server.ADMINISTRATION else database
        return psycopg.connect(self.conninfo, dbname=wanted, connect_timeout=CONNECT_TIMEOUT_S)


def _wrong() -> UsageError:
    return UsageError("the database server's address is no URL of a PostgreSQL", hint=_HINT)


def rows_of_job(there: job.Connection, job_id: str) -> tuple[ResultRow, ...]:
    """What a job left in the ``job_result`` of a database that is not ours. Raises DatabaseError."""
    access = there.access
    with (
        server.translated(f"reading job_result of {access.database} on {there.endpoint.host}"),
        psycopg.connect(
            host=there.endpoint.host,
            port=there.endpoint.port,
            dbname=access.database,
            user=access.user,
            password=access.password,
            connect_timeout=CONNECT_TIMEOUT_S,
            options=f"-c statement_timeout={_READ_TIMEOUT_MS}",
        ) as connection,
    ):
        return jobresult.rows_of(connection, job_id)


class GivenServer(PostgresServer):
    """Experiments' databases there (``protocol.DatabaseServer``); its account may create databases and roles."""

    def __init__(self, address: Address) -> None:
        # From the system: two experiments with one seed must not meet
        super().__init__(connect=address.connect, rng=random.SystemRandom())

    def noted(self, position: int, users: Mapping[str, Role]) -> Noted:
        """Nobody notes anything: either role may have been there."""
        return Noted(connected=frozenset(Role), statements=())

    def _prepare(self, administration: Connection) -> templates.ForeignResult:
        """Nothing is there for longer than an experiment."""
        return _NOBODYS

    def _create(self, pair: Experiment, sample: Sample) -> None:
        with self._administrator("creating an experiment's databases") as connection:
            for access in (pair.science, pair.results):
                name = sql.Identifier(access.database)
                create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
                connection.execute(create.format(name))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
                server.create_login(connection, access)
        with self.session(pair.science.database) as connection, server.translated("loading the table"):
            templates.load_sample(connection, sample, random.Random(pair.science.database))
            _grant(connection, sql.SQL("SELECT"), sample.table, pair.science.user)
        with self.session(pair.results.database) as connection, server.translated("creating job_result"):
            connection.execute(JOB_RESULT)
            _grant(connection, sql.SQL("SELECT, INSERT"), "job_result", pair.results.user)
        pair.begun.append(0)


def _grant(connection: Connection, privileges: sql.SQL, table: str, user: str) -> None:
    """This, and to make nothing of its own."""
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    grant = sql.SQL("GRANT {} ON {} TO {}")
    connection.execute(grant.format(privileges, sql.Identifier(table), sql.Identifier(user)))
