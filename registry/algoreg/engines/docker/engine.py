"""Assemble the Docker engine: find it, guard the run with a watchdog, sweep up after the dead, clean up at the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from algoreg.engines.docker import images, leftovers, watchdog
from algoreg.engines.docker.api import Api, Refusal, one_line
from algoreg.engines.docker.discovery import Address, connect
from algoreg.engines.docker.evaluator import Evaluator
from algoreg.engines.docker.identity import Identity
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.docker.laboratory import DockerLaboratory, open_laboratory
from algoreg.engines.docker.profile import MIB
from algoreg.engines.docker.session import Session
from algoreg.engines.protocol import Subject
from algoreg.errors import EngineError
from algoreg.model import Resources
from algoreg.report import EngineInfo

WATCHDOG_S = 10.0
"""How long it is waited for; it goes on alone where the engine needs longer."""


def _silent(_: str) -> None:
    """Nobody reads along."""


@contextmanager
def open_docker(
    *,
    database_image: str | None = None,
    progress: Callable[[str], None] = _silent,
    seed: int | None = None,
    keep: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[DockerEngine]:
    """The engine for one run of algoreg; everything the run created is gone when the context ends.

    ``keep`` leaves pods and volumes for a person to look into, until ``reap``. ``seed`` decides names, ports and
    passwords. ``environment`` replaces ``os.environ`` when looking for the engine. Raises EngineUnavailable.
    """
    with connect(environment) as (api, address):
        identity = Identity.of_this_process()
        directory = leftovers.new_directory(identity)
        with _watched(address, identity, directory) as dismiss_watchdog:
            session = Session(
                api=api, identity=identity, directory=directory, progress=progress, seed=seed, keep=keep
            )
            _sweep_up(api, progress)
            try:
                yield DockerEngine(session, database_image)
            except BaseException:
                with suppress(EngineError):  # the first failure is the one to tell
                    _clean_up(session, dismiss_watchdog)
                raise
            _clean_up(session, dismiss_watchdog)


def _clean_up(session: Session, dismiss_watchdog: Callable[[], None]) -> None:
    if not session.keep:
        leftovers.remove_run(session.api, session.identity.run)
    # A create whose reply was lost can still complete: then it is the watchdog that waits for it.
    if session.keep or not session.api.troubled:
        dismiss_watchdog()


def _sweep_up(api: Api, progress: Callable[[str], None]) -> None:
    """After the dead; that they cannot be buried is no reason to stop the living."""
    try:
        swept = leftovers.sweep(api)
    except EngineError as problem:
        progress(f"what a killed run left cannot be removed: {problem.message}")
    else:
        if swept:
            progress(
                f"removed what a killed run left: {swept.containers} containers, {swept.volumes} volumes"
            )


def reap(progress: Callable[[str], None] = _silent) -> leftovers.Reaped:
    """Remove what killed runs left behind. Raises EngineUnavailable, EngineError."""
    with connect() as (api, address):
        progress(f"looking at {address.url}")
        return leftovers.sweep(api, kept=True)


@contextmanager
def _watched(address: Address, identity: Identity, directory: Path) -> Iterator[Callable[[], None]]:
    """A watchdog from before the first create; unless it is dismissed, it cleans up when we end or die."""
    words: list[bytes] = []
    process = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            watchdog.__file__,
            address.url,
            address.certificates or "",
            identity.run,
            str(directory),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        yield lambda: words.append(b"done")
    finally:
        leftovers.remove_directory(directory)
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(b"".join(words))
        # Also where it has to clean up: then nothing is left when we say that we are done.
        with suppress(subprocess.TimeoutExpired):
            process.wait(WATCHDOG_S)


class DockerEngine:
    """Implements ``engines.protocol.Engine``."""

    def __init__(self, session: Session, database_image: str | None) -> None:
        self._session = session
        self._database_image = database_image
        self._version: dict[str, Any] = dict(self._api.call("tell its version", self._api.client.version))
        machine = self._api.call("describe its machine", self._api.client.info)
        self._capacity = Resources(
            cpus=float(machine.get("NCPU") or 0) or float("inf"),
            memory_mb=int(machine.get("MemTotal") or 0) // MIB or sys.maxsize,
        )
        self._evaluator = Evaluator(session, cpus=self._capacity.cpus)

    @property
    def _api(self) -> Api:
        return self._session.api

    @property
    def info(self) -> EngineInfo:
        """Name and version."""
        components = " ".join(str(c.get("Name")) for c in self._version.get("Components") or ())
        name = "podman" if "podman" in components.lower() else "docker"
        return EngineInfo(name=name, version=str(self._version.get("Version") or "") or None)

    @property
    def platform(self) -> tuple[str, str] | None:
        """(os, architecture) of the engine's machine."""
        return str(self._version.get("Os", "")), str(self._version.get("Arch", ""))

    def subject(self, target: str, *, pull: bool = False) -> DockerSubject:
        """Resolve a name to an image, once. Raises UsageError, ImageNotFound, EngineError."""
        return images.resolve(
            self._api, target, pull=pull, progress=self._session.progress, check=self._session.check
        )

    def has_image(self, reference: str) -> bool:
        """Whether the engine has an image of this name."""
        return images.find(self._api, reference) is not None

    def laboratory(self, subject: Subject) -> AbstractContextManager[DockerLaboratory]:
        """Begin to start PostgreSQL for one target."""
        return open_laboratory(
            self._session, _ours(subject), self._database_image, self._capacity, self._evaluator
        )

    def build_image(
        self,
        context: bytes,
        *,
        build_args: Mapping[str, str],
        labels: Mapping[str, str],
        tags: Sequence[str],
        progress: Callable[[str], None],
    ) -> str:
        """Build an image from a tar of its context; its id. Raises EngineError."""
        return images.build(
            self._api,
            context=context,
            build_args=build_args,
            labels=labels,
            tags=tags,
            progress=progress,
            check=self._session.check,
        )

    def user_name_is_root(self, subject: Subject, name: str) -> bool:
        """Whether the image's own /etc/passwd maps this user name to uid 0."""
        user = name.partition(":")[0]
        created = self._session.create("look", images.never_started(_ours(subject), self._session.labels))
        if isinstance(created, Refusal):
            raise EngineError(f"the engine cannot look into the image: {one_line(created.message)}")
        try:
            return images.uid_of(self._api, created, user) == 0
        finally:
            self._session.dispose(created)

    def cancel(self) -> None:
        """Ask every run to stop at once; may be called from a signal handler."""
        self._session.cancelled = True


def _ours(subject: Subject) -> DockerSubject:
    if not isinstance(subject, DockerSubject):
        raise TypeError(f"not a subject of this engine: {subject!r}")
    return subject
