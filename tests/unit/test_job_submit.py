"""Where ``algoreg job --submit`` sends a job, and what it does not go together with."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.chronos_server import StandIn, serving
from unit.test_job_cli import chronos, meta, run

__all__ = ["meta"]
VARIABLE = "ALGOREG_CHRONOS"
TOKEN = "Basic bWU6aHVudGVyMjI="  # me:hunter22


def succeeds(_job: object, _killed: threading.Event) -> int:
    return 0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    for name in ("IN_PASSWORD", "OUT_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    with serving(StandIn("3.0", succeeds, load_s=0, password=TOKEN)) as stand_in:
        yield stand_in


def secretly(server: StandIn) -> str:
    return server.url.replace("//", "//me:hunter22@")


def test_a_dash_takes_the_address_and_its_password_from_the_variable(
    meta: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, secretly(server))
    result = run(*chronos(meta, "--submit", "-", "--format", "json"))
    assert result.code == 0, result.err
    assert json.loads(result.out)["scheduler"] == server.url
    assert "hunter22" not in result.out + result.err


def test_the_variable_alone_submits_nothing(
    meta: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, secretly(server))
    assert run(*chronos(meta)).code == 0
    assert server.asked == []


def test_a_dash_without_the_variable_says_what_to_set(
    meta: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    result = run(*chronos(meta, "--submit", "-"))
    assert (result.code, result.out) == (2, "")
    assert f"{VARIABLE} is not set" in result.err


def test_what_is_submitted_is_not_written(meta: Path, server: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    result = run(*chronos(meta, "--submit", secretly(server), "--output", str(file)))
    assert (result.code, result.out) == (2, "")
    assert "--submit writes no document" in result.err
    assert not file.exists()
    assert server.asked == []
