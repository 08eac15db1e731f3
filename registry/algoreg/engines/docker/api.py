"""The engine's HTTP interface as bounded, translated calls: the one place where SDK errors become ours.

Nothing above this file sees an exception of docker, requests or urllib3, nor waits longer than it asked for.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import docker.errors
import requests
import urllib3.exceptions
from docker.credentials.errors import StoreError
from docker.utils import decode_json_header

from algoreg.errors import EngineError

T = TypeVar("T")

QUICK_S = 15.0
"""An answer that needs no work of the engine's: inspect, list, kill."""
SLOW_S = 30.0
"""Create, start and remove on a loaded machine."""
HUNG_S = 2.0
_HEARINGS = 4
"""How often a command that must print something is run until it does."""
_CHANGES_MAX = 1024 * 1024

TRANSPORT_ERRORS = (
    docker.errors.DockerException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    StoreError,
    OSError,
    ValueError,  # JSON that was cut
)
_GONE = (404, 409)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The engine understood a request and said no."""

    status: int
    message: str
    """Whole: the cause stands at the end of what the container runtime says."""


def one_line(text: object, limit: int = 300) -> str:
    """Text of the engine, which may quote an image, on one printable line; a long one loses its middle."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(str(text).split()))
    return line if len(line) <= limit else f"{line[: limit // 2]} ... {line[-limit // 2 :]}"


def bounded(what: str, function: Callable[[], T], seconds: float) -> T:
    """``function()`` within ``seconds``, also where bytes trickle in and no socket timeout ever fires.

    The thread is given up, not stopped: what it may still create carries labels and is swept.
    """
    results: list[T] = []
    problems: list[BaseException] = []
    done = threading.Event()

    def work() -> None:
        try:
            results.append(function())
        except BaseException as problem:  # noqa: BLE001 - raised again in the caller's thread
            problems.append(problem)
        finally:
            done.set()

    threading.Thread(target=work, name=f"algoreg {what}", daemon=True).start()
    if not done.wait(seconds):
        raise EngineError(f"the engine did not {what} within {seconds:.0f} s")
    if problems:
        raise problems[0]
    return results[0]


class Hijacked:
    """A connection that the engine turned into a raw stream (attach, exec)."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._socket: socket.socket = getattr(stream, "_sock", stream)
        self._socket.settimeout(None)

    def recv(self, size: int = 65536) -> bytes:
        """The next bytes; empty at the end, also when the connection broke."""
        try:
            return self._socket.recv(size)
        except OSError:
            return b""

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        self._socket.sendall(data)

    def half_close(self) -> None:
        """Tell the other side that nothing more comes."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def interrupt(self) -> None:
        """End the stream for a reader in another thread."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection up."""
        self.interrupt()
        response = getattr(self._stream, "_response", None)
        with suppress(*TRANSPORT_ERRORS):
            self._stream.close()
        if response is not None:
            with suppress(*TRANSPORT_ERRORS):
                response.close()
        with suppress(OSError):
            self._socket.close()


