"""The way to a PostgreSQL of the caller's: its address (IN_*, OUT_*), a connection, what may be told of its errors.

What is asked of it is left to ``science`` (reads) and ``results`` (writes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from algoreg.runtime.failure import Failure

if TYPE_CHECKING:
    import psycopg

_CONNECT_TIMEOUT_S: Final = 30
_DEFAULT_PORT: Final = "5432"
_VALUE_FREE: Final = ("08", "23", "28", "3D", "42", "53", "57")
"""SQLSTATE classes whose primary message speaks of names and resources, never of a row's values.

Source: PostgreSQL's errcodes appendix. Class 22 (data exception) does quote values.
"""
_URL: Final = re.compile(
    r"jdbc:postgresql://(?P<HOST>\[[0-9A-Fa-f:.]+\]|[^:/?]+)(:(?P<PORT>[0-9]+))?/(?P<DATABASE>[^?]+)(\?.*)?"
)
_PARTS: Final = ("HOST", "PORT", "DATABASE", "USER", "PASSWORD")


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where a database is, and as whom to log in."""

    called: str
    """What people call it: ``science database`` or ``results database``."""
    prefix: str
    """``IN`` or ``OUT``: how the environment calls it."""
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


def _from_jdbc(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    """What the variables of 2017 tell: JDBC_URL, JDBC_USER, JDBC_PASSWORD."""
    names = {part: f"{prefix}_JDBC_{part}" for part in ("USER", "PASSWORD")}
    told = {part: environ[name] for part, name in names.items() if name in environ}
    url = environ.get(f"{prefix}_JDBC_URL")
    if url is None:
        return told
    match = _URL.fullmatch(url)
    if match is None:
        raise Failure(f"{prefix}_JDBC_URL: expected jdbc:postgresql://host:port/database")
    host = match["HOST"].strip("[]")
    return {**told, "HOST": host, "PORT": match["PORT"] or _DEFAULT_PORT, "DATABASE": match["DATABASE"]}


def read_access(environ: Mapping[str, str], prefix: str, called: str) -> Access:
    """Read HOST, PORT, DATABASE, USER and PASSWORD (2018 and later), for what is absent the JDBC ones (2017).

    Source: contract section 2. Raises Failure naming what is absent or wrong.
    """
    direct = {part: environ[f"{prefix}_{part}"] for part in _PARTS if f"{prefix}_{part}" in environ}
    if len(direct) < len(_PARTS):
        direct = {**_from_jdbc(environ, prefix), **direct}
    absent = [f"{prefix}_{part}" for part in _PARTS if part not in direct]
    if absent:
        raise Failure(f"{', '.join(absent)}: absent from the environment, the {called} is unknown")
    port = direct["PORT"]
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise Failure(f"{prefix}_PORT: expected a port number, got {port[:20]!a}")
    return Access(
        called=called,
        prefix=prefix,
        host=direct["HOST"],
        port=int(port),
        database=direct["DATABASE"],
        user=direct["USER"],
        password=direct["PASSWORD"],
    )


def connect(access: Access) -> psycopg.Connection[tuple[Any, ...]]:
    """A new connection. Raises Failure naming the ``IN_*`` or ``OUT_*`` family, host, port and user."""
    import psycopg

    try:
        return psycopg.connect(
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
            f"cannot connect to the {access.called} {access.database} ({access.prefix}_*) at {access.host} port "
            f"{access.port} as user {access.user}: {said}"
        ) from None


def cause(error: psycopg.Error) -> str:
    """One line of what PostgreSQL says, without anything that may quote a row."""
    state = error.sqlstate or ""
    primary = error.diag.message_primary
    if primary and state.startswith(_VALUE_FREE):
        return primary
    return f"{type(error).__name__} (SQLSTATE {state or 'unknown'})"
