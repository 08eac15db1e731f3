"""The rows of the science database (IN_*) that a job asks for, in one read-only transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from algoreg.runtime.failure import Failure
from algoreg.runtime.postgresql import Access, cause, connect
from algoreg.runtime.postgresql import read_access as access_of

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the two queries returned, row by row, columns in the order they were asked for."""

    features: list[tuple[Any, ...]] = field(repr=False)
    targets: list[Any] = field(repr=False)


def read_access(environ: Mapping[str, str]) -> Access:
    """Where the science database is. Raises Failure naming the IN_* variable that is absent or wrong."""
    return access_of(environ, "IN", "science database")


def _reading(access: Access) -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg

    connection = connect(access)
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
        raise Failure(f"{key}: the science database refused the query: {cause(error)}") from None
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
    with _reading(access) as connection:
        features = _select(connection, "query_features", query_features, covariables)
        targets = _select(connection, "query_targets", query_targets, [variable])
    if len(features) != len(targets):
        raise Failure(
            f"query_features returned {len(features)} rows and query_targets {len(targets)}: "
            "they must return the same rows in the same order"
        )
    return Rows(features=features, targets=[row[0] for row in targets])


def fetch_table(access: Access, *, query: str, covariables: Sequence[str], variable: str) -> Rows:
    """Run PARAM_query, which selects covariables and variable at once, in one read-only transaction.

    Raises Failure: no connection, a refused query, a missing column, no row.
    """
    with _reading(access) as connection:
        rows = _select(connection, "PARAM_query", query, [*covariables, variable])
    return Rows(features=[row[:-1] for row in rows], targets=[row[-1] for row in rows])