class Api:
    """The calls of the engine that a validation needs."""

    def __init__(self, client: Any) -> None:
        self.client = client
        """The SDK's low-level client, untyped on purpose: its answers are checked where they are read."""
        self.patience = 1.0
        """Multiplies every time allowed."""
        self.troubled = False
        """A call was lost: what it asked for may still be done, after everything was swept."""
        self._hung = False

    def attempt(self, what: str, function: Callable[[], T], seconds: float = SLOW_S) -> T | Refusal:
        """What the engine answers, or its refusal; EngineError when it does not answer properly."""
        try:
            # Whoever hung once gets little more patience, or cleaning up would take minutes.
            answer = bounded(
                what, function, self.patience * (min(seconds, HUNG_S) if self._hung else seconds)
            )
        except docker.errors.APIError as problem:
            status = problem.response.status_code if problem.response is not None else 500
            return Refusal(status=status, message=one_line(problem.explanation or problem, 4000))
        except EngineError:
            self.troubled = self._hung = True
            raise
        except TRANSPORT_ERRORS as problem:
            self.troubled = True
            raise EngineError(f"the engine did not {what}: {cause(problem)}") from problem
        self._hung = False
        return answer

    def call(self, what: str, function: Callable[[], T], seconds: float = SLOW_S) -> T:
        """Like ``attempt`` where every refusal is the engine's failure."""
        answer = self.attempt(what, function, seconds)
        if isinstance(answer, Refusal):
            raise EngineError(
                f"the engine did not {what}: {one_line(answer.message)} (status {answer.status})"
            )
        return answer

    def create(self, name: str, config: Mapping[str, Any]) -> str | Refusal:
        """Create a container from a raw configuration: no proxy settings of the host's user get into it."""
        answer = self.attempt(
            "create a container", lambda: self.client.create_container_from_config(dict(config), name)
        )
        return answer if isinstance(answer, Refusal) else _id(answer)

    def start(self, container: str) -> Refusal | None:
        """Start a created container."""
        return self.attempt("start a container", lambda: self.client.start(container))

    def inspect(self, container: str) -> dict[str, Any]:
        """Everything the engine knows of a container."""
        answer = self.call("inspect a container", lambda: self.client.inspect_container(container), QUICK_S)
        if not isinstance(answer, dict) or not isinstance(answer.get("State"), dict):
            raise EngineError("the engine's answer about a container is not readable")
        return answer

    def signal(self, container: str, name: str) -> bool:
        """Send a signal; False when the container had already ended."""
        answer = self.attempt(
            f"send {name} to a container", lambda: self.client.kill(container, signal=name), QUICK_S
        )
        if not isinstance(answer, Refusal):
            return True
        if answer.status in _GONE:
            return False
        raise EngineError(f"the engine did not send {name} to a container: {one_line(answer.message)}")

    def remove(self, container: str) -> None:
        """Remove a container with its anonymous volumes; one that is gone, or being removed, is fine."""
        answer = self.attempt(
            "remove a container", lambda: self.client.remove_container(container, v=True, force=True)
        )
        if isinstance(answer, Refusal) and answer.status not in _GONE:
            raise EngineError(f"the engine did not remove a container: {one_line(answer.message)}")

    def attach(self, container: str) -> Hijacked:
        """Output of a container that was not started yet: nothing of it can be missed."""
        options = {"stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
        return Hijacked(
            self.call("attach to a container", lambda: self.client.attach_socket(container, options))
        )

    def run_in(self, container: str, command: tuple[str, ...], user: str = "") -> int:
        """Run a short command of ours in a container of ours; its exit code."""

        def work() -> int:
            created = _id(self.client.exec_create(container, list(command), user=user))
            self.client.exec_start(created)
            # Its output ends a moment before it does.
            while (state := self.client.exec_inspect(created)).get("Running"):
                time.sleep(0.01)
            return int(state.get("ExitCode") or 0)

        return self.call("run a command in a container", work)

    def output_of(self, container: str, command: tuple[str, ...]) -> str:
        """Run a short command of ours, which prints a little and changes nothing, in a container of ours.

        What it prints. An engine now and then loses all of it (moby issue 27289): then it is run again.
        """

        def work() -> bytes:
            return bytes(self.client.exec_start(_id(self.client.exec_create(container, list(command)))))

        said = b""
        for _ in range(_HEARINGS):
            said = said or self.call("run a command in a container", work)
        return said.decode("utf-8", "replace")

    def changes(self, container: str) -> list[str]:
        """Paths of a container's root file system that are not as in its image, as far as 1 MiB holds their list."""

        def work() -> bytes:
            url = self.client._url("/containers/{0}/changes", container)
            with self.client.get(url, stream=True, timeout=SLOW_S) as response:
                self.client._raise_for_status(response)
                said = b""
                for part in response.iter_content(64 * 1024):
                    said += part
                    if len(said) > _CHANGES_MAX:
                        break
                return said

        return _paths(self.call("list a container's changes", work))

    def converse(self, container: str, command: tuple[str, ...], user: str) -> Hijacked:
        """Run a command of ours in a container of ours and talk to it."""

        def work() -> Any:
            created = self.client.exec_create(container, list(command), user=user, stdin=True, stderr=False)
            return self.client.exec_start(_id(created), socket=True)

        return Hijacked(self.call("open a connection into a container", work))

    def put(self, container: str, path: str, archive: bytes) -> None:
        """Unpack a tar archive into a running container."""
        if not self.call("write files", lambda: self.client.put_archive(container, path, archive)):
            raise EngineError("the engine did not write files")

    def stat(self, container: str, path: str) -> dict[str, Any] | None:
        """What is at a path, without following it; None when nothing is."""

        def work() -> Any:
            url = self.client._url("/containers/{0}/archive", container)
            with self.client.head(url, params={"path": path}, timeout=QUICK_S) as response:
                self.client._raise_for_status(response)
                return decode_json_header(response.headers["x-docker-container-path-stat"])

        answer = self.attempt("look at a file", work, QUICK_S)
        if isinstance(answer, Refusal):
            if answer.status == 404:
                return None
            raise EngineError(f"the engine did not look at a file: {one_line(answer.message)}")
        return dict(answer)

    @contextmanager
    def archive(self, container: str, path: str) -> Iterator[Iterator[bytes]]:
        """A path as a stream of tar bytes; what is not read is never fetched."""

        def work() -> Any:
            url = self.client._url("/containers/{0}/archive", container)
            response = self.client.get(url, params={"path": path}, stream=True, timeout=SLOW_S)
            self.client._raise_for_status(response)
            return response

        response = self.call("read files", work)
        try:
            yield response.iter_content(64 * 1024)
        except TRANSPORT_ERRORS as problem:
            raise EngineError(f"the engine did not read files: {cause(problem)}") from problem
        finally:
            response.close()

    def create_volume(self, name: str, options: Mapping[str, str], labels: Mapping[str, str]) -> None:
        """A tmpfs volume, checked to be one: an unknown option silently becomes an unbounded disk volume."""
        answer = self.call(
            "create a volume",
            lambda: self.client.create_volume(name, driver="local", driver_opts=options, labels=labels),
        )
        if (answer.get("Options") or {}) != dict(options) or answer.get("Labels") != dict(labels):
            raise EngineError("the engine created another volume than it was asked for")

    def remove_volume(self, name: str) -> bool:
        """Remove a volume; False while a container still holds it."""
        answer = self.attempt("remove a volume", lambda: self.client.remove_volume(name, force=True))
        if isinstance(answer, Refusal) and answer.status != 404:
            if answer.status == 409:
                return False
            raise EngineError(f"the engine did not remove a volume: {one_line(answer.message)}")
        return True

    def containers(self, label: str) -> list[dict[str, Any]]:
        """All containers with a label, running or not."""
        return list(
            self.call(
                "list containers",
                lambda: self.client.containers(all=True, filters={"label": label}),
                QUICK_S,
            )
        )

    def volumes(self, label: str) -> list[dict[str, Any]]:
        """All volumes with a label."""
        answer = self.call("list volumes", lambda: self.client.volumes(filters={"label": label}), QUICK_S)
        return list(answer.get("Volumes") or ())

    def processes(self, container: str) -> int | None:
        """How many processes and threads a container has now; None when it has ended."""
        answer = self.attempt(
            "count processes", lambda: self.client.stats(container, stream=False, one_shot=True), QUICK_S
        )
        if isinstance(answer, Refusal):
            return None
        current = (answer.get("pids_stats") or {}).get("current")
        return int(current) if current else None


def _paths(listed: bytes) -> list[str]:
    """The paths in a JSON array of changes that may have been cut."""
    text, decoder, found = listed.decode("utf-8", "replace"), json.JSONDecoder(), []
    at = text.find("{")
    while at >= 0:
        try:
            change, end = decoder.raw_decode(text, at)
        except ValueError:
            break
        found.append(str(change.get("Path")))
        at = text.find("{", end)
    return found


def _id(answer: Any) -> str:
    if not isinstance(answer, dict) or not isinstance(answer.get("Id"), str):
        raise EngineError("the engine's answer about what it created is not readable")
    return str(answer["Id"])


_POOL = re.compile(r"HTTP(S)?ConnectionPool\([^)]*\)|UnixHTTPConnectionPool\([^)]*\)")


def cause(problem: BaseException) -> str:
    """The innermost cause: requests wraps three times what a person needs once."""
    while problem.__cause__ is not None or problem.__context__ is not None:
        inner = problem.__cause__ or problem.__context__
        if not isinstance(inner, OSError) and not isinstance(inner, TRANSPORT_ERRORS):
            break
        problem = inner
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return one_line(_POOL.sub("engine", reason)) or type(problem).__name__
