"""Drain a container's output as it comes: everything counted, little kept, never a reason to stop reading.

The engine blocks when its reader stops, and then hangs in kill and inspect too: so this thread only reads,
and whoever polls the container decides and kills.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator

from algoreg import contract
from algoreg.engines.docker.api import Hijacked
from algoreg.engines.keptlog import KeptLog
from algoreg.engines.protocol import Logs

_HEADER = struct.Struct(">BxxxL")
_STANDARD_STREAMS = (0, 1, 2)


class BrokenStream(Exception):
    """The multiplexed stream ended inside a frame, or is not one."""


class Demultiplexer:
    """Takes the frames' headers out of the engine's stream, however the bytes are cut."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._missing = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads in ``data``."""
        view = memoryview(data)
        while view:
            if not self._missing:
                wanted = _HEADER.size - len(self._header)
                self._header += view[:wanted]
                view = view[wanted:]
                if len(self._header) < _HEADER.size:
                    return
                stream, self._missing = _HEADER.unpack(self._header)
                if stream not in _STANDARD_STREAMS:
                    raise BrokenStream(f"stream number {stream}")
                self._header.clear()
                continue
            payload = bytes(view[: self._missing])
            self._missing -= len(payload)
            view = view[len(payload) :]
            yield payload

    @property
    def between_frames(self) -> bool:
        """Whether the stream may end here."""
        return not self._missing and not self._header


class LogReader:
    """A thread that drains one container's output until it ends."""

    def __init__(self, connection: Hijacked, *, cap: int = contract.LOG_MAX_BYTES) -> None:
        self.attention = threading.Event()
        """Set when something arrived that the polling thread should look at: the end, or too much."""
        self._connection = connection
        self._cap = cap
        self._log = KeptLog()
        self._closing = False
        self.ended_at: float | None = None
        """Monotonic time of the stream's end."""
        self.broken = False
        """The stream ended where it could not: the engine died, or the connection was cut."""
        self._thread = threading.Thread(target=self._drain, name="algoreg logs", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.ended_at is not None

    @property
    def overflowed(self) -> bool:
        """Whether more than the cap was written."""
        return self._log.total > self._cap

    def logs(self) -> Logs:
        """What was kept so far; complete after ``finish``."""
        return self._log.logs()

    @property
    def last_line(self) -> str:
        """The newest whole line so far."""
        return self._log.last_line

    def finish(self, seconds: float) -> bool:
        """Wait for the stream's own end; False when it does not come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Stop reading."""
        self._closing = True
        self._connection.interrupt()
        self._thread.join(5.0)
        self._connection.close()

    def _drain(self) -> None:
        frames = Demultiplexer()
        try:
            while data := self._connection.recv():
                for payload in frames.feed(data):
                    self._log.write(payload)
                    if self.overflowed:
                        self.attention.set()
            self.broken = not frames.between_frames and not self._closing
        except BrokenStream:
            self.broken = True
        finally:
            self.ended_at = time.monotonic()
            self.attention.set()
