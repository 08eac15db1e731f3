"""Woken's own reader of configuration, in a container: many files are parsed and resolved in one start of a JVM."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import docker
import pytest

from support import testimage

IMAGE = "algoreg/typesafe:1"
FOLDER = "/cases"
"""Where the files lie in the container; the reader's working directory, too."""
_QUESTIONS = "/tmp/questions"
_ANSWERS = "/tmp/answers"
"""A file: the engine's own log tears characters apart where it cuts long lines."""


@dataclass(frozen=True)
class Question:
    """A file that is to be read, named as ``-Dconfig.file`` would name it."""

    file: str
    variables: Mapping[str, str] | None = None
    """What substitutions see beside the file itself; None: the environment of the process."""

    def json(self) -> str:
        given = {} if self.variables is None else {"variables": dict(self.variables)}
        return json.dumps({"file": self.file, **given})


@dataclass(frozen=True)
class Reading:
    """What the library made of a file: its value, or its error."""

    file: str
    value: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Typesafe:
    """The library, on the engine that the tests use."""

    client: Any

    def read(
        self,
        files: Mapping[str, str | bytes],
        questions: Sequence[Question],
        environment: Mapping[str, str] | None = None,
    ) -> list[Reading]:
        """One reading for each question; ``files`` are those below ``FOLDER``, by relative path."""
        container = self.client.containers.create(
            IMAGE,
            [_QUESTIONS, _ANSWERS],
            network_mode="none",
            environment=dict(environment or {}),
            cap_drop=["ALL"],
            mem_limit="1g",
        )
        try:
            asked = "".join(f"{question.json()}\n" for question in questions)
            placed = {f"{FOLDER}/{name}": content for name, content in files.items()}
            container.put_archive("/", _archive({**placed, _QUESTIONS: asked}))
            container.start()
            status = container.wait(timeout=600)["StatusCode"]
            assert status == 0, container.logs().decode()[-2000:]
            said = _file(container.get_archive(_ANSWERS)[0])
        finally:
            container.remove(force=True, v=True)
        readings = [Reading(**json.loads(line)) for line in said.split("\n") if line]
        assert [reading.file for reading in readings] == [question.file for question in questions]
        return readings

    def value(self, files: Mapping[str, str | bytes], file: str, **variables: str) -> dict[str, Any]:
        """What ``file`` says with these variables set and no others."""
        (reading,) = self.read(files, [Question(file, variables)])
        assert reading.error is None, reading.error
        return reading.value


def _archive(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _file(packed: Iterable[bytes]) -> str:
    """The one file in an archive."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(packed))) as archive:
        content = archive.extractfile(archive.getmembers()[0])
        assert content is not None
        return content.read().decode()


@pytest.fixture(scope="session")
def typesafe() -> Iterator[Typesafe]:
    """The library; its image is built where it is not there."""
    image = testimage.ensure("typesafe")
    assert image == IMAGE
    client = docker.from_env(use_ssh_client=False)
    try:
        yield Typesafe(client)
    finally:
        client.close()
