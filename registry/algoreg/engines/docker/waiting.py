"""An image in waiting mode: a container that stays up, and its program executed inside, again and again.

Zombies are counted from outside, by a program of ours in a container of ours that sees the same processes: what
the engine lists leaves them out, and nothing inside the image is to be trusted.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from algoreg.engines.docker import inside, profile
from algoreg.engines.docker.api import Refusal, one_line
from algoreg.engines.docker.execution import (
    LOG_CUT,
    POLL_S,
    SETTLE_S,
    Follower,
    State,
    execute,
    not_started,
)
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.docker.session import Session
from algoreg.engines.docker.streams import LogReader
from algoreg.engines.protocol import Ending, Endpoint, Execution, RunRequest, Snapshot, Workplace
from algoreg.errors import EngineError

STAYS_S = 1.0
"""What has not ended by then seems to wait."""
_REST_S = 2.0
"""How long a command's output may still flow after its end; a child that stays holds it."""
_NEWS_S = 2.0
_SIGKILL = 128 + 9
_NOT_BEGUN = b"OCI runtime exec failed"
_PATIENCE_S = 3
"""A moment without a zombie within this time is enough: whoever waits for children may do it now and then."""
_LOOK = r"""
use strict; use warnings;
my $end = time + $ARGV[0];
my @found;
do {
    @found = ();
    for my $process (glob "/proc/[0-9]*") {
        open my $file, "<", "$process/stat" or next;
        my $line = do { local $/; <$file> } // next;
        my ($pid, $name, $state) = $line =~ /^(\d+) \((.*)\) (\S)/s or next;
        # The first thread of a process that lives on in others is no zombie, though it is marked as one
        next if $state ne "Z" or (() = glob "$process/task/[0-9]*") > 1;
        $name =~ s/[^!-~]/?/g;
        push @found, "$pid $name\n";
    }
    if (@found) { select undef, undef, undef, 0.1 }
} while @found and time <= $end;
print @found, "end\n";
"""
_LOOKER_MEMORY = 32 * profile.MIB


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How an image waits."""

    config: Mapping[str, Any]
    """The container's."""
    request: RunRequest
    program: tuple[str, ...]
    """The image's entrypoint: what is executed inside, followed by a command."""
    helper: DockerSubject
    """An image of ours with perl."""
    by_hand: Callable[[str | None], str]
    """The line that starts it by hand; of a container that stays, when there is one."""


