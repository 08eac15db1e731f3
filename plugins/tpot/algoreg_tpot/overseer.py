"""Work that may last, hang or die is done in a child process; its parent only listens, and stays in command.

The parent owns time, SIGTERM and the output, so that each of them holds whatever a library does in the child.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Any

from algoreg.runtime import Failure
from algoreg_tpot.stopping import bell

Tell = Callable[[Any], None]
"""What the child calls with a value for the parent."""


class Ending(StrEnum):
    """Why the parent stopped listening."""

    DONE = "generations"
    """The child did all its work: for a search, its generations."""
    DEADLINE = "max_time_s"
    STOPPED = "SIGTERM"


@dataclass(frozen=True)
class _Refused:
    """The child's Failure on its way to the parent."""

    message: str


def oversee(work: Callable[[Tell], None], hear: Tell, *, seconds: float) -> Ending:
    """Let a child do ``work(tell)``; ``hear`` each value that it tells, in this process.

    ``seconds`` count from the first value told: what comes before is the import of libraries. The child shares this
    process's memory until one of them writes. Raises Failure: the child's own, or a child that crashed or was killed.
    """
    if bell().rung:
        return Ending.STOPPED
    reader, writer = Pipe(duplex=False)
    child = get_context("fork").Process(target=_obey, args=(work, writer, reader), daemon=True)
    child.start()
    writer.close()
    try:
        ending = _listen(reader, hear, seconds)
        if ending is Ending.DONE:
            child.join()
            _check(child.exitcode or 0)
        else:
            child.kill()
            _drain(reader, hear)
        return ending
    finally:
        child.kill()
        child.join()
        reader.close()


def _listen(reader: Connection[Any, Any], hear: Tell, seconds: float) -> Ending:
    end: float | None = None
    while True:
        ready = wait([reader, bell().fileno()], None if end is None else max(0.0, end - time.monotonic()))
        if bell().rung:
            return Ending.STOPPED
        if not ready:
            return Ending.DEADLINE
        if not _hear_one(reader, hear):
            return Ending.DONE
        if end is None:
            end = time.monotonic() + seconds
        elif time.monotonic() > end:
            return Ending.DEADLINE


def _hear_one(reader: Connection[Any, Any], hear: Tell) -> bool:
    """Whether there was a value: the pipe ends with the child, be it in the middle of a word."""
    try:
        told = reader.recv()
    except (EOFError, OSError):
        return False
    if isinstance(told, _Refused):
        raise Failure(told.message)
    hear(told)
    return True


def _drain(reader: Connection[Any, Any], hear: Tell) -> None:
    while _hear_one(reader, hear):
        pass


def _check(code: int) -> None:
    if code == -signal.SIGKILL:
        raise Failure(
            "the process that searches was killed, as the kernel does where memory runs out: give the container "
            "more memory, or choose a lighter search_space"
        )
    if code < 0:
        raise Failure(f"the process that searches died of signal {-code}")
    if code:
        raise Failure("the process that searches ended with the exception told above")


def _obey(work: Callable[[Tell], None], writer: Connection[Any, Any], reader: Connection[Any, Any]) -> None:
    """The child's whole life. The parent's end of the pipe is the parent's alone: when it dies, the pipe breaks."""
    reader.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both, and the parent decides
    with _Last():
        try:
            work(writer.send)
        except Failure as failure:
            writer.send(_Refused(str(failure)))


class _Last:
    """Ends the child as the runtime ends the program: exceptions are shown by the hook that hides patients' values."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if kind is BrokenPipeError:  # nobody listens any more
            os._exit(1)
        if kind is not None and error is not None:
            sys.excepthook(kind, error, frames)
            sys.stderr.flush()
            os._exit(1)
