"""What can be asked of Chronos 2.5 and 3.0: to submit a job, to find it, to kill and to delete it.

The only place that knows Chronos' paths and answers; what a found job's counters mean is decided in
``following``. A search finds names that contain ours, ten at a time, and answers with whole jobs, passwords
included: all but the counters of the one job that is meant is dropped at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from algoreg import exposure
from algoreg.errors import SchedulerError, SchedulerRefused, SchedulerUnavailable
from algoreg.export.jobs.model import ChronosVersion
from algoreg.formats.escape import safe
from algoreg.schedulers.address import Address
from algoreg.schedulers.wire import PAUSE_S, TIMEOUT_S, Reply, Wire

PAGE = 10
"""Chronos' own limit, for servers that do not look at ours."""
MAX_PAGES = 100
_RUNNING = re.compile(r"[1-9]\d{0,8} running")
_TOLD_CHARACTERS = 300
_UNKNOWN = (400, 404)
"""What Chronos answers to a request about a job that it does not know."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One generation of Chronos."""

    version: ChronosVersion
    prefix: str
    tells_activity: bool
    """Whether it has a summary, which alone says whether a job runs."""


DIALECTS = (
    Dialect(version=ChronosVersion.V3, prefix="/v1/scheduler", tells_activity=True),
    Dialect(version=ChronosVersion.V2_5, prefix="/scheduler", tells_activity=False),
)


class Activity(StrEnum):
    """What the summary says of a job at this moment."""

    IDLE = "idle"
    QUEUED = "queued"
    RUNNING = "running"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as a search tells it; there is no state in it, and no passwords here."""

    name: str
    successes: int
    errors: int
    disabled: bool
    soft_error: bool


class Chronos:
    """A Chronos that answered."""

    def __init__(self, wire: Wire, dialect: Dialect) -> None:
        self._wire = wire
        self.dialect = dialect

    @property
    def place(self) -> str:
        """Its address, without user and password."""
        return self._wire.base

    def submit(self, document: Mapping[str, Any]) -> None:
        """A new job; one of the same name is replaced. Raises SchedulerRefused, SchedulerError."""
        reply = self._ask("POST", "/iso8601", document=document)
        if not reply.ok:
            # What stumbled may have kept the job; what refused it has not
            kind = SchedulerRefused if reply.status < 500 else SchedulerError
            raise kind(
                f"Chronos refuses the job {safe(str(document.get('name')))}: {self._told(reply, document)}",
                hint="See what is wrong with the document: algoreg job lint FILE.",
            )

    def find(self, name: str) -> Job | None:
        """The job of exactly this name; None where there is none (yet). Raises SchedulerUnavailable."""
        for page in range(MAX_PAGES):
            query = {"name": name, "limit": PAGE, "offset": page * PAGE}
            found = _objects(self._ask("GET", "/jobs/search", query=query))
            job = next((_job(one) for one in found if one.get("name") == name), None)
            if job is not None or len(found) < PAGE:
                return job
        raise SchedulerError(f"more than {MAX_PAGES * PAGE:,} jobs have {safe(name)} in their names")

    def activity(self, name: str) -> Activity | None:
        """What the job is doing; None where Chronos has no summary, or the job is not in it."""
        if not self.dialect.tells_activity:
            return None
        answer = _understood(self._ask("GET", "/jobs/summary"))
        jobs = answer.get("jobs") if isinstance(answer, dict) else None
        states = [one.get("state") for one in jobs or () if isinstance(one, dict) and one.get("name") == name]
        return _activity(states[0]) if states else None

    def kill(self, name: str) -> None:
        """End the job's tasks; a job that is unknown, or does not run, has none. Raises SchedulerUnavailable."""
        self._ask("DELETE", f"/task/kill/{quote(name, safe='')}")

    def delete(self, name: str) -> bool:
        """Forget the job; False where it is unknown. Raises SchedulerError, also where Chronos refuses to."""
        reply = self._ask("DELETE", f"/job/{quote(name, safe='')}")
        if not reply.ok and reply.status not in _UNKNOWN:
            raise SchedulerError(f"Chronos at {self.place} refuses to delete {safe(name)} ({reply.status})")
        return reply.ok

    def _told(self, reply: Reply, document: Mapping[str, Any]) -> str:
        """The first line of an error, without passwords: a stack trace can quote the document, or a request."""
        text = self._wire.redacted(exposure.redacted(_message(reply), _environment(document)))
        first = next((line.strip() for line in text.splitlines() if line.strip()), "it does not say why")
        return f"{reply.status}, {safe(first[:_TOLD_CHARACTERS])}"

    def _ask(self, method: str, path: str, **request: Any) -> Reply:
        reply = self._wire.ask(method, f"{self.dialect.prefix}{path}", **request)
        _refuse_strangers(reply, self.place)
        if reply.status >= 500 and method != "POST":  # a document that it stumbles over is refused
            raise SchedulerUnavailable(f"Chronos at {self.place} answers with {reply.status}")
        return reply


