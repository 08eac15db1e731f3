"""SIGTERM while a search runs: it asks to hurry, and what was found so far is kept.

Outside of a search the signal ends the program at once, as everywhere; the runtime has nothing to lose there.
"""

from __future__ import annotations

import os
import signal
from functools import cache
from typing import Final

GRACE_S: Final = 8
"""Seconds from the signal to the program's own end; the platform kills after 10."""


class Bell:
    """Rung by the first SIGTERM, and rung for good. It can be waited for like a file that becomes readable."""

    def __init__(self) -> None:
        self.rung = False
        self._reader, self._writer = os.pipe()

    def fileno(self) -> int:
        """The file descriptor to wait for."""
        return self._reader

    def ring(self, *_: object) -> None:
        """What SIGTERM does. The kernel's alarm ends what does not hurry, be it inside a database's library."""
        if not self.rung:
            self.rung = True
            signal.alarm(GRACE_S)
            os.write(self._writer, b"!")


@cache
def bell() -> Bell:
    """The program's bell; from the first call on, SIGTERM rings it and does nothing else."""
    made = Bell()
    signal.signal(signal.SIGTERM, made.ring)
    return made
