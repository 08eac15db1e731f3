"""What a person sees of a long validation: checks and cases counted, and an estimate once there is ground for one."""

from __future__ import annotations

import os
import pty
import re

import pytest

from algoreg.cli import progress
from algoreg.cli.progress import Display, Plain, display
from algoreg.report import Timing
from algoreg.timing import Stopwatch


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ours = Clock()
    monkeypatch.setattr("time.monotonic", ours.monotonic)
    return ours


def test_the_estimate_is_what_the_rest_takes_at_the_pace_so_far(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = Plain(checks=40)
    for number in range(40):
        clock.now += 10
        shown.case_started("a case")
        shown.case_ended("a case")
        shown.check_ended(f"run.c{number}", "PASS")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "[ 10.0 s] PASS  run.c0 (1 of 40 checks, 1 cases)"
    assert lines[19].endswith("(20 of 40 checks, 20 cases, about 3 min left)")
    assert lines[38].endswith("(39 of 40 checks, 39 cases, about 10 s left)")
    assert lines[39].endswith("(40 of 40 checks, 40 cases)")
    assert not [line for line in lines[:3] if "left" in line]


def test_no_estimate_without_a_number_of_checks(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = Plain()
    clock.now += 100
    shown.case_ended("a")
    shown.check_ended("run.start", "PASS")
    assert capsys.readouterr().err == "[100.0 s] PASS  run.start (1 checks, 1 cases)\n"


def test_no_estimate_in_the_first_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = Plain(checks=4)
    clock.now += 1
    shown.check_ended("run.start", "PASS")
    assert "left" not in capsys.readouterr().err


def test_a_terminal_shows_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(progress.VARIABLE, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_PATIENCE_S", 0.0)
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        with display(checks=4) as shown:
            shown.case_started("train [bold]regression")
            shown.check_ended("run.start", "PASS")
            status = shown._status  # type: ignore[attr-defined]
            line = str(status.status)
            shown.case_ended("train [bold]regression")
    os.close(master)
    assert re.search(r"1 of 4 checks, 0 cases, about 5 s left", line)
    assert "train \\[bold]regression" in line


class Heard:
    """A display that remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)

    def case_started(self, case: str) -> None:
        self.said.append(f"{case} started")

    def case_ended(self, case: str) -> None:
        self.said.append(f"{case} ended")

    def check_ended(self, check: str, outcome: str) -> None:
        self.said.append(f"{check} {outcome}")


def test_the_stopwatch_takes_each_experiment_and_passes_everything_on(clock: Clock) -> None:
    heard: Display = Heard()
    watch = Stopwatch(heard)
    watch.case_started("a")
    clock.now += 1
    watch.case_started("b")
    clock.now += 2
    watch.case_ended("a")
    watch.case_started("b")
    clock.now += 4
    watch.case_ended("b")
    watch.case_ended("b")
    watch.check_ended("run.start", "PASS")
    assert watch.timings() == tuple(
        Timing(case=case, duration_s=seconds) for case, seconds in (("a", 3.0), ("b", 6.0), ("b", 4.0))
    )
    assert heard.said == [
        "a started",
        "b started",
        "a ended",
        "b started",
        "b ended",
        "b ended",
        "run.start PASS",
    ]  # type: ignore[attr-defined]
