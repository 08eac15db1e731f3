"""Run an image's experiments as jobs of Chronos, on whatever machine of the cluster it chooses.

A pod is a directory of a file system that the machines share, and each run in it one job. Chronos tells success
or failure, and nothing more: neither an exit code nor logs. How a job is written is left to ``export.jobs``, how it
is followed to ``schedulers``, how the directory is read to ``directory``.
"""

from __future__ import annotations

import itertools
import os
import shlex
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from algoreg import contract
from algoreg.databases.given import Address, GivenServer
from algoreg.engines.directory import Directory
from algoreg.engines.keeper import remove_tree
from algoreg.engines.protocol import (
    Attendant,
    Ending,
    Endpoint,
    Execution,
    Logs,
    RunRequest,
    Snapshot,
    Subject,
)
from algoreg.errors import Cancelled, EngineError, UsageError
from algoreg.export.jobs.model import ScheduledJob, Volume, experiment_directory
from algoreg.export.names import woken_job_name
from algoreg.model import Resources
from algoreg.pfa import Answer, Question
from algoreg.report import EngineInfo
from algoreg.schedulers import chronos
from algoreg.schedulers.chronos import Chronos
from algoreg.schedulers.following import POLL_S, QUEUE_S, End, Patience
from algoreg.schedulers.submission import Submission, submit

T = TypeVar("T")
PLACES = 64
"""How many machines there are is for Chronos to know; a person's --jobs is the bound."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What must be known of a cluster to work on it."""

    url: str | None = field(repr=False)
    """Of Chronos; can hold a password."""
    volume_root: Path | None
    """A folder that this machine and all of Chronos' agents have under this name."""
    database_server: str | None = field(repr=False)
    """The URL of a PostgreSQL that this machine and the agents reach; can hold a password."""
    network: str | None = None
    """The agents' Docker network that jobs join."""
    host: str | None = None
    """The only agent that may run them."""
    queue_s: float = QUEUE_S
    owner: str = ""
    poll_s: float = POLL_S


@dataclass(frozen=True, kw_only=True)
class ChronosSubject:
    """A plugin's image, which the agents must be able to pull (``protocol.Subject``)."""

    target: str
    reference: str
    image: None = None
    """What Chronos tells of an image without running it: nothing."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """What all runs of an engine share."""

    chronos: Chronos
    cluster: Cluster
    root: Path
    address: Address
    stop: threading.Event
    warn: Callable[[str], None]
    """Hears what is left behind, which a person must know."""

    def execute(self, job: ScheduledJob, request: RunRequest) -> Submission:
        """Submit a job, follow it, and remove it, whatever becomes of it."""
        cluster = self.cluster
        patience = Patience(run_s=request.timeout_s, queue_s=cluster.queue_s, poll_s=cluster.poll_s)
        tell = request.heard or _nobody
        return submit(self.chronos, job, patience, tell=tell, warn=self.warn, stop=self.stop)


def _nobody(_line: str) -> None:
    """Nobody listens."""


class ChronosPod:
    """One experiment's directory, and jobs that work in it (``protocol.Pod``)."""

    def __init__(
        self, *, site: Site, subject: ChronosSubject, resources: Resources, volume: Directory
    ) -> None:
        self._site = site
        self._subject = subject
        self._resources = resources
        self._volume = volume
        self._numbers = itertools.count(1)

    @property
    def endpoint(self) -> Endpoint:
        """Where the agents find PostgreSQL."""
        return Endpoint(host=self._site.address.host, port=self._site.address.port)

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write input files into the volume."""
        for name, content in files.items():
            self._volume.put(name, content)

    def remove(self, name: str) -> None:
        """Remove an entry of the volume's top level."""
        self._volume.remove(name)

    def read(self, *, sockets: bool = False) -> Snapshot:
        """The volume as it is now."""
        return self._volume.read()

    def run(self, request: RunRequest) -> Execution:
        """Run the image once, as a job, and wait for its end."""
        if self._site.stop.is_set():
            raise Cancelled("stopped on request")
        return _execution(self._site.execute(self._job(request), request))

    def _job(self, request: RunRequest) -> ScheduledJob:
        """Under a name that nobody has used, the directory's: a job of the same name would be replaced."""
        command, *arguments = request.arguments
        cluster = self._site.cluster
        id_ = f"{self._volume.path.name}_{next(self._numbers)}"
        return ScheduledJob(
            name=f"algoreg_{woken_job_name(self._subject.reference, command)}_{id_}",
            image=self._subject.reference,
            command=command,
            arguments=tuple(arguments),
            environment=request.environment,
            resources=self._resources,
            volumes=(Volume(host_path=str(self._volume.path)),),
            network=cluster.network,
            owner=cluster.owner,
            host=cluster.host,
        )

    def refused_packets(self) -> int | None:
        """Nobody counts: nothing is refused here."""
        return None

    def attend(self, request: RunRequest) -> AbstractContextManager[Attendant]:
        """Never: nothing can be executed inside a job."""
        raise EngineError("Chronos has no waiting mode", hint="Use --engine docker.")

    def command_line(self, request: RunRequest, execution: Execution) -> str:
        """The same run by hand; DIR is a folder with the input file, passwords are left out."""
        shown = [
            f"--env {shlex.quote(f'{name}={value}')}"
            for name, value in sorted(request.environment.items())
            if "PASSWORD" not in name
        ]
        words = (shlex.quote(word) for word in (self._subject.reference, *request.arguments))
        return " ".join(["docker run --rm", f"--volume DIR:{contract.VOLUME}", *shown, *words])


