"""Bounds a whole HTTP exchange: at its deadline the connection is cut, wherever in it a server holds us.

A timeout of ``requests`` is for each piece that comes: headers that trickle, interim answers and the lines between
chunks never meet it. What comes of an exchange that was cut is left to ``wire``.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Deadline:
    """The time for one exchange of this thread, from when it is entered."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        """Once it is, nothing that was read can be believed to be whole."""
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True  # nobody waits for it when the program ends

    def __enter__(self) -> Deadline:
        self._outer = _CURRENT.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _CURRENT.reset(self._outer)
        with self._lock:
            for one in self._open:
                one.close()
            self._open.clear()

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection, too, when the time is over."""
        own = connected.dup()  # TLS takes the other one over
        with self._lock:
            self._open.append(own)
            if self.passed:
                _cut(own)

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            for one in self._open:
                _cut(one)


_CURRENT: ContextVar[Deadline] = ContextVar("_CURRENT")


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # the server was faster
        connected.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _CURRENT.get().watch(connected)
        return connected


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class WatchedAdapter(HTTPAdapter):
    """Connections that end with the ``Deadline`` in which they are made."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Of connections that are watched."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
