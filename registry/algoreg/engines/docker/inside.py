"""A command executed inside a container that runs an untrusted image, as ``docker exec`` does it.

The engine can begin such a command and tell its end, but has no call that ends it: whoever loses patience kills
the container.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from algoreg.engines.docker.api import QUICK_S, Api, Hijacked, Refusal
from algoreg.engines.docker.streams import LogReader
from algoreg.errors import EngineError


class Command:
    """One command that was begun, and its output."""

    def __init__(self, api: Api, id: str, logs: LogReader) -> None:
        self._api = api
        self._id = id
        self.logs = logs

    def exit_code(self) -> int | None:
        """What it ended with; None while it runs."""
        answer = self._api.call(
            "inspect a command in a container", lambda: self._api.client.exec_inspect(self._id), QUICK_S
        )
        if not isinstance(answer, dict):
            raise EngineError("the engine's answer about a command is not readable")
        code = answer.get("ExitCode")
        return None if answer.get("Running") or code is None else int(code)


@contextmanager
def begin(api: Api, container: str, words: tuple[str, ...]) -> Iterator[Command | Refusal]:
    """Execute a command with the container's own environment, user and limits; its output ends with the context."""
    created = api.attempt(
        "prepare a command in a container", lambda: api.client.exec_create(container, list(words))
    )
    if isinstance(created, Refusal):
        yield created
        return
    id = created.get("Id") if isinstance(created, dict) else None
    if not isinstance(id, str):
        raise EngineError("the engine's answer about a command is not readable")
    stream = api.attempt("start a command in a container", lambda: api.client.exec_start(id, socket=True))
    if isinstance(stream, Refusal):
        yield stream
        return
    logs = LogReader(Hijacked(stream))
    try:
        yield Command(api, id, logs)
    finally:
        logs.close()
