"""Waiting mode on the engine: what is executed inside, what is left of it, and how it ends."""

from __future__ import annotations

import io
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import docker
import pytest

from algoreg import contract
from algoreg.engines.docker import DockerEngine
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.protocol import Attendant, Ending, Pod, RunRequest
from algoreg.runtime_wheel import runtime_wheel
from conftest import BASE, SMALL, request
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine

PYTHON = 'ENTRYPOINT ["python3", "-I", "-c"]'
PATIENT = "import signal; signal.signal(15, lambda *_: exit(0)); print('waits', flush=True); signal.pause()"
FORKS = "import os, time\nfor _ in range(3):\n  if os.fork() == 0: os._exit(0)\n"


@pytest.fixture(scope="module")
def pod(engine: DockerEngine, build: Callable[..., DockerSubject]) -> Iterator[Pod]:
    subject = build("USER 10001", "WORKDIR /tmp", PYTHON)
    with engine.laboratory(subject) as laboratory, laboratory.pod(SMALL) as opened:
        yield opened


@contextmanager
def waiting(pod: Pod, program: str = PATIENT) -> Iterator[Attendant]:
    with pod.attend(request(program)) as attendant:
        yield attendant


def test_a_command_runs_inside_as_often_as_one_likes(pod: Pod) -> None:
    program = "import os, sys; print(os.environ['JOB_ID'], os.getcwd(), os.getuid()); sys.exit(3)"
    with waiting(pod) as attendant:
        for _ in range(3):
            ended = attendant.run(request(program))
            assert (ended.ending, ended.exit_code, ended.logs.text) == (
                Ending.EXITED,
                3,
                "1 /tmp 10001\n",
            )
        assert attendant.up
        assert attendant.zombies() == ()
        stopped = attendant.stop()
        assert not attendant.up
    assert (stopped.ending, stopped.exit_code, stopped.logs.text) == (Ending.STOPPED, 0, "waits\n")


def test_inside_holds_what_holds_outside(pod: Pod) -> None:
    look = """
import re
status = open('/proc/self/status').read()
print(*re.findall(r'(?:CapBnd|NoNewPrivs|Seccomp):\\s+(\\S+)', status))
try:
    open('/evil', 'w')
except OSError as error:
    print(error.strerror)
"""
    with waiting(pod) as attendant:
        assert attendant.run(request(look)).logs.text == "0000000000000000 1 2\nRead-only file system\n"


def test_files_are_shared_through_the_volume(pod: Pod) -> None:
    with waiting(pod) as attendant:
        attendant.put({"in": b"42"})
        copy = "open('/docker-volume/out', 'w').write(open('/docker-volume/in').read())"
        assert attendant.run(request(copy)).exit_code == 0
        assert attendant.read().files() == {"in": b"42", "out": b"42"}
        attendant.remove("out")
        assert attendant.read().files() == {"in": b"42"}
    assert attendant.endpoint == pod.endpoint


@pytest.mark.parametrize(("code", "text"), [(0, ""), (4, "x"), (126, "a"), (127, "b"), (255, "")])
def test_an_exit_code_is_the_programs(pod: Pod, code: int, text: str) -> None:
    with waiting(pod) as attendant:
        ended = attendant.run(request(f"print({text!r}, end=''); exit({code})"))
    assert (ended.ending, ended.exit_code, ended.logs.text) == (Ending.EXITED, code, text)


def test_a_signal_is_128_and_its_number(pod: Pod) -> None:
    with waiting(pod) as attendant:
        assert attendant.run(request("import os; os.kill(os.getpid(), 9)")).exit_code == 137
        assert attendant.up


def test_what_ends_at_once_does_not_wait(pod: Pod) -> None:
    with waiting(pod, "print('done'); exit(0)") as attendant:
        assert not attendant.up
        refused = attendant.run(request("pass"))
        assert (refused.ending, refused.exit_code) == (Ending.NOT_STARTED, None)
        assert refused.start_error == "the container had ended"
        assert attendant.zombies() == ()
        ended = attendant.stop()
    assert (ended.ending, ended.exit_code, ended.logs.text) == (Ending.EXITED, 0, "done\n")


