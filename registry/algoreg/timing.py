"""Takes the time of every experiment beside the display that hears of it; what the times mean is the reader's."""

from __future__ import annotations

import threading
import time

from algoreg.report import Timing
from algoreg.worlds import Progress


class Stopwatch:
    """Passes on what it hears, and remembers how long each experiment lasted."""

    def __init__(self, listener: Progress) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._running: dict[str, list[float]] = {}
        self._taken: list[Timing] = []

    def case_started(self, case: str) -> None:
        """Start the clock; two experiments may have one name."""
        with self._lock:
            self._running.setdefault(case, []).append(time.monotonic())
        self._listener.case_started(case)

    def case_ended(self, case: str) -> None:
        """Stop it."""
        with self._lock:
            began = self._running[case].pop(0)
            self._taken.append(Timing(case=case, duration_s=time.monotonic() - began))
        self._listener.case_ended(case)

    def check_ended(self, check: str, outcome: str) -> None:
        """Pass it on."""
        self._listener.check_ended(check, outcome)

    def timings(self) -> tuple[Timing, ...]:
        """What has been taken so far."""
        with self._lock:
            return tuple(self._taken)
