"""Nothing stays behind: not after a kill of the whole group, not after a kill of the watchdog too."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import docker
import pytest

from algoreg.engines.docker import open_docker, reap
from algoreg.engines.docker.identity import LONGEST_RUN_S, Identity
from conftest import BASE, SMALL, everything, leftovers, unlabelled_volumes
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine

# Busy in every way at once: PostgreSQL, pods, a running algorithm, containers coming and going.
BUSY = textwrap.dedent("""
    import sys, threading
    from algoreg.engines.docker import open_docker
    from algoreg.engines.protocol import RunRequest
    from algoreg.model import Resources

    with open_docker(keep=sys.argv[1] == "keep") as engine:
        with engine.laboratory(engine.subject("algoreg/base:bookworm")) as laboratory:
            laboratory.databases
            def work(seconds):
                while True:
                    with laboratory.pod(Resources(memory_mb=64)) as pod:
                        pod.run(RunRequest(arguments=("sleep", seconds), environment={}, timeout_s=60))
            threads = [threading.Thread(target=work, args=(seconds,), daemon=True) for seconds in ("50", "0.2")]
            with laboratory.pod(Resources(memory_mb=64)) as pod:
                pod.run(RunRequest(arguments=("true",), environment={}, timeout_s=60))
                for thread in threads:
                    thread.start()
                print(engine._session.identity.run, flush=True)
                if sys.argv[1] == "wait":
                    threads[0].join()
""")


class Busy:
    """A run of algoreg in a process group of its own."""

    def __init__(self, mode: str = "wait") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", BUSY, mode], stdout=subprocess.PIPE, start_new_session=True
        )
        assert self.process.stdout is not None
        self.run = self.process.stdout.readline().decode().strip()
        assert self.run
        self.label = f"io.algoreg.run={self.run}"
        self.directory = Path(tempfile.gettempdir()) / f"algoreg-{self.run}"

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def watchdog(self) -> int:
        """Its process number."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if self.run.encode() in words and any(word.endswith(b"watchdog.py") for word in words):
                    return int(folder.name)
        raise AssertionError("no watchdog")


@pytest.fixture
def busy() -> Iterator[Busy]:
    started = Busy()
    yield started
    started.kill()


def _gone_within(client: docker.APIClient, busy: Busy, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = leftovers(client, busy.label)
        if not left.containers and not left.volumes and not busy.directory.exists():
            return True
        time.sleep(0.1)
    return False


def _await_containers(client: docker.APIClient, busy: Busy) -> None:
    """Until PostgreSQL, two pods and at least one run are there."""
    deadline = time.monotonic() + PROMPT_S
    while len(leftovers(client, busy.label).containers) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_group_is_cleaned_up_after(client: docker.APIClient, busy: Busy) -> None:
    unlabelled = unlabelled_volumes(client)
    _await_containers(client, busy)
    assert busy.directory.exists()
    watchdog = busy.watchdog()
    time.sleep(0.3)
    busy.kill()
    assert _gone_within(client, busy, PROMPT_S)
    # A create that was under way when its client vanished completes a little later.
    time.sleep(3.5)
    assert _gone_within(client, busy, 5.0)
    assert unlabelled_volumes(client) <= unlabelled
    deadline = time.monotonic() + PROMPT_S
    while Path(f"/proc/{watchdog}").exists() and not _is_zombie(watchdog):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_the_next_run_cleans_up_where_the_watchdog_was_killed_too(
    client: docker.APIClient, busy: Busy
) -> None:
    sibling = Busy()
    try:
        _await_containers(client, busy)
        _await_containers(client, sibling)
        os.kill(busy.watchdog(), signal.SIGKILL)
        busy.kill()
        time.sleep(0.5)
        assert leftovers(client, busy.label).containers
        said: list[str] = []
        with open_docker(progress=said.append):
            pass
        assert _gone_within(client, busy, 5.0)
        assert any("killed run" in line for line in said)
        # A live sibling keeps everything.
        assert len(leftovers(client, sibling.label).containers) >= 3
        assert sibling.directory.exists()
        assert sibling.process.poll() is None
    finally:
        sibling.kill()
    assert _gone_within(client, sibling, PROMPT_S)


def test_a_normal_end_leaves_nothing_not_even_unlabelled(client: docker.APIClient) -> None:
    processes = set(_children())
    with open_docker() as engine, engine.laboratory(engine.subject(BASE)) as laboratory:
        run = engine._session.identity.run
        _ = laboratory.databases
        with laboratory.pod(SMALL):
            assert len(leftovers(client, f"io.algoreg.run={run}").containers) == 2
    containers, volumes = everything(client)
    names = {name for c in client.containers(all=True) if c["Id"] in containers for name in c["Names"]}
    assert not [name for name in (*names, *volumes) if run in name]
    assert not (Path(tempfile.gettempdir()) / f"algoreg-{run}").exists()
    assert set(_children()) <= processes


def _children() -> list[int]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(child) for child in children]


def test_what_was_kept_stays_until_it_is_reaped(client: docker.APIClient) -> None:
    busy = Busy("keep")
    assert busy.process.wait(30) == 0
    busy.kill()
    with open_docker():
        pass
    assert leftovers(client, busy.label).volumes
    reaped = reap()
    assert reaped.containers
    assert _gone_within(client, busy, 5.0)


def test_a_stranger_with_our_label_is_left_alone(client: docker.APIClient, build) -> None:
    identity = Identity.of_this_process()
    labels = {**identity.labels, "io.algoreg.boot": "an earlier one"}
    subject = build(*(f'LABEL {name}="{value}"' for name, value in labels.items()))
    stranger = client.create_container_from_config({"Image": subject.image.id, "Cmd": ["true"]}, "stranger-x")
    try:
        reap()
        assert (
            client.inspect_container(stranger["Id"])["Config"]["Labels"]["io.algoreg.boot"]
            == "an earlier one"
        )
    finally:
        client.remove_container(stranger["Id"])


def test_who_is_dead() -> None:
    mine = Identity.of_this_process()
    assert Identity.from_labels(mine.labels) == mine
    assert Identity.from_labels({"io.algoreg.run": "x"}) is None
    assert not mine.is_dead()
    assert replace(mine, boot="another").is_dead()
    assert replace(mine, started="1").is_dead()
    assert replace(mine, pid="999999999").is_dead()
    assert not replace(mine, pid="not a number").is_dead()
    elsewhere = replace(mine, host="elsewhere", pid="999999999", boot="x")
    assert not elsewhere.is_dead()
    assert replace(elsewhere, deadline=str(int(time.time() - LONGEST_RUN_S))).is_dead()


def test_foreign_directories_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = replace(Identity.of_this_process(), pid="999999999")
    for name, note in (
        (dead.prefix, json.dumps(asdict(dead))),
        ("algoreg-another", json.dumps(asdict(dead))),
        ("algoreg-unreadable", "{"),
        ("algoreg-alive", json.dumps(asdict(replace(dead, pid=str(os.getpid()))))),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(note)
    (tmp_path / "algoreg-empty").mkdir()
    assert reap().directories >= 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "algoreg-alive",
        "algoreg-another",
        "algoreg-empty",
        "algoreg-unreadable",
    ]
