"""A Docker engine, which must be there: without one these tests fail, they are never skipped."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import docker
import pytest

from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.engines.docker.discovery import connect
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.engines.protocol import Execution, Pod, RunRequest
from algoreg.model import Resources

BASE = "algoreg/base:bookworm"
SMALL = Resources(cpus=0.5, memory_mb=128, timeout_s=30)


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """What there is in the engine that carries our labels."""

    containers: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()


def leftovers(client: docker.APIClient, label: str = "io.algoreg.run") -> Leftovers:
    return Leftovers(
        containers=frozenset(c["Id"] for c in client.containers(all=True, filters={"label": label})),
        volumes=frozenset(v["Name"] for v in client.volumes(filters={"label": label})["Volumes"] or ()),
    )


def everything(client: docker.APIClient) -> tuple[frozenset[str], frozenset[str]]:
    """All containers and volumes, whoever made them: an unlabelled one of ours would show here only."""
    return (
        frozenset(c["Id"] for c in client.containers(all=True)),
        frozenset(v["Name"] for v in client.volumes()["Volumes"] or ()),
    )


def unlabelled_volumes(client: docker.APIClient) -> frozenset[str]:
    """Volumes that no sweep of ours would find."""
    found = client.volumes()["Volumes"] or ()
    return frozenset(v["Name"] for v in found if "io.algoreg.run" not in (v["Labels"] or {}))


@pytest.fixture(scope="session")
def client() -> Iterator[docker.APIClient]:
    with connect() as (api, _):
        yield api.client


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerEngine]:
    with open_docker(seed=1) as opened:
        yield opened


@pytest.fixture(scope="session")
def base(engine: DockerEngine) -> DockerSubject:
    return engine.subject(BASE)


@pytest.fixture(scope="session")
def laboratory(engine: DockerEngine, base: DockerSubject) -> Iterator[DockerLaboratory]:
    with engine.laboratory(base) as opened:
        yield opened


@pytest.fixture
def pod(laboratory: DockerLaboratory) -> Iterator[Pod]:
    with laboratory.pod(SMALL) as opened:
        yield opened


def request(*arguments: str, timeout_s: float = 30.0, **more: object) -> RunRequest:
    return RunRequest(arguments=arguments, environment={"JOB_ID": "1"}, timeout_s=timeout_s, **more)  # type: ignore[arg-type]


def shell(pod: Pod, script: str, **more: object) -> Execution:
    return pod.run(request("sh", "-c", script, **more))


def python(pod: Pod, program: str, **more: object) -> Execution:
    return pod.run(request("python3", "-I", "-S", "-c", program, **more))


@dataclass
class Builder:
    """Builds small images, and removes them at the end."""

    engine: DockerEngine
    built: list[str] = field(default_factory=list)

    def context(self, dockerfile: str) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            entry = tarfile.TarInfo("Dockerfile")
            entry.size = len(dockerfile.encode())
            archive.addfile(entry, io.BytesIO(dockerfile.encode()))
        return buffer.getvalue()

    def __call__(self, *lines: str, base: str = BASE) -> DockerSubject:
        tag = f"algoreg-test/{uuid.uuid4().hex[:12]}:1"
        self.engine.build_image(
            self.context("\n".join((f"FROM {base}", *lines))),
            build_args={},
            labels={},
            tags=[tag],
            progress=lambda _: None,
        )
        self.built.append(tag)
        return self.engine.subject(tag)


@pytest.fixture(scope="session")
def build(engine: DockerEngine, client: docker.APIClient) -> Iterator[Callable[..., DockerSubject]]:
    builder = Builder(engine)
    yield builder
    for tag in builder.built:
        client.remove_image(tag, force=True)
