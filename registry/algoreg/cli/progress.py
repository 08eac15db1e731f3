"""Shows on standard error what a long command is doing: live on a terminal, as lines where asked, else not at all.

Nothing of it reaches standard output, which carries results only.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from algoreg.errors import UsageError
from algoreg.formats.escape import safe

if TYPE_CHECKING:
    from rich.status import Status

VARIABLE = "ALGOREG_PROGRESS"
"""``auto`` (live on a terminal, else silent), ``plain`` (a line for each event) or ``none``."""


class Display(Protocol):
    """Hears what is going on (``algoreg.probe.Progress``), and remarks of the engine."""

    def note(self, text: str) -> None:
        """Something that takes a while: a pull, a start."""

    def case_started(self, case: str) -> None:
        """An experiment begins."""

    def case_ended(self, case: str) -> None:
        """An experiment is over."""

    def check_ended(self, check: str, outcome: str) -> None:
        """A check has been judged."""


class Silent:
    """For nobody."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def case_started(self, case: str) -> None:
        """Say nothing."""

    def case_ended(self, case: str) -> None:
        """Say nothing."""

    def check_ended(self, check: str, outcome: str) -> None:
        """Say nothing."""


class Plain:
    """A line for each check, with the seconds since the start: for logs."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._cases = 0
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """One remark."""
        with self._lock:
            sys.stderr.write(f"[{time.monotonic() - self._started:5.1f} s] {safe(text)}\n")
            sys.stderr.flush()

    def case_started(self, case: str) -> None:
        """Cases are counted when they end."""

    def case_ended(self, case: str) -> None:
        """One more case."""
        with self._lock:
            self._cases += 1

    def check_ended(self, check: str, outcome: str) -> None:
        """One line for each check that is over."""
        self.note(f"{outcome:5} {check} ({self._cases} experiments so far)")


class Live:
    """One line that keeps changing: how many checks are over, and what runs now."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._started = time.monotonic()
        self._running: list[str] = []
        self._outcomes: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """Show a remark until something else happens."""
        self._status.update(safe(text).replace("[", r"\["))

    def case_started(self, case: str) -> None:
        """Show it among the running ones."""
        with self._lock:
            self._running.append(safe(case))
        self._draw()

    def case_ended(self, case: str) -> None:
        """Take it away."""
        with self._lock:
            self._running.remove(safe(case))
        self._draw()

    def check_ended(self, check: str, outcome: str) -> None:
        """Count it."""
        with self._lock:
            self._outcomes[outcome] = self._outcomes.get(outcome, 0) + 1
        self._draw()

    def _draw(self) -> None:
        with self._lock:
            counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self._outcomes.items()))
            running = "; ".join(self._running[:3]) + (" ..." if len(self._running) > 3 else "")
        elapsed = time.monotonic() - self._started
        self._status.update(f"{elapsed:.0f} s  {counts or 'starting'}  {running}".replace("[", r"\["))


@contextmanager
def display() -> Iterator[Display]:
    """The display that standard error and ``ALGOREG_PROGRESS`` ask for. Raises UsageError for another value."""
    mode = os.environ.get(VARIABLE, "auto")
    if mode not in ("auto", "plain", "none"):
        raise UsageError(f"{VARIABLE} is {mode!r}", hint="Set it to auto, plain or none.")
    if mode == "plain":
        yield Plain()
    elif mode == "auto" and sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield Live(status)
    else:
        yield Silent()
