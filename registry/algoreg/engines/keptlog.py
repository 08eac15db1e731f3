"""Keeps little of a log that may be endless, and counts the rest; both engines read logs into it."""

from __future__ import annotations

from collections.abc import Callable

from algoreg.engines.protocol import LOG_KEPT_BYTES, Logs

_LINE_BYTES = 2000
"""A longer line is not shown while a run goes on."""


class KeptLog:
    """Head and tail of a log; one thread writes, others may look."""

    def __init__(self, kept: int = LOG_KEPT_BYTES) -> None:
        self._kept = kept
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def write(self, data: bytes) -> None:
        """Count ``data``, and keep what belongs to head or tail."""
        self.total += len(data)
        room = self._kept - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self._kept:
            del self._tail[: -self._kept]

    def logs(self) -> Logs:
        """What was kept so far."""
        return Logs(head=bytes(self._head), tail=bytes(self._tail[-self._kept :]), total=self.total)

    @property
    def last_line(self) -> str:
        """The newest whole line that is not blank. Untrusted.

        Empty before the first one, and where its beginning is no longer known: what a cut leaves of a password
        nobody would recognise.
        """
        newest = bytes(self._tail[-_LINE_BYTES:])
        if len(newest) < _LINE_BYTES and self.total <= len(self._head) + len(self._tail):
            newest = bytes(self._head[-_LINE_BYTES:]) + newest
        whole = newest[: newest.rfind(b"\n") + 1].rstrip()
        start = whole.rfind(b"\n")
        if start < 0 and len(newest) < self.total:
            return ""
        return whole[start + 1 :].decode("utf-8", "replace")


class Listener:
    """Passes the newest line of a log on, once."""

    def __init__(self, heard: Callable[[str], None] | None) -> None:
        self._heard = heard
        self._last = ""

    def look(self, line: str) -> None:
        """``line`` is the newest one now."""
        if self._heard is not None and line != self._last:
            self._last = line
            self._heard(line)
