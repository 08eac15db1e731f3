"""The databases that every experiment's own are copied from: empty ones, locked down once, and one per sample.

Who may connect to a copy is granted in ``server``; what may be done there, here, to groups.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from algoreg.databases.protocol import JOB_RESULT, Role
from algoreg.samples.distractor import COLUMNS, Distractor
from algoreg.samples.sample import Sample

Connection = psycopg.Connection[TupleRow]

SCIENCE = "algoreg_science"
RESULTS = "algoreg_results"
GROUPS = {Role.SCIENCE: "algoreg_readers", Role.RESULTS: "algoreg_writers"}
"""What each experiment's role is a member of; it can connect to its own database only."""
_TYPES = {name: sql.SQL(name) for name in ("double precision", "integer", "text")}

FOREIGN_RESULT = "INSERT INTO job_result (job_id, node, data, shape) VALUES (%s, %s, %s, %s)"

LOCK_DOWN = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
DO $$
DECLARE large_object_function regprocedure;
BEGIN
  FOR large_object_function IN
    SELECT oid FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace
      AND (proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite'))
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', large_object_function);
  END LOOP;
END $$;
"""
"""A role that may only SELECT could otherwise still write large objects."""


@dataclass(frozen=True, kw_only=True)
class ForeignResult:
    """A result of somebody else's job: never to be read or touched."""

    job_id: str
    node: str
    data: str
    shape: str = "text"


def prepare(
    administration: Connection, connect: Callable[[str], Connection], rng: random.Random
) -> ForeignResult:
    """Make the templates, and close the databases that every PostgreSQL has; the result of another job in them."""
    for database in ("postgres", "template1"):
        _close(administration, database)
    for group in GROUPS.values():
        administration.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(group)))
    copy(administration, "template0", SCIENCE)
    with connect(SCIENCE) as connection:
        connection.execute(LOCK_DOWN)
    copy(administration, "template0", RESULTS)
    with connect(RESULTS) as connection:
        connection.execute(LOCK_DOWN)
        connection.execute(JOB_RESULT)
        foreign = _foreign(rng)
        connection.execute(FOREIGN_RESULT, (foreign.job_id, foreign.node, foreign.data, foreign.shape))
        grant = sql.SQL("GRANT SELECT, INSERT ON job_result TO {}")
        connection.execute(grant.format(sql.Identifier(GROUPS[Role.RESULTS])))
    return foreign


def copy(administration: Connection, template: str, name: str) -> None:
    """A new database as the template is, to which nobody but a superuser may connect."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' STRATEGY file_copy")
    administration.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    _close(administration, name)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A template that holds a sample."""

    name: str
    canaries: tuple[str, ...]
    """Values of patients that no query on this sample asks for."""


def load(connection: Connection, name: str, sample: Sample, others: Distractor) -> Loaded:
    """Fill the database ``name`` of this connection with a sample, and with patients whom no query asks for."""
    load_sample(connection, sample, random.Random(name))
    _load_distractor(connection, others)
    grant = sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}")
    connection.execute(grant.format(sql.Identifier(GROUPS[Role.SCIENCE])))
    return Loaded(name=name, canaries=others.canaries)


def load_sample(connection: Connection, sample: Sample, rng: random.Random) -> None:
    """The sample's table. The patients lie in it in another order than queries ask for: ORDER BY must be obeyed."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), _TYPES[column.sql_type])
        for column in sample.columns
    ]
    table, order = sql.Identifier(sample.table), sql.Identifier(sample.order_column)
    create = sql.SQL("CREATE TABLE {} ({} integer PRIMARY KEY, {})")
    connection.execute(create.format(table, order, sql.SQL(", ").join(columns)))
    numbered = list(enumerate(sample.rows))
    rng.shuffle(numbered)
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copying:
        for position, row in numbered:
            copying.write_row((position, *row))


def _load_distractor(connection: Connection, others: Distractor) -> None:
    table = sql.Identifier(others.table)
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copying:
        for row in others.rows:
            copying.write_row(row)


def _close(administration: Connection, name: str) -> None:
    """Only a superuser may connect."""
    administration.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _foreign(rng: random.Random) -> ForeignResult:
    return ForeignResult(
        job_id=f"job-{rng.getrandbits(48):012x}",
        node="another-node",
        data=f"canary-{rng.getrandbits(48):012x}",
    )
