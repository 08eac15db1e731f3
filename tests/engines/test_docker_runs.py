"""How runs end: by themselves, by signals, by limits, by us, or never having begun."""

from __future__ import annotations

import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from algoreg import contract
from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.engines.docker.api import Refusal
from algoreg.engines.docker.execution import not_started
from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.engines.protocol import LOG_KEPT_BYTES, Ending, Pod
from algoreg.errors import Cancelled, EngineError
from conftest import SMALL, python, request, shell
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("code", [0, 1, 3, 124, 126, 127, 255])
def test_an_exit_code_is_the_programs(pod: Pod, code: int) -> None:
    ended = shell(pod, f"echo out; echo err >&2; exit {code}")
    assert (ended.ending, ended.exit_code, ended.oom_killed) == (Ending.EXITED, code, False)
    assert sorted(ended.logs.text.split()) == ["err", "out"]
    assert ended.start_error is None


def test_a_signal_is_128_and_its_number(pod: Pod) -> None:
    assert shell(pod, "kill -9 $$").exit_code == 137
    assert shell(pod, "kill -SEGV $$").exit_code == 139
    ended = shell(pod, "kill -TERM $$")
    assert (ended.ending, ended.exit_code) == (Ending.EXITED, 143)


def test_the_memory_limit_is_seen_also_when_only_a_child_died_of_it(pod: Pod) -> None:
    eater = "python3 -I -S -c 'x = bytearray(512 << 20)'"
    alone = shell(pod, f"exec {eater}")
    assert (alone.ending, alone.oom_killed) == (Ending.EXITED, True)
    child = shell(pod, f"{eater}; exit 0")
    assert (child.exit_code, child.oom_killed) == (0, True)
    assert not shell(pod, "kill -9 $$").oom_killed


def test_a_deadline_ends_what_does_not_end(pod: Pod) -> None:
    began = time.monotonic()
    ended = shell(pod, "echo begun; trap '' TERM; while :; do sleep 1; done", timeout_s=1.0)
    assert (ended.ending, ended.exit_code, ended.logs.text) == (Ending.TIMED_OUT, 137, "begun\n")
    assert ended.duration_s >= 1.0
    assert time.monotonic() - began < PROMPT_S


def test_an_end_just_before_the_deadline_is_an_end(pod: Pod) -> None:
    ended = shell(pod, "sleep 3", timeout_s=6.0)
    assert (ended.ending, ended.exit_code) == (Ending.EXITED, 0)


def test_sigterm_honoured(pod: Pod) -> None:
    ended = shell(pod, "trap 'exit 5' TERM; while :; do sleep 0.1; done", stop_when=_after(0.7))
    assert (ended.ending, ended.exit_code) == (Ending.STOPPED, 5)
    assert ended.duration_s < PROMPT_S


