"""Give every experiment its own pair of databases on one PostgreSQL, with roles that can do nothing but their job.

How that PostgreSQL is started and reached is left to ``sidecar`` and ``embedded``: they pass ``connect``. One that
is somebody else's is treated with more care in ``given``.
"""

from __future__ import annotations

import random
import string
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from algoreg.databases import jobresult, templates
from algoreg.databases.journal import LOG_STATEMENT, Journal, Noted
from algoreg.databases.protocol import Access, Audit, ResultRow, Role
from algoreg.errors import DatabaseError
from algoreg.samples.distractor import distractor
from algoreg.samples.sample import Sample

Connection = psycopg.Connection[TupleRow]
Connect = Callable[[str], Connection]
"""Database name -> a new connection of a superuser."""

ADMINISTRATION = "postgres"
LOCK_TIMEOUT = "10s"
MAX_CONNECTIONS = 32
"""Per role; an experiment that wants more is not an algorithm."""
PASSWORD_LETTERS = string.ascii_letters + string.digits + "-_"


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """PostgreSQL's errors become ours: nothing may be concluded about the algorithm."""
    try:
        yield
    except (psycopg.Error, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise DatabaseError(f"PostgreSQL failed while {doing}: {reason}") from error


@dataclass(kw_only=True)
class Experiment:
    """A fresh pair of databases, of one experiment only (``protocol.ExperimentDatabases``)."""

    science: Access
    results: Access
    table: str
    server: PostgresServer = field(repr=False)
    canaries: tuple[str, ...] = field(default=(), repr=False)
    """Values of patients that no query of this experiment asks for; known once the databases are there."""
    begun: list[int] = field(default_factory=list, repr=False)
    """Where PostgreSQL's log ended when the algorithm could first log in."""
    given: list[ResultRow] = field(default_factory=list, repr=False)
    """Rows of other jobs that were stored for this one."""

    @property
    def foreign_result(self) -> str:
        """The result of another job, which stands in every results database."""
        return self.server.foreign.data

    def store(self, rows: Sequence[ResultRow]) -> None:
        """Put results of other jobs, which this one will be given, into ``job_result``."""
        with self.server.session(self.results.database) as connection, translated("storing results"):
            for row in rows:
                values = (row.job_id, row.node, row.shape, row.function, row.data)
                connection.execute(_STORE, (*values, row.parameters, row.result_name, row.result_title))
        self.given.extend(rows)

    def audit(self) -> Audit:
        """What was done until now."""
        users = {self.science.user: Role.SCIENCE, self.results.user: Role.RESULTS}
        noted = self.server.noted(self.begun[0], users)
        # A connection of ours costs more than the copy of a database, and most runs have no business here
        rows = self._rows() if Role.RESULTS in noted.connected else ()
        return Audit(rows=rows, statements=noted.statements)

    def _rows(self) -> tuple[ResultRow, ...]:
        with self.server.session(self.results.database) as connection, translated("reading results"):
            foreign = self.server.foreign
            keys = [(foreign.job_id, foreign.shape, "", foreign.node)]
            keys += [(row.job_id, row.shape, row.result_name, row.node) for row in self.given]
            return jobresult.rows_but(connection, keys)

    @contextmanager
    def lock_science(self) -> Iterator[None]:
        """Hold the sample's table so that every SELECT on it waits until the context ends."""
        name = sql.Identifier(self.table)
        with self.server.session(self.science.database) as connection, connection.transaction():
            with translated("locking the sample's table"):
                connection.execute(sql.SQL("SET lock_timeout = {}").format(LOCK_TIMEOUT))
                connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(name))
            yield

    def blocked_sessions(self) -> int:
        """How many sessions wait for that lock now."""
        return self.server.blocked_sessions(self.science.database)


