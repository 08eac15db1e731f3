"""One HTTP request to a scheduler: in time, at most ten a second, its answer bounded and never believed.

Which requests there are is the business of the scheduler's own module. A server can be slow, hostile, or no
scheduler at all: whatever it sends, what comes of it here is a status and bytes, or SchedulerUnavailable.
"""

from __future__ import annotations

import base64
import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from algoreg import exposure, strictjson
from algoreg.errors import SchedulerUnavailable
from algoreg.export.jobs.address import HOST
from algoreg.schedulers.address import Address
from algoreg.schedulers.deadline import Deadline, WatchedAdapter

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
    location: str | None = None
    """The server to which it sends us, without path, user and password."""

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


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: even a redirection that is not followed would be read whole, and taken apart."""


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
        with Deadline(self._timeout_s) as deadline, _Session() as session:
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
                reply = Reply(
                    status=answer.status_code, content=self._read(answer), location=_location(answer)
                )
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                why = "no whole answer in time" if deadline.passed else _reason(error)
                raise SchedulerUnavailable(f"the scheduler at {self.base} does not answer ({why})") from error
        if deadline.passed:
            raise SchedulerUnavailable(f"the scheduler at {self.base} does not come to an end")
        return reply

    def redacted(self, text: str) -> str:
        """``text`` without the user and the password with which this server is asked."""
        return text if self._credentials is None else _without(text, *self._credentials)

    def _wait(self) -> None:
        with self._turn:
            pause = self._next - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._next = time.monotonic() + self._pause_s

    def _prepare(self, session: requests.Session) -> None:
        """Nothing of the person's surroundings but the authorities: no proxy, no .netrc is for a scheduler."""
        session.mount("http://", WatchedAdapter())
        session.mount("https://", WatchedAdapter())
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        session.headers.update(_HEADERS)
        if self._credentials is not None:
            user, password = self._credentials
            session.auth = requests.auth.HTTPBasicAuth(user.encode(), password.encode())

    def _read(self, answer: requests.Response) -> bytes:
        content = bytearray()
        while chunk := answer.raw.read1(_CHUNK, decode_content=False):
            content += chunk
            if len(content) > MAX_BYTES:
                raise SchedulerUnavailable(
                    f"the scheduler at {self.base} sends more than {MAX_BYTES >> 20} MiB"
                )
        return bytes(content)


def _location(answer: requests.Response) -> str | None:
    """Scheme, host and port of another address; what follows them, and a path of this one, can hold anything."""
    try:
        parts = urlsplit(answer.headers.get("Location", ""))
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(parts.hostname or ""):
        return None
    return f"{parts.scheme}://{parts.hostname}{port}"


def _without(text: str, user: str, password: str) -> str:
    """The user only as a word of its own: a short name is part of many."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    text = exposure.redacted(text.replace(token, "***"), {"PASSWORD": password})
    for form, how in exposure.forms(user).items() if user else ():
        if how not in ("base64", "hex"):
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "***", text)
    return text


def _reason(error: Exception) -> str:
    """The kind of failure: its text can quote what a server sent."""
    known = {requests.ConnectTimeout: "no connection in time", requests.ReadTimeout: "no answer in time"}
    for kind, words in known.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__
