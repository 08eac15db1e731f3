"""What an engine must do for a validation: open a pod per experiment, run commands in it, read its volume.

The vocabulary of both engines (containers, subprocesses). Nothing here knows Docker or judges anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from algoreg.databases.protocol import DatabaseServer
from algoreg.model import Resources
from algoreg.pfa import Answer, Question
from algoreg.report import EngineInfo

LOG_KEPT_BYTES = 256 * 1024
"""How much of a log's head, and as much of its tail, is kept."""
EXTRA_FILES_KEPT_BYTES = 16 * 1024 * 1024
"""How much content of files that the contract does not name is kept by a snapshot."""


@dataclass(frozen=True, kw_only=True)
class ImageInfo:
    """What the engine tells of an image without starting it; every text is untrusted."""

    id: str
    digest: str | None
    """``repository@sha256:...`` the registry knows it by; None for an image that was never pushed or pulled."""
    os: str
    architecture: str
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    user: str
    workdir: str
    environment: Mapping[str, str]
    labels: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where an algorithm in the pod finds PostgreSQL."""

    host: str
    port: int


class Ending(StrEnum):
    """How a run came to its end."""

    EXITED = "exited"
    """By itself; see ``exit_code``."""
    TIMED_OUT = "timed out"
    """It outlived its deadline and was killed by us."""
    STOPPED = "stopped"
    """It was sent SIGTERM by us and ended within the grace; ``exit_code`` is what it ended with."""
    OUTLIVED_SIGTERM = "outlived SIGTERM"
    """It was sent SIGTERM by us, lived on past the grace, and was killed."""
    LOG_OVERFLOW = "log overflow"
    """It wrote more than ``contract.LOG_MAX_BYTES``, and was killed by us unless it ended first."""
    NOT_STARTED = "not started"
    """The engine could not start it (126, 127, exec format, unknown user); see ``start_error``."""
    FAILED = "a failure, whose exit code the scheduler does not tell"
    UNTOLD = "no end that the scheduler told in time"


@dataclass(frozen=True, kw_only=True)
class Logs:
    """Standard output and error of a run, interleaved as they arrived; raw bytes, untrusted."""

    head: bytes = b""
    tail: bytes = b""
    """The last bytes when not everything fitted into the head; never overlaps it."""
    total: int = 0
    """How many bytes were written in all."""

    @property
    def kept(self) -> bytes:
        """Everything that was kept, head and tail."""
        return self.head + self.tail

    @property
    def text(self) -> str:
        """The kept bytes as text, undecodable ones replaced; not yet safe to print."""
        return self.kept.decode("utf-8", errors="replace")


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What was observed of one run."""

    ending: Ending
    exit_code: int | None
    """None when it was never started, or nobody tells; 128 + n for a signal n."""
    oom_killed: bool = False
    """The memory limit killed a process of it, also a child, also when the code is 0."""
    duration_s: float = 0.0
    logs: Logs = field(default_factory=Logs)
    pids_peak: int | None = None
    """Highest sampled number of processes; None when it was not sampled."""
    start_error: str | None = None
    root_change: str | None = None
    """The first path of a writable root file system that it changed; untrusted. None where the root is read only."""
    container: str | None = None
    """Where it ran, when that stays for a person to look at."""


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run of the algorithm in a pod."""

    arguments: tuple[str, ...]
    """The command, as ``docker run IMAGE`` takes it; empty for none."""
    environment: Mapping[str, str]
    timeout_s: float
    sample_pids: bool = False
    writable_root: bool = False
    """Let it write to its root file system: only to find out whether this is what it lacks."""
    stop_when: Callable[[], bool] | None = None
    """Polled while it runs; once true, SIGTERM is sent and the grace of contract section 5 begins."""
    heard: Callable[[str], None] | None = None
    """Told the newest line of its log (untrusted) while it runs, each once, from the thread that waits for it."""


class EntryKind(StrEnum):
    """What an entry of the volume is."""

    FILE = "regular file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    FIFO = "FIFO"
    SOCKET = "socket"
    DEVICE = "device"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the volume."""

    name: str
    """Path below the volume, ``/`` as separator."""
    kind: EntryKind
    size: int
    content: bytes | None = field(default=None, repr=False)
    """None for what is no regular file, or was too large to be kept."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The volume after a run, read without following, extracting or executing anything."""

    entries: tuple[Entry, ...] = ()
    overflow: str | None = None
    """Why reading stopped before the end (``1,001 entries``, ``68 MB``); None when everything was read."""

    def get(self, name: str) -> Entry | None:
        """The entry of this name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def files(self) -> dict[str, bytes]:
        """Name -> content of the regular files whose content was kept."""
        return {e.name: e.content for e in self.entries if e.content is not None}


class Workplace(Protocol):
    """Where an algorithm works: a volume, the way to PostgreSQL, and a way to run it beside them."""

    @property
    def endpoint(self) -> Endpoint:
        """Where the algorithm finds PostgreSQL."""

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write input files (mode 0666) into the volume; names may hold ``/``."""

    def remove(self, name: str) -> None:
        """Remove an entry of the volume's top level, whatever it is; absent is fine."""

    def run(self, request: RunRequest) -> Execution:
        """Run the algorithm once and wait for its end.

        Raises EngineError when the engine broke, Cancelled when ``Engine.cancel`` was called.
        """

    def read(self, *, sockets: bool = False) -> Snapshot:
        """The volume as it is now; call it between runs only.

        ``sockets`` looks for them in the whole volume, which costs an engine more; else only where outputs
        should be.
        """

    def refused_packets(self) -> int | None:
        """How often anything in this pod tried to reach what is not in it, up to now; None where nobody counts."""

    def command_line(self, request: RunRequest, execution: Execution) -> str:
        """A bash line that starts the same run by hand (passwords left out)."""


