"""TPOT's image on a real engine: judged in both profiles, within what it declares, and stopped without losing all."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from pathlib import Path

import pytest

from algoreg import contract, job, registry
from algoreg.engines.docker import open_docker
from algoreg.engines.protocol import Ending, RunRequest
from algoreg.samples import catalogue
from support.program import ALGOREG, CHECKOUT, Run
from support.scope import asked_for, only

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TPOT = "algoreg/tpot:0.1.0"
ITS_OWN = ("iso.network", "det.repeat", "run.oom", "db.results-row", "run.sigterm")
"""Checks that a search can fail where kNN, of the same runtime, passes."""
IN_SHORT = ("iso.network", "det.repeat", "run.oom")
"""Those that a wider run has the time for."""


@pytest.fixture(scope="module", autouse=True)
def tpot() -> None:
    subprocess.run([ALGOREG, "build", "tpot"], check=True, capture_output=True, cwd=CHECKOUT)


def test_tpot_passes_in_both_profiles(algoreg: Run, request: pytest.FixtureRequest) -> None:
    """In short in a wider run: what the other checks meet is the runtime, which other images have, too."""
    whole = asked_for(request.config, Path(__file__))
    asked = ITS_OWN if whole else IN_SHORT
    part = () if whole else only(*asked)
    done = algoreg("validate", TPOT, "--format", "json", "--seed", "5", *part, timeout=1800)
    assert done.out, done.err
    report = done.report()
    expected = (0, "PASS") if whole else (3, "PARTIAL")
    assert (done.code, report["verdict"], done.failed()) == (*expected, set()), done.out
    (target,) = report["targets"]
    passed = {check: [] for check in asked}
    for entry in target["checks"]:
        if entry["outcome"] == "PASS" and entry["id"] in passed:
            passed[entry["id"]].append(entry["case"])
    assert {check: len(cases) > 0 for check, cases in passed.items()} == dict.fromkeys(passed, True)
    assert len(passed["iso.network"]) == 3  # train, test and compute


def test_a_search_that_is_stopped_keeps_the_best_so_far() -> None:
    algorithm = registry.load().entries["tpot"].algorithm
    sample = catalogue.plain(algorithm, contract.REGRESSION, random.Random(3))
    asked = {"generations": "1000", "population_size": "6", "folds": "2"}
    second = threading.Event()

    def heard(line: str) -> None:
        if "generation 2 of 1000" in line:
            second.set()

    with (
        open_docker(seed=3) as engine,
        engine.laboratory(engine.subject(TPOT)) as laboratory,
        laboratory.pod(algorithm.resources) as pod,
        laboratory.databases.experiment(sample) as databases,
    ):
        environment = job.environment(
            job=job.Job(id="stopped", node="local", docker_image=TPOT),
            sample=sample,
            parameters=asked,
            endpoint=pod.endpoint,
            databases=databases,
            query=sample.query,
        )
        pod.put({contract.INPUT_TRAINING: json.dumps(sample.input_training(5)).encode()})
        request = RunRequest(
            arguments=(contract.TRAIN,),
            environment=environment,
            timeout_s=300,
            heard=heard,
            stop_when=second.is_set,
        )
        train = pod.run(request)
        assert (train.ending, train.exit_code) == (Ending.STOPPED, 0), train.logs.text
        written = json.loads(pod.read().files()[contract.INPUT_TEST])
        assert written["search"]["ended"] == "SIGTERM"
        test = pod.run(RunRequest(arguments=(contract.TEST,), environment=environment, timeout_s=300))
        assert (test.ending, test.exit_code) == (Ending.EXITED, 0), test.logs.text
        predicted = json.loads(pod.read().files()[contract.PREDICTIONS])["predictions"]
    assert len(predicted) == len(sample.held_out)
