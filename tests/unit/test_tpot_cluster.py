"""TPOT on a Dask cluster that somebody else started: a scheduler and two workers, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from algoreg import contract
from algoreg_tpot.settings import ALLOWED
from support.clinic import AGE, SCORE, SEX, VOLUME, Clinic, Experiment
from support.program import ALGOREG, CHECKOUT

SMALL = {"generations": "2", "population_size": "6", "folds": "2"}
PIPELINES = 12
WORKERS = 2


@dataclass(frozen=True)
class Dask:
    address: str
    scheduler: subprocess.Popen[bytes]


def _start(stack: ExitStack, *arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    told = tmp_path / "scheduler.json"
    with ExitStack() as stack:
        where = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told))
        scheduler = _start(stack, "distributed.cli.dask_scheduler", "--port", "0", *where)
        deadline = time.monotonic() + 60
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(told.read_text())["address"]
        for _ in range(WORKERS):
            alone = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
            _start(stack, "distributed.cli.dask_worker", address, *alone)
        yield Dask(address, scheduler)


def asked(clinic: Clinic, **parameters: str) -> Experiment:
    values = {**SMALL, **parameters}
    job = clinic.experiment(
        SCORE, [AGE, VOLUME, SEX], **{f"MODEL_PARAM_{code}": value for code, value in values.items()}
    )
    job.environ[ALLOWED] = f"tcp://elsewhere:1 {values.get('DASK_SCHEDULER', '')}"
    return job


def done_by(job: Experiment, command: str) -> subprocess.CompletedProcess[str]:
    """As ``job.spawn``, with the time that every process of a cluster takes to import TPOT on a busy machine."""
    return subprocess.run(
        [sys.executable, "-m", "algoreg_tpot", command],
        env={**job.environ, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def found(job: Experiment) -> tuple[Any, Any]:
    done = done_by(job, "train")
    assert done.returncode == 0, done.stderr
    written = job.read(contract.INPUT_TEST)
    return json.loads(written["pipeline"])["estimator"], written["search"]["score"]


@pytest.mark.slow
def test_two_workers_find_the_pipeline_that_one_process_finds(clinic: Clinic, dask: Dask) -> None:
    from distributed import Client

    job = asked(clinic, DASK_SCHEDULER=dask.address)
    with Client(dask.address) as operator:
        # Else the search may be over before the second worker is there
        operator.wait_for_workers(WORKERS, timeout=60)
        (pipeline, score), (expected, expected_score) = found(job), found(asked(clinic))
        worked = operator.run(lambda dask_worker: dask_worker.state.executed_count)
    assert len(worked) == WORKERS
    assert min(worked.values()) > 0, worked
    assert sum(worked.values()) >= PIPELINES, worked
    assert pipeline == expected
    assert score == pytest.approx(expected_score, rel=1e-9)  # rows that travelled lie elsewhere in memory
    assert done_by(job, "test").returncode == 0


@pytest.mark.slow
@pytest.mark.thorough
def test_run_searches_on_a_cluster(dask: Dask, tmp_path: Path) -> None:
    """As a person types it, who is the operator of this machine."""
    budget = [f"--parameter={code}={value}" for code, value in SMALL.items()]
    asked = ["--variable", "progression", "--covariables", "age,sex,bmi", "--no-model", "--format", "json"]
    done = subprocess.run(
        [
            *(ALGOREG, "run", "tpot", "--data", str(CHECKOUT / "docs" / "data" / "diabetes.csv"), *asked),
            *("--engine", "process", "--cluster", dask.address, *budget),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["parameters"]["DASK_SCHEDULER"] == dask.address
    assert record["folds"][0]["value"] > 0
    log = (tmp_path / record["folder"] / "fold-1" / "train.log").read_text()
    assert "generation 2 of 2" in log


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_search_with_one_message(clinic: Clinic, dask: Dask) -> None:
    job = asked(clinic, DASK_SCHEDULER=dask.address, generations="1000")
    with subprocess.Popen(
        [sys.executable, "-m", "algoreg_tpot", "train"],
        env={**job.environ, "PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "generation 1 of 1000" in process.stderr.readline()
        dask.scheduler.send_signal(signal.SIGKILL)
        told = process.stderr.read()
        assert process.wait(120) == 1
    last = told.splitlines()[-1]
    assert last == f"tpot train: DASK_SCHEDULER: the scheduler at {dask.address} was lost during the search"
    assert "Traceback" not in told
    assert job.files() == [contract.INPUT_TRAINING]


def test_a_scheduler_that_the_operator_did_not_list_is_never_called(clinic: Clinic) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.1)
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        for allowed in (None, "", "tcp://elsewhere:1", f"{address}0"):
            job = asked(clinic, DASK_SCHEDULER=address)
            job.environ.pop(ALLOWED)
            if allowed is not None:
                job.environ[ALLOWED] = allowed
            done = done_by(job, "train")
            assert done.returncode == 1
            (line,) = done.stderr.splitlines()
            assert "ALGOREG_DASK_SCHEDULERS" in line
            with pytest.raises(TimeoutError):
                listener.accept()


def test_a_dead_scheduler_is_one_message_soon(clinic: Clinic) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that is taken, and answers nothing
        port = nobody.getsockname()[1]
        job = asked(clinic, DASK_SCHEDULER=f"tcp://127.0.0.1:{port}")
        began = time.monotonic()
        done = done_by(job, "train")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"DASK_SCHEDULER: no scheduler with a worker answers at tcp://127.0.0.1:{port} within 10 s" in line
    assert time.monotonic() - began < 90
