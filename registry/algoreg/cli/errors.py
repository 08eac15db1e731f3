"""Turns what went wrong into one message, one hint and one exit code; nothing else in the program exits.

====================  ============  ===================================================================
AlgoregError          its own code  ``algoreg: error:`` and ``hint:`` on standard error, no traceback
wrong usage           2             said by typer
Ctrl-C, SIGTERM       130, 143      after the cleaning up that the interrupted work does
SIGHUP                129           likewise, as when a terminal or an ssh session ends; not under nohup
closed pipe           3             quietly: whoever read it has left
anything else         3             a traceback, and the request to report it
====================  ============  ===================================================================
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from algoreg import errors
from algoreg.cli import output


class ReaderLeft(errors.AlgoregError):
    """Nobody reads standard output any more; there is no one to tell."""


def run(call: Callable[[], object]) -> int:
    """The exit code of ``call``, whatever happens in it."""
    _prepare_streams()
    termination = _Termination()
    try:
        code = _guarded(call)
    except KeyboardInterrupt:
        code = _tell(errors.Cancelled("stopped"))
    if termination.received is not None and code in (errors.EXIT_SIGINT, errors.EXIT_ERROR):
        code = termination.received
    return _flushed(code)


_CODES = {signal.SIGTERM: errors.EXIT_SIGTERM, signal.SIGHUP: errors.EXIT_SIGHUP}


class _Termination:
    """Makes SIGTERM and SIGHUP clean up like Ctrl-C, once: another one must not stop the cleaning."""

    def __init__(self) -> None:
        self.received: int | None = None
        """The exit code of the one that came; a terminal that is gone lets messages fail, too."""
        for number in _CODES:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asks to go on
                signal.signal(number, self._stop)

    def _stop(self, number: int, _frame: FrameType | None) -> NoReturn:
        self.received = _CODES[signal.Signals(number)]
        for one in _CODES:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt


def _guarded(call: Callable[[], object]) -> int:
    try:
        call()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else errors.EXIT_ERROR if end.code else errors.EXIT_PASS
    except (ReaderLeft, BrokenPipeError):
        return errors.EXIT_ERROR
    except errors.AlgoregError as error:
        return _tell(error)
    except Exception as error:  # noqa: BLE001  the last resort: our own defect must not look like a verdict
        return _confess(error)
    return errors.EXIT_PASS


def _tell(error: errors.AlgoregError) -> int:
    """Message and hint in one line, but for further problems between them; each escaped: it can quote an image."""
    from algoreg.formats.escape import safe

    line = f"algoreg: {output.styled('error:', 'red', sys.stderr)} {safe(error.message)}"
    hint = f"{output.styled('hint:', 'yellow', sys.stderr)} {safe(error.hint)}" if error.hint else ""
    problems = error.problems[1:] if isinstance(error, errors.MetadataError) else ()
    if problems:
        output.note("\n".join((line, *(f"  {safe(problem)}" for problem in problems))))
        line = ""
    if line or hint:
        output.note("; ".join(part for part in (line, hint) if part))
    return error.exit_code


def _confess(error: Exception) -> int:
    output.note("".join(traceback.format_exception(error)).rstrip())
    output.note(
        "algoreg: this is a defect of algoreg and says nothing about an image; please report these lines"
    )
    return errors.EXIT_ERROR


def _prepare_streams() -> None:
    """Give closed descriptors to nothing, lest the next file opened becomes standard output; print any text."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _flushed(code: int) -> int:
    """``code``, unless the rest of the output cannot be delivered; a failure stays the failure it was."""
    try:
        output.flush()
    except BrokenPipeError:
        _silence()
        return code or errors.EXIT_ERROR
    except errors.AlgoregError as error:
        _silence()
        return code or _tell(error)
    return code


def _silence() -> None:
    """Let the interpreter's own flush at exit go nowhere instead of complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
