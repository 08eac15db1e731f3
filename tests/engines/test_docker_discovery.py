"""Which engine is used, and the one line that is said when none can be."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from algoreg.engines.docker import discovery, open_docker
from algoreg.engines.docker.discovery import candidates, connect
from algoreg.errors import EngineUnavailable
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine


def test_the_order() -> None:
    urls = [address.url for address in candidates({"XDG_RUNTIME_DIR": "/run/user/7"})]
    assert urls == [
        "unix:///var/run/docker.sock",
        "unix:///run/user/7/docker.sock",
        "unix:///run/user/7/podman/podman.sock",
        "unix:///run/podman/podman.sock",
    ]
    assert [address.url for address in candidates({"DOCKER_HOST": "tcp://x:1"})] == ["tcp://x:1"]
    secure = candidates({"DOCKER_HOST": "tcp://x:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c"})
    assert secure[0].certificates == "/c"


class FakeEngine:
    """Accepts on a socket and answers every request with the same bytes, or with none."""

    def __init__(self, path: Path, answer: bytes | None, pace_s: float = 0.0) -> None:
        self.url = f"unix://{path}"
        self._answer = answer
        self._pace_s = pace_s
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            with suppress(OSError):
                self._respond(connection)

    def _respond(self, connection: socket.socket) -> None:
        if not connection.recv(65536) or self._answer is None:
            return
        for byte in self._answer if self._pace_s else ():
            time.sleep(self._pace_s)
            connection.sendall(bytes([byte]))
        if not self._pace_s:
            connection.sendall(self._answer)
        connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.close()


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = Path(f"/tmp/algoreg-test-{os.getpid()}-{time.monotonic_ns()}.sock")
    yield path
    path.unlink(missing_ok=True)


def unavailable(url: str) -> str:
    with pytest.raises(EngineUnavailable) as caught, connect({"DOCKER_HOST": url}):
        pass
    message = caught.value.message
    assert message.startswith(f"DOCKER_HOST={url}: ")
    assert "\n" not in message
    assert "DOCKER_HOST" in caught.value.hint
    return message


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("unix:///nowhere/docker.sock", "does not exist"),
        ("unix:///etc/passwd", "not a socket"),
        ("tcp://127.0.0.1:1", "refused"),
        ("ssh://host", "ssh:// is not supported"),
        ("nonsense", "not an address"),
        ("tcp://no-such-host.invalid:1", ""),
    ],
)
def test_a_dead_docker_host_is_named(url: str, said: str) -> None:
    assert said in unavailable(url)


def test_no_other_engine_is_tried_when_docker_host_is_set() -> None:
    with (
        pytest.raises(EngineUnavailable, match="DOCKER_HOST"),
        open_docker(environment={"DOCKER_HOST": "unix:///nowhere"}),
    ):
        pass


def test_a_socket_nobody_listens_on(short: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(short))
    listener.close()
    assert "nobody listens" in unavailable(f"unix://{short}")


@pytest.mark.parametrize(
    ("answer", "pace_s", "said"),
    [
        (None, 0.0, "does not answer within"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b" " * 999, 0.1, "does not answer within"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"ApiVersion":"1.24"}'[:-1], 0.0, ""),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"ApiVersion":"1.24"}', 0.0, "too old"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0.0, "ApiVersion"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 0.0, "500"),
        (b"", 0.0, ""),
        (b"SSH-2.0-OpenSSH\r\n", 0.0, ""),
    ],
    ids=["silent", "trickling", "cut", "old", "empty", "error", "closed", "another protocol"],
)
def test_an_engine_that_is_none(
    short: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes | None, pace_s: float, said: str
) -> None:
    monkeypatch.setattr(discovery, "PING_S", 1.0)
    fake = FakeEngine(short, answer, pace_s)
    began = time.monotonic()
    try:
        assert said in unavailable(fake.url)
    finally:
        fake.close()
    assert time.monotonic() - began < PROMPT_S


def test_without_permission(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEngine(short, None)

    class Forbidden(socket.socket):  # root may always
        def connect(self, _: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(discovery.socket, "socket", Forbidden)
    try:
        assert "group docker" in unavailable(fake.url)
    finally:
        fake.close()


def test_every_place_that_was_looked_at_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = [discovery.Address(url=f"unix:///nowhere/{name}") for name in ("a", "b")]
    monkeypatch.setattr(discovery, "candidates", lambda _: tuple(nowhere))
    with (
        pytest.raises(EngineUnavailable, match=r"/nowhere/a does not exist; /nowhere/b does not exist"),
        connect({}),
    ):
        pass
