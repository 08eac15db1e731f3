"""The two databases that every experiment's own are copied from, locked down once per PostgreSQL.

What the roles of an experiment may do beyond this is granted in ``server``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]

SCIENCE = "algoreg_science"
RESULTS = "algoreg_results"
WRITERS = "algoreg_writers"
"""Group of all results roles; each can connect to its own database only."""

JOB_RESULT = """
CREATE TABLE job_result (
  job_id varchar(128) NOT NULL,
  node varchar(32) NOT NULL,
  timestamp timestamp DEFAULT now(),
  data text,
  error text,
  shape varchar(256) NOT NULL,
  function varchar(256),
  parameters jsonb,
  result_name varchar(32) NOT NULL DEFAULT '',
  result_title varchar(256),
  PRIMARY KEY (job_id, shape, result_name, node)
)
"""
"""Woken's DDL 1.2 (contract section 4)."""

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
    _create(administration, SCIENCE)
    with connect(SCIENCE) as connection:
        connection.execute(LOCK_DOWN)
    _create(administration, RESULTS)
    writers = sql.Identifier(WRITERS)
    administration.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(writers))
    with connect(RESULTS) as connection:
        connection.execute(LOCK_DOWN)
        connection.execute(JOB_RESULT)
        foreign = _foreign(rng)
        connection.execute(FOREIGN_RESULT, (foreign.job_id, foreign.node, foreign.data, foreign.shape))
        connection.execute(sql.SQL("GRANT SELECT, INSERT ON job_result TO {}").format(writers))
    return foreign


def _create(administration: Connection, name: str) -> None:
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' STRATEGY file_copy")
    administration.execute(create.format(sql.Identifier(name)))
    _close(administration, name)


def _close(administration: Connection, name: str) -> None:
    """Only a superuser may connect."""
    administration.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _foreign(rng: random.Random) -> ForeignResult:
    return ForeignResult(
        job_id=f"job-{rng.getrandbits(48):012x}",
        node="another-node",
        data=f"canary-{rng.getrandbits(48):012x}",
    )
