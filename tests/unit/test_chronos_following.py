"""Following a job of Chronos: what counters mean, and that no wait is without an end and no job is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from algoreg.errors import Cancelled, SchedulerError, SchedulerRefused, UsageError
from algoreg.schedulers import chronos, following
from algoreg.schedulers.chronos import Chronos, Job
from algoreg.schedulers.following import End, Patience, Standing, follow, standing, submitted
from support.chronos_reader import ReadJob
from support.chronos_server import StandIn, serving

VERSIONS = ("2.5", "3.0")
QUICK = Patience(run_s=20, queue_s=20, appear_s=2, silent_s=2, poll_s=0.02)


def document(name: str = "knn_1", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "command": "train",
        "arguments": [],
        "shell": False,
        "schedule": "R1//PT1M",
        "retries": 0,
        "container": {"type": "DOCKER", "image": "algoreg/knn:0.1.0", "volumes": []},
        **changes,
    }


def program(job: ReadJob, killed: threading.Event) -> int:
    """What the job's command says: an exit code, or to sleep until it is killed."""
    if job.command == "sleep":
        killed.wait(30)
        return 137
    return int(job.command)


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with serving(StandIn(request.param, program, load_s=0.1)) as stand_in:
        yield stand_in


def connected(server: StandIn) -> Chronos:
    return chronos.connect(server.url, pause_s=0)


def ended(server: StandIn, patience: Patience = QUICK, **job: Any) -> tuple[End, list[str]]:
    client, heard = connected(server), list[str]()
    with submitted(client, document(**job), warn=heard.append) as name:
        return follow(client, name, patience, tell=heard.append), heard


def job(**values: Any) -> Job:
    counters: dict[str, Any] = {"successes": 0, "errors": 0, "disabled": False, "soft_error": False}
    return Job(name="knn_1", **{**counters, **values})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, Standing.ABSENT),
        (job(disabled=True, successes=1), Standing.SUCCEEDED),
        (job(disabled=True, successes=1, errors=2), Standing.SUCCEEDED),
        (job(disabled=True, successes=1, soft_error=True), Standing.SUCCEEDED),
        (job(errors=1), Standing.FAILED),  # failed jobs stay enabled
        (job(errors=1, disabled=True), Standing.FAILED),
        (job(soft_error=True), Standing.FAILED),
        (job(), Standing.QUEUED),
        (job(successes=1), Standing.QUEUED),  # a repeated job that is not over
        (job(successes=1, errors=1), Standing.QUEUED),
        (job(disabled=True), Standing.UNDECIDED),
    ],
)
def test_the_rules_in_their_order(found: Job | None, expected: Standing) -> None:
    assert standing(found) is expected


@pytest.mark.parametrize(
    ("command", "expected"), [("0", End.SUCCEEDED), ("1", End.FAILED), ("137", End.FAILED)]
)
def test_a_job_that_ends_is_told_and_deleted(server: StandIn, command: str, expected: End) -> None:
    end, _ = ended(server, command=command)
    assert end is expected
    assert server.deleted == ["knn_1"]
    assert server.jobs == {}


def test_retries_are_waited_for_and_are_one_failure(server: StandIn) -> None:
    end, _ = ended(server, command="1", retries=2)
    assert end is End.FAILED
    assert [one.command for one in server.ran] == ["1", "1", "1"]


def test_a_job_that_is_not_launched_is_waited_for_as_long_as_was_said(server: StandIn) -> None:
    server.launching.clear()
    end, heard = ended(server, Patience(run_s=0.2, queue_s=0.3, poll_s=0.02), command="0")
    assert end is End.OVERDUE
    assert heard == ["queued"]
    assert server.deleted == ["knn_1"]


def test_a_job_that_was_killed_is_not_waited_for_for_ever(server: StandIn) -> None:
    client = connected(server)
    patience = Patience(run_s=0.5, queue_s=0.5, poll_s=0.02)
    with submitted(client, document(command="sleep"), warn=print) as name:
        killer = threading.Timer(0.3, client.kill, args=(name,))
        killer.start()
        assert follow(client, name, patience, tell=print) is End.OVERDUE
        killer.join()
        found = client.find(name)
    assert found == job()  # it looks as if it had never been launched
    assert server.deleted == ["knn_1"]


