"""One run of the algorithm: created, attached, started, polled against a monotonic clock, and removed.

The engine's own waiting is not used: its time-outs raise what they like, and a stream that a dying engine cuts
looks like an end. What counts is the container's State.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from algoreg import contract
from algoreg.engines.docker import rootfs
from algoreg.engines.docker.api import Refusal, one_line
from algoreg.engines.docker.session import Session
from algoreg.engines.docker.streams import LogReader
from algoreg.engines.keptlog import Listener
from algoreg.engines.protocol import Ending, Execution, RunRequest
from algoreg.errors import EngineError

POLL_S = 0.05
"""Between two looks at a run: its log, the clock, and whether somebody wants it to stop."""
ASK_S = 1.0
"""Between two questions to the engine while a run's log goes on: each costs both sides some milliseconds."""
SETTLE_S = 10.0
"""How long the engine may take to kill, or to hand over the rest of a log."""
NOTICE_S = 5.0
"""How long after its log a container's own end may come."""
FASTEST_START_S = 0.02
"""No container has run and ended by then: a log that did belongs to a cut connection."""
LOG_CUT = "the engine cut the container's log stream"

_IMAGES_FAULT = re.compile(
    r"executable file not found|exec format error|exec: |unable to start container process: exec"
    r"|unable to find (user|group)|no matching entries in (passwd|group)|chdir to cwd|not a directory"
    r"|no command specified|working directory .* is invalid|invalid working directory|is a directory"
    r"|uids and gids must be in range|argument list too long|invalid volume|invalid mount",
    re.IGNORECASE,
)
_ENGINES_FAULT = re.compile(
    r"no space left|cannot allocate|resource temporarily unavailable|too many open files|deadline exceeded"
    r"|joining network namespace|no such container|is not running|range of cpus|memory limit",
    re.IGNORECASE,
)
_NEVER_RAN = re.compile(
    # The init's own words: tini's, catatonit's.
    rb"\A(\[FATAL tini \(\d+\)\] exec .* failed: .*|ERROR \(catatonit:\d+\): failed to exec.*"
    # An executable of another machine: the init's execvp then tries the shell, which reads it as a script.
    rb"|\S+: (line )?\d+: .{0,8}ELF.*|.*cannot execute binary file.*)"
)
_CODES_OF_INIT = (2, 126, 127)


@dataclass(frozen=True, kw_only=True)
class State:
    """What the engine says of a container."""

    running: bool
    status: str
    exit_code: int
    oom_killed: bool
    error: str
    started_at: str

    @classmethod
    def of(cls, inspected: Mapping[str, Any]) -> State:
        """Read an answer of ``inspect``."""
        state = inspected["State"]
        return cls(
            running=bool(state.get("Running")),
            status=str(state.get("Status", "")),
            exit_code=int(state.get("ExitCode") or 0),
            oom_killed=bool(state.get("OOMKilled")),
            error=one_line(state.get("Error") or ""),
            started_at=str(state.get("StartedAt", "")),
        )


def execute(
    session: Session,
    config: Mapping[str, Any],
    request: RunRequest,
    *,
    started: Callable[[str], None] | None = None,
) -> Execution:
    """Run a container to its end; ``started`` is told its id once it runs. Raises EngineError, Cancelled."""
    created = session.create("run", config)
    if isinstance(created, Refusal):
        return not_started(created)
    try:
        logs = LogReader(session.api.attach(created))
        try:
            began = time.monotonic()
            refused = session.api.start(created)
            if refused is not None:
                return not_started(refused)
            if logs.ended_at is not None and logs.ended_at < began + FASTEST_START_S:
                raise EngineError(LOG_CUT)
            if started is not None:
                started(created)
            observed = Follower(session, created, request, logs).execution()
            if request.writable_root:
                observed = replace(observed, root_change=_root_change(session, created, config))
            return replace(observed, container=created) if session.keep else observed
        finally:
            logs.close()
    finally:
        session.dispose_unless_kept(created)


def _root_change(session: Session, container: str, config: Mapping[str, Any]) -> str | None:
    host = config["HostConfig"]
    mounted = [*host["Tmpfs"], *(mount["Target"] for mount in host["Mounts"])]
    path = rootfs.first_change(session.api.changes(container), mounted)
    return None if path is None else one_line(path)


