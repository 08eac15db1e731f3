"""The engine whose runs are jobs of Chronos: its directories, what becomes of runs, and the gate in front of it."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from algoreg.engines.chronos import ChronosEngine, ChronosPod, Cluster, open_chronos
from algoreg.engines.protocol import Ending, RunRequest
from algoreg.errors import Cancelled, EngineError, SchedulerError, UsageError
from algoreg.export import remarks
from algoreg.export.jobs import chronos as documents
from algoreg.export.jobs import lint
from algoreg.export.jobs.model import ChronosVersion, ScheduledJob, Volume
from algoreg.model import Resources
from algoreg.schedulers import chronos, following
from algoreg.schedulers.following import End, Patience
from algoreg.schedulers.submission import submit
from support.chronos_reader import Launch, ReadJob, launch
from support.chronos_server import StandIn, serving

IMAGE = "registry.example:5000/algoreg/knn:0.1.0"
RESOURCES = Resources(cpus=0.5, memory_mb=512, timeout_s=60)
VERSIONS = ("2.5", "3.0")
TARGETS = {"2.5": ChronosVersion.V2_5, "3.0": ChronosVersion.V3}


class Recorder:
    """Writes a file into a job's volume, and ends as the job's command says."""

    def __init__(self) -> None:
        self.launched: list[Launch] = []

    def __call__(self, job: ReadJob, killed: threading.Event) -> int:
        self.launched.append(launch(job))
        if job.command == "wait":
            killed.wait(30)
        if job.container and job.container.volumes:
            (volume,) = job.container.volumes
            Path(str(volume.host_path), "predictions.json").write_text(job.name)
        return 0 if job.command == "train" else 3


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest, recorder: Recorder) -> Iterator[StandIn]:
    with serving(StandIn(request.param, recorder, load_s=0.1)) as stand_in:
        yield stand_in


@contextmanager
def opened(server: StandIn, root: Path, **changes: Any) -> Iterator[ChronosEngine]:
    cluster = Cluster(
        url=server.url,
        volume_root=root,
        database_server="postgresql://keeper@db.example:5555/",
        queue_s=5,
        poll_s=0.02,
    )
    with open_chronos(replace(cluster, **changes), progress=lambda _: None, warn=print) as engine:
        yield engine


@contextmanager
def pod(engine: ChronosEngine) -> Iterator[ChronosPod]:
    with (
        engine.laboratory(engine.subject("knn", IMAGE)) as laboratory,
        laboratory.pod(RESOURCES) as one,
    ):
        yield one


def asked(command: str, timeout_s: float = 20, heard: Callable[[str], None] | None = None) -> RunRequest:
    return RunRequest(
        arguments=(command, "--mode", "x"), environment={"NODE": "local"}, timeout_s=timeout_s, heard=heard
    )


def test_a_run_is_a_job_on_the_pods_own_directory(
    server: StandIn, recorder: Recorder, tmp_path: Path
) -> None:
    heard: list[str] = []
    with opened(server, tmp_path) as engine, pod(engine) as one:
        (folder,) = tmp_path.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o777
        one.put({"input_training.json": b"{}"})
        execution = one.run(asked("train", heard=heard.append))
        left = one.read().files()
        assert (one.endpoint.host, one.endpoint.port) == ("db.example", 5555)
    assert (execution.ending, execution.exit_code) == (Ending.EXITED, 0)
    (launched,) = recorder.launched
    assert (launched.image, launched.command_line) == (IMAGE, ("train", "--mode", "x"))
    assert launched.entrypoint
    assert launched.environment["NODE"] == "local"
    name = server.submitted[0]["name"]
    assert left == {"input_training.json": b"{}", "predictions.json": name.encode()}
    assert name == f"algoreg_algoreg_knn_train_{folder.name}_1"
    assert list(tmp_path.iterdir()) == []
    assert heard[0] == f"submitted to Chronos as {name}"


def test_a_failure_has_no_exit_code_to_tell(server: StandIn, tmp_path: Path) -> None:
    with opened(server, tmp_path) as engine, pod(engine) as one:
        execution = one.run(asked("test"))
    assert (execution.ending, execution.exit_code) == (Ending.FAILED, None)
    assert server.submitted[0]["name"] in execution.logs.text


def test_what_is_told_no_end_is_no_exit(server: StandIn, tmp_path: Path) -> None:
    with opened(server, tmp_path, queue_s=0.2) as engine, pod(engine) as one:
        execution = one.run(asked("wait", timeout_s=0.3))
    assert (execution.ending, execution.exit_code) == (Ending.UNTOLD, None)
    assert server.jobs == {}


def test_a_lost_job_is_said_by_name(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SETTLE_S", 0.1)
    client = chronos.connect(server.url, pause_s=0)
    job = scheduled("wait", tmp_path)
    threading.Timer(0.5, client.delete, args=(job.name,)).start()
    with pytest.raises(SchedulerError, match=f"lost track of the job {job.name}"):
        submit(client, job, Patience(run_s=30, appear_s=0.3, poll_s=0.02), tell=print, warn=print)


def test_a_single_job_is_told_in_words(server: StandIn, tmp_path: Path) -> None:
    client = chronos.connect(server.url, pause_s=0)
    patience = Patience(run_s=20, poll_s=0.02)
    done = submit(client, scheduled("train", tmp_path), patience, tell=print, warn=print)
    assert done.succeeded
    assert done.text.startswith("job_train succeeded after 0 s")
    failed = submit(client, scheduled("test", tmp_path), patience, tell=print, warn=print)
    assert (failed.succeeded, failed.end) == (False, End.FAILED)
    told = failed.json()
    assert (told["schema"], told["end"]) == ("algoreg-submission/1", "failed")
    assert (told["scheduler"], told["version"]) == (server.url, TARGETS[server.version])
    assert server.deleted == ["job_train", "job_test"]


def test_pods_never_meet(server: StandIn, tmp_path: Path) -> None:
    with opened(server, tmp_path) as engine, pod(engine) as one, pod(engine) as other:
        assert len(list(tmp_path.iterdir())) == 2
        one.run(asked("train"))
        assert [entry.name for entry in other.read().entries] == []
        other.run(asked("train"))
    assert len({job["name"] for job in server.submitted}) == 2


def test_after_a_cancellation_nothing_begins(server: StandIn, tmp_path: Path) -> None:
    with opened(server, tmp_path) as engine:
        with pod(engine) as one:
            engine.cancel()
            with pytest.raises(Cancelled):
                one.run(asked("train"))
        with pytest.raises(Cancelled), pod(engine):
            pytest.fail("a pod was opened")
    assert server.submitted == []


def test_a_line_to_repeat_it_by_hand_has_no_password(server: StandIn, tmp_path: Path) -> None:
    with opened(server, tmp_path) as engine, pod(engine) as one:
        request = replace(asked("train"), environment={"IN_PASSWORD": "rosebud", "PARAM_query": "SELECT 1"})
        line = one.command_line(request, one.run(request))
    assert line == (
        f"docker run --rm --volume DIR:/docker-volume --env 'PARAM_query=SELECT 1' {IMAGE} train --mode x"
    )


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ("relative", "is no directory of the host"),
        ("/nowhere/at/all", "is no folder"),
        ("/a:b", "no directory"),
    ],
)
def test_a_root_that_cannot_be_shared_is_refused(root: str, message: str) -> None:
    with (
        serving(StandIn("3.0", Recorder())) as server,
        pytest.raises(UsageError, match=message),
        opened(server, Path(root)),
    ):
        pytest.fail("it was taken")


def test_what_chronos_cannot_do_is_said(server: StandIn, tmp_path: Path) -> None:
    with opened(server, tmp_path) as engine, pod(engine) as one:
        with pytest.raises(EngineError, match="no waiting mode"):
            one.attend(asked("wait"))
        assert one.refused_packets() is None


# The gate ---------------------------------------------------------------------------------------------------


def scheduled(command: str, folder: Path) -> ScheduledJob:
    return ScheduledJob(
        name=f"job_{command}",
        image=IMAGE,
        command=command,
        environment={"NODE": "local", "IN_PASSWORD": "rosebud"},
        resources=RESOURCES,
        volumes=(Volume(host_path=str(folder)),),
        owner="ops@example.org",
    )


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *above, last = path
        for key in above:
            document = document[key]
        del document[last]

    return change


def with_(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(values)


def ran(document: dict[str, Any], version: str) -> tuple[Launch | None, ReadJob | None]:
    """What Chronos really starts, and how it understood the job, when this is posted as it is."""
    recorder = Recorder()
    with serving(StandIn(version, recorder, load_s=0)) as server:
        client = chronos.connect(server.url, pause_s=0)
        try:
            client.submit(document)
        except SchedulerError:
            return None, None
        deadline = time.monotonic() + 1
        while not server.ran and not document.get("disabled") and time.monotonic() < deadline:
            time.sleep(0.01)
        return (recorder.launched or [None])[0], server.ever[0].job


def wrong(document: Any, version: str) -> list[str]:
    found = lint.remarks(document, TARGETS[version], origin="job.json")
    return [remark.id for remark in remarks.errors(found)]


@pytest.mark.parametrize("version", VERSIONS)
def test_our_document_is_run_as_it_is_meant(version: str, tmp_path: Path) -> None:
    document = documents.document(scheduled("train", tmp_path), TARGETS[version])
    assert wrong(document, version) == []
    launched, job = ran(document, version)
    assert launched is not None
    assert job is not None
    assert (launched.image, launched.entrypoint, launched.command_line) == (IMAGE, True, ("train",))
    assert (launched.environment["IN_PASSWORD"], job.cpus, job.mem, job.retries) == ("rosebud", 0.5, 512, 0)


BAD: tuple[tuple[str, Callable[[dict[str, Any]], None], Callable[[Launch | None, ReadJob], bool]], ...] = (
    (
        "a shell instead of the image's program",
        without("shell"),
        lambda run, _: run is not None and not run.entrypoint,
    ),
    ("the same for a text", with_(shell="no", arguments="--x"), lambda _, job: job.arguments == ()),
    ("two more attempts", without("retries"), lambda _, job: job.retries == 2),
    ("another share of the machine", with_(cpus=0), lambda _, job: job.cpus == 0.1),
    ("another memory", with_(mem="lots"), lambda _, job: job.mem == 128),
    ("no environment", with_(environmentVariables="NODE=local"), lambda _, job: job.environment == ()),
    ("nothing at all", with_(disabled=True), lambda run, _: run is None),
    (
        "another value of a variable",
        with_(environmentVariables=[{"name": "HOST", "value": "db"}]),
        lambda run, _: run is not None and run.environment["HOST"] == "agent-1",
    ),
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("what", "change", "seen"), BAD, ids=[what for what, _, _ in BAD])
def test_a_bad_document_runs_something_else_and_is_refused_before(
    what: str,
    change: Callable[[dict[str, Any]], None],
    seen: Callable[[Launch | None, ReadJob], bool],
    version: str,
    tmp_path: Path,
) -> None:
    document = documents.document(scheduled("train", tmp_path), TARGETS[version])
    change(document)
    launched, job = ran(document, version)
    assert job is not None, "Chronos would have refused it: nothing is silent about that"
    assert seen(launched, job), what
    assert wrong(document, version)


def test_without_an_image_3_0_runs_the_command_on_the_agent_itself(tmp_path: Path) -> None:
    document = documents.document(scheduled("train", tmp_path), ChronosVersion.V3)
    del document["container"]["image"]
    launched, _ = ran(document, "3.0")
    assert launched is not None
    assert launched.image is None
    assert wrong(document, "3.0")
    assert ran(document, "2.5") == (None, None)
