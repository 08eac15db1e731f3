"""What a Chronos that is silent now and then, or does not obey, makes of a job that is followed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from algoreg.errors import SchedulerError, SchedulerUnavailable
from algoreg.schedulers import chronos, following
from algoreg.schedulers.address import Address
from algoreg.schedulers.chronos import Activity, Chronos, Job
from algoreg.schedulers.following import End, Patience, follow, submitted
from algoreg.schedulers.wire import Wire
from unit.test_chronos_following import document, job


class Scripted(Chronos):
    """Answers one search after the other as it is told; it deletes nothing, and has no summary."""

    def __init__(self, *answers: Job | SchedulerError | None) -> None:
        super().__init__(Wire(Address.parse("http://chronos:4400")), chronos.DIALECTS[0])
        self.answers = list(answers)

    def find(self, name: str) -> Job | None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, SchedulerError):
            raise answer
        return answer

    def activity(self, name: str) -> Activity | None:
        raise SchedulerUnavailable("the summary is out of order")

    def kill(self, name: str) -> None:
        pass

    def delete(self, name: str) -> bool:
        raise SchedulerError("Chronos refuses to delete knn_1 (405)")

    def submit(self, document: Mapping[str, Any]) -> None:
        pass


DOWN = SchedulerUnavailable("no answer")


def test_an_empty_search_after_an_outage_is_no_lost_job() -> None:
    outage = [DOWN] * 15
    client = Scripted(job(), *outage, None, job(disabled=True, successes=1))
    patience = Patience(run_s=20, appear_s=0.2, silent_s=20, poll_s=0.02)
    assert follow(client, "knn_1", patience, tell=print) is End.SUCCEEDED


def test_a_job_that_is_absent_between_outages_was_absent_once_each_time() -> None:
    client = Scripted(job(), None, *[DOWN] * 15, None, job(errors=1))
    patience = Patience(run_s=20, appear_s=0.2, silent_s=20, poll_s=0.02)
    assert follow(client, "knn_1", patience, tell=print) is End.FAILED


def test_a_summary_that_cannot_be_read_is_no_news() -> None:
    heard = list[str]()
    patience = Patience(run_s=0.1, queue_s=0.1, silent_s=20, poll_s=0.02)
    assert follow(Scripted(job()), "knn_1", patience, tell=heard.append) is End.OVERDUE
    assert heard == []


@pytest.mark.parametrize(
    ("left", "told"), [(job(), True), (DOWN, True), (None, False)], ids=["there", "not told", "gone"]
)
def test_a_job_that_is_not_deleted_is_named(
    left: Job | SchedulerError | None, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLE_S", 0.05)
    client, heard = Scripted(None, left), list[str]()
    with submitted(client, document(), warn=heard.append):
        pass
    assert [("knn_1" in line, "passwords" in line) for line in heard] == [(True, True)] * told


def test_a_task_that_cannot_be_killed_does_not_keep_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unkillable(Scripted):
        deleted = 0

        def kill(self, name: str) -> None:
            raise SchedulerUnavailable("no answer")

        def delete(self, name: str) -> bool:
            self.deleted += 1
            return True

    monkeypatch.setattr(following, "SETTLE_S", 0.05)
    client, heard = Unkillable(None), list[str]()
    with submitted(client, document(), warn=heard.append):
        pass
    assert (client.deleted, heard) == (1, [])
