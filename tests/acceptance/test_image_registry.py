"""Images that come from a registry: pulled with progress, by tag and by digest, and judged as what they were then."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

import pytest
from docker.errors import ImageNotFound

from algoreg.engines.docker import open_docker
from good_images.recipes import TWIN, Images, read
from support.image_registry import ImageRegistry, image_registry
from support.program import ALGOREG, Run

__all__ = ["image_registry"]
pytestmark = pytest.mark.engine

META = ("--only", "meta", "--skip", "meta.match", "--format", "json", "--seed", "3")
"""What can be said in a second, which is PARTIAL: this is about which image it is said of."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """An image under one tag in a registry, and another that takes its place."""

    registry: ImageRegistry
    repository: str
    tag: str
    first: str
    second: str
    """Ids."""

    @property
    def name(self) -> str:
        return f"{self.registry.address}/{self.repository}"

    @property
    def reference(self) -> str:
        return f"{self.name}:{self.tag}"

    def push(self, image: str) -> str:
        """The digest under which the registry has it now."""
        return self.registry.push(image, self.repository, self.tag).partition("@")[2]

    def forget(self) -> None:
        """No local image has a name of this registry any more; a digest goes with the last tag, or after it."""
        images = self.registry.client.images
        names = [
            name
            for image in images.list(name=self.name)
            for name in (*image.tags, *image.attrs["RepoDigests"])
        ]
        for name in (*filter(self._is_ours, names), self.second):
            with suppress(ImageNotFound):
                images.remove(name, force=True)

    def _is_ours(self, name: str) -> bool:
        return name.startswith(self.name)


@pytest.fixture
def published(image_registry: ImageRegistry) -> Iterator[Published]:
    with open_docker(seed=1) as engine:
        Images(engine).build(read(TWIN))
    client = image_registry.client
    first = client.images.get(read(TWIN).reference)
    container = client.containers.create(first.id)
    try:
        second = container.commit(changes='LABEL another="yes"')
    finally:
        container.remove()
    made = Published(
        registry=image_registry,
        repository="hospital/ridge",
        tag=str(read(TWIN).document["version"]),
        first=first.id,
        second=second.id,
    )
    try:
        yield made
    finally:
        made.forget()


def target(report: dict[str, Any]) -> dict[str, Any]:
    (only,) = report["targets"]
    found: dict[str, Any] = only
    return found


def test_an_absent_tag_is_pulled_with_progress_and_its_digest_is_in_the_report(
    algoreg: Run, published: Published
) -> None:
    digest = published.push(published.first)
    done = algoreg("validate", published.reference, *META, env={"ALGOREG_PROGRESS": "plain"})
    assert done.code == 3, done.err  # PARTIAL
    assert f"pulling {published.reference}" in done.err
    assert "Status: Downloaded newer image" in done.err
    found = target(done.report())
    assert (found["image_id"], found["digest"]) == (published.first, f"{published.name}@{digest}")
    assert found["verdict"] == "PARTIAL"


def test_a_digest_is_judged_whatever_its_tag_has_become(algoreg: Run, published: Published) -> None:
    digest = published.push(published.first)
    published.push(published.second)
    done = algoreg("validate", f"{published.name}@{digest}", *META)
    found = target(done.report())
    assert (found["image_id"], found["digest"]) == (published.first, f"{published.name}@{digest}")


def test_a_tag_that_moved_is_seen_where_it_is_pulled_anew(algoreg: Run, published: Published) -> None:
    published.push(published.first)
    assert target(algoreg("validate", published.reference, *META).report())["image_id"] == published.first
    digest = published.push(published.second)
    published.registry.client.api.tag(published.first, published.name, published.tag)  # pushing took it away
    stale = target(algoreg("validate", published.reference, *META).report())
    assert stale["image_id"] == published.first
    fresh = target(algoreg("validate", published.reference, "--pull", *META).report())
    assert (fresh["image_id"], fresh["digest"]) == (published.second, f"{published.name}@{digest}")


def test_a_tag_that_moves_while_it_is_judged_changes_nothing(published: Published) -> None:
    published.push(published.first)
    moved = threading.Event()
    with subprocess.Popen(
        [
            ALGOREG,
            "validate",
            published.reference,
            "--only",
            "run.exit-code",
            "--seed",
            "3",
            "--format",
            "json",
        ],
        env={**os.environ, "ALGOREG_PROGRESS": "plain"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watcher = threading.Thread(target=_watch, args=(process.stderr, published, moved))
        watcher.start()
        assert process.stdout is not None
        out = process.stdout.read()
        watcher.join()
    assert moved.is_set()
    assert published.registry.client.images.get(published.reference).id == published.second
    assert f'"image_id": "{published.first}"' in out
    assert '"outcome": "FAIL"' not in out


def _watch(lines: IO[str], published: Published, moved: threading.Event) -> None:
    """Once the image is known by its id, its tag is another's, here and in the registry."""
    for line in lines:
        if "run.start" in line and not moved.is_set():
            published.push(published.second)
            published.registry.client.images.pull(published.name, tag=published.tag)
            moved.set()


def test_what_no_registry_has_is_an_error_that_says_so(algoreg: Run, published: Published) -> None:
    done = algoreg("validate", f"{published.registry.address}/hospital/absent:1", *META)
    assert done.code == 3
    assert "is neither local nor pullable" in done.out
