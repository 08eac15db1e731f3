"""Follows a job of Chronos to its end, and removes it: which counters mean what, and how long is long enough.

Chronos has no state for a job, and counts nothing when a task is killed: such a job looks queued for ever, so
that every wait here has an end. How Chronos is asked is left to ``chronos``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from algoreg.errors import Cancelled, SchedulerError, SchedulerRefused, SchedulerUnavailable, UsageError
from algoreg.formats.escape import safe
from algoreg.schedulers.chronos import Activity, Chronos, Job

Tell = Callable[[str], None]
"""Hears a line, such as each change of a job, once."""
QUEUE_S = 600.0
POLL_S = 1.0
SETTLE_S = 5.0
"""A job that was just submitted may not be known yet, neither to a search nor to a deletion."""
_AGAIN_S = 0.2


class Standing(StrEnum):
    """What a search says about a job."""

    ABSENT = "not found"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    QUEUED = "queued"
    """Waiting or running: a search does not tell."""
    UNDECIDED = "undecided"


def standing(job: Job | None) -> Standing:
    """The rules by which Woken reads counters, in its order."""
    if job is None:
        return Standing.ABSENT
    if job.disabled and job.successes > 0:
        return Standing.SUCCEEDED
    if job.successes == 0 and (job.errors > 0 or job.soft_error):
        return Standing.FAILED
    return Standing.UNDECIDED if job.disabled else Standing.QUEUED


class End(StrEnum):
    """How following a job came to its end."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    """Chronos no longer knows it: deleted by somebody, or replaced."""
    OVERDUE = "overdue"
    """It outlived its deadline, waits for a machine that never comes, or was killed, which nobody tells."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long things may take, in seconds."""

    run_s: float
    """The work itself."""
    queue_s: float = QUEUE_S
    """Before the work begins: a free machine, the image's download."""
    appear_s: float = 30.0
    """Without being found, from the first search that was answered and did not find it."""
    silent_s: float = 300.0
    """Without an answer from Chronos."""
    poll_s: float = POLL_S


def follow(
    chronos: Chronos, name: str, patience: Patience, *, tell: Tell, stop: threading.Event | None = None
) -> End:
    """Wait for the end of the job of exactly this name.

    Raises Cancelled when ``stop`` is set, SchedulerError when Chronos is silent too long.
    """
    watch = _Watch(chronos, name, patience, tell)
    stopped = stop or threading.Event()
    while (end := watch.look()) is None:
        if stopped.wait(patience.poll_s):
            raise Cancelled("stopped on request")
    return end


class _Watch:
    """What is remembered from one look at a job to the next."""

    def __init__(self, chronos: Chronos, name: str, patience: Patience, tell: Tell) -> None:
        now = time.monotonic()
        self._chronos, self._name, self._patience, self._tell = chronos, name, patience, tell
        self._deadline = now + patience.queue_s + patience.run_s
        self._answered = now
        self._absent: float | None = None
        """Since when Chronos answers that there is no such job; what it did not answer is no absence."""
        self._told = ""

    def look(self) -> End | None:
        """The end, once there is one."""
        try:
            found = standing(self._chronos.find(self._name))
            self._answered = time.monotonic()
            return self._judged(found)
        except SchedulerUnavailable as error:
            self._absent = None
            self._give_up_in_time(error)
            return None

    def _judged(self, found: Standing) -> End | None:
        if found in (Standing.SUCCEEDED, Standing.FAILED):
            return End(found.value)
        if found is Standing.ABSENT:
            return self._missed()
        self._absent = None
        self._progress()
        return End.OVERDUE if time.monotonic() > self._deadline else None

    def _missed(self) -> End | None:
        now = time.monotonic()
        if self._absent is None:
            self._absent = now
        return End.LOST if now > self._absent + self._patience.appear_s else None

    def _progress(self) -> None:
        """A job that is seen to run has what it waited for: only the work's own time is left."""
        if self._told == Activity.RUNNING:
            return
        try:
            activity = self._chronos.activity(self._name)
        except SchedulerUnavailable:  # no news: the search alone tells of an end
            return
        if activity is Activity.RUNNING:
            self._deadline = min(self._deadline, time.monotonic() + self._patience.run_s)
        state = Activity.RUNNING if activity is Activity.RUNNING else Activity.QUEUED
        if state != self._told:
            self._told = state
            self._tell(str(state))

    def _give_up_in_time(self, error: SchedulerUnavailable) -> None:
        silent = time.monotonic() - self._answered
        if silent > self._patience.silent_s or time.monotonic() > self._deadline:
            raise SchedulerError(
                f"Chronos has not told for {silent:.0f} s what became of the job {self._name}: {error.message}"
            ) from error


@contextmanager
def submitted(chronos: Chronos, document: Mapping[str, Any], *, warn: Tell) -> Iterator[str]:
    """A job in Chronos under its name; killed and deleted when the context ends, however it ends.

    ``warn`` hears of a job that may be left.

    Raises UsageError when there is a job of this name, which would be replaced, and what ``Chronos.submit`` raises.
    """
    name = str(document["name"])
    if chronos.find(name) is not None:
        raise UsageError(
            f"Chronos has a job named {safe(name)} already, and would replace it",
            hint="Give this one another id, or delete the other.",
        )
    try:
        chronos.submit(document)
        yield name
    except SchedulerRefused:  # there is nothing to remove
        raise
    except BaseException:
        _remove(chronos, name, warn)
        raise
    _remove(chronos, name, warn)


def _remove(chronos: Chronos, name: str, warn: Tell) -> None:
    """Until Chronos has deleted it, or has had the time to get to know it."""
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        with suppress(SchedulerError):
            chronos.kill(name)
            if chronos.delete(name):
                return
        time.sleep(_AGAIN_S)
    if why := _kept(chronos, name):
        warn(
            f"the job {name} may be left in Chronos at {chronos.place}, with the passwords in it: {why}; "
            "look for it there and delete it by hand"
        )


def _kept(chronos: Chronos, name: str) -> str:
    """Why the job may still be there, after a last attempt to delete it; empty where it is not."""
    why = "it is found, and was not deleted"
    try:
        if chronos.delete(name):
            return ""
    except SchedulerUnavailable as error:  # who does not answer is not asked once more
        return error.message
    except SchedulerError as error:
        why = error.message
    try:
        return "" if chronos.find(name) is None else why
    except SchedulerError as error:
        return error.message
