"""Where ``algoreg job --submit`` sends a job, and what it does not go together with."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.chronos_reader import ReadJob
from support.chronos_server import StandIn, serving
from unit.test_job_cli import chronos, meta, run

__all__ = ["meta"]
VARIABLE = "ALGOREG_CHRONOS"
INPUT = {"query_features": "SELECT x", "query_targets": "SELECT y", "test_rows": [1]}
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
    result = run(*chronos(meta, "--submit", "-", "--format", "json", command="compute"))
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
    result = run(*chronos(meta, "--submit", "-", command="compute"))
    assert (result.code, result.out) == (2, "")
    assert f"{VARIABLE} is not set" in result.err


def test_what_is_submitted_is_not_written(meta: Path, server: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    result = run(*chronos(meta, "--submit", secretly(server), "--output", str(file)))
    assert (result.code, result.out) == (2, "")
    assert "--submit writes no document" in result.err
    assert not file.exists()
    assert server.asked == []


# The directory and what is left in it -------------------------------------------------------------------------


@dataclass
class Shared:
    """A folder that this machine and the agent have, a file for train, and a place for results."""

    root: Path
    input: Path
    kept: Path
    meta: Path
    does: Callable[[Path], int]
    """What the job does in its directory; gives its exit code."""

    def asked(self, url: str, *more: str, command: str = "train") -> list[str]:
        given = ["--volume", str(self.root), "--submit", url, "--fetch", str(self.kept)]
        return chronos(self.meta, *given, *more, command=command)

    def files(self) -> dict[str, bytes]:
        """What was kept, by name."""
        return {path.name: path.read_bytes() for path in self.kept.rglob("*") if path.is_file()}


def writes(name: str, content: bytes) -> Callable[[Path], int]:
    def work(folder: Path) -> int:
        (folder / name).write_bytes(content)
        return 0

    return work


@pytest.fixture
def shared(meta: Path, tmp_path: Path) -> Shared:
    root = tmp_path / "shared"
    root.mkdir()
    given = tmp_path / "given.json"
    given.write_text(json.dumps(INPUT))
    return Shared(
        root=root,
        input=given,
        kept=tmp_path / "kept",
        meta=meta,
        does=writes("input_test.json", b'{"pipeline": "p"}'),
    )


@pytest.fixture
def cluster(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    def work(job: ReadJob, _killed: threading.Event) -> int:
        assert job.container is not None
        return shared.does(Path(str(job.container.volumes[0].host_path)))

    for name in ("IN_PASSWORD", "OUT_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    with serving(StandIn("3.0", work, load_s=0)) as stand_in:
        yield stand_in
        assert stand_in.jobs == {}, "a job is left"


def test_train_has_its_input_in_a_fresh_directory_and_what_it_left_is_fetched(
    shared: Shared, cluster: StandIn
) -> None:
    seen = []

    def work(folder: Path) -> int:
        file = folder / "input_training.json"
        seen.append(
            (json.loads(file.read_text()), folder.stat().st_mode & 0o7777, file.stat().st_mode & 0o777)
        )
        return writes("input_test.json", b'{"pipeline": "p"}')(folder)

    shared.does = work
    asked = shared.asked(cluster.url, "--input", str(shared.input), "--format", "json")
    first, second = run(*asked), run(*asked)
    assert (first.code, second.code) == (0, 0), first.err
    assert seen == [(INPUT, 0o777, 0o666)] * 2
    told = [json.loads(result.out) for result in (first, second)]
    assert len({one["directory"] for one in told}) == 2
    for one, result in zip(told, (first, second), strict=True):
        (file,) = one["files"]
        assert Path(file).read_bytes() == b'{"pipeline": "p"}'
        assert (one["error"], one["trouble"]) == (None, None)
        assert f"its test is asked for with --experiment {Path(one['directory']).name}" in result.err


def test_test_works_in_the_directory_of_its_train(shared: Shared, cluster: StandIn) -> None:
    trained = run(*shared.asked(cluster.url, "--input", str(shared.input), "--format", "json"))
    experiment = Path(json.loads(trained.out)["directory"]).name

    def work(folder: Path) -> int:
        assert (folder / "input_test.json").is_file()
        return writes("predictions.json", b'{"rows": [1]}')(folder)

    shared.does = work
    tested = run(*shared.asked(cluster.url, "--experiment", experiment, command="test"))
    assert tested.code == 0, tested.err
    assert "predictions.json\n" in tested.out
    assert shared.files() == {"input_test.json": b'{"pipeline": "p"}', "predictions.json": b'{"rows": [1]}'}


def link(folder: Path) -> int:
    (folder / "input_test.json").symlink_to("/etc/passwd")
    return 0


def huge(folder: Path) -> int:
    with (folder / "input_test.json").open("wb") as file:
        os.truncate(file.fileno(), 1 << 40)
    return 0


@pytest.mark.parametrize(
    ("does", "message"),
    [
        (lambda _folder: 0, "it ended with code 0 and left no input_test.json"),
        (link, "the volume holds a symbolic link where only regular files"),
        (huge, "the volume is over its bounds"),
        (writes("input_test.json", b"\x1b[31m"), "input_test.json is not strict JSON"),
    ],
)
def test_what_cannot_be_a_result_is_said_and_not_kept(
    shared: Shared, cluster: StandIn, does: Callable[[Path], int], message: str
) -> None:
    shared.does = does
    result = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert result.code == 1, result.err
    assert f"no result: {message}" in result.out
    assert "\x1b" not in result.out
    assert list(shared.kept.iterdir()) == []


def test_a_job_that_fails_leaves_its_directory_and_nothing_is_kept(shared: Shared, cluster: StandIn) -> None:
    shared.does = lambda _folder: 3
    result = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert result.code == 1
    assert "failed after" in result.out
    assert list(shared.kept.iterdir()) == []
    assert len(list(shared.root.iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not strict JSON: line 1"),
        ("[]", "is no input_training.json, at $"),
        (
            '{"query_features": "SELECT 1", "query_targets": "SELECT 1", "test_rows": [-1]}',
            "at $.test_rows[0]",
        ),
    ],
)
def test_an_input_that_no_train_would_take_is_not_submitted(
    shared: Shared, cluster: StandIn, text: str, message: str
) -> None:
    shared.input.write_text(text)
    refused = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err
    assert (list(shared.root.iterdir()), list(shared.kept.iterdir())) == ([], [])
    assert cluster.submitted == []


def test_a_directory_that_is_there_or_not_here_is_refused(shared: Shared, cluster: StandIn) -> None:
    experiment = "3f6c0000-0000-4000-8000-000000000000"
    asked = shared.asked(cluster.url, "--experiment", experiment)
    absent = run(*asked)
    assert absent.code == 2
    assert f"there is no experiment's directory {shared.root / experiment} on this machine" in absent.err
    (shared.root / experiment).mkdir()
    (shared.root / experiment / "precious").write_text("x")
    taken = run(*asked, "--input", str(shared.input))
    assert taken.code == 2
    assert "cannot make the experiment's directory" in taken.err
    assert (shared.root / experiment / "precious").read_text() == "x"
    assert cluster.submitted == []


def test_a_directory_whose_job_was_never_submitted_goes(
    shared: Shared, cluster: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "submit", lambda _body: cluster.failed(400, "not today"))
    refused = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert (refused.code, refused.out) == (3, ""), refused.err
    assert (list(shared.root.iterdir()), list(shared.kept.iterdir())) == ([], [])
