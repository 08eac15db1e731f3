"""What one target's experiments share: PostgreSQL, starting while the static checks run, and its socket."""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from algoreg.databases import sidecar
from algoreg.databases.protocol import DatabaseServer
from algoreg.engines.docker import images, pod, profile
from algoreg.engines.docker.api import Refusal
from algoreg.engines.docker.evaluator import Evaluator
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.docker.session import Session
from algoreg.engines.protocol import Pod
from algoreg.errors import AlgoregError, EngineError
from algoreg.model import Resources
from algoreg.pfa import Answer, Question


class DockerLaboratory:
    """Implements ``engines.protocol.Laboratory``."""

    def __init__(
        self,
        *,
        session: Session,
        subject: DockerSubject,
        wiring: Future[pod.Wiring],
        database: Future[sidecar.Sidecar],
        capacity: Resources,
        evaluator: Evaluator,
    ) -> None:
        self._session = session
        self._subject = subject
        self._wiring = wiring
        self._database = database
        self._capacity = capacity
        self._evaluator = evaluator

    @property
    def databases(self) -> DatabaseServer:
        """The running PostgreSQL; waits until it is ready."""
        return self.sidecar.server

    @property
    def sidecar(self) -> sidecar.Sidecar:
        """The container behind it."""
        return self._database.result()

    def places(self, resources: Resources) -> int:
        """As many as processors and memory allow: a run that gets less than it declared may seem to hang."""
        given = self._capacity
        fitting = min(given.cpus // resources.cpus, given.memory_mb // resources.memory_mb)
        return max(1, int(fitting))

    def pod(self, resources: Resources) -> AbstractContextManager[Pod]:
        """A fresh pod for one experiment."""
        for name, asked, given, unit in (
            ("cpus", resources.cpus, self._capacity.cpus, ""),
            ("memory", resources.memory_mb, self._capacity.memory_mb, " MB"),
        ):
            if asked > given:
                raise EngineError(
                    f"the image asks for {asked:g}{unit} of {name}, the engine's machine has {given:g}{unit}",
                    hint="Validate it on a larger machine, or lower `resources` in its metadata.",
                )
        return pod.open_pod(self._session, self._subject, resources, self._wiring.result())

    def evaluate(self, question: Question) -> Answer:
        """Take a PFA document up the ladder, in a container of its own."""
        return self._evaluator.evaluate(question)


def _image_volumes(session: Session, subject: DockerSubject, stack: ExitStack) -> dict[str, str]:
    """A volume per VOLUME of the image, filled with its content once, before parallel runs could race to do it."""
    paths = [path for path in subject.volumes if posixpath.normpath(path) not in profile.OWN_PATHS]
    volumes = {path: session.volume("image", {}) for path in paths}
    if volumes:
        for name in volumes.values():
            stack.callback(session.dispose_volume_unless_kept, name)
        filler = session.create("fill", images.never_started(subject, session.labels, volumes))
        if not isinstance(filler, Refusal):  # else the run itself is refused, and judged
            session.dispose(filler)
    return volumes


@contextmanager
def open_laboratory(
    session: Session,
    subject: DockerSubject,
    asked_image: str | None,
    capacity: Resources,
    evaluator: Evaluator,
) -> Iterator[DockerLaboratory]:
    """Begin to start PostgreSQL without waiting for it; everything is removed when the context ends."""
    closing = threading.Event()
    with ExitStack() as stack:
        sockets = session.volume("sockets", profile.SOCKET_OPTIONS)
        stack.callback(session.dispose_volume_unless_kept, sockets)
        image_volumes = _image_volumes(session, subject, stack)
        # One thread, in this order: pods need the image and can be opened while PostgreSQL starts.
        worker = ThreadPoolExecutor(1, thread_name_prefix="algoreg postgresql")
        image = worker.submit(sidecar.database_image, session, asked_image)
        wiring = worker.submit(
            lambda: pod.Wiring(image=image.result(), sockets=sockets, image_volumes=image_volumes)
        )
        started = ExitStack()
        database = worker.submit(
            lambda: started.enter_context(
                sidecar.running(session, image.result(), sockets, lambda: not closing.is_set())
            )
        )
        try:
            yield DockerLaboratory(
                session=session,
                subject=subject,
                wiring=wiring,
                database=database,
                capacity=capacity,
                evaluator=evaluator,
            )
        finally:
            closing.set()
            with suppress(AlgoregError):  # told to whoever asked for it; here only its end matters
                database.result()
            worker.shutdown()
            started.close()