def test_sigterm_ignored(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SIGTERM_GRACE_S", 1.0)
    ended = shell(pod, "trap '' TERM; while :; do sleep 0.1; done", stop_when=_after(0.5))
    assert (ended.ending, ended.exit_code) == (Ending.OUTLIVED_SIGTERM, 137)
    assert ended.duration_s < PROMPT_S


def _after(seconds: float) -> object:
    begun: list[float] = []

    def over() -> bool:
        begun.append(time.monotonic())
        return begun[-1] - begun[0] >= seconds

    return over


FLOOD = "import sys\nline = b'x' * 65535 + b'\\n'\nwhile True: sys.stdout.buffer.write(line)"


def test_a_flood_of_logs_is_cut_and_costs_no_memory(pod: Pod) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ended = python(pod, FLOOD)
    assert ended.ending is Ending.LOG_OVERFLOW
    assert ended.logs.total > contract.LOG_MAX_BYTES
    assert len(ended.logs.head) == len(ended.logs.tail) == LOG_KEPT_BYTES
    assert ended.duration_s < PROMPT_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_a_flood_that_ends_by_itself_is_a_flood(pod: Pod) -> None:
    ended = shell(pod, "head -c 70000000 /dev/zero")
    assert ended.ending is Ending.LOG_OVERFLOW


def test_head_and_tail_of_a_long_log(pod: Pod) -> None:
    ended = shell(pod, "echo first; head -c 3000000 /dev/zero; echo last")
    assert ended.logs.total == 3000000 + len("first\nlast\n")
    assert ended.logs.head.startswith(b"first\n")
    assert ended.logs.tail.endswith(b"last\n")
    assert len(ended.logs.kept) == 2 * LOG_KEPT_BYTES


def test_binary_logs_arrive_as_they_are(pod: Pod) -> None:
    ended = python(pod, "import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)")
    assert ended.logs.head == bytes(range(256)) * 100
    assert ended.logs.tail == b""


def test_closing_its_streams_is_no_end(pod: Pod) -> None:
    ended = shell(pod, "exec >/dev/null 2>&1 </dev/null; sleep 1; exit 6")
    assert (ended.ending, ended.exit_code) == (Ending.EXITED, 6)


@pytest.mark.parametrize(
    "lines",
    [
        ('ENTRYPOINT ["/no/such/program"]',),
        ('ENTRYPOINT ["/etc/passwd"]',),
        ('ENTRYPOINT ["/etc"]',),
        ("RUN printf '\\177ELF broken' >/broken && chmod 755 /broken", 'ENTRYPOINT ["/broken"]'),
        ("USER nobody-of-that-name",),
        ("USER 1:nogroup-of-that-name",),
        ("RUN ln -s /etc/passwd /there", "RUN rm -rf /docker-volume && touch /docker-volume"),
    ],
    ids=["absent", "not executable", "directory", "format", "user", "group", "volume is a file"],
)
def test_what_cannot_start_is_the_images_fault(engine: DockerEngine, build, lines: tuple[str, ...]) -> None:
    with engine.laboratory(build(*lines)) as laboratory, laboratory.pod(SMALL) as pod:
        ended = pod.run(request("train"))
    assert ended.ending is Ending.NOT_STARTED, ended
    assert ended.exit_code is None
    assert ended.start_error


def test_no_command_at_all(engine: DockerEngine, build) -> None:
    with engine.laboratory(build("CMD []")) as laboratory, laboratory.pod(SMALL) as pod:
        assert pod.run(request()).ending is Ending.NOT_STARTED


def test_the_images_own_command_where_none_is_given(engine: DockerEngine, build) -> None:
    with engine.laboratory(build('CMD ["sh", "-c", "exit 9"]')) as laboratory, laboratory.pod(SMALL) as pod:
        assert pod.run(request()).exit_code == 9


@pytest.mark.parametrize(
    "message",
    [
        "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
        "OCI runtime create failed: container_linux.go: write /var/lib: no space left on device: exec: unknown",
        "cannot join network of a non running container",
        "joining network namespace of container: No such container: 1234",
        "something nobody has seen before",
    ],
)
def test_the_engines_own_failures_are_no_verdict(message: str) -> None:
    with pytest.raises(EngineError, match="cannot start"):
        not_started(Refusal(status=500, message=message))


def test_two_pods_at_once_know_nothing_of_each_other(laboratory: DockerLaboratory) -> None:
    listen = """
import os, socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 4000)); s.listen(); open("/docker-volume/mine", "w").close()
open("/dev/shm/mine", "w").close()
time.sleep(1.5); print(sorted(os.listdir("/docker-volume") + os.listdir("/dev/shm")))
"""
    look = """
import os, socket, time
time.sleep(0.7)
s = socket.socket(); print(s.connect_ex(("127.0.0.1", 4000)), os.listdir("/docker-volume"), os.listdir("/dev/shm"))
"""

    def run(program: str) -> str:
        with laboratory.pod(SMALL) as pod:
            return python(pod, program).logs.text.strip()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, [listen, look])) == ["['mine', 'mine']", "111 [] []"]


def test_cancel_stops_everything_within_seconds() -> None:
    with open_docker() as engine, engine.laboratory(engine.subject("algoreg/base:bookworm")) as laboratory:

        def run() -> None:
            with laboratory.pod(SMALL) as pod:
                shell(pod, "trap '' TERM; sleep 60")

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(run) for _ in range(2)]
            time.sleep(1.5)
            began = time.monotonic()
            threading.Timer(0, engine.cancel).start()
            for future in running:
                with pytest.raises(Cancelled):
                    future.result(PROMPT_S)
        with pytest.raises(Cancelled), laboratory.pod(SMALL):
            pass
    assert time.monotonic() - began < PROMPT_S
