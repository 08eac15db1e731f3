"""The process engine tells the truth about a program's end, whatever the program does, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from algoreg import contract
from algoreg.engines import keeper
from algoreg.engines.process import ProcessEngine, ProcessLaboratory, ProcessPod, open_process
from algoreg.engines.protocol import LOG_KEPT_BYTES, Ending, Engine, EntryKind, Execution, RunRequest
from algoreg.errors import Cancelled, UsageError
from algoreg.model import Resources
from algoreg.samples.sample import Column, Sample
from support.patience import PROMPT_S

# One program for every test: its command is Python source to run.
PROGRAM = """
import os, signal, socket, subprocess, sys, time
VOLUME = os.environ["ALGOREG_VOLUME"]
def path(name): return os.path.join(VOLUME, name)
def write(name, text):  # closed explicitly: a signal handler's exception in a finalizer would be swallowed
    with open(path(name), "w") as stream: stream.write(text)
exec(sys.argv[1])
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin") / "fake_program"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    with open_process(progress=lambda _: None, seed=7) as engine:
        yield engine


@pytest.fixture(scope="module")
def laboratory(engine: ProcessEngine, package: Path) -> Iterator[ProcessLaboratory]:
    with engine.laboratory(engine.subject("fake", package)) as laboratory:
        yield laboratory


@pytest.fixture
def pod(laboratory: ProcessLaboratory) -> Iterator[ProcessPod]:
    with laboratory.pod(Resources()) as pod:
        yield pod


def request(source: str, *, timeout_s: float = 20.0, stop_after: str | None = None) -> RunRequest:
    """``stop_after``: SIGTERM as soon as this file exists."""
    return RunRequest(
        arguments=(textwrap.dedent(source),),
        environment={"JOB_ID": "1"},
        timeout_s=timeout_s,
        stop_when=None if stop_after is None else lambda: os.path.exists(stop_after),
    )


def run(pod: ProcessPod, source: str, *, timeout_s: float = 20.0) -> Execution:
    return pod.run(request(source, timeout_s=timeout_s))


def stopped(pod: ProcessPod, source: str) -> Execution:
    """Run a program that gets SIGTERM once it has written ``ready``."""
    return pod.run(request(source, stop_after=str(pod._volume.path / "ready")))


def test_the_engine_is_what_the_protocol_asks_for(engine: ProcessEngine, package: Path) -> None:
    typed: Engine = engine
    assert typed.info.name == "process"
    assert typed.platform is None
    subject = engine.subject("fake", package)
    assert subject.image is None
    assert not typed.user_name_is_root(subject, "root")


def test_a_folder_without_a_program_is_refused(engine: ProcessEngine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="__main__"):
        engine.subject("nothing", tmp_path)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("raise ValueError('no')", 1),
        ("os.kill(os.getpid(), signal.SIGKILL)", 137),
        ("os.abort()", 134),
    ],
)
def test_exit_codes_and_signals(pod: ProcessPod, source: str, code: int) -> None:
    execution = run(pod, source)
    assert (execution.ending, execution.exit_code) == (Ending.EXITED, code)
    assert 0 < execution.duration_s < PROMPT_S


def test_logs_are_both_streams_in_order(pod: ProcessPod) -> None:
    execution = run(pod, "os.write(1, b'one '); os.write(2, b'two '); os.write(1, b'\\xff three')")
    assert execution.logs.head == b"one two \xff three"
    assert execution.logs.tail == b""
    assert execution.logs.total == len(execution.logs.kept)


