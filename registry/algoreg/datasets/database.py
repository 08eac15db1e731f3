"""Reads a query's rows through SQLAlchemy, from PostgreSQL or SQLite, and never writes.

The one module that knows SQLAlchemy. What a server says is told in one printable line; where it may quote a
patient's value (an error of class 22) only its code is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from algoreg import extras
from algoreg.datasets import limits
from algoreg.datasets.naming import ensure_distinct, printable
from algoreg.errors import AlgoregError, UsageError

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

_DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
_EXPECTED = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE or sqlite:///FILE"
_CONNECT_TIMEOUT_S = 10
_FETCHED = 10_000
_TOLD = 300


def read(source: str, query: str | None) -> pd.DataFrame:
    """The rows of ``query`` on the database ``source``.

    Raises UsageError: no URL that can be used, no query, a query that fails or returns no row. Raises
    AlgoregError: the database does not answer, or a library is absent.
    """
    with extras.needed("reading a database"):
        import pandas as pd  # noqa: F401 - wanted before the query has run
        from sqlalchemy.exc import DBAPIError

    url = _parsed(source)
    origin = _origin(url)
    if not (query or "").strip():
        raise UsageError(f"no query for {origin}", hint="Give a SELECT of the columns: --query 'SELECT ...'")
    with _connected(_engine(url, origin), url) as connection:
        try:
            return _fetch(connection, str(query), origin)
        except DBAPIError as error:
            raise UsageError(
                f"the query on {origin} failed: {told(error, url)}",
                hint="Try the SELECT in the database's own client.",
            ) from None  # the cause would show the whole statement, and values


@contextmanager
def _connected(engine: Engine, url: URL) -> Iterator[Connection]:
    """A connection, closed with the context. Raises AlgoregError when the server does not let us in."""
    from sqlalchemy.exc import DBAPIError

    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise AlgoregError(
            f"cannot connect to {_origin(url)}: {told(error, url)}",
            hint="Is the server up? Look at host, port, user, password and database of the URL.",
        ) from None
    with connection:
        yield connection


def _origin(url: URL) -> str:
    """The URL without user, password and options, printable."""
    import sqlalchemy as sa

    kind = url.drivername.partition("+")[0]
    bare = sa.URL.create(kind, host=url.host, port=url.port, database=url.database)
    return printable(bare.render_as_string())


def shown(source: str) -> str:
    """The URL as reports name it: without user, password and options. Raises UsageError when it is none."""
    return _origin(_parsed(source))


def _parsed(source: str) -> URL:
    """Raises UsageError that shows nothing of the URL: where the password begins cannot be told."""
    with extras.needed("reading a database"):
        import sqlalchemy as sa

    try:
        url = sa.make_url(source)
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(
            "the data's address is no database URL",
            hint=f"Expected {_EXPECTED}; write @ : / of a password as %40 %3A %2F.",
        ) from None
    if url.drivername not in _DRIVERS:
        raise UsageError(
            f"databases of the kind {url.drivername[:40]!a} are not read", hint=f"Expected {_EXPECTED}"
        )
    return url.set(drivername=_DRIVERS[url.drivername])


def _engine(url: URL, origin: str) -> Engine:
    """An engine whose connections can only read. Raises UsageError when SQLite's file is absent."""
    import sqlalchemy as sa

    if url.drivername != "sqlite":
        engine = sa.create_engine(
            url, poolclass=sa.NullPool, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S}
        )
        return engine.execution_options(postgresql_readonly=True)
    file = Path(url.database or "")
    if not file.is_file():
        raise UsageError(
            f"{origin}: there is no such file", hint="sqlite:///FILE, or sqlite:////ABSOLUTE/FILE"
        )
    # Without a mode, SQLite would create what is not there
    address = f"file:{quote(str(file.absolute()))}?mode=ro"
    return sa.create_engine(
        "sqlite://", poolclass=sa.NullPool, creator=lambda: sqlite3.connect(address, uri=True)
    )


def _fetch(connection: Connection, query: str, origin: str) -> pd.DataFrame:
    """Rows in portions, so that a table too large is refused before it fills the memory."""
    import pandas as pd

    # The text is the caller's: neither % nor : in it stands for a parameter
    options = {"no_parameters": True, "stream_results": True}
    with connection.exec_driver_sql(query, execution_options=options) as result:
        if not result.returns_rows:
            raise UsageError(f"the query on {origin} returns no table", hint="Give one SELECT.")
        names = list(result.keys())
        ensure_distinct(f"the query on {origin}", names)
        rows: list[Any] = []
        while portion := result.fetchmany(_FETCHED):
            rows.extend(portion)
            limits.ensure_cells(f"the result of the query on {origin}", len(rows), len(names))
    if not rows:
        raise UsageError(f"the query on {origin} returned no row", hint="Look at its WHERE.")
    columns = zip(*rows, strict=True)
    return pd.DataFrame(
        {name: pd.Series(column, dtype=object) for name, column in zip(names, columns, strict=True)}
    )


def told(error: DBAPIError, url: URL) -> str:
    """The first line of what a server said, printable, without the password and without values."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state.startswith("22"):
        return f"a value cannot be computed with (SQLSTATE {state})"
    line = next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
    if url.password:
        line = line.replace(str(url.password), "***")
    return printable(line)[:_TOLD]
