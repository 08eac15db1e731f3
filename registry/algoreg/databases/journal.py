"""What PostgreSQL wrote into its own log about the roles of an experiment: the proof of what was attempted.

The log is read through an administrative connection, so that both ways of running PostgreSQL share it.
"""

from __future__ import annotations

import csv
import io
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow

from algoreg.databases.protocol import Role, Statement
from algoreg.errors import DatabaseError

Connection = psycopg.Connection[TupleRow]

SETTINGS = {
    "logging_collector": "on",
    "log_destination": "csvlog",
    "log_filename": "postgresql.log",
    "log_rotation_age": "0",
    "log_rotation_size": "0",
    # Of a document that is stored, megabytes
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "on",
}
"""What a PostgreSQL is started with so that its journal can be read."""
LOG_STATEMENT = {Role.SCIENCE: "mod", Role.RESULTS: "ddl"}
"""Which statements of a role are noted although they succeed, by PostgreSQL's own classes. INSERT is the results
role's work, and would bring whole documents; UPDATE, DELETE and TRUNCATE are denied to it, hence noted."""

DENIED = ("42501", "25006")
"""insufficient_privilege, read_only_sql_transaction (PostgreSQL, appendix A)."""
PATIENCE_S = 10.0
_CHUNK = 4 * 1024 * 1024
_TEXT_MAX = 2000
_USER, _SEVERITY, _CODE, _MESSAGE, _QUERY = 1, 11, 12, 13, 19
"""Columns of csvlog (PostgreSQL, 20.8.4)."""
_NOTED = ("statement: ", "execute ", "parse ", "bind ")
_CONNECTED = "connection authorized: "


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What was noted of an experiment's roles."""

    connected: frozenset[Role]
    """Who logged in at all; who did not has changed nothing."""
    statements: tuple[Statement, ...]


class Journal:
    """One PostgreSQL's log, read forwards; not for several threads at once."""

    def __init__(self) -> None:
        self._file: str | None = None

    def position(self, administration: Connection) -> int:
        """Where the log ends now, in bytes."""
        row = administration.execute(
            "SELECT size FROM pg_stat_file(%s)", (self._path(administration),)
        ).fetchone()
        return int(row[0]) if row else 0

    def since(self, administration: Connection, position: int, users: Mapping[str, Role]) -> Noted:
        """What the log holds of these users behind ``position``. Raises DatabaseError when it is cut.

        The log is written by a process of its own: a mark of ours, sent after everything else, tells that all
        before it has arrived.
        """
        mark = f"algoreg {secrets.token_hex(16)}"
        administration.execute(f"DO $$ BEGIN RAISE LOG '{mark}'; END $$".encode())
        deadline = time.monotonic() + PATIENCE_S
        content = b""
        while mark.encode() not in content:
            new = self._read(administration, position + len(content))
            content += new
            if not new and time.monotonic() > deadline:
                raise DatabaseError(
                    "PostgreSQL's log is full, so that nobody can tell what was attempted",
                    hint="Something floods it with errors; look at the runs with --keep.",
                )
            if not new:
                time.sleep(0.005)
        return _noted(content, users)

    def _path(self, administration: Connection) -> str:
        if self._file is None:
            row = administration.execute("SELECT pg_current_logfile('csvlog')").fetchone()
            if row is None or row[0] is None:
                raise DatabaseError("PostgreSQL writes no csvlog")
            self._file = str(row[0])
        return self._file

    def _read(self, administration: Connection, position: int) -> bytes:
        query = "SELECT pg_read_binary_file(%s, %s, %s)"
        row = administration.execute(query, (self._path(administration), position, _CHUNK)).fetchone()
        return bytes(row[0]) if row else b""


def _noted(content: bytes, users: Mapping[str, Role]) -> Noted:
    # A statement can hold any byte, and is quoted whole
    text = content.decode("utf-8", "replace").replace("\0", "\ufffd")
    csv.field_size_limit(len(text) + 1)
    connected, statements = set(), []
    for entry in csv.reader(io.StringIO(text, newline="")):
        role = users.get(entry[_USER]) if len(entry) > _QUERY else None
        if role is None:
            continue
        message = entry[_MESSAGE]
        if entry[_CODE] in DENIED:
            denied = message[:_TEXT_MAX]
            statements.append(Statement(role=role, text=entry[_QUERY][:_TEXT_MAX], denied=denied))
        elif entry[_SEVERITY] == "LOG" and message.startswith(_NOTED):
            statements.append(Statement(role=role, text=message.partition(": ")[2][:_TEXT_MAX]))
        elif entry[_SEVERITY] == "LOG" and message.startswith(_CONNECTED):
            connected.add(role)
    return Noted(connected=frozenset(connected), statements=tuple(statements))
