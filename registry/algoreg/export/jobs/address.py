"""Where an algorithm finds a database, as a person writes it; a password in it is kept apart and never repeated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from algoreg.databases.protocol import Access
from algoreg.engines.protocol import Endpoint
from algoreg.errors import UsageError
from algoreg.job import Connection

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
"""A name or an IPv4 address: it stands in a JDBC URL as it is."""
_NAME = re.compile(r"[A-Za-z0-9_.$-]+")
"""A database's name stands in a JDBC URL as it is."""
_PORT = 5432
_EXPECTED = "Expected postgresql://USER@HOST:PORT/DATABASE; write @ : / of a password as %40 %3A %2F."


@dataclass(frozen=True, kw_only=True)
class DatabaseAddress:
    """A database and the role that uses it."""

    host: str
    port: int = _PORT
    database: str
    user: str
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, *, option: str) -> DatabaseAddress:
        """Raises UsageError that shows nothing of the URL: where a password begins cannot be told."""
        try:
            parts = urlsplit(url)
            port = _PORT if parts.port is None else parts.port
        except ValueError:
            raise _wrong(option) from None
        host, user, database = parts.hostname or "", unquote(parts.username or ""), unquote(parts.path[1:])
        if parts.scheme not in ("postgresql", "postgres") or port == 0 or parts.query or parts.fragment:
            raise _wrong(option)
        if not (HOST.fullmatch(host) and _NAME.fullmatch(database) and user and user.isprintable()):
            raise _wrong(option)
        password = None if parts.password is None else unquote(parts.password)
        return cls(host=host, port=port, database=database, user=user, password=password)

    def connection(self, password: str) -> Connection:
        """How the job is told of it."""
        return Connection(
            endpoint=Endpoint(host=self.host, port=self.port),
            access=Access(database=self.database, user=self.user, password=password),
        )


def _wrong(option: str) -> UsageError:
    return UsageError(f"{option} is no URL of a PostgreSQL database", hint=_EXPECTED)


def placeholder(prefix: str) -> str:
    """What stands for a password until somebody puts it there; no database takes it."""
    return f"${{{prefix}_PASSWORD}}"


def secret(prefix: str, given: str | None, environment: Mapping[str, str]) -> str:
    """The password of a URL, else of ``IN_PASSWORD`` or ``OUT_PASSWORD``. Raises UsageError where there is none."""
    name = f"{prefix}_PASSWORD"
    password = given or environment.get(name)
    if not password or not password.isprintable():
        raise UsageError(
            f"there is no password for {prefix}_USER",
            hint=f"Set the variable {name}, or write the password into the URL.",
        )
    return password
