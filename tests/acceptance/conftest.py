"""Runs the program in an empty directory, with a temporary directory of its own to see what it leaves there."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.program import ALGOREG, Result, Run
from support.typesafe import typesafe

__all__ = ["typesafe"]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The program's own temporary directory; short, for the sockets in it."""
    with tempfile.TemporaryDirectory(prefix="acc") as folder:
        Path(folder).chmod(0o755)  # else the process engine, as root, takes another one
        yield Path(folder)


@pytest.fixture
def algoreg(tmp_path: Path, temporary: Path) -> Run:
    """Run the command line in an empty directory."""

    def run(
        *arguments: str | Path,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        timeout: float = 300,
    ) -> Result:
        environment = {**os.environ, "TMPDIR": str(temporary), **(env or {})}
        done = subprocess.run(
            [ALGOREG, *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run
