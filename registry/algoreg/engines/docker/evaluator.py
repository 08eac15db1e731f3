"""Evaluates PFA documents that an untrusted image wrote: each in a container of its own, from an image of its own.

Titus compiles a document to Python and executes it: nothing of that happens on the host, and what comes back is
as untrusted as the document (``transcript``). Source: contract sections 4 and 6.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from algoreg import pfa
from algoreg.build import LOCAL_BASE
from algoreg.engines.docker import images, profile, volume
from algoreg.engines.docker.execution import execute
from algoreg.engines.docker.session import Session
from algoreg.engines.docker.transcript import judge
from algoreg.engines.protocol import Ending, Execution, RunRequest
from algoreg.errors import EngineError
from algoreg.pfa import Answer, NotPfa, Question, Rung

IMAGE: Final = "algoreg/pfa:1"
RECIPE_LABEL: Final = "algoreg.recipe"
DOCKERFILE: Final = Path(__file__).with_name("pfa.Dockerfile")
_PROGRAM: Final = Path(__file__).with_name("pfa_program.py")
_PYTHON: Final = "/opt/pfa/bin/python"
_USER: Final = "10002:10002"
_FOLDER: Final = "/question"
_FOLDER_OPTIONS: Final = {
    "type": "tmpfs",
    "device": "tmpfs",
    "o": "size=64m,nr_inodes=16,mode=0755,nosuid,nodev",
}
_PIDS: Final = 32


def recipe() -> str:
    """What tells an image of this Dockerfile from one of another release; scripts/engine_pfa.sh says the same."""
    return hashlib.sha256(DOCKERFILE.read_bytes()).hexdigest()[:16]


class Evaluator:
    """Implements ``engines.protocol.Laboratory.evaluate`` for every laboratory of one engine."""

    def __init__(self, session: Session, *, cpus: float) -> None:
        self._session = session
        self._cpus = min(pfa.CPUS, cpus)
        self._lock = threading.Lock()
        self._image: str | None = None
        self._unavailable: EngineError | None = None

    def evaluate(self, question: Question, timeout_s: float = pfa.TIMEOUT_S) -> Answer:
        """Take a document up the ladder.

        Raises EngineError when there is no sandbox or it broke, TooLarge for more JSON than can be parsed,
        Cancelled.
        """
        if len(question.records) > pfa.MAX_RECORDS:
            raise ValueError(f"{len(question.records):,} records; at most {pfa.MAX_RECORDS:,} are answered")
        try:
            document = pfa.parse(question.document)
        except NotPfa as problem:
            return Answer(failed=Rung.SYNTAX, message=str(problem))
        data = question_file(question, document)
        observed = self._run(data, timeout_s)
        if observed.ending is Ending.EXITED and observed.exit_code != 0 and not observed.oom_killed:
            # An engine that restarts takes the container with it; a document that crashes does so again.
            observed = self._run(data, timeout_s)
        return judge(question, observed, timeout_s)

    def _run(self, data: bytes, timeout_s: float) -> Execution:
        session = self._session
        files = volume.pack({"question.json": data, "ready": b""})
        image = self._image_id()
        name = session.volume("question", _FOLDER_OPTIONS)
        try:
            return execute(
                session,
                self._config(image, name),
                RunRequest(arguments=(), environment={}, timeout_s=timeout_s),
                # Into the running container: what is written to a tmpfs earlier is lost.
                started=lambda container: session.api.put(container, _FOLDER, files),
            )
        finally:
            session.dispose_volume_unless_kept(name)

    def _config(self, image: str, volume_name: str) -> dict[str, Any]:
        host = profile.hardened(memory_bytes=pfa.MEMORY_MB * profile.MIB, pids=_PIDS)
        host["NanoCpus"] = round(self._cpus * 1e9)
        host["Tmpfs"] = {"/tmp": profile.TMP}
        host["Mounts"] = [
            profile.mount(_FOLDER, volume_name, labels=self._session.labels, options=_FOLDER_OPTIONS)
        ]
        return {
            "Image": image,
            "User": _USER,
            # The program is the caller's own, whichever release built the image.
            "Entrypoint": [_PYTHON, "-I", "-c", _PROGRAM.read_text(encoding="utf-8"), _FOLDER],
            "Cmd": [],
            # Less than the network mode: no name space that the engine sets up, which takes it a process.
            "NetworkDisabled": True,
            "AttachStdin": False,
            "AttachStdout": True,
            "AttachStderr": True,
            "Tty": False,
            "OpenStdin": False,
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": host,
        }

    def _image_id(self) -> str:
        """The image, built when it is not there; tried once. Raises EngineError."""
        with self._lock:
            if self._unavailable is not None:
                raise self._unavailable
            if self._image is None:
                found = images.find(self._session.api, IMAGE)
                current = found is not None and found.image.labels.get(RECIPE_LABEL) == recipe()
                self._image = found.image.id if found is not None and current else self._build()
            return self._image

    def _build(self) -> str:
        session = self._session
        session.progress(f"building {IMAGE}, in which PFA documents are evaluated; only this once")
        base = images.find(session.api, LOCAL_BASE)
        try:
            return images.build(
                session.api,
                context=_context_of(DOCKERFILE.read_bytes()),
                build_args={} if base is None else {"BASE": LOCAL_BASE},
                labels={RECIPE_LABEL: recipe()},
                tags=[IMAGE],
                progress=session.progress,
                check=session.check,
            )
        except EngineError as problem:
            self._unavailable = EngineError(
                f"PFA documents cannot be evaluated: {problem.message}",
                hint="Run `make engine` in a checkout, or let the engine reach a Python base image and a package "
                "index, and try again.",
            )
            raise self._unavailable from problem


def question_file(question: Question, document: Mapping[str, Any]) -> bytes:
    """What ``pfa_program`` reads."""
    return json.dumps(
        {
            "document": document,
            "fields": [{"name": field.name, "types": field.types} for field in question.fields],
            "outputs": question.outputs,
            "records": [dict(record) for record in question.records],
        },
        allow_nan=False,
    ).encode()


def _context_of(content: bytes) -> bytes:
    """A Dockerfile alone, as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
