"""The client of Chronos: both generations, names that contain each other, hostile servers, no password shown."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from algoreg.errors import AlgoregError, SchedulerError, SchedulerRefused, SchedulerUnavailable, UsageError
from algoreg.schedulers import chronos, wire
from algoreg.schedulers.address import Address
from algoreg.schedulers.chronos import Activity, Chronos, Job
from support.chronos_server import StandIn, serving
from support.hostile_server import answering

VERSIONS = ("2.5", "3.0")
SECRET = "rosebud-4711"


def document(name: str = "knn_1", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "command": "train",
        "arguments": [],
        "shell": False,
        "schedule": "R1//PT1M",
        "retries": 0,
        "cpus": 0.5,
        "mem": 512,
        "container": {"type": "DOCKER", "image": "algoreg/knn:0.1.0", "volumes": []},
        "environmentVariables": [{"name": "IN_PASSWORD", "value": SECRET}],
        **changes,
    }


def waits(_job: object, killed: threading.Event) -> int:
    killed.wait(20)
    return 0


def connected(stand_in: StandIn) -> Chronos:
    return chronos.connect(stand_in.url, pause_s=0)


def eventually(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 10
    while not (value := found()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with serving(StandIn(request.param, waits)) as stand_in:
        yield stand_in


def test_the_generation_is_found_out(server: StandIn) -> None:
    found = connected(server).dialect.version
    assert found == {"2.5": "chronos-2.5", "3.0": "chronos-3"}[server.version]


def test_a_job_is_submitted_found_and_deleted(server: StandIn) -> None:
    client = connected(server)
    assert client.find("knn_1") is None
    client.submit(document())
    job = eventually(lambda: client.find("knn_1"))
    assert job == Job(name="knn_1", successes=0, errors=0, disabled=False, soft_error=False)
    assert client.delete("knn_1") is True
    assert client.find("knn_1") is None
    assert client.delete("knn_1") is False


def test_in_3_0_a_job_is_not_found_at_once() -> None:
    with serving(StandIn("3.0", waits, load_s=0.3)) as server:
        client = connected(server)
        client.submit(document())
        assert client.find("knn_1") is None
        assert eventually(lambda: client.find("knn_1")) is not None


def test_a_name_that_contains_ours_is_not_ours(server: StandIn) -> None:
    client = connected(server)
    for name in ("knn_10", "KNN_1", "my_knn_1_b"):
        client.submit(document(name))
    assert eventually(lambda: client.find("knn_10")) is not None
    assert eventually(lambda: client.find("KNN_1")) is not None
    assert client.find("knn_1") is None


def test_ours_is_found_behind_many_that_contain_its_name(server: StandIn) -> None:
    client = connected(server)
    for number in range(25):
        client.submit(document(f"knn_1{number:02}"))
    client.submit(document("knn_1"))
    assert eventually(lambda: client.find("knn_1")) is not None


def test_who_offers_hits_without_end_is_given_up() -> None:
    page = b"[" + b",".join([b'{"name":"knn_10"}'] * 10) + b"]"
    with answering(200, page) as url, pytest.raises(SchedulerError, match="more than 1,000 jobs"):
        chronos.connect(url, pause_s=0).find("knn_1")


def test_only_the_summary_tells_that_it_runs() -> None:
    for version, expected in (("2.5", None), ("3.0", Activity.RUNNING)):
        with serving(StandIn(version, waits)) as server:
            client = connected(server)
            client.submit(document())
            assert eventually(lambda: server.ran)
            assert client.activity("knn_1") is expected
            assert client.activity("knn") is None


def test_a_refused_document_is_told_without_its_passwords(server: StandIn) -> None:
    with pytest.raises(SchedulerRefused) as refused:
        connected(server).submit(document(schedule=f"at {SECRET}"))
    assert refused.value.message.endswith("400, cannot parse schedule at ***")


def test_what_stumbles_over_a_document_may_have_kept_it() -> None:
    with serving(StandIn("3.0", waits)) as server, pytest.raises(SchedulerError) as failed:
        connected(server).submit({"command": "train"})
    assert not isinstance(failed.value, SchedulerRefused | SchedulerUnavailable)


def test_a_server_that_fails_is_unavailable(server: StandIn) -> None:
    client = connected(server)
    server.broken.set()
    for ask in (client.find, client.kill, client.delete):
        with pytest.raises(SchedulerUnavailable):
            ask("knn_1")


def test_user_and_password_of_the_url_are_sent_and_never_shown() -> None:
    header = "Basic " + base64.b64encode(f"åsa:{SECRET}@".encode()).decode()
    with serving(StandIn("3.0", waits, password=header)) as server:
        place = server.url.removeprefix("http://")
        client = chronos.connect(f"http://%C3%A5sa:{SECRET}%40@{place}", pause_s=0)
        assert client.place == server.url
        assert SECRET not in repr(Address.parse(f"http://me:{SECRET}@{place}"))
        with pytest.raises(SchedulerError, match=r"does not let us in \(401\)") as refused:
            chronos.connect(f"http://me:{SECRET}@{place}", pause_s=0)
        assert SECRET not in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    "url",
    [
        f"me:{SECRET}@host:4400",
        f"ftp://me:{SECRET}@host",
        f"http://me:{SECRET}@host:port",
        f"http://me:{SECRET}/x@host",
        f"http://me:{SECRET}@x@host",
        f"http://host?password={SECRET}",
        "http://host:0",
        f"http://ho st:{SECRET}",
        f"http://[{SECRET}",
        "http://",
        "",
    ],
)
def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Address.parse(url)
    assert SECRET not in f"{refused.value.message} {refused.value.hint} {refused.value.__cause__}"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"{}"),
        (200, b"null"),
        (200, b'["knn_1"]'),
        (200, b"[" * 100_000),
        (200, b"\xff\xfe"),
        (200, b'[{"name":"knn_1"}]'),
        (200, b'[{"name":"knn_1","name":"x","successCount":0,"errorCount":0,"disabled":false}]'),
        (200, b'[{"name":"knn_1","successCount":true,"errorCount":0,"disabled":false}]'),
        (200, b'[{"name":"knn_1","successCount":-1,"errorCount":0,"disabled":false}]'),
        (200, b'[{"name":"knn_1","successCount":1.5,"errorCount":0,"disabled":false}]'),
        (200, b'[{"name":"knn_1","successCount":1e999,"errorCount":0,"disabled":false}]'),
        (200, b'[{"name":"knn_1","successCount":1,"errorCount":0,"disabled":"true"}]'),
        (404, b"[]"),
        (500, b"[]"),
        (200, b" " * (wire.MAX_BYTES + 1)),
    ],
)
def test_an_answer_that_is_none_is_no_answer(status: int, content: bytes) -> None:
    with answering(status, content) as url:
        client = Chronos(wire.Wire(Address.parse(url), pause_s=0), chronos.DIALECTS[0])
        with pytest.raises(SchedulerUnavailable):
            client.find("knn_1")


def test_the_twin_that_is_an_answer() -> None:
    good = b'[{"name":"knn_1","successCount":1,"errorCount":0,"disabled":true,"lastError":"x"}]'
    with answering(200, good) as url:
        found = chronos.connect(url, pause_s=0).find("knn_1")
    assert found == Job(name="knn_1", successes=1, errors=0, disabled=True, soft_error=False)


def test_threads_together_ask_at_most_so_often() -> None:
    with serving(StandIn("2.5", waits)) as server:
        client = chronos.connect(server.url, pause_s=0.05)
        threads = [threading.Thread(target=client.find, args=("x",)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.asked) == 8  # of these, two ask for the generation
    times = sorted(when for when, _, _ in server.asked)
    assert times[-1] - times[0] > 7 * 0.05 * 0.8


def test_no_error_of_the_library_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(StandIn("2.5", waits)) as server:
        assert connected(server).find("x") is None
    with answering(200, b"[]", headers={"Content-Length": "100"}) as url:
        try:
            chronos.connect(url, timeout_s=1, pause_s=0)
        except AlgoregError:
            pass
        else:
            pytest.fail("an answer cut short is no answer")
