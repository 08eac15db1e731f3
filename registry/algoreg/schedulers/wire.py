"""One HTTP request to a scheduler: in time, at most ten a second, its answer bounded and never believed.

Which requests there are is the business of the scheduler's own module. A server can be slow, hostile, or no
scheduler at all: whatever it sends, what comes of it here is a status and bytes, or SchedulerUnavailable.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3.exceptions

from algoreg import strictjson
from algoreg.errors import SchedulerUnavailable
from algoreg.schedulers.address import Address

TIMEOUT_S = 10.0
PAUSE_S = 0.1
"""Between two requests, as Woken leaves."""
MAX_BYTES = 8 * 1024 * 1024
_CHUNK = 65536
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a server answered; untrusted."""

    status: int
    content: bytes = field(repr=False)
    """Can hold passwords: an answer to a search is whole jobs."""

    @property
    def ok(self) -> bool:
        """Whether it says that the request was carried out."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The value of its content. Raises SchedulerUnavailable, without quoting it."""
        try:
            return strictjson.parse(self.content)
        except (strictjson.NotStrictJson, strictjson.TooLarge):
            raise SchedulerUnavailable("the scheduler's answer cannot be understood") from None


class Wire:
    """The way to one server; may be used by several threads, which take turns."""

    def __init__(self, address: Address, *, timeout_s: float = TIMEOUT_S, pause_s: float = PAUSE_S) -> None:
        self.base = address.base
        self._credentials = address.credentials
        self._timeout_s = timeout_s
        self._pause_s = pause_s
        self._turn = threading.Lock()
        self._next = 0.0

    def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, document: Any = None
    ) -> Reply:
        """Raises SchedulerUnavailable when no whole answer comes in time."""
        self._wait()
        with requests.Session() as session:
            self._prepare(session)
            try:
                answer = session.request(
                    method,
                    f"{self.base}{path}",
                    params=query,
                    json=document,
                    timeout=self._timeout_s,
                    allow_redirects=False,
                    stream=True,
                )
                return Reply(status=answer.status_code, content=self._read(answer))
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                raise SchedulerUnavailable(
                    f"the scheduler at {self.base} does not answer ({_reason(error)})"
                ) from error

    def _wait(self) -> None:
        with self._turn:
            pause = self._next - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._next = time.monotonic() + self._pause_s

    def _prepare(self, session: requests.Session) -> None:
        """Nothing of the person's surroundings but the authorities: no proxy, no .netrc is for a scheduler."""
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        session.headers.update(_HEADERS)
        if self._credentials is not None:
            user, password = self._credentials
            session.auth = requests.auth.HTTPBasicAuth(user.encode(), password.encode())

    def _read(self, answer: requests.Response) -> bytes:
        """A server that sends byte after byte must not hold us longer than one that is silent."""
        deadline = time.monotonic() + self._timeout_s
        content = bytearray()
        while chunk := answer.raw.read1(_CHUNK, decode_content=False):
            content += chunk
            if len(content) > MAX_BYTES:
                raise SchedulerUnavailable(
                    f"the scheduler at {self.base} sends more than {MAX_BYTES >> 20} MiB"
                )
            if time.monotonic() > deadline:
                raise SchedulerUnavailable(f"the scheduler at {self.base} does not come to an end")
        return bytes(content)


def _reason(error: Exception) -> str:
    """The kind of failure: its text can quote what a server sent."""
    known = {requests.ConnectTimeout: "no connection in time", requests.ReadTimeout: "no answer in time"}
    for kind, words in known.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__