def test_no_host_variable_leaks_in(pod: ProcessPod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST_SECRET", "x")
    execution = run(pod, "print(*sorted(os.environ), os.getcwd())")
    *names, folder = execution.logs.text.split()
    unavoidable = {"ALGOREG_VOLUME", "PATH", "PYTHONPATH"}
    assert set(names) - {"LC_CTYPE"} == {"JOB_ID"} | unavoidable  # Python itself sets LC_CTYPE
    assert not os.path.exists(folder) or not os.listdir(folder)


def test_a_program_that_lasts_too_long_is_killed_with_its_children(pod: ProcessPod) -> None:
    begun = time.monotonic()
    execution = run(
        pod,
        """
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, flush=True)
        time.sleep(60)
        """,
        timeout_s=0.8,
    )
    assert (execution.ending, execution.exit_code) == (Ending.TIMED_OUT, 137)
    assert time.monotonic() - begun < PROMPT_S
    assert gone(int(execution.logs.text))


def gone(pid: int) -> bool:
    deadline = time.monotonic() + PROMPT_S
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_child_that_stays_does_not_hold_up_the_run(pod: ProcessPod) -> None:
    execution = run(pod, 'subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])')
    assert execution.ending is Ending.EXITED
    assert execution.duration_s < PROMPT_S


def test_a_child_in_its_own_session_ends_with_the_pod(laboratory: ProcessLaboratory) -> None:
    source = """
    child = subprocess.Popen(["sleep", "60"], start_new_session=True, cwd="/")
    print(child.pid)
    """
    with laboratory.pod(Resources()) as pod:
        execution = run(pod, source)
        assert execution.duration_s < PROMPT_S
        pid = int(execution.logs.text)
        assert not gone_now(pid)
    assert gone(pid)


def gone_now(pid: int) -> bool:
    return not os.path.exists(f"/proc/{pid}")


def test_sigterm_ends_a_program_that_listens(pod: ProcessPod) -> None:
    execution = stopped(
        pod,
        """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
        write("ready", ""); time.sleep(60)
        """,
    )
    assert (execution.ending, execution.exit_code) == (Ending.STOPPED, 5)


def test_sigterm_ends_a_program_that_does_nothing_about_it(pod: ProcessPod) -> None:
    execution = stopped(pod, 'write("ready", ""); time.sleep(60)')
    assert (execution.ending, execution.exit_code) == (Ending.STOPPED, 143)


def test_a_program_that_ignores_sigterm_is_killed(pod: ProcessPod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SIGTERM_GRACE_S", 0.5)
    execution = stopped(
        pod, 'signal.signal(signal.SIGTERM, signal.SIG_IGN); write("ready", ""); time.sleep(60)'
    )
    assert (execution.ending, execution.exit_code) == (Ending.OUTLIVED_SIGTERM, 137)


def test_a_flood_of_logs_is_cut(pod: ProcessPod) -> None:
    execution = run(pod, "while True: os.write(1, b'x' * 65536)")
    assert execution.ending is Ending.LOG_OVERFLOW
    assert execution.logs.total > contract.LOG_MAX_BYTES
    assert len(execution.logs.kept) <= 2 * LOG_KEPT_BYTES


def test_of_long_logs_the_head_and_the_tail_are_kept(pod: ProcessPod) -> None:
    execution = run(
        pod, "os.write(1, b'first')\nfor _ in range(40): os.write(1, b'.' * 65536)\nos.write(1, b'last')"
    )
    assert execution.ending is Ending.EXITED
    assert execution.logs.head.startswith(b"first.")
    assert execution.logs.tail.endswith(b".last")
    assert len(execution.logs.tail) == len(execution.logs.head) == LOG_KEPT_BYTES
    assert execution.logs.total == 40 * 65536 + 9


def test_what_cannot_be_started_is_said(pod: ProcessPod) -> None:
    execution = pod.run(RunRequest(arguments=("x" * 3_000_000,), environment={}, timeout_s=5))
    assert execution.ending is Ending.NOT_STARTED
    assert execution.exit_code is None
    assert execution.start_error


def test_files_go_in_and_come_out(pod: ProcessPod) -> None:
    pod.put({contract.INPUT_TRAINING: b"{}", "sub/extra.txt": b"x"})
    run(pod, 'write("predictions.json", open(path("input_training.json")).read() + "!")')
    snapshot = pod.read()
    assert snapshot.files() == {
        contract.INPUT_TRAINING: b"{}",
        "sub/extra.txt": b"x",
        contract.PREDICTIONS: b"{}!",
    }
    assert snapshot.overflow is None
    (folder,) = (entry for entry in snapshot.entries if entry.kind is EntryKind.DIRECTORY)
    assert folder.name == "sub"
    mode = (pod._volume.path / contract.INPUT_TRAINING).stat().st_mode
    assert mode & 0o777 == 0o666
    assert pod._volume.path.stat().st_mode & 0o7777 == 0o777


def test_links_and_pipes_are_seen_and_never_followed(pod: ProcessPod, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("host")
    (tmp_path / "folder").mkdir()
    run(
        pod,
        f"""
        os.symlink({str(secret)!r}, path("predictions.json"))
        os.symlink({str(tmp_path)!r}, path("elsewhere"))
        os.mkfifo(path("pipe"))
        socket.socket(socket.AF_UNIX).bind(path("socket"))
        write("a", "content"); os.link(path("a"), path("b"))
        """,
    )
    snapshot = pod.read()
    kinds = {entry.name: entry.kind for entry in snapshot.entries}
    assert (kinds.pop("a"), kinds.pop("b")) == (EntryKind.FILE, EntryKind.FILE)
    assert {snapshot.files()[name] for name in "ab"} == {b"content"}
    assert kinds == {
        "predictions.json": EntryKind.SYMLINK,
        "elsewhere": EntryKind.SYMLINK,
        "pipe": EntryKind.FIFO,
        "socket": EntryKind.SOCKET,
    }
    assert b"host" not in b"".join(snapshot.files().values())
    pod.put({"predictions.json": b"new", "elsewhere/folder": b"new", "pipe": b"new"})
    assert secret.read_text() == "host"
    assert (tmp_path / "folder").is_dir()
    assert pod.read().files()["elsewhere/folder"] == b"new"


def test_removing_takes_whatever_is_there(pod: ProcessPod, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    run(pod, f'os.makedirs(path("deep/er")); os.symlink({str(tmp_path)!r}, path("link")); write("file", "")')
    run(pod, 'os.symlink(path(""), path("deep/er/loop")); os.chmod(path("deep/er"), 0)')
    for name in ("deep", "link", "file", "absent"):
        pod.remove(name)
    assert pod.read().entries == ()
    assert (tmp_path / "kept").exists()


def test_reading_is_bounded(laboratory: ProcessLaboratory) -> None:
    with laboratory.pod(Resources()) as pod:
        run(pod, "for n in range(3000): write(str(n), '')")
        snapshot = pod.read()
        assert snapshot.overflow == "more than 1,000 entries"
        assert len(snapshot.entries) == 1001
    with laboratory.pod(Resources()) as pod:
        run(pod, 'write("big", ""); os.truncate(path("big"), 2_000_000_000)')
        snapshot = pod.read()
        assert snapshot.overflow == "2000 MB"
        assert snapshot.files() == {}
    with laboratory.pod(Resources()) as pod:
        run(pod, 'write("extra", ""); os.truncate(path("extra"), 20_000_000); write("predictions.json", "1")')
        snapshot = pod.read()
        assert snapshot.overflow is None
        assert snapshot.files() == {"predictions.json": b"1"}
    with laboratory.pod(Resources()) as pod:
        run(pod, 'os.chdir(VOLUME)\nfor _ in range(3000): os.mkdir("d" * 200); os.chdir("d" * 200)')
        snapshot = pod.read()
        assert snapshot.overflow == "a path too long to be read"
        assert len(snapshot.entries) > 10
        folder = pod._volume.path
    assert not folder.exists()


def test_pods_do_not_meet_and_leave_nothing(laboratory: ProcessLaboratory) -> None:
    with laboratory.pod(Resources()) as first, laboratory.pod(Resources()) as second:
        run(first, 'write("mine", "")')
        assert second.read().entries == ()
        folders = [first._volume.path.parent, second._volume.path.parent]
    assert not any(folder.exists() for folder in folders)


def test_the_databases_are_where_the_endpoint_says(laboratory: ProcessLaboratory, pod: ProcessPod) -> None:
    sample = Sample(
        table="patients",
        order_column="position",
        variable=Column(code="score", label="Score", type="real", sql_type="double precision"),
        covariables=(Column(code="age", label="Age", type="integer", sql_type="integer"),),
        rows=tuple((n / 3, n) for n in range(30)),
        held_out=(1,),
    )
    with laboratory.databases.experiment(sample) as pair:
        access = pair.science
        with psycopg.connect(
            host=pod.endpoint.host,
            port=pod.endpoint.port,
            dbname=access.database,
            user=access.user,
            password=access.password,
        ) as connection:
            assert connection.execute(sample.query.encode()).fetchall() == list(sample.rows)


def test_the_command_line_repeats_the_run_without_passwords(pod: ProcessPod, tmp_path: Path) -> None:
    shown = pod.command_line(
        RunRequest(
            arguments=('write("out", os.environ["PARAM_meta"])',),
            environment={"PARAM_meta": "it's", "IN_PASSWORD": "geheim", "IN_JDBC_PASSWORD": "geheim"},
            timeout_s=1,
        ),
        Execution(ending=Ending.EXITED, exit_code=0),
    )
    assert "geheim" not in shown
    assert shown.startswith("env -i ALGOREG_VOLUME=DIR ")
    line = shown.replace("=DIR ", f"={tmp_path} ").replace(" python ", f" {sys.executable} ")
    subprocess.run(line, shell=True, check=True)
    assert (tmp_path / "out").read_text() == "it's"


def test_cancelling_stops_every_run(package: Path) -> None:
    with open_process(progress=lambda _: None, seed=1) as engine:
        with (
            engine.laboratory(engine.subject("fake", package)) as laboratory,
            laboratory.pod(Resources()) as pod,
        ):
            threading.Timer(0.5, engine.cancel).start()
            begun = time.monotonic()
            with pytest.raises(Cancelled):
                run(pod, "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
            assert time.monotonic() - begun < PROMPT_S
            with pytest.raises(Cancelled):
                run(pod, "pass")
        with pytest.raises(Cancelled), engine.laboratory(engine.subject("fake", package)):
            pytest.fail("nothing starts any more")


def test_a_laboratory_that_ends_at_once_leaves_nothing(
    package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(keeper, "_place", lambda keep: str(tmp_path))
    tmp_path.chmod(0o711)
    with (
        open_process(progress=lambda _: None, seed=1) as engine,
        engine.laboratory(engine.subject("x", package)),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
    assert keeper.residents(tmp_path) == []


KILLED = """
import sys
from pathlib import Path
from algoreg.engines.process import open_process
from algoreg.engines.protocol import RunRequest
from algoreg.model import Resources
with open_process(progress=lambda _: None, seed=1) as engine:
    with engine.laboratory(engine.subject("fake", Path(sys.argv[1]))) as laboratory:
        with laboratory.pod(Resources()) as pod:
            print(pod._volume.path.parents[1], pod.endpoint.port, flush=True)
            source = "signal.signal(signal.SIGTERM, signal.SIG_IGN); write('ready', ''); time.sleep(60)"
            pod.run(RunRequest(arguments=(source,), environment={}, timeout_s=60))
"""


def test_a_killed_run_leaves_nothing_behind(package: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(package)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        assert program.stdout is not None
        name, port = program.stdout.readline().split()
        folder = Path(name)
        wait_until(lambda: bool(list(folder.glob("pod-*/volume/ready"))))
        os.killpg(program.pid, signal.SIGKILL)
    wait_until(lambda: not folder.exists() and not keeper.residents(folder))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PROMPT_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {PROMPT_S:g} s"
        time.sleep(0.02)


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_temporary_folder_that_postgresql_cannot_enter_is_not_used(
    monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    """`mktemp -d` makes folders that are closed to the user that PostgreSQL runs as when we are root."""
    with tempfile.TemporaryDirectory(prefix="mode") as folder:
        Path(folder).chmod(mode)
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        with keeper.kept_folder() as kept:
            assert (kept.parent == Path(folder).resolve()) == (mode == 0o755 or os.geteuid() != 0)
        assert os.listdir(folder) == []
