"""A socket before the engine that spoils one answer of its choice, to see what is made of it."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

FAULTS = ("refuse", "reset", "lost reply", "500", "404", "409", "trickle", "truncated", "no output")
TARGETS = {
    "anything": r"",
    "create": r"POST /[^/]*/containers/create",
    "attach": r"POST /[^/]*/containers/\w+/attach",
    "start": r"POST /[^/]*/containers/\w+/start",
    "inspect": r"GET /[^/]*/containers/\w+/json",
    "kill": r"POST /[^/]*/containers/\w+/kill",
    "remove": r"DELETE /[^/]*/containers/",
    "put": r"PUT /[^/]*/containers/\w+/archive",
    "get": r"GET /[^/]*/containers/\w+/archive",
    "volume": r"POST /[^/]*/volumes/create",
    "remove volume": r"DELETE /[^/]*/volumes/",
    "exec": r"POST /[^/]*/containers/\w+/exec",
    "exec start": r"POST /[^/]*/exec/\w+/start",
}


@dataclass
class FaultyEngine:
    """Forwards to ``upstream``; one request per connection, so that each can be told apart."""

    path: Path
    upstream: str
    pattern: str | None = None
    fault: str = ""
    skip: int = 0
    """How many matching requests pass first."""
    repeat: bool = False
    struck: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def arm(self, target: str, fault: str, *, skip: int = 0, repeat: bool = False) -> None:
        self.struck.clear()
        self.pattern, self.fault, self.skip, self.repeat = TARGETS[target], fault, skip, repeat

    def disarm(self) -> None:
        self.pattern = None

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.path.unlink()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _strikes(self, head: bytes) -> str:
        with self._lock:
            if self.pattern is None or not re.match(self.pattern, head.decode("latin-1")):
                return ""
            if self.skip:
                self.skip -= 1
                return ""
            if not self.repeat:
                self.pattern = None
            self.struck.set()
            return self.fault

    def _forward(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(65536)
                if not data:
                    return
                head += data
            fault = self._strikes(head)
            if fault == "refuse":
                return
            if fault.isdigit():
                body = b'{"message": "injected"}'
                client.sendall(
                    f"HTTP/1.1 {fault} Injected\r\nContent-Type: application/json\r\n"
                    f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                return
            if b"upgrade" not in head.lower():
                head = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1).replace(
                    b"Connection: keep-alive\r\n", b""
                )
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(self.upstream.removeprefix("unix://"))
                server.sendall(head)
                up = threading.Thread(target=_pump, args=(client, server), daemon=True)
                up.start()
                _answer(server, client, fault)
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
                with suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
                up.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _answer(server: socket.socket, client: socket.socket, fault: str) -> None:
    if fault == "reset":
        time.sleep(0.02)
        return
    first = server.recv(65536)
    if fault == "lost reply":
        return
    if fault == "no output":
        head, end, _ = first.partition(b"\r\n\r\n")
        client.sendall(head + end)
        return
    if fault == "truncated":
        client.sendall(first[: len(first) - max(1, len(first.partition(b"\r\n\r\n")[2]) // 2)])
        return
    if fault == "trickle":
        for byte in first:
            client.sendall(bytes([byte]))
            time.sleep(1)
    client.sendall(first)
    _pump(server, client)