def test_who_dies_later_takes_the_command_along(pod: Pod) -> None:
    with waiting(pod, "import time; time.sleep(3); exit(5)") as attendant:
        ended = attendant.run(request("import time; time.sleep(60)"))
        assert (ended.ending, ended.exit_code) == (Ending.EXITED, 137)
        assert ended.duration_s < PROMPT_S
        stopped = attendant.stop()
    assert (stopped.ending, stopped.exit_code) == (Ending.EXITED, 5)


def test_a_command_that_does_not_end_is_ended_with_its_container(pod: Pod) -> None:
    with waiting(pod) as attendant:
        began = time.monotonic()
        ended = attendant.run(
            request("print('begun', flush=True); import time; time.sleep(60)", timeout_s=1.0)
        )
        assert time.monotonic() - began < PROMPT_S
        assert (ended.ending, ended.logs.text) == (Ending.TIMED_OUT, "begun\n")
        assert not attendant.up


def test_a_flood_is_cut(pod: Pod) -> None:
    with waiting(pod) as attendant:
        flood = "import sys\nline = b'x' * 65535 + b'\\n'\nwhile True: sys.stdout.buffer.write(line)"
        ended = attendant.run(request(flood, timeout_s=60.0))
        assert ended.ending is Ending.LOG_OVERFLOW
        assert ended.logs.total > contract.LOG_MAX_BYTES
        assert not attendant.up


def test_the_memory_limit_is_seen_at_the_end(pod: Pod) -> None:
    with waiting(pod) as attendant:
        assert attendant.run(request("x = bytearray(512 << 20)")).exit_code == 137
        assert attendant.stop().oom_killed
    with waiting(pod) as attendant:
        assert attendant.run(request("import os; os.kill(os.getpid(), 9)")).exit_code == 137
        assert not attendant.stop().oom_killed


def test_a_child_that_stays_does_not_hold_up_the_command(pod: Pod) -> None:
    with waiting(pod) as attendant:
        ended = attendant.run(
            request("import os, time\nif os.fork() == 0: time.sleep(60)\nprint('left it')", timeout_s=50.0)
        )
        assert (ended.ending, ended.exit_code, ended.logs.text) == (Ending.EXITED, 0, "left it\n")
        assert ended.duration_s < PROMPT_S


def test_orphans_are_the_inits_business(pod: Pod) -> None:
    with waiting(pod) as attendant:
        assert attendant.run(request(FORKS)).exit_code == 0
        assert attendant.zombies() == ()


def test_children_that_nobody_waits_for_are_seen(pod: Pod) -> None:
    with waiting(pod, FORKS + PATIENT) as attendant:
        found = attendant.zombies()
        assert [one.split()[1] for one in found] == ["python3"] * 3
        assert attendant.stop().ending is Ending.STOPPED


def test_a_child_that_is_waited_for_now_and_then_is_no_zombie(pod: Pod) -> None:
    program = (
        "import os, time\nwhile True:\n  if os.fork() == 0: os._exit(0)\n  time.sleep(0.5)\n  os.wait()\n"
    )
    with waiting(pod, program + "  time.sleep(0.5)") as attendant:
        assert attendant.zombies() == ()


def test_a_process_that_lives_on_in_another_thread_is_no_zombie(pod: Pod) -> None:
    program = """
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(60)).start()
ctypes.CDLL(None).syscall(60, 0)
"""
    with waiting(pod, program) as attendant:
        assert attendant.up
        assert attendant.zombies() == ()


def test_a_name_of_a_process_cannot_forge_an_answer(pod: Pod) -> None:
    program = FORKS.replace("os._exit(0)", "open('/proc/self/comm', 'w').write('a b\\nend\\n'), os._exit(0)")
    with waiting(pod, program + PATIENT) as attendant:
        assert [one.split()[1] for one in attendant.zombies()] == ["a?b?end?"] * 3


