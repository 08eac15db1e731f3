"""Waiting mode of the runtime: it costs nothing, takes leave of orphans, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

METADATA = """
code: sleeper
entrypoints: [train, test, wait]
"""
MAIN = 'from algoreg.runtime import main\n\nmain("sleeper")\n'
HEAVY = {"sklearn", "numpy", "scipy", "pandas", "psycopg", "statsmodels"}

AS_SUBREAPER = """
import ctypes, os, time
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans come here, as they come to PID 1
for _ in range(5):
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(0.5)
        os._exit(0)
"""
TOLD_BEFORE = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.kill(os.getpid(), signal.SIGTERM)
from algoreg.runtime import run
print(run("sleeper", ["wait"], os.environ), *sys.modules)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "sleeper"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "algorithm.yaml").write_text(METADATA, encoding="utf-8")
    (folder / "__main__.py").write_text(MAIN, encoding="utf-8")
    return folder


def environment(package: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(package.parent)}


@contextmanager
def waiting(package: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, *(words or ("-m", "sleeper")), "wait"]
    process = subprocess.Popen(command, env=environment(package), stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_stays_until_it_is_told(package: Path, told: signal.Signals) -> None:
    with waiting(package) as process:
        assert first_line(process) == (
            f"sleeper wait: ready for `docker exec CONTAINER {sys.executable} -m sleeper train|test`; "
            "SIGTERM ends it\n"
        )
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(told)
        assert process.wait(timeout=2) == 0
        assert first_line(process) == ""


def test_it_reads_nothing_heavy_and_hears_what_it_was_told_before(package: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOLD_BEFORE],
        env=environment(package),
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    code, *modules = done.stdout.split()
    assert code == "0"
    assert HEAVY & set(modules) == set()


def test_it_takes_leave_of_orphans_and_of_children_that_it_finds(package: Path) -> None:
    with waiting(package, "-c", AS_SUBREAPER + MAIN) as process:
        first_line(process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        patience = time.monotonic() + 30
        while children.read_text() and time.monotonic() < patience:
            time.sleep(0.05)
        assert children.read_text() == ""
        process.terminate()
        assert process.wait(timeout=2) == 0


def test_it_costs_no_processor_time(package: Path) -> None:
    with waiting(package) as process:
        first_line(process)
        before = ticks(process.pid)
        time.sleep(0.5)
        assert ticks(process.pid) == before


def ticks(pid: int) -> list[str]:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return fields[11:13]


def test_it_takes_no_argument(package: Path) -> None:
    with waiting(package, "-m", "sleeper", "wait") as process:
        assert process.wait(timeout=20) == 2


def test_it_is_off_unless_declared(package: Path) -> None:
    (package / "algorithm.yaml").write_text(METADATA.replace(", wait", ""), encoding="utf-8")
    with waiting(package) as process:
        assert process.wait(timeout=20) == 2
        assert first_line(process) == "usage: docker run IMAGE {train|test}\n"