class Attendant(Workplace, Protocol):
    """The algorithm in waiting mode: ``run`` executes its program inside, as ``docker exec`` does.

    What is executed has the environment that waiting began with; that of a request is not looked at. Whether the
    memory limit killed a process is known at the end of it all, from ``stop``.
    """

    @property
    def up(self) -> bool:
        """Whether it still waits."""

    def zombies(self) -> tuple[str, ...]:
        """Number and name (untrusted) of processes that ended and that nobody waited for; a moment is allowed."""

    def stop(self) -> Execution:
        """Send SIGTERM and wait for the end: STOPPED or OUTLIVED_SIGTERM; EXITED when it did not wait so long."""


class Pod(Workplace, Protocol):
    """One experiment's world, with a name space of its own; each run takes place in a new container or process."""

    def attend(self, request: RunRequest) -> AbstractContextManager[Attendant]:
        """Begin waiting mode, and give it a moment; it is gone when the context ends.

        Raises EngineError (also where the engine has no such mode), Cancelled.
        """


class Subject(Protocol):
    """The thing under validation, as its engine knows it: an image, or a plugin's own program."""

    @property
    def target(self) -> str:
        """What the person typed."""

    @property
    def image(self) -> ImageInfo | None:
        """None when the engine runs no image."""


class Laboratory(Protocol):
    """What one target's experiments share: one PostgreSQL, and pods that reach it."""

    @property
    def databases(self) -> DatabaseServer:
        """The running PostgreSQL; waits until it is ready. Raises DatabaseError when it does not start."""

    def places(self, resources: Resources) -> int:
        """How many runs with these resources the machine can give what they declare at the same time; at least 1."""

    def pod(self, resources: Resources) -> AbstractContextManager[Pod]:
        """A fresh pod for one experiment; everything of it is gone when the context ends.

        May be called from several threads at once. Raises EngineError, DatabaseError, Cancelled.
        """

    def evaluate(self, question: Question) -> Answer:
        """Take a PFA document up the ladder, where it can do no harm.

        May be called from several threads at once. Raises EngineError (also where the engine has no sandbox),
        strictjson.TooLarge, Cancelled.
        """


class Engine(Protocol):
    """Runs subjects."""

    @property
    def info(self) -> EngineInfo:
        """Name and version, for the report."""

    @property
    def platform(self) -> tuple[str, str] | None:
        """(os, architecture) in the engine's words, such as ("linux", "amd64"); None when it runs no images."""

    def laboratory(self, subject: Subject) -> AbstractContextManager[Laboratory]:
        """Begin to start PostgreSQL for one target, without waiting for it; remove it when the context ends."""

    def user_name_is_root(self, subject: Subject, name: str) -> bool:
        """Whether the image's own /etc/passwd maps this user name to uid 0 (False where it cannot be read)."""

    def cancel(self) -> None:
        """Ask every run to stop at once (from a signal handler's side); runs then raise Cancelled."""
