"""Which run.* check takes the blame for a bad end, and what a remembered run keeps."""

from __future__ import annotations

from typing import Any

import pytest

from algoreg.engines.protocol import Ending, Entry, EntryKind, Execution, Logs, RunRequest, Snapshot
from algoreg.observation import Step, changed_entries, run_defect

FILE = Entry(name="input_test.json", kind=EntryKind.FILE, size=2, content=b"{}")


def step(*, log: bytes = b"", **execution: Any) -> Step:
    values = {"ending": Ending.EXITED, "exit_code": 0, **execution}
    return Step(
        case="train regression",
        request=RunRequest(arguments=("train",), environment={"IN_PASSWORD": "s3cret"}, timeout_s=5),
        execution=Execution(logs=Logs(head=log, total=len(log)), **values),
        before={},
        snapshot=Snapshot(entries=(FILE,)),
    )


@pytest.mark.parametrize(
    ("execution", "id"),
    [
        ({}, None),
        ({"exit_code": 3}, "run.exit-code"),
        ({"exit_code": 255}, "run.exit-code"),
        ({"exit_code": 137}, "run.signal"),
        ({"exit_code": 0, "oom_killed": True}, "run.oom"),
        ({"exit_code": 137, "oom_killed": True}, "run.oom"),
        ({"exit_code": 137, "ending": Ending.TIMED_OUT}, "run.timeout"),
        ({"exit_code": 137, "ending": Ending.LOG_OVERFLOW}, "log.size"),
        ({"exit_code": None, "ending": Ending.NOT_STARTED}, "run.start"),
    ],
)
def test_the_first_cause_takes_the_blame(execution: dict[str, Any], id: str | None) -> None:
    defect = run_defect(step(**execution))
    assert (None if defect is None else defect.check) == id


def test_evidence_holds_no_password_of_the_run() -> None:
    assert step(log=b"login failed with s3cret").evidence == "login failed with ***"


def test_a_remembered_run_keeps_names_and_sizes_only() -> None:
    kept = step().without_content().snapshot.entries
    assert [(entry.name, entry.size, entry.content) for entry in kept] == [("input_test.json", 2, None)]


def test_new_and_modified_entries_are_told() -> None:
    snapshot = Snapshot(entries=(FILE,))
    assert changed_entries({"input_test.json": b"{}"}, snapshot) == ()
    assert changed_entries({"input_test.json": b"[]"}, snapshot) == ("input_test.json",)
    assert changed_entries({}, snapshot) == ("input_test.json",)