_STORE = """
INSERT INTO job_result (job_id, node, shape, function, data, parameters, result_name, result_title)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""


class PostgresServer:
    """One running PostgreSQL (``protocol.DatabaseServer``); may be called from several threads."""

    def __init__(self, *, connect: Connect, rng: random.Random, keep: bool = False) -> None:
        self._connect = connect
        self._rng = rng
        self._keep = keep
        self._lock = threading.Lock()  # guards the rng and the administrative connection
        self._administration: Connection | None = None
        self._journal = Journal()
        self._foreign: templates.ForeignResult | None = None
        self._loading = threading.Lock()  # taken before the other one
        self._samples: dict[Sample, templates.Loaded] = {}

    @contextmanager
    def session(self, database: str) -> Iterator[Connection]:
        """A connection of its own, in autocommit mode, closed at the end."""
        with translated(f"connecting to {database}"):
            connection = self._connect(database)
            connection.autocommit = True
        with connection:
            yield connection

    @contextmanager
    def experiment(self, sample: Sample) -> Iterator[Experiment]:
        """A fresh pair of databases holding ``sample``; both are dropped when the context ends, unless kept."""
        pair = self._pair(sample)
        try:
            with translated("creating an experiment's databases"):
                self._create(pair, sample)
            yield pair
        except BaseException:
            with suppress(DatabaseError):  # the first failure is the one to tell
                self._drop(pair)
            raise
        if not self._keep:
            self._drop(pair)

    def blocked_sessions(self, database: str) -> int:
        """How many sessions of a database wait for a lock now."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
        with self._administrator("looking for blocked sessions") as connection:
            row = connection.execute(query, (database,)).fetchone()
        return int(row[0]) if row else 0

    def noted(self, position: int, users: Mapping[str, Role]) -> Noted:
        """What PostgreSQL noted of these users since its log ended at ``position``."""
        with self._administrator("reading PostgreSQL's log") as connection:
            return self._journal.since(connection, position, users)

    @property
    def foreign(self) -> templates.ForeignResult:
        """Another job's result, in every results database."""
        if self._foreign is None:
            raise RuntimeError("no experiment has begun")
        return self._foreign

    def close(self) -> None:
        """End the administrative connection; the server itself is its starter's business."""
        with self._lock:
            if self._administration is not None:
                self._administration.close()

    @contextmanager
    def _administrator(self, doing: str) -> Iterator[Connection]:
        """The one administrative connection, for one thread at a time; the first use prepares the templates."""
        with self._lock, translated(doing):
            if self._administration is None or self._administration.closed:
                self._administration = self._connect(ADMINISTRATION)
                self._administration.autocommit = True
            if self._foreign is None:
                self._foreign = self._prepare(self._administration)
            yield self._administration

    def _prepare(self, administration: Connection) -> templates.ForeignResult:
        return templates.prepare(administration, self._connect, self._rng)

    def _pair(self, sample: Sample) -> Experiment:
        with self._administrator("creating an experiment's databases"):
            suffix = f"{self._rng.getrandbits(48):012x}"
            passwords = ["".join(self._rng.choices(PASSWORD_LETTERS, k=24)) for _ in range(2)]
        return Experiment(
            science=Access(database=f"science_{suffix}", user=f"reader_{suffix}", password=passwords[0]),
            results=Access(database=f"results_{suffix}", user=f"writer_{suffix}", password=passwords[1]),
            table=sample.table,
            server=self,
        )

    def _create(self, pair: Experiment, sample: Sample) -> None:
        loaded = self._loaded(sample)
        pair.canaries = loaded.canaries
        with self._administrator("creating an experiment's databases") as connection:
            for access, template, role in (
                (pair.science, loaded.name, Role.SCIENCE),
                (pair.results, templates.RESULTS, Role.RESULTS),
            ):
                templates.copy(connection, template, access.database)
                _create_role(connection, access, role)
            pair.begun.append(self._journal.position(connection))

    def _loaded(self, sample: Sample) -> templates.Loaded:
        """The template of this table, whatever is held out: loaded once, and copied for each experiment."""
        sample = replace(sample, held_out=())
        with self._loading:
            if sample not in self._samples:
                with self._administrator("loading a sample") as connection:
                    name = f"sample_{self._rng.getrandbits(48):012x}"
                    others = distractor(self._rng)
                    templates.copy(connection, templates.SCIENCE, name)
                try:
                    with self.session(name) as connection, connection.transaction():
                        self._samples[sample] = templates.load(connection, name, sample, others)
                except BaseException:
                    with suppress(DatabaseError), self._administrator("dropping a template") as connection:
                        _drop_database(connection, name)
                    raise
            return self._samples[sample]

    def _drop(self, pair: Experiment) -> None:
        with self._administrator("dropping an experiment's databases") as connection:
            for access in (pair.science, pair.results):
                _drop_database(connection, access.database)
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(access.user)))


def _drop_database(connection: Connection, name: str) -> None:
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(drop.format(sql.Identifier(name)))


def _create_role(connection: Connection, access: Access, role: Role) -> None:
    """A role that may do a role's work in its own database, and of whom the rest is noted."""
    create_login(connection, access)
    user = sql.Identifier(access.user)
    note = sql.SQL("ALTER ROLE {} SET log_statement = {}")
    connection.execute(note.format(user, LOG_STATEMENT[role]))
    group = sql.Identifier(templates.GROUPS[role])
    connection.execute(sql.SQL("GRANT {} TO {}").format(group, user))


def create_login(connection: Connection, access: Access) -> None:
    """A role that may log in to its own database only; the server never sees its password in the clear."""
    user = sql.Identifier(access.user)
    hashed = connection.pgconn.encrypt_password(
        access.password.encode(), access.user.encode(), b"scram-sha-256"
    ).decode()
    create = sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {}")
    connection.execute(create.format(user, MAX_CONNECTIONS, hashed))
    connect = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    connection.execute(connect.format(sql.Identifier(access.database), user))
