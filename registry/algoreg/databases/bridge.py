"""A private socket on the host that leads to PostgreSQL inside its container, without a network between them.

Each connection is an ``exec`` of a relay as PostgreSQL's own user: whoever may talk to the engine may do that
anyway, and nobody else can enter the socket's directory.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from algoreg.engines.docker.api import Hijacked
from algoreg.engines.docker.streams import BrokenStream, Demultiplexer
from algoreg.errors import EngineError

CONNECT_TIMEOUT_S = 30


class Bridge:
    """Accepts on a socket in ``directory`` (mode 0700) and pumps to what ``converse`` opens."""

    def __init__(self, directory: Path, converse: Callable[[], Hijacked]) -> None:
        directory.mkdir(mode=0o700)
        self._directory = directory
        self._converse = converse
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / ".s.PGSQL.5432"))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, name="algoreg bridge", daemon=True)
        self._thread.start()

    def connect(self, database: str) -> psycopg.Connection[TupleRow]:
        """A superuser's connection, in autocommit mode; variables of the host's user (PGOPTIONS) have no say."""
        return psycopg.connect(
            host=str(self._directory),
            port=5432,
            user="postgres",
            dbname=database,
            sslmode="disable",
            gssencmode="disable",
            options="",
            passfile=str(self._directory / "none"),
            connect_timeout=CONNECT_TIMEOUT_S,
            autocommit=True,
        )

    def close(self) -> None:
        """Accept no more; open connections end with their container."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5.0)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), name="algoreg bridge", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = self._converse()
            except EngineError:
                return  # the client sees its connection closed, and says so
            try:
                upward = threading.Thread(target=_pump_up, args=(client, server), daemon=True)
                upward.start()
                _pump_down(server, client)
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
                upward.join(5.0)
            finally:
                server.close()


def _pump_up(client: socket.socket, server: Hijacked) -> None:
    with suppress(OSError):
        while data := client.recv(65536):
            server.sendall(data)
    # Only this ends the relay: closing the connection alone would leave it waiting.
    server.half_close()


def _pump_down(server: Hijacked, client: socket.socket) -> None:
    frames = Demultiplexer()
    with suppress(OSError, BrokenStream):
        while data := server.recv():
            for payload in frames.feed(data):
                client.sendall(payload)