class DockerAttendant:
    """Implements ``engines.protocol.Attendant``."""

    def __init__(
        self, *, session: Session, pod: Workplace, manner: Manner, container: str, logs: LogReader
    ) -> None:
        self._session = session
        self._pod = pod
        self._manner = manner
        self._container = container
        self._logs = logs

    @property
    def endpoint(self) -> Endpoint:
        """The pod's."""
        return self._pod.endpoint

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write input files into the pod's volume."""
        self._pod.put(files)

    def remove(self, name: str) -> None:
        """Remove a top-level entry of the pod's volume."""
        self._pod.remove(name)

    def read(self, *, sockets: bool = False) -> Snapshot:
        """The pod's volume as it is now."""
        return self._pod.read(sockets=sockets)

    def refused_packets(self) -> int | None:
        """The pod's count."""
        return self._pod.refused_packets()

    @property
    def up(self) -> bool:
        """Whether it still waits."""
        return self._state().running

    def run(self, request: RunRequest) -> Execution:
        """Execute the image's program with these arguments inside, and wait for its end."""
        self._session.check()
        words = (*self._manner.program, *request.arguments)
        with inside.begin(self._session.api, self._container, words) as command:
            if isinstance(command, Refusal):
                return self._not_begun(command)
            observed = self._followed(command, request)
        return replace(observed, container=self._container) if self._session.keep else observed

    def zombies(self) -> tuple[str, ...]:
        """Number and name of processes that ended and that nobody waited for."""
        look = RunRequest(arguments=(), environment={}, timeout_s=SETTLE_S + _PATIENCE_S)
        try:
            seen = execute(self._session, self._looker(), look)
        except EngineError:
            if self.up:
                raise
            return ()
        *found, end = seen.logs.text.splitlines() or [""]
        if (seen.exit_code, end) == (0, "end"):
            return tuple(found)
        if self.up:  # else the helper ended with it, and its end is what counts
            raise EngineError(
                f"the processes of a container could not be looked at: {one_line(seen.logs.text)}"
            )
        return ()

    def stop(self) -> Execution:
        """Send SIGTERM and wait for the end."""
        asked = replace(self._manner.request, timeout_s=SETTLE_S, stop_when=lambda: True)
        observed = Follower(self._session, self._container, asked, self._logs).execution()
        return replace(observed, container=self._container) if self._session.keep else observed

    def command_line(self, request: RunRequest, execution: Execution) -> str:
        """Two commands: start it, and execute the program inside."""
        words = shlex.join((*self._manner.program, *request.arguments))
        return f'C=$({self._manner.by_hand(execution.container)}) && docker exec "$C" {words}'

    def _state(self) -> State:
        return State.of(self._session.api.inspect(self._container))

    def _not_begun(self, refusal: Refusal) -> Execution:
        if not self.up:
            ended = "the container had ended"
            return Execution(ending=Ending.NOT_STARTED, exit_code=None, start_error=ended)
        return not_started(refusal)

    def _followed(self, command: inside.Command, request: RunRequest) -> Execution:
        """Poll it to its end; with the container killed where it, or its output, has none."""
        began = time.monotonic()
        ending = Ending.EXITED
        while (code := command.exit_code()) is None:
            self._session.check()
            if ending is Ending.EXITED:
                if command.logs.overflowed or self._logs.overflowed:
                    ending = Ending.LOG_OVERFLOW
                elif time.monotonic() >= began + request.timeout_s:
                    ending = Ending.TIMED_OUT
                if ending is not Ending.EXITED:
                    self._session.api.signal(self._container, "SIGKILL")
            elif time.monotonic() >= began + request.timeout_s + SETTLE_S:
                raise EngineError(f"the engine did not kill a container within {SETTLE_S:.0f} s")
            time.sleep(POLL_S / 2)
        duration = time.monotonic() - began
        command.logs.finish(_REST_S)
        if command.logs.broken:
            raise EngineError(LOG_CUT)
        logs = command.logs.logs()
        if code in (126, 127) and logs.head.startswith(_NOT_BEGUN):
            return self._not_begun(Refusal(status=400, message=logs.text))
        if command.logs.overflowed and ending is Ending.EXITED:
            ending = Ending.LOG_OVERFLOW
        if code == _SIGKILL:
            self._give_time_to_end()
        return Execution(ending=ending, exit_code=code, duration_s=duration, logs=logs)

    def _give_time_to_end(self) -> None:
        """The end of a container kills what is executed in it, and the engine hears of that first."""
        patience = time.monotonic() + _NEWS_S
        while self.up and time.monotonic() < patience:
            time.sleep(POLL_S)

    def _looker(self) -> dict[str, Any]:
        """A container of ours that shares nothing with the waiting one but its processes."""
        host = profile.hardened(memory_bytes=_LOOKER_MEMORY, pids=16)
        host["PidMode"] = f"container:{self._container}"
        host["Init"] = False  # there is one, the waiting container's
        helper = self._manner.helper
        host["Tmpfs"] = profile.in_memory(helper.volumes)
        return {
            "Image": helper.image.id,
            # Nobody's: processes of one's own number can be stopped
            "User": str(self._session.number(30000, 59999)) + ":65534",
            "Entrypoint": ["perl", "-e", _LOOK, str(_PATIENCE_S)],
            "Cmd": [],
            "AttachStdout": True,
            "AttachStderr": True,
            "Tty": False,
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": host,
        }


@contextmanager
def open_attendant(session: Session, pod: Workplace, manner: Manner) -> Iterator[DockerAttendant]:
    """A container that waits, or has ended within a moment; gone when the context ends."""
    created = session.create("wait", manner.config)
    if isinstance(created, Refusal):
        raise _refused(created)
    try:
        logs = LogReader(session.api.attach(created))
        try:
            began = time.monotonic()
            refused = session.api.start(created)
            if refused is not None:
                raise _refused(refused)
            attendant = DockerAttendant(session=session, pod=pod, manner=manner, container=created, logs=logs)
            while time.monotonic() < began + STAYS_S and attendant.up:
                session.check()
                time.sleep(POLL_S)
            yield attendant
        finally:
            logs.close()
    finally:
        session.dispose_unless_kept(created)


def _refused(refusal: Refusal) -> EngineError:
    """The same image has been started before, and what differs is an argument."""
    return EngineError(f"the engine cannot start waiting mode: {one_line(refusal.message)}")
