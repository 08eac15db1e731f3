"""When a writable root file system is tried, and what is believed of it; which path of it is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from algoreg.basecase import decide, root_change
from algoreg.engines.docker.rootfs import first_change
from algoreg.engines.protocol import Ending, Execution, RunRequest, Snapshot
from algoreg.observation import Experiment, Problem, Step
from algoreg.outputs import Defect

READ_ONLY = "run.exit-code"


def experiment(*, defect: str | None = None, change: str | None = None) -> Experiment:
    step = Step(
        case="train regression",
        request=RunRequest(arguments=("train",), environment={}, timeout_s=5),
        execution=Execution(ending=Ending.EXITED, exit_code=0, root_change=change),
        before={},
        snapshot=Snapshot(),
    )
    found = defect and Problem(step=step, defect=Defect(check=defect, message="", expected="", got=""))
    return Experiment(sample=None, train=step, problem=found or None)  # type: ignore[arg-type]


def profile(read_only: Experiment, writable: Experiment, asked: list[bool]) -> Any:
    def make(bench: Any) -> Experiment:
        asked.append(bench.writable_root)
        return writable if bench.writable_root else read_only

    return make


GOOD, BAD = experiment(), experiment(defect=READ_ONLY)
CURED = experiment(change="/opt/cache")


@pytest.mark.parametrize(
    ("read_only", "writable", "retried", "stays"),
    [
        (GOOD, CURED, False, False),
        (BAD, CURED, True, True),
        (experiment(defect="run.signal"), CURED, True, True),
        (experiment(defect="run.timeout"), CURED, False, False),
        (experiment(defect="out.missing"), CURED, False, False),
        (BAD, GOOD, True, False),
        (BAD, experiment(defect=READ_ONLY, change="/opt/cache"), True, False),
    ],
)
def test_a_writable_root_must_be_the_cure(
    read_only: Experiment, writable: Experiment, retried: bool, stays: bool
) -> None:
    bench: Any = SimpleNamespace(writable_root=False)
    asked: list[bool] = []
    (found,) = decide(bench, [profile(read_only, writable, asked)], may_retry=True)
    assert asked == ([False, True] if retried else [False])
    assert bench.writable_root is stays
    assert found is (writable if stays else read_only)


def test_only_the_profile_that_failed_is_made_again() -> None:
    bench: Any = SimpleNamespace(writable_root=False)
    asked: list[bool] = []
    found = decide(bench, [profile(GOOD, CURED, asked), profile(BAD, CURED, asked)], may_retry=True)
    assert [root_change(one) for one in found] == [None, "/opt/cache"]
    assert sorted(asked) == [False, False, True]


def test_an_engine_without_images_is_not_asked_twice() -> None:
    asked: list[bool] = []
    bench: Any = SimpleNamespace(writable_root=False)
    assert decide(bench, [profile(BAD, CURED, asked)], may_retry=False) == [BAD]
    assert asked == [False]


MOUNTED = ("/tmp", "/docker-volume")
ENGINES = ["/usr", "/usr/sbin", "/usr/sbin/docker-init", "/docker-volume"]


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ([], None),
        (ENGINES, None),
        ([*ENGINES, "/tmp", "/tmp/x"], None),
        (["/opt", "/opt/stub", "/opt/stub/x", *ENGINES], "/opt/stub/x"),
        (["/opt", "/opt/a", "/opt/a/__pycache__", "/opt/a/__pycache__/m.pyc", "/var", "/var/x"], "/var/x"),
        (["/opt", "/opt/__pycache__", "/opt/__pycache__/m.pyc"], "/opt/__pycache__/m.pyc"),
        (["/tmpfile"], "/tmpfile"),
        (["/opt", "/opt-x", "/opt/x"], "/opt-x"),
    ],
)
def test_the_first_path_that_is_the_runs_own_doing(paths: list[str], told: str | None) -> None:
    assert first_change(paths, MOUNTED) == told