_ENDINGS = {
    End.SUCCEEDED: (Ending.EXITED, 0),
    End.FAILED: (Ending.FAILED, None),
    End.OVERDUE: (Ending.UNTOLD, None),
}
"""What Chronos tells as a run is seen; one that is lost is no run."""


def _execution(submission: Submission) -> Execution:
    ending, code = _ENDINGS[submission.end]
    content = f"{submission.text}\n".encode()  # Chronos passes no logs on
    return Execution(
        ending=ending,
        exit_code=code,
        duration_s=submission.duration_s,
        logs=Logs(head=content, total=len(content)),
    )


class ChronosLaboratory:
    """Databases on the given PostgreSQL, and pods below the volume root (``protocol.Laboratory``)."""

    def __init__(self, *, site: Site, subject: ChronosSubject) -> None:
        self._site = site
        self._subject = subject
        self.databases = GivenServer(site.address)

    def places(self, resources: Resources) -> int:
        """As many as a person may ask for: Chronos queues what finds no machine."""
        return PLACES

    @contextmanager
    def pod(self, resources: Resources) -> Iterator[ChronosPod]:
        """A fresh directory for one experiment."""
        if self._site.stop.is_set():
            raise Cancelled("stopped on request")
        folder = Path(experiment_directory(str(self._site.root)))
        volume = Directory.create(folder)
        try:
            yield ChronosPod(site=self._site, subject=self._subject, resources=resources, volume=volume)
        finally:
            remove_tree(folder)
            if folder.exists():
                self._site.warn(f"{folder} is left: another user owns what is in it")

    def evaluate(self, question: Question) -> Answer:
        """Never: evaluating a document executes it, and there is no sandbox here."""
        raise EngineError("Chronos has no sandbox to evaluate a PFA document in", hint="Use --engine docker.")


class ChronosEngine:
    """Runs plugins' images on a cluster (``protocol.Engine``)."""

    platform = None

    def __init__(self, *, site: Site) -> None:
        self._site = site
        self.info = EngineInfo(name="chronos", version=site.chronos.dialect.version.value)

    def subject(self, target: str, reference: str) -> ChronosSubject:
        """The image ``reference`` of a plugin."""
        return ChronosSubject(target=target, reference=reference)

    @contextmanager
    def laboratory(self, subject: Subject) -> Iterator[ChronosLaboratory]:
        """Everything that is shared by the experiments of one target."""
        if not isinstance(subject, ChronosSubject):
            raise UsageError(f"{subject.target}: Chronos runs plugins' images")
        laboratory = ChronosLaboratory(site=self._site, subject=subject)
        try:
            yield laboratory
        finally:
            laboratory.databases.close()

    def user_name_is_root(self, subject: Subject, name: str) -> bool:
        """An image cannot be looked into from here."""
        return False

    def cancel(self) -> None:
        """Ask every run to stop at once; its job is killed and deleted."""
        self._site.stop.set()


@contextmanager
def open_chronos(
    cluster: Cluster, *, progress: Callable[[str], None], warn: Callable[[str], None]
) -> Iterator[ChronosEngine]:
    """The engine, once Chronos has answered. Raises UsageError, SchedulerError."""
    root = _usable(_given(cluster.volume_root, "--volume-root"))
    address = Address.parse(_given(cluster.database_server, "--database-server"))
    connected = chronos.connect(_given(cluster.url, "--chronos"))
    progress(f"Chronos at {connected.place} speaks as {connected.dialect.version.value}")
    site = Site(
        chronos=connected, cluster=cluster, root=root, address=address, stop=threading.Event(), warn=warn
    )
    engine = ChronosEngine(site=site)
    try:
        yield engine
    finally:
        engine.cancel()


def _given(value: T | None, option: str) -> T:
    if value is None:
        raise UsageError(
            f"--engine chronos needs {option}",
            hint="It needs --chronos URL, --volume-root DIR and --database-server URL; see docs/chronos.md.",
        )
    return value


def _usable(root: Path) -> Path:
    experiment_directory(str(root))
    if not (root.is_dir() and os.access(root, os.W_OK | os.X_OK)):
        raise UsageError(
            f"{root} is no folder that can be written here",
            hint="Name with --volume-root a folder of the file system that Chronos' agents share with this machine.",
        )
    return root
