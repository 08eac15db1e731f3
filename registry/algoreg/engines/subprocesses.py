"""Run one subprocess to its end, whatever it does: log floods, ignored signals, children that stay.

Which program, and in which folder, is decided by ``process``.
"""

from __future__ import annotations

import math
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from algoreg import contract
from algoreg.engines.keptlog import KeptLog, Listener
from algoreg.engines.protocol import Ending, Execution, Logs, RunRequest
from algoreg.errors import Cancelled

POLL_S = 0.01
DRAIN_S = 2.0
"""How long the logs may still flow once the program and its group are gone; escaped children hold the pipe."""
SILENCE_S = 0.1
CHUNK = 65536


class LogReader:
    """Drain a pipe in a thread, keeping its head and its tail and counting the rest."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._log = KeptLog()
        self._ended_at = math.inf
        self._thread = threading.Thread(target=self._drain, name="algoreg-logs", daemon=True)
        self._thread.start()

    @property
    def overflowed(self) -> bool:
        """Whether more was written than the contract allows."""
        return self._log.total > contract.LOG_MAX_BYTES

    @property
    def last_line(self) -> str:
        """The newest whole line so far."""
        return self._log.last_line

    def finish(self) -> Logs:
        """What was kept, once the program and its group are gone."""
        self._ended_at = time.monotonic()
        self._thread.join()
        return self._log.logs()

    def _drain(self) -> None:
        """Read until the pipe is closed, or silent after the end, or still not silent ``DRAIN_S`` after it."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            while time.monotonic() < self._ended_at + DRAIN_S:
                if selector.select(timeout=SILENCE_S):
                    if not (chunk := os.read(self._descriptor, CHUNK)):
                        return
                    self._log.write(chunk)
                elif self._ended_at < math.inf:
                    return


def run_to_end(
    arguments: Sequence[str],
    *,
    request: RunRequest,
    environment: Mapping[str, str],
    working_directory: str,
    stop: threading.Event,
) -> Execution:
    """Start the program in a session of its own, wait for its end, and kill what is left of its group.

    Raises Cancelled when ``stop`` is set.
    """
    begun = time.monotonic()
    try:
        process = subprocess.Popen(
            arguments,
            cwd=working_directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # too long an environment, a NUL in an argument
        return Execution(ending=Ending.NOT_STARTED, exit_code=None, start_error=str(error))
    assert process.stdout is not None
    with process.stdout:
        logs = LogReader(process.stdout.fileno())
        try:
            ending = _wait(process, request, logs, begun, stop)
        finally:
            _kill_group(process)
            kept = logs.finish()
    return Execution(
        ending=ending, exit_code=_exit_code(process), duration_s=time.monotonic() - begun, logs=kept
    )


def _wait(
    process: subprocess.Popen[bytes],
    request: RunRequest,
    logs: LogReader,
    begun: float,
    stop: threading.Event,
) -> Ending:
    """Watch the program until it ends or has to be killed."""
    listener = Listener(request.heard)
    deadline, ended, outlived = begun + request.timeout_s, Ending.EXITED, Ending.TIMED_OUT
    while process.poll() is None:
        if stop.is_set():
            raise Cancelled("stopped on request")
        if logs.overflowed:
            return Ending.LOG_OVERFLOW
        listener.look(logs.last_line)
        if time.monotonic() > deadline:
            return outlived
        if ended is Ending.EXITED and request.stop_when is not None and request.stop_when():
            process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + contract.SIGTERM_GRACE_S
            ended, outlived = Ending.STOPPED, Ending.OUTLIVED_SIGTERM
        time.sleep(POLL_S)
    return ended


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """The program leads a group of its own, whose number is its process id."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _exit_code(process: subprocess.Popen[bytes]) -> int:
    """As an engine reports it: 128 + n for a signal n."""
    code = process.returncode
    return code if code >= 0 else 128 - code
