"""An engine that fails is never the image's fault: only an EngineError comes out, soon, and nothing stays."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from faulty_engine import FaultyEngine

from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.engines.docker.discovery import connect
from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.errors import EngineError
from conftest import BASE, SMALL, leftovers, request, shell
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultyEngine]:
    with connect() as (_, address):
        upstream = address.url
    opened = FaultyEngine(path=Path(f"/tmp/algoreg-test-faulty-{os.getpid()}.sock"), upstream=upstream)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def behind(proxy: FaultyEngine) -> Iterator[DockerEngine]:
    with open_docker(environment={"DOCKER_HOST": proxy.url}) as opened:
        opened._session.api.patience = 0.1
        yield opened


@pytest.fixture(scope="module")
def shaky(behind: DockerEngine) -> Iterator[DockerLaboratory]:
    with behind.laboratory(behind.subject(BASE)) as opened:
        _ = opened.databases
        yield opened


@pytest.mark.parametrize(
    ("target", "fault", "skip"),
    [
        ("create", "lost reply", 1),
        ("create", "500", 1),
        ("attach", "truncated", 1),
        ("start", "refuse", 0),
        ("start", "500", 1),
        ("start", "lost reply", 1),
        ("inspect", "truncated", 2),
        ("put", "refuse", 0),
        ("get", "truncated", 0),
        ("volume", "404", 0),
    ],
)
def test_a_failing_call_is_the_engines_failure(
    shaky: DockerLaboratory, proxy: FaultyEngine, target: str, fault: str, skip: int
) -> None:
    proxy.arm(target, fault, skip=skip)
    began = time.monotonic()
    with pytest.raises(EngineError) as caught:  # noqa: PT012, SIM117 - any of the calls may fail
        with shaky.pod(SMALL) as pod:
            pod.put({"a": b"1"})
            shell(pod, "sleep 0.5")
            pod.read()
    assert proxy.struck.is_set()
    assert "\n" not in caught.value.message
    assert time.monotonic() - began < PROMPT_S


def test_an_engine_that_falls_silent_is_noticed_during_a_silent_run(
    shaky: DockerLaboratory, proxy: FaultyEngine
) -> None:
    proxy.arm("inspect", "trickle", skip=4)
    began = time.monotonic()
    with pytest.raises(EngineError), shaky.pod(SMALL) as pod:
        shell(pod, f"sleep {2 * PROMPT_S:.0f}")
    assert proxy.struck.is_set()
    assert time.monotonic() - began < PROMPT_S


@pytest.mark.parametrize("fault", ["500", "404"])
def test_what_is_not_removed_now_is_removed_at_the_end(
    proxy: FaultyEngine, client: docker.APIClient, fault: str
) -> None:
    with open_docker(environment={"DOCKER_HOST": proxy.url}) as engine:
        run = engine._session.identity.run
        with engine.laboratory(engine.subject(BASE)) as laboratory:
            _ = laboratory.databases
            proxy.arm("remove", fault, repeat=True)
            with laboratory.pod(SMALL) as pod:
                assert shell(pod, "exit 3").exit_code == 3
            proxy.disarm()
    assert not leftovers(client, f"io.algoreg.run={run}").containers
    assert not leftovers(client, f"io.algoreg.run={run}").volumes


def test_a_pod_that_dies_during_a_run_takes_the_blame(pod, client: docker.APIClient) -> None:
    name = pod._container
    threading.Timer(1.0, lambda: client.kill(name)).start()
    with pytest.raises(EngineError, match="lost the pod"):
        pod.run(request("sleep", "2"))


def test_what_the_engine_forgets_to_tell_is_asked_again(shaky: DockerLaboratory, proxy: FaultyEngine) -> None:
    with shaky.pod(SMALL) as pod:
        proxy.arm("exec start", "no output")
        assert pod.refused_packets() == 0
        assert proxy.struck.is_set()
        proxy.arm("exec start", "no output", repeat=True)
        with pytest.raises(EngineError, match="counters are not readable"):
            pod.refused_packets()
        proxy.disarm()


def test_an_engine_that_is_gone_at_the_end_leaves_the_rest_to_the_watchdog(
    proxy: FaultyEngine, client: docker.APIClient
) -> None:
    runs = []

    def use() -> None:
        with open_docker(environment={"DOCKER_HOST": proxy.url}) as engine:
            runs.append(engine._session.identity.run)
            with engine.laboratory(engine.subject(BASE)) as laboratory, laboratory.pod(SMALL):
                proxy.arm("anything", "refuse", repeat=True)
                threading.Timer(3.0, proxy.disarm).start()

    with pytest.raises(EngineError):
        use()
    run = runs[0]
    deadline = time.monotonic() + PROMPT_S
    while leftovers(client, f"io.algoreg.run={run}").containers:
        assert time.monotonic() < deadline
        time.sleep(0.1)
