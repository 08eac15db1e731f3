"""Who started a container: labels from which another process can tell a killed run from a live sibling."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

PREFIX = "io.algoreg."
RUN_LABEL = PREFIX + "run"
KEEP_LABEL = PREFIX + "keep"
KEPT = "yes"
"""Value of ``KEEP_LABEL`` on what a person asked to keep: only ``reap`` takes it away."""
NAME_PREFIX = "algoreg-"
"""Of every container, volume and directory: an image's own labels can name a run, but not a container."""
LONGEST_RUN_S = 7 * 24 * 3600.0
"""After this a run of another host is taken for dead, where its process cannot be looked at."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One run of algoreg: which process, on which boot of which host."""

    run: str
    host: str
    """Host name and process name space: a number of a process means nothing in another one."""
    boot: str
    pid: str
    started: str
    """Start time of the process in ticks since boot; a pid is used again, this pair is not."""
    deadline: str
    """Seconds since the epoch."""

    @classmethod
    def of_this_process(cls) -> Identity:
        """A new run of this process."""
        return cls(
            run=uuid.uuid4().hex[:16],
            host=_host(),
            boot=_boot(),
            pid=str(os.getpid()),
            started=_start_time(os.getpid()),
            deadline=str(int(time.time() + LONGEST_RUN_S)),
        )

    @classmethod
    def from_labels(cls, labels: Mapping[str, str] | None) -> Identity | None:
        """Who left this behind; None when it is not ours."""
        found = {name: (labels or {}).get(PREFIX + name, "") for name in cls.__dataclass_fields__}
        return cls(**found) if all(found.values()) else None

    @property
    def labels(self) -> dict[str, str]:
        """The labels of everything this run creates."""
        return {PREFIX + name: value for name, value in asdict(self).items()}

    @property
    def prefix(self) -> str:
        """How the names of everything this run creates begin."""
        return f"{NAME_PREFIX}{self.run}"

    def is_dead(self) -> bool:
        """Whether the process is certainly gone; in doubt it lives."""
        if self.host != _host():
            return self.deadline.isdigit() and time.time() > int(self.deadline)
        if self.boot != _boot():
            return True
        if not self.pid.isdigit():
            return False
        return _start_time(int(self.pid)) != self.started


def _host() -> str:
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = "-"
    return f"{socket.gethostname()} {space}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"


def _start_time(pid: int) -> str:
    """Field 22 of /proc/PID/stat; without /proc only whether the process exists."""
    if Path("/proc/self/stat").exists():
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "gone"
        # The name in parentheses may hold blanks and parentheses.
        fields = text.rpartition(")")[2].split()
        # A zombie waits for its parent, and will never clean up.
        return "gone" if fields[0] in ("Z", "X") else fields[19]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        return "-"
    return "-"
