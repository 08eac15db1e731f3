"""Run a plugin's own program as a subprocess, with an image's environment and files: the author's inner loop.

Nothing is isolated or limited here, neither memory nor network nor file system: what is judged is whether the
program keeps the contract, and only the image proves that the image does. How the volume is read is left to
``directory``, how processes end to ``subprocesses``, how nothing stays behind to ``keeper``.
"""

from __future__ import annotations

import os
import platform
import random
import shlex
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from algoreg import kept
from algoreg.databases.embedded import HOST, EmbeddedPostgres
from algoreg.databases.server import PostgresServer
from algoreg.engines import rerun
from algoreg.engines.directory import Directory
from algoreg.engines.keeper import end_residents, kept_folder, remove_tree
from algoreg.engines.protocol import Attendant, Endpoint, Execution, RunRequest, Snapshot, Subject
from algoreg.engines.subprocesses import run_to_end
from algoreg.errors import AlgoregError, Cancelled, EngineError, UsageError
from algoreg.model import Resources
from algoreg.pfa import Answer, Question
from algoreg.report import EngineInfo

VOLUME_VARIABLE = "ALGOREG_VOLUME"
"""Tells ``algoreg.runtime`` where the volume is; in a container it is at its fixed place."""
PROGRAM = "__main__.py"


@dataclass(frozen=True, kw_only=True)
class ProcessSubject:
    """A plugin's program (``protocol.Subject``)."""

    target: str
    package_dir: Path
    """The Python package that is run with ``-m``."""
    image: None = None


class ProcessPod:
    """One experiment's folder, and the way to PostgreSQL (``protocol.Pod``)."""

    def __init__(
        self,
        *,
        folder: Path,
        subject: ProcessSubject,
        endpoint: Callable[[], Endpoint],
        stop: threading.Event,
        keep: bool = False,
    ) -> None:
        """``keep``: beside each run's working directory, leave a script that makes it again."""
        self._folder = folder
        self._keep = keep
        self._subject = subject
        self._endpoint = endpoint
        self._stop = stop
        self._volume = Directory.create(folder / "volume")

    @property
    def endpoint(self) -> Endpoint:
        """Where the program finds PostgreSQL; waits until it is ready."""
        return self._endpoint()

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write input files into the volume."""
        for name, content in files.items():
            self._volume.put(name, content)

    def remove(self, name: str) -> None:
        """Remove an entry of the volume's top level."""
        self._volume.remove(name)

    def read(self, *, sockets: bool = False) -> Snapshot:
        """The volume as it is now; sockets are seen in any case."""
        return self._volume.read()

    def run(self, request: RunRequest) -> Execution:
        """Run the program once in a working directory of its own, and wait for its end."""
        working_directory = tempfile.mkdtemp(prefix="cwd-", dir=self._folder)
        environment = self._environment(request, volume=str(self._volume.path))
        arguments = [sys.executable, "-m", self._subject.package_dir.name, *request.arguments]
        execution = run_to_end(
            arguments,
            request=request,
            environment=environment,
            working_directory=working_directory,
            stop=self._stop,
        )
        if not self._keep:
            return execution
        script = rerun.write(Path(working_directory), arguments=arguments, environment=environment)
        return replace(execution, container=str(script))

    def refused_packets(self) -> int | None:
        """Nobody counts: nothing is refused here."""
        return None

    def attend(self, request: RunRequest) -> AbstractContextManager[Attendant]:
        """Never: waiting mode is a container's."""
        raise EngineError("the process engine has no waiting mode", hint="Use --engine docker.")

    def command_line(self, request: RunRequest, execution: Execution) -> str:
        """The same run by hand, as it stands where it was kept.

        Else DIR is a folder with the input file, and passwords are left out.
        """
        if execution.container is not None:
            return kept.script_line(execution.container)
        environment = self._environment(request, volume="DIR")
        shown = [f"{k}={shlex.quote(v)}" for k, v in sorted(environment.items()) if "PASSWORD" not in k]
        return " ".join(
            [
                "env",
                "-i",
                *shown,
                "python",
                "-m",
                self._subject.package_dir.name,
                *map(shlex.quote, request.arguments),
            ]
        )

    def _environment(self, request: RunRequest, *, volume: str) -> dict[str, str]:
        """What the caller passes, and what a program outside a container cannot do without."""
        return {
            **request.environment,
            VOLUME_VARIABLE: volume,
            "PATH": os.defpath,
            "PYTHONPATH": str(self._subject.package_dir.parent),
        }