def test_a_job_that_never_ends_is_killed(server: StandIn) -> None:
    end, _ = ended(server, Patience(run_s=0.3, queue_s=0.3, poll_s=0.02), command="sleep")
    assert end is End.OVERDUE
    (known,) = server.ever
    assert known.killed.is_set()
    assert server.jobs == {}


def test_once_it_is_seen_to_run_only_its_own_time_is_left() -> None:
    with serving(StandIn("3.0", program, load_s=0)) as server:
        begun = time.monotonic()
        end, heard = ended(server, Patience(run_s=0.3, queue_s=600, poll_s=0.02), command="sleep")
        assert end is End.OVERDUE
        assert time.monotonic() - begun < 60
        assert heard[-1] == "running"


def test_a_job_that_somebody_deletes_is_lost(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SETTLE_S", 0.3)
    client = connected(server)
    patience = Patience(run_s=60, appear_s=0.3, poll_s=0.02)
    with submitted(client, document(command="sleep"), warn=print) as name:
        threading.Timer(0.3, client.delete, args=(name,)).start()
        assert follow(client, name, patience, tell=print) is End.LOST


def test_a_job_that_never_appears_is_lost() -> None:
    with serving(StandIn("3.0", program, load_s=0)) as server:
        client = connected(server)
        assert follow(client, "knn_1", Patience(run_s=60, appear_s=0.1, poll_s=0.02), tell=print) is End.LOST


def test_one_whose_name_contains_ours_does_not_answer_for_it(server: StandIn) -> None:
    client = connected(server)
    with submitted(client, document("knn_10", command="0"), warn=print) as other:
        assert follow(client, other, QUICK, tell=print) is End.SUCCEEDED
        assert follow(client, "knn_1", Patience(run_s=9, appear_s=0.2, poll_s=0.02), tell=print) is End.LOST
        with submitted(client, document("knn_1", command="1"), warn=print) as name:
            assert follow(client, name, QUICK, tell=print) is End.FAILED


def test_silence_is_waited_through(server: StandIn) -> None:
    client, heard = connected(server), list[str]()
    with submitted(client, document(command="0"), warn=heard.append) as name:
        server.broken.set()
        threading.Timer(0.4, server.broken.clear).start()
        assert follow(client, name, QUICK, tell=heard.append) is End.SUCCEEDED


def test_silence_has_an_end_and_what_is_left_is_named(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLE_S", 0.3)
    client, heard = connected(server), list[str]()

    def silent() -> None:
        with submitted(client, document(command="sleep"), warn=heard.append) as name:
            server.broken.set()
            follow(client, name, Patience(run_s=60, silent_s=0.3, poll_s=0.02), tell=heard.append)

    with pytest.raises(SchedulerError, match="what became of the job knn_1"):
        silent()
    assert "the job knn_1 may be left in Chronos" in heard[-1]


def test_stopped_work_leaves_no_job(server: StandIn) -> None:
    client, stop = connected(server), threading.Event()

    def stopped() -> None:
        with submitted(client, document(command="sleep"), warn=print) as name:
            threading.Timer(0.3, stop.set).start()
            follow(client, name, QUICK, tell=print, stop=stop)

    with pytest.raises(Cancelled):
        stopped()
    assert server.jobs == {}
    assert all(known.killed.is_set() for known in server.ever)


def test_a_job_that_is_stopped_before_chronos_knows_it_is_deleted_nevertheless() -> None:
    with serving(StandIn("3.0", program, load_s=0.6)) as server:
        client = connected(server)

        def stopped() -> None:
            with submitted(client, document(command="sleep"), warn=print):
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            stopped()
        time.sleep(0.8)
        assert client.find("knn_1") is None
        assert server.deleted == ["knn_1"]


def test_a_job_of_this_name_is_not_replaced(server: StandIn) -> None:
    client = connected(server)
    with submitted(client, document(command="sleep"), warn=print):
        while client.find("knn_1") is None:
            time.sleep(0.02)
        with (
            pytest.raises(UsageError, match="would replace it"),
            submitted(client, document(command="0"), warn=print),
        ):
            pytest.fail("it was submitted")
        assert len(server.submitted) == 1
        assert server.deleted == []


def test_a_refused_job_is_not_looked_for(server: StandIn) -> None:
    with (
        pytest.raises(SchedulerRefused),
        submitted(connected(server), document(schedule="now"), warn=print),
    ):
        pytest.fail("it was taken")
    assert not [path for _, method, path in server.asked if method == "DELETE"]
