"""A PFA engine in an environment of its own: Titus needs an older numpy, and executes what it is given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REQUIREMENTS = ("titus2==1.2.0", "numpy<2")
PROGRAM = """
import inspect, json, sys
if not hasattr(inspect, "getargspec"):  # gone since Python 3.11
    inspect.getargspec = inspect.getfullargspec
from titus.genpy import PFAEngine
given = json.load(sys.stdin)
engine, = PFAEngine.fromJson(given["document"])
assert engine.config.method == "map"
print(json.dumps([engine.action(row) for row in given["rows"]]))
"""


@dataclass(frozen=True)
class Titus:
    """Evaluates documents."""

    python: Path

    def __call__(self, document: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        done = subprocess.run(
            [self.python, "-I", "-c", PROGRAM],
            input=json.dumps({"document": json.loads(document), "rows": rows}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        answers: list[Any] = json.loads(done.stdout)
        return answers


@pytest.fixture(scope="session")
def titus(tmp_path_factory: pytest.TempPathFactory) -> Titus:
    home = tmp_path_factory.mktemp("titus")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS]
    subprocess.run(install, check=True)
    return Titus(python)