class ProcessLaboratory:
    """One PostgreSQL, and pods that reach it (``protocol.Laboratory``)."""

    def __init__(
        self,
        *,
        folder: Path,
        subject: ProcessSubject,
        rng: random.Random,
        stop: threading.Event,
        keep: bool = False,
    ) -> None:
        """``keep``: what was set up for a run stays when the run is over."""
        self._keep = keep
        self._folder = folder
        self._subject = subject
        self._stop = stop
        self._postgres = EmbeddedPostgres(folder, rng=rng, keep=keep)

    @property
    def databases(self) -> PostgresServer:
        """The running PostgreSQL; waits until it is ready."""
        return self._postgres.wait().server

    def places(self, resources: Resources) -> int:
        """As many as the processors allow; nothing else is limited here."""
        return max(1, int((os.cpu_count() or 1) // resources.cpus))

    @contextmanager
    def pod(self, resources: Resources) -> Iterator[ProcessPod]:
        """A fresh folder for one experiment; ``resources`` are not limited by this engine."""
        if self._stop.is_set():
            raise Cancelled("stopped on request")
        folder = Path(tempfile.mkdtemp(prefix="pod-", dir=self._folder))
        try:
            yield ProcessPod(
                folder=folder,
                subject=self._subject,
                endpoint=self._endpoint,
                stop=self._stop,
                keep=self._keep,
            )
        finally:
            end_residents(folder)
            if not self._keep:
                remove_tree(folder)

    def evaluate(self, question: Question) -> Answer:
        """Never: evaluating a document executes it, and there is no sandbox here."""
        raise EngineError(
            "the process engine has no sandbox to evaluate a PFA document in", hint="Use --engine docker."
        )

    def _endpoint(self) -> Endpoint:
        return Endpoint(host=HOST, port=self._postgres.wait().port)

    def close(self) -> None:
        """End PostgreSQL, if it ever came up, or leave it for who asked to keep it."""
        with suppress(AlgoregError):
            running = self._postgres.wait()
            running.leave() if self._keep else running.close()


class ProcessEngine:
    """Runs plugins' programs on this machine (``protocol.Engine``)."""

    info = EngineInfo(name="process", version=platform.python_version())
    platform = None

    def __init__(self, *, progress: Callable[[str], None], seed: int, keep: bool = False) -> None:
        self._progress = progress
        self._seed = seed
        self._keep = keep
        self._stop = threading.Event()

    def subject(self, target: str, package_dir: Path) -> ProcessSubject:
        """The program in the Python package ``package_dir``."""
        package = package_dir.resolve()
        if not (package / PROGRAM).is_file():
            raise UsageError(
                f"{target}: there is no {PROGRAM} in {package_dir}",
                hint=f"The process engine runs `python -m {package.name}`; an image is tried with --engine docker.",
            )
        return ProcessSubject(target=target, package_dir=package)

    @contextmanager
    def laboratory(self, subject: Subject) -> Iterator[ProcessLaboratory]:
        """Begin to start PostgreSQL for one target; it ends, and its folder goes, with the context."""
        if not isinstance(subject, ProcessSubject):
            raise UsageError(f"{subject.target}: the process engine runs plugins' programs, not images")
        if self._stop.is_set():
            raise Cancelled("stopped on request")
        self._progress("starting the installed PostgreSQL")
        rng = random.Random(f"{self._seed} {subject.target}")
        with kept_folder(keep=self._keep) as folder:
            laboratory = ProcessLaboratory(
                folder=folder, subject=subject, rng=rng, stop=self._stop, keep=self._keep
            )
            try:
                yield laboratory
            finally:
                laboratory.close()

    def user_name_is_root(self, subject: Subject, name: str) -> bool:
        """A program has no /etc/passwd of its own."""
        return False

    def cancel(self) -> None:
        """Ask every run to stop at once."""
        self._stop.set()

    def go_on(self) -> None:
        """Let runs begin again, once those that were cancelled are over."""
        self._stop.clear()


@contextmanager
def open_process(
    *, progress: Callable[[str], None], seed: int, keep: bool = False
) -> Iterator[ProcessEngine]:
    """The process engine; everything that it started is gone when the context ends.

    ``keep`` leaves PostgreSQL and each run's folders for a person to look into, until ``reap``.
    """
    engine = ProcessEngine(progress=progress, seed=seed, keep=keep)
    try:
        yield engine
    finally:
        engine.cancel()
