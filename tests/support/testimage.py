"""Images that only tests need: the folder of one has its Dockerfile, and ``engine.sh up`` builds it."""

from __future__ import annotations

import os
import subprocess

from support.program import CHECKOUT

_RECIPE = CHECKOUT / "scripts" / "engine_test_image.sh"


def ensure(name: str) -> str:
    """The reference of ``tests/support/NAME``'s image, built where it is not there."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    made = subprocess.run([_RECIPE, host, name], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    return f"algoreg/{name}:1"
