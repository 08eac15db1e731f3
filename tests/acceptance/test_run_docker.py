"""`algoreg run` on a real engine: predictions out of containers, and nothing of them left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from algoreg import schemas
from support.program import ALGOREG, CHECKOUT, Run

pytestmark = pytest.mark.engine

DIABETES = CHECKOUT / "docs" / "data" / "diabetes.csv"
ASKED = ("--data", DIABETES, "--variable", "progression", "--covariables", "age,sex,bmi")


@pytest.fixture(scope="module", autouse=True)
def knn() -> None:
    subprocess.run([ALGOREG, "build", "knn"], check=True, capture_output=True, cwd=CHECKOUT)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    client = docker.from_env(use_ssh_client=False)
    try:
        yield client
    finally:
        client.close()


def _started(tmp_path: Path, temporary: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ALGOREG, "run", "knn", *map(str, ASKED), *options],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _left(engine: Any, process: subprocess.Popen[str]) -> list[Any]:
    """What the engine still has of this process."""
    own = {"label": f"io.algoreg.pid={process.pid}"}
    # Not `containers.list`: it asks about each again, and one that is gone by then is an error
    return [*engine.api.containers(all=True, filters=own), *engine.volumes.list(filters=own)]


def test_two_folds_and_a_model(engine: Any, tmp_path: Path, temporary: Path) -> None:
    process = _started(tmp_path, temporary, "--folds", "2", "--format", "json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    record = json.loads(out)
    assert schemas.violations("experiment", record) == ()
    assert (record["ok"], record["target"], record["engine"]["name"]) == (True, "algoreg/knn:0.1.0", "docker")
    folder = tmp_path / record["folder"]
    rows = [json.loads(path.read_text())["rows"] for path in sorted(folder.glob("fold-*/predictions.json"))]
    assert sorted(rows[0] + rows[1]) == list(range(442))
    assert json.loads((folder / "answer.json").read_text())["type"] == "application/pfa+json"
    assert list(temporary.iterdir()) == []
    assert _left(engine, process) == []


def test_an_image_that_is_not_there_says_what_to_do(algoreg: Run) -> None:
    done = algoreg("run", "algoreg-test/absent:1", *ASKED)
    assert done.code == 3
    assert "algoreg build" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_cluster_is_not_for_containers(algoreg: Run) -> None:
    done = algoreg("run", "knn", *ASKED, "--cluster", "tcp://localhost:8786")
    assert done.code == 2
    assert "--engine process" in done.err


def test_interrupted_it_removes_everything(engine: Any, tmp_path: Path, temporary: Path) -> None:
    process = _started(tmp_path, temporary, "--folds", "5")
    deadline = time.monotonic() + 60
    while len(_left(engine, process)) < 6 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _left(engine, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, ""), err
    assert list(temporary.iterdir()) == []
    assert _left(engine, process) == []
    assert list((tmp_path / "algoreg-runs").iterdir()) == []