def test_who_ignores_sigterm_is_killed(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SIGTERM_GRACE_S", 1.0)
    with waiting(pod, "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)") as attendant:
        stopped = attendant.stop()
    assert (stopped.ending, stopped.exit_code) == (Ending.OUTLIVED_SIGTERM, 137)


def test_without_an_entrypoint_the_command_is_the_program(
    engine: DockerEngine, build: Callable[..., DockerSubject]
) -> None:
    subject = build(
        r"RUN printf '#!/bin/sh\ntrap \"exit 0\" TERM\nwhile :; do sleep 0.1; done\n' > /usr/local/bin/wait",
        r"RUN printf '#!/bin/sh\nexit 7\n' > /usr/local/bin/train && chmod +x /usr/local/bin/*",
        "ENTRYPOINT []",
    )
    with (
        engine.laboratory(subject) as laboratory,
        laboratory.pod(SMALL) as pod,
        pod.attend(request("wait")) as attendant,
    ):
        assert attendant.run(request("train")).exit_code == 7
        absent = attendant.run(request("test-that-is-absent"))
        assert absent.ending is Ending.NOT_STARTED
        assert "not found" in (absent.start_error or "")
        assert attendant.stop().ending is Ending.STOPPED


def test_nothing_is_left(pod: Pod, client: docker.APIClient) -> None:
    def containers() -> set[str]:
        label = {"label": "io.algoreg.run"}
        return {c["Names"][0].rpartition("-")[2] for c in client.containers(all=True, filters=label)}

    with waiting(pod) as attendant:
        attendant.zombies()
        assert "wait" in containers()
    assert "wait" not in containers()


def test_the_command_line_starts_it_and_executes_inside(pod: Pod) -> None:
    with waiting(pod) as attendant:
        asked = RunRequest(
            arguments=("train",), environment={"JOB_ID": "1", "IN_PASSWORD": "s3cret"}, timeout_s=1
        )
        line = attendant.command_line(asked, attendant.stop())
    assert line.startswith("C=$(docker run -d --rm --read-only --init ")
    assert line.endswith(') && docker exec "$C" python3 -I -c train')
    assert "s3cret" not in line
    assert "\n" not in line
    subprocess.run(["bash", "-n", "-c", line], check=True)


AS_PID_1 = """
import os, sys, types
sys.path.insert(0, "/opt/runtime.whl")
sys.modules["pluggy"] = types.SimpleNamespace(HookimplMarker=lambda name: None)  # of the host's side
from algoreg.runtime.waiting import wait
assert os.getpid() == 1
wait(types.SimpleNamespace(declaration=types.SimpleNamespace(code="alone", entrypoints=("train", "wait"))))
"""


def test_the_runtime_waits_without_an_init(client: docker.APIClient) -> None:
    """``docker run -d IMAGE wait`` as people type it."""
    container = client.create_container(BASE, ["python3", "-I", "-c", AS_PID_1])["Id"]
    try:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            wheel = runtime_wheel()
            entry = tarfile.TarInfo("runtime.whl")
            entry.size = len(wheel)
            archive.addfile(entry, io.BytesIO(wheel))
        client.put_archive(container, "/opt", buffer.getvalue())
        client.start(container)
        patience = time.monotonic() + PROMPT_S
        while b"ready for" not in client.logs(container) and time.monotonic() < patience:
            time.sleep(0.1)
        # A child of a child of what is executed is left to PID 1, and ends there
        orphans = (
            "import os, time\nfor _ in range(9):\n  if os.fork() == 0:\n    time.sleep(0.3); os._exit(0)"
        )
        client.exec_start(client.exec_create(container, ["python3", "-c", orphans])["Id"], detach=True)
        time.sleep(2)
        count = "import glob; print(sum(') Z ' in open(f).read() for f in glob.glob('/proc/[0-9]*/stat')))"
        looked = client.exec_start(client.exec_create(container, ["python3", "-c", count])["Id"])
        assert looked == b"0\n", client.logs(container)
        began = time.monotonic()
        client.stop(container, timeout=60)
        assert time.monotonic() - began < PROMPT_S
        assert client.inspect_container(container)["State"]["ExitCode"] == 0
    finally:
        client.remove_container(container, force=True)
