"""The science database: where it is (IN_*), and the rows of the two queries. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from algoreg.runtime.failure import Failure

if TYPE_CHECKING:
    import psycopg

_CONNECT_TIMEOUT_S = 30
_VALUE_FREE = ("08", "28", "3D", "42", "53", "57")
"""SQLSTATE classes whose primary message speaks of names and resources, never of a row's values.

Source: PostgreSQL's errcodes appendix. Class 22 (data exception) does quote values.
"""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where the science database is, and as whom to log in."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the two queries returned, row by row, columns in the order they were asked for."""

    features: list[tuple[Any, ...]] = field(repr=False)
    targets: list[Any] = field(repr=False)


def read_access(environ: Mapping[str, str]) -> Access:
    """Read IN_HOST, IN_PORT, IN_DATABASE, IN_USER, IN_PASSWORD. Raises Failure naming what is absent."""
    names = ("IN_HOST", "IN_PORT", "IN_DATABASE", "IN_USER", "IN_PASSWORD")
    absent = [name for name in names if name not in environ]
    if absent:
        raise Failure(f"{', '.join(absent)}: absent from the environment, the science database is unknown")
    host, port, database, user, password = (environ[name] for name in names)
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise Failure(f"IN_PORT: expected a port number, got {port[:20]!a}")
    return Access(host=host, port=int(port), database=database, user=user, password=password)


def _cause(error: psycopg.Error) -> str:
    """One line of what PostgreSQL says, without anything that may quote a row."""
    state = error.sqlstate or ""
    primary = error.diag.message_primary
    if primary and state.startswith(_VALUE_FREE):
        return primary
    return f"{type(error).__name__} (SQLSTATE {state or 'unknown'})"


def _connect(access: Access) -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg

    try:
        connection = psycopg.connect(
            host=access.host,
            port=access.port,
            dbname=access.database,
            user=access.user,
            password=access.password,
            connect_timeout=_CONNECT_TIMEOUT_S,
            client_encoding="utf8",
        )
    except psycopg.Error as error:  # libpq's own text: it names host, port and user, never the password
        lines = (line.strip() for line in str(error).splitlines())
        said = " ".join(line for line in lines if line)
        raise Failure(
            f"cannot connect to the science database {access.database} at {access.host} port "
            f"{access.port} as user {access.user}: {said}"
        ) from None
    # One snapshot for both queries, or "the same rows in the same order" could not be relied on.
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def _select(
    connection: psycopg.Connection[tuple[Any, ...]], key: str, query: str, names: Sequence[str]
) -> list[tuple[Any, ...]]:
    """The named columns of one query, matched by name: the order of the SELECT is its own business."""
    import psycopg

    try:
        cursor = connection.execute(query.encode("utf-8"))
        described = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall() if described else []
    except psycopg.Error as error:
        raise Failure(f"{key}: the science database refused the query: {_cause(error)}") from None
    for name in names:
        if described.count(name) != 1:
            raise Failure(f"{key}: column {name} occurs {described.count(name)} times in the query's result")
    if not rows:
        raise Failure(f"{key}: the query returned no row (empty)")
    positions = [described.index(name) for name in names]
    return [tuple(row[position] for position in positions) for row in rows]


def fetch(
    access: Access, *, query_features: str, query_targets: str, covariables: Sequence[str], variable: str
) -> Rows:
    """Run both queries in one read-only transaction.

    Raises Failure: no connection, a refused query, a missing column, no row, unequal numbers of rows.
    """
    with _connect(access) as connection:
        features = _select(connection, "query_features", query_features, covariables)
        targets = _select(connection, "query_targets", query_targets, [variable])
    if len(features) != len(targets):
        raise Failure(
            f"query_features returned {len(features)} rows and query_targets {len(targets)}: "
            "they must return the same rows in the same order"
        )
    return Rows(features=features, targets=[row[0] for row in targets])
