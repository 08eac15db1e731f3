"""Where ``algoreg job --submit`` sends a job, and what it does not go together with."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from algoreg.databases import given
from algoreg.databases.protocol import ResultRow
from algoreg.engines.directory import Directory
from algoreg.engines.protocol import Snapshot
from algoreg.errors import DatabaseError, EngineError
from support.chronos_reader import ReadJob
from support.chronos_server import StandIn, serving
from unit.test_job_cli import chronos, meta, run

__all__ = ["meta"]
VARIABLE = "ALGOREG_CHRONOS"
INPUT = {"query_features": "SELECT x", "query_targets": "SELECT y", "test_rows": [1]}
TRAINED = json.dumps({**INPUT, "pipeline": "p"}).encode()
PREDICTED = b'{"rows": [1], "predictions": ["AD"], "targets": ["CN"]}'
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
        does=writes("input_test.json", TRAINED),
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
        return writes("input_test.json", TRAINED)(folder)

    shared.does = work
    asked = shared.asked(cluster.url, "--input", str(shared.input), "--format", "json")
    first, second = run(*asked), run(*asked)
    assert (first.code, second.code) == (0, 0), first.err
    assert seen == [(INPUT, 0o777, 0o666)] * 2
    told = [json.loads(result.out) for result in (first, second)]
    assert len({one["directory"] for one in told}) == 2
    for one, result in zip(told, (first, second), strict=True):
        (file,) = one["files"]
        assert Path(file).read_bytes() == TRAINED
        assert (one["error"], one["trouble"]) == (None, None)
        assert f"its test is asked for with --experiment {Path(one['directory']).name}" in result.err


def test_test_works_in_the_directory_of_its_train(shared: Shared, cluster: StandIn) -> None:
    trained = run(*shared.asked(cluster.url, "--input", str(shared.input), "--format", "json"))
    experiment = Path(json.loads(trained.out)["directory"]).name

    def work(folder: Path) -> int:
        assert (folder / "input_test.json").is_file()
        return writes("predictions.json", PREDICTED)(folder)

    shared.does = work
    tested = run(*shared.asked(cluster.url, "--experiment", experiment, command="test"))
    assert tested.code == 0, tested.err
    assert "predictions.json\n" in tested.out
    assert shared.files() == {"input_test.json": TRAINED, "predictions.json": PREDICTED}


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
        (writes("input_test.json", b'{"pipeline": "p"}'), "input_test.json is not of its form at $"),
        (
            writes("input_test.json", TRAINED.replace(b"[1]", b"[2]")),
            "input_test.json must carry every key of input_training.json unchanged; expected test_rows",
        ),
        (
            writes("input_test.json", TRAINED.replace(b'"p"', b'"gASVBgAAAAAAAABdlEsBYS4="')),
            "the pipeline is not a text that can be rebuilt",
        ),
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


PREDICTIONS = {
    "{": "predictions.json is not strict JSON",
    '{"rows": [1]}': "predictions.json is not of its form",
    '{"rows": [1], "predictions": [1.5], "targets": ["CN"]}': "a value that the polynominal variable cannot have",
    '{"rows": [1], "predictions": ["AD", "CN"], "targets": ["CN"]}': "differ in length",
    '{"rows": [2], "predictions": ["AD"], "targets": ["CN"]}': "rows are not the test_rows that were asked for",
}


@pytest.mark.parametrize("text", PREDICTIONS)
def test_predictions_that_are_none_are_said_and_not_kept(shared: Shared, cluster: StandIn, text: str) -> None:
    trained = run(*shared.asked(cluster.url, "--input", str(shared.input), "--format", "json"))
    experiment = Path(json.loads(trained.out)["directory"]).name
    shared.does = writes("predictions.json", text.encode())
    tested = run(*shared.asked(cluster.url, "--experiment", experiment, command="test"))
    assert tested.code == 1, tested.err
    assert PREDICTIONS[text] in tested.out
    assert set(shared.files()) == {"input_test.json"}


def test_what_an_earlier_job_left_does_not_pass_for_this_ones(shared: Shared, cluster: StandIn) -> None:
    trained = run(*shared.asked(cluster.url, "--input", str(shared.input), "--format", "json"))
    folder = Path(json.loads(trained.out)["directory"])
    shared.does = writes("predictions.json", PREDICTED)
    asked = shared.asked(cluster.url, "--experiment", folder.name, command="test")
    assert run(*asked).code == 0
    shared.does = lambda _folder: 0
    kept, submitted = shared.files(), len(cluster.submitted)
    for again, name in (
        (asked, "predictions.json"),
        (shared.asked(cluster.url, "--experiment", folder.name), "input_test.json"),
    ):
        refused = run(*again)
        assert (refused.code, refused.out) == (2, "")
        assert f"{folder / name} is there already" in refused.err
    assert (shared.files(), len(cluster.submitted)) == (kept, submitted)
    (folder / "predictions.json").unlink()
    (folder / "predictions.json").symlink_to("nowhere")
    assert run(*asked).code == 2


@pytest.mark.parametrize(("command", "name"), [("train", "input_training.json"), ("test", "input_test.json")])
def test_a_directory_without_what_the_job_reads_is_refused(
    shared: Shared, cluster: StandIn, command: str, name: str
) -> None:
    folder = shared.root / "3f6c0000-0000-4000-8000-000000000000"
    folder.mkdir()
    asked = shared.asked(cluster.url, "--experiment", folder.name, command=command)
    absent = run(*asked)
    assert (absent.code, f"there is no {name} in {folder}" in absent.err) == (2, True), absent.err
    (folder / name).write_text("{}")
    other = run(*asked)
    assert (other.code, f"{folder / name} is no {name}, at $" in other.err) == (2, True), other.err
    assert cluster.submitted == []


def test_what_cannot_be_looked_at_does_not_hide_how_the_job_ended(
    shared: Shared, cluster: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_volume: Directory) -> Snapshot:
        raise EngineError("the experiment's volume cannot be read: stale handle", hint="Mount it.")

    monkeypatch.setattr(Directory, "read", gone)
    result = run(*shared.asked(cluster.url, "--input", str(shared.input), "--format", "json"))
    assert result.code == 3
    told = json.loads(result.out)
    assert (told["end"], told["files"]) == ("succeeded", [])
    assert told["trouble"] == "the experiment's volume cannot be read: stale handle; Mount it."


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
    assert "experiment's directory is" not in refused.err
    assert (list(shared.root.iterdir()), shared.kept.exists()) == ([], False)
    assert cluster.submitted == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" " * (16 << 20) + b"{}", "is too large: more than 16,777,216 bytes"),
        (b"[" + b"1," * (1 << 20) + b"1]", "is too large for"),
    ],
)
def test_an_input_that_is_too_large_is_named(
    shared: Shared, cluster: StandIn, content: bytes, message: str
) -> None:
    shared.input.write_bytes(content)
    refused = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert (refused.code, refused.out) == (2, "")
    assert f"{shared.input} {message}" in refused.err
    assert cluster.submitted == []


def test_a_place_for_results_that_is_a_file_is_named_by_its_option(shared: Shared, cluster: StandIn) -> None:
    shared.kept.write_text("mine")
    refused = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert (refused.code, refused.out) == (2, "")
    assert f"cannot make the folder {shared.kept}/knn-" in refused.err
    assert "--fetch" in refused.err
    assert "--output" not in refused.err
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
    assert f"the experiment's directory {shared.root / experiment} is there already" in taken.err
    assert "its test is asked for" not in taken.err
    assert (shared.root / experiment / "precious").read_text() == "x"
    assert cluster.submitted == []


def test_a_directory_whose_job_was_never_submitted_goes(
    shared: Shared, cluster: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "submit", lambda _body: cluster.failed(400, "not today"))
    refused = run(*shared.asked(cluster.url, "--input", str(shared.input)))
    assert (refused.code, refused.out) == (3, ""), refused.err
    assert (list(shared.root.iterdir()), list(shared.kept.iterdir())) == ([], [])


# The row of a compute -----------------------------------------------------------------------------------------

GOOD = ResultRow.written(job_id="j1", node="local", shape="pfa", data='{"method": "map"}')
ERROR = ResultRow(
    job_id="j1", node="local", shape="text/plain+error", error="boom: no such table", error_bytes=19
)


@dataclass
class Results:
    """A results database: what is in ``job_result``, and what a job will put there."""

    before: tuple[ResultRow, ...] = ()
    after: tuple[ResultRow, ...] = ()
    code: int = 0
    """The exit code of the job."""
    looks: int = 0
    broken: tuple[int, ...] = ()
    """The looks that meet no database."""
    asked: list[str] = field(default_factory=list)

    def rows(self, _connection: object, job_id: str) -> tuple[ResultRow, ...]:
        self.looks += 1
        self.asked.append(job_id)
        if self.looks in self.broken:
            raise DatabaseError("reading job_result of results on db.example: no route to host")
        return self.before if self.looks == 1 else self.after


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    found = Results(after=(GOOD,))
    monkeypatch.setattr(given, "rows_of_job", found.rows)
    return found


@pytest.fixture
def computing(results: Results, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    for name in ("IN_PASSWORD", "OUT_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    with serving(StandIn("3.0", lambda _job, _killed: results.code, load_s=0)) as stand_in:
        yield stand_in
        assert stand_in.jobs == {}, "a job is left"


def computed(meta: Path, server: StandIn, kept: Path, *more: str) -> list[str]:
    return chronos(
        meta, "--submit", server.url, "--fetch", str(kept), "--job-id", "j1", *more, command="compute"
    )


def test_a_row_of_a_success_is_kept(meta: Path, computing: StandIn, results: Results, tmp_path: Path) -> None:
    done = run(*computed(meta, computing, tmp_path / "kept", "--format", "json"))
    assert done.code == 0, done.err
    told = json.loads(done.out)
    (row,) = json.loads(Path(told["files"][0]).read_text())
    assert (row["data"], told["error"], told["trouble"]) == (GOOD.data, None, None)
    assert results.asked == ["j1", "j1"]


NO_SUCCESS = {
    "an error": ((ERROR,), "its row is none of a success; expected data set, error NULL"),
    "nothing at all": ((replace(GOOD, data=None, data_bytes=None),), "its row is none of a success"),
    "both": ((replace(GOOD, error="x", error_bytes=1),), "its row is none of a success"),
    "no JSON": ((replace(GOOD, data='{"not pfa'),), "the data are not strict JSON"),
    "no object": ((replace(GOOD, data="[1]"),), "the data are not a JSON object"),
    "another node": ((replace(GOOD, node="another"),), "node of its row is not what it was given"),
    "another shape": ((replace(GOOD, shape="json"),), "the row's shape is not that of the declared result"),
    "an unknown shape": ((replace(GOOD, shape="PFA"),), "written in other letters"),
    "none": ((), "not exactly one row in job_result"),
    "two": ((GOOD, replace(GOOD, result_name="b")), "not exactly one row in job_result"),
}


@pytest.mark.parametrize("which", NO_SUCCESS)
def test_a_success_whose_row_is_none_of_one_is_no_success(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path, which: str
) -> None:
    results.after, message = NO_SUCCESS[which]
    done = run(*computed(meta, computing, tmp_path / "kept"))
    assert done.code == 1, (done.out, done.err)
    assert "knn_j1 succeeded after" in done.out
    assert "no result: " in done.out
    assert message in done.out


def test_the_function_of_a_row_is_the_images_and_not_judged(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path
) -> None:
    results.after = (replace(GOOD, function="python-knn"),)
    assert run(*computed(meta, computing, tmp_path / "kept")).code == 0


def test_a_failure_says_its_reason_and_has_no_other_trouble(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path
) -> None:
    results.after, results.code = (ERROR,), 1
    done = run(*computed(meta, computing, tmp_path / "kept", "--format", "json"))
    told = json.loads(done.out)
    assert (done.code, told["end"], told["error"], told["trouble"]) == (1, "failed", ERROR.error, None)


def test_a_row_that_is_too_large_is_not_judged(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path
) -> None:
    results.after = (replace(GOOD, data=None, data_bytes=1 << 30),)
    done = run(*computed(meta, computing, tmp_path / "kept"))
    assert (done.code, "its row cannot be judged: a result of 1,073,741,824 bytes" in done.out) == (3, True)


@pytest.mark.parametrize("there", [GOOD, ERROR, replace(GOOD, node="another")])
def test_a_job_of_which_there_is_a_row_is_not_submitted(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path, there: ResultRow
) -> None:
    results.before = (there,)
    refused = run(*computed(meta, computing, tmp_path / "kept"))
    assert (refused.code, refused.out) == (2, "")
    assert "job_result has a row of the job j1 already" in refused.err
    assert (computing.submitted, (tmp_path / "kept").exists()) == ([], False)


def test_a_database_that_nobody_can_look_into_is_told_before(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path
) -> None:
    results.broken = (1,)
    refused = run(*computed(meta, computing, tmp_path / "kept"))
    assert (refused.code, refused.out) == (3, "")
    assert "no route to host; hint: Nothing was submitted." in refused.err
    assert computing.submitted == []


@pytest.mark.parametrize("code", [0, 1])
def test_a_database_that_goes_away_does_not_hide_how_the_job_ended(
    meta: Path, computing: StandIn, results: Results, tmp_path: Path, code: int
) -> None:
    results.broken, results.code = (2,), code
    end = ("succeeded", "failed")[code]
    done = run(*computed(meta, computing, tmp_path / "kept", "--format", "json"))
    told = json.loads(done.out)
    assert (done.code, told["schema"], told["end"], told["files"]) == (3, "algoreg-submission/1", end, [])
    assert "no route to host; The job may have left a row: look for job_id j1" in told["trouble"]
    assert list((tmp_path / "kept").iterdir()) == []