def connect(url: str, *, timeout_s: float = TIMEOUT_S, pause_s: float = PAUSE_S) -> Chronos:
    """The Chronos at ``url``, of whichever generation. Raises UsageError, SchedulerError."""
    wire = Wire(Address.parse(url), timeout_s=timeout_s, pause_s=pause_s)
    others = []
    for dialect in DIALECTS:
        reply = wire.ask("GET", f"{dialect.prefix}/jobs/search", query={"name": "algoreg", "limit": 1})
        if reply.status in (401, 403):
            _refuse_strangers(reply, wire.base)
        if _is_search(reply):
            return Chronos(wire, dialect)
        others.append(reply)
    for reply in others:
        _refuse_strangers(reply, wire.base)
        if reply.status >= 500:
            raise SchedulerUnavailable(f"what answers at {wire.base} is out of order: {reply.status}")
    tried = " nor ".join(dialect.prefix for dialect in DIALECTS)
    raise SchedulerUnavailable(f"what answers at {wire.base} is no Chronos: it has neither {tried}")


def _is_search(reply: Reply) -> bool:
    try:
        return reply.status == 200 and isinstance(_understood(reply), list)
    except SchedulerUnavailable:
        return False


def _refuse_strangers(reply: Reply, place: str) -> None:
    """Answers after which it is no use to ask again."""
    if reply.status in (401, 403):
        raise SchedulerError(
            f"Chronos at {place} does not let us in ({reply.status})",
            hint="Name user and password in the URL: https://USER:PASSWORD@HOST:PORT",
        )
    if 300 <= reply.status < 400:
        where = "elsewhere" if reply.location is None else f"to {reply.location}"
        raise SchedulerError(
            f"{place} sends us {where} ({reply.status}), and no password is carried there",
            hint=f"Name the address of the leading Chronos itself, with its scheme{_instead(reply)}.",
        )


def _instead(reply: Reply) -> str:
    return "" if reply.location is None else f"; it may be {reply.location}"


def _understood(reply: Reply) -> Any:
    if not reply.ok:
        raise SchedulerUnavailable(f"the scheduler answers with {reply.status}")
    return reply.json()


def _objects(reply: Reply) -> list[dict[str, Any]]:
    found = _understood(reply)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise SchedulerUnavailable("the scheduler's answer to a search is no list of jobs")
    return found


def _job(item: Mapping[str, Any]) -> Job:
    try:
        return Job(
            name=item["name"],
            successes=_count(item["successCount"]),
            errors=_count(item["errorCount"]),
            disabled=_truth(item["disabled"]),
            soft_error=_truth(item.get("softError", False)),
        )
    except (KeyError, TypeError):
        raise SchedulerUnavailable("the scheduler's answer to a search has a job without counters") from None


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _activity(state: Any) -> Activity | None:
    if isinstance(state, str) and _RUNNING.fullmatch(state):
        return Activity.RUNNING
    return next((one for one in (Activity.IDLE, Activity.QUEUED) if one.value == state), None)


def _message(reply: Reply) -> str:
    try:
        answer = reply.json()
    except SchedulerUnavailable:
        answer = None
    message = answer.get("message") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else reply.content.decode("utf-8", "replace")


def _environment(document: Mapping[str, Any]) -> dict[str, str]:
    pairs = document.get("environmentVariables")
    return {
        str(pair.get("name")): str(pair.get("value"))
        for pair in (pairs if isinstance(pairs, list) else ())
        if isinstance(pair, dict)
    }