def not_started(refusal: Refusal) -> Execution:
    """The image's fault where the engine's words say so; every other refusal is the engine's own."""
    if _ENGINES_FAULT.search(refusal.message) or not _IMAGES_FAULT.search(refusal.message):
        raise EngineError(f"the engine cannot start the image: {one_line(refusal.message)}")
    return Execution(ending=Ending.NOT_STARTED, exit_code=None, start_error=one_line(refusal.message))


class Follower:
    """Watches one started container to its end."""

    def __init__(self, session: Session, container: str, request: RunRequest, logs: LogReader) -> None:
        self._session = session
        self._container = container
        self._request = request
        self._logs = logs
        self._started = time.monotonic()

    def execution(self) -> Execution:
        """What was observed, once it has ended."""
        with self._sampled_pids() as pids:
            ending, state = self._follow()
        duration = time.monotonic() - self._started
        if not self._logs.finish(SETTLE_S) or self._logs.broken:
            raise EngineError(LOG_CUT)
        if state.status not in ("exited", "dead", "stopped") or state.error:
            raise EngineError(f"the engine lost the container: {state.error or state.status}")
        logs = self._logs.logs()
        failed = _NEVER_RAN.match(logs.head[:1000]) if state.exit_code in _CODES_OF_INIT else None
        if failed is not None and ending is Ending.EXITED:
            reason = one_line(failed.group().decode("utf-8", "replace"))
            return Execution(
                ending=Ending.NOT_STARTED, exit_code=None, duration_s=duration, logs=logs, start_error=reason
            )
        if self._logs.overflowed and ending is Ending.EXITED:
            ending = Ending.LOG_OVERFLOW
        return Execution(
            ending=ending,
            exit_code=state.exit_code,
            oom_killed=state.oom_killed,
            duration_s=duration,
            logs=logs,
            pids_peak=max(pids, default=None),
        )

    def _state(self) -> State:
        return State.of(self._session.api.inspect(self._container))

    def _follow(self) -> tuple[Ending, State]:
        deadline = self._started + self._request.timeout_s
        stop_when = self._request.stop_when
        ending, overdue = Ending.EXITED, Ending.TIMED_OUT
        listener = Listener(self._request.heard)
        asked = -ASK_S
        while True:
            # The end of a log is the end of a container, and the reader sees it at once.
            if self._logs.ended or time.monotonic() >= asked + ASK_S:
                state = self._state()
                asked = time.monotonic()
                if not state.running:
                    listener.look(self._logs.last_line)
                    return ending, state
            listener.look(self._logs.last_line)
            self._session.check()
            if self._logs.overflowed:
                return self._kill(Ending.LOG_OVERFLOW)
            if time.monotonic() >= deadline:
                return self._kill(overdue, ended=ending)
            if stop_when is not None and stop_when():
                stop_when = None
                if self._session.api.signal(self._container, "SIGTERM"):
                    ending, overdue = Ending.STOPPED, Ending.OUTLIVED_SIGTERM
                    deadline = time.monotonic() + contract.SIGTERM_GRACE_S
            self._pause()

    def _pause(self) -> None:
        """Until the next look: at once when the log ends or is too long."""
        if self._logs.ended_at is None:
            self._logs.attention.wait(POLL_S)
            return
        since = time.monotonic() - self._logs.ended_at
        # The init keeps both streams open as long as it lives.
        if since > NOTICE_S:
            raise EngineError(LOG_CUT)
        time.sleep(min(max(0.01, since / 4), POLL_S))

    def _kill(self, ending: Ending, *, ended: Ending = Ending.EXITED) -> tuple[Ending, State]:
        """``ended`` is how it ended where it had done so by itself."""
        delivered = self._session.api.signal(self._container, "SIGKILL")
        patience = time.monotonic() + SETTLE_S
        while (state := self._state()).running:
            if time.monotonic() > patience:
                raise EngineError(f"the engine did not kill a container within {SETTLE_S:.0f} s")
            time.sleep(0.02)
        return (ending if delivered else ended), state

    @contextmanager
    def _sampled_pids(self) -> Iterator[list[int]]:
        """Process counts while it runs, from a thread of their own: a sample can take a second."""
        samples: list[int] = []
        if not self._request.sample_pids:
            yield samples
            return
        over = threading.Event()

        def sample() -> None:
            while not over.is_set():
                try:
                    count = self._session.api.processes(self._container)
                except EngineError:
                    return  # the polling thread meets the same engine, and reports it
                if count is not None:
                    samples.append(count)
                over.wait(POLL_S)

        thread = threading.Thread(target=sample, name="algoreg pids", daemon=True)
        thread.start()
        try:
            yield samples
        finally:
            over.set()
            thread.join(5.0)
