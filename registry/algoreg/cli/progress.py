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


_LEAST = 10
"""One in so many checks must be over before an estimate is made of them."""
_PATIENCE_S = 5.0


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


class _Tally:
    """What is over and what that says of the rest: the one count that both displays show."""

    def __init__(self, checks: int | None) -> None:
        self._checks = checks
        self._started = time.monotonic()
        self.cases = 0
        self.outcomes: dict[str, int] = {}

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    @property
    def over(self) -> int:
        """Checks that have been judged."""
        return sum(self.outcomes.values())

    def add(self, outcome: str) -> None:
        """One more check is over."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def text(self) -> str:
        """``12 of 84 checks, 31 cases, about 40 s left``; without an estimate while a guess would be wild."""
        of = f" of {self._checks}" if self._checks else ""
        checks = [f"{self.over}{of} checks"] if self._checks or self.over else []
        left = self._left()
        rest = [] if left is None else [f"about {_span(left)} left"]
        return ", ".join([*checks, f"{self.cases} cases", *rest])

    def _left(self) -> float | None:
        """As long for each check that is not over as the others took on average."""
        if not self._checks or not self._checks > self.over >= self._checks / _LEAST:
            return None
        if self.elapsed < _PATIENCE_S:
            return None
        return self.elapsed * (self._checks - self.over) / self.over


def _span(seconds: float) -> str:
    """Rounded to what an estimate can know."""
    if seconds < 60:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} min"


class Plain:
    """A line for each check, with the seconds since the start: for logs."""

    def __init__(self, checks: int | None = None) -> None:
        self._tally = _Tally(checks)
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """One remark."""
        with self._lock:
            self._write(text)

    def _write(self, text: str) -> None:
        sys.stderr.write(f"[{self._tally.elapsed:5.1f} s] {safe(text)}\n")
        sys.stderr.flush()

    def case_started(self, case: str) -> None:
        """Cases are counted when they end."""

    def case_ended(self, case: str) -> None:
        """One more case."""
        with self._lock:
            self._tally.cases += 1

    def check_ended(self, check: str, outcome: str) -> None:
        """One line for each check that is over."""
        with self._lock:
            self._tally.add(outcome)
            self._write(f"{outcome:5} {check} ({self._tally.text()})")


class Live:
    """One line that keeps changing: how many checks are over, how long the rest may take, and what runs now."""

    def __init__(self, status: Status, checks: int | None = None) -> None:
        self._status = status
        self._tally = _Tally(checks)
        self._running: list[str] = []
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
            self._tally.cases += 1
        self._draw()

    def check_ended(self, check: str, outcome: str) -> None:
        """Count it."""
        with self._lock:
            self._tally.add(outcome)
        self._draw()

    def _draw(self) -> None:
        with self._lock:
            tally = self._tally
            counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.outcomes.items()))
            running = "; ".join(self._running[:3]) + (" ..." if len(self._running) > 3 else "")
            line = f"{tally.elapsed:.0f} s  {tally.text()}  {counts or 'starting'}  {running}"
        self._status.update(line.replace("[", r"\["))


@contextmanager
def display(*, checks: int | None = None) -> Iterator[Display]:
    """The display that standard error and ``ALGOREG_PROGRESS`` ask for. Raises UsageError for another value.

    ``checks``: how many will be judged, for an estimate of what remains.
    """
    mode = os.environ.get(VARIABLE, "auto")
    if mode not in ("auto", "plain", "none"):
        raise UsageError(f"{VARIABLE} is {mode!r}", hint="Set it to auto, plain or none.")
    if mode == "plain":
        yield Plain(checks)
    elif mode == "auto" and sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield Live(status, checks)
    else:
        yield Silent()
