"""A registry of images on the loopback interface, where the engine pulls without TLS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import docker
import pytest
import requests

from support import testimage
from support.patience import PROMPT_S


@dataclass(frozen=True)
class ImageRegistry:
    """Where images are pushed to and pulled from."""

    address: str
    """``127.0.0.1:PORT``, the beginning of a repository's name."""
    client: Any

    def push(self, image: str, repository: str, tag: str) -> str:
        """Push a local image; ``repository@sha256:...`` of it here. No local name of it stays."""
        name = f"{self.address}/{repository}"
        self.client.api.tag(image, name, tag)
        try:
            answers = list(self.client.api.push(name, tag=tag, stream=True, decode=True))
        finally:
            self.client.api.remove_image(f"{name}:{tag}")
        errors = [answer["error"] for answer in answers if "error" in answer]
        assert not errors, errors
        (digest,) = [answer["aux"]["Digest"] for answer in answers if "aux" in answer]
        return f"{name}@{digest}"


@pytest.fixture(scope="session")
def image_registry() -> Iterator[ImageRegistry]:
    """An empty one; its images are gone with it, but for what the engine pulled."""
    image = testimage.ensure("registry")
    client = docker.from_env(use_ssh_client=False)
    container = client.containers.run(
        image, detach=True, cap_drop=["ALL"], mem_limit="256m", ports={"5000/tcp": ("127.0.0.1", None)}
    )
    try:
        container.reload()
        (published,) = container.ports["5000/tcp"]
        address = f"127.0.0.1:{published['HostPort']}"
        _await(address)
        yield ImageRegistry(address=address, client=client)
    finally:
        container.remove(force=True, v=True)
        client.close()


def _await(address: str) -> None:
    deadline = time.monotonic() + PROMPT_S
    while True:
        try:
            assert requests.get(f"http://{address}/v2/", timeout=PROMPT_S).status_code == 200
            return
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the registry does not answer"
            time.sleep(0.1)
