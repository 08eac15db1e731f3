"""``algoreg job`` as a person types it: documents, passwords that are never printed, refusals, and the lint."""

import io
import json
import os
import re
import signal
import stat
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml

from algoreg import registry
from algoreg.cli import errors
from algoreg.cli.app import app
from algoreg.errors import UsageError
from algoreg.export.jobs import options
from algoreg.export.jobs.model import Target
from support.chronos_reader import read
from support.program import Result

QUERY = 'SELECT "dx", "iq" FROM "study" ORDER BY "id"'
DESCRIBED = {
    "IQ": {"code": "IQ", "label": "IQ", "type": "real", "units": "points", "minValue": 40},
    "left-hippocampus": {"type": "real"},
    "dx": {
        "type": "polynominal",
        "enumerations": [{"code": "AD", "label": "Alzheimer's disease"}, {"code": "1"}, {"code": "CN"}],
    },
}
IN = "postgresql://reader:s%40fe-in@db.example/science"
OUT = "postgresql://writer:s4fe-out@db.example:5433/results"


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    path = tmp_path / "variables.json"
    path.write_text(json.dumps(DESCRIBED), encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    """The program in this process: what it does at its end, exit code and messages, included."""
    out, err = io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = errors.run(lambda: app()(list(arguments), prog_name="algoreg"))
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Result(code=code, out=out.getvalue(), err=err.getvalue())


def asked(meta: Path, *more: str, code: str = "knn", command: str = "train") -> list[str]:
    question = ["--variable", "dx", "--covariables", "IQ, left-hippocampus", "--meta", str(meta)]
    return ["job", code, command, *question, *more]


def chronos(meta: Path, *more: str, command: str = "train") -> list[str]:
    databases = ["--in", IN, "--out", OUT, "--query", QUERY]
    volume = ["--volume", "/srv/algoreg"] if command != "compute" else []
    return asked(meta, *databases, *volume, *more, command=command)


def environment(document: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in document["environmentVariables"]}


@pytest.mark.parametrize("target", ["chronos-3", "chronos-2.5"])
def test_a_job_for_chronos(meta: Path, target: str) -> None:
    more = (
        "--target",
        target,
        "--network",
        "mip",
        "--host",
        "agent-1",
        "--job-id",
        "42",
        "--parameter",
        "k=7",
    )
    result = run(*chronos(meta, *more))
    assert result.code == 0, result.err
    found = read(result.out, v3=target == "chronos-3")
    assert (found.name, found.command, found.arguments, found.retries) == ("knn_42", "train", (), 0)
    assert found.constraints == (("hostname", "EQUALS", "agent-1"),)
    assert found.container is not None
    (volume,) = found.container.volumes
    assert re.fullmatch(r"/srv/algoreg/[0-9a-f-]{36}/", volume.host_path or "")
    told = dict(found.environment)
    assert told["PARAM_variables"] == "dx"
    assert told["PARAM_covariables"] == "iq,left_hippocampus"
    assert told["PARAM_query"] == QUERY
    assert told["MODEL_PARAM_k"] == told["PARAM_MODEL_k"] == "7"
    assert told["IN_JDBC_URL"] == "jdbc:postgresql://db.example:5432/science"
    assert (told["OUT_PORT"], told["OUT_USER"], told["OUT_DATABASE"]) == ("5433", "writer", "results")
    described = json.loads(told["PARAM_meta"])
    assert set(described) == set(DESCRIBED)
    assert (described["IQ"]["units"], described["IQ"]["minValue"]) == ("points", 40)
    assert described["dx"]["enumerations"][:2] == [
        {"code": "AD", "label": "Alzheimer's disease"},
        {"code": 1, "label": 1},
    ]


def test_train_and_test_share_what_two_trains_do_not(meta: Path) -> None:
    def directory(*more: str, command: str = "train") -> str:
        result = run(*chronos(meta, *more, command=command))
        path: str = json.loads(result.out)["container"]["volumes"][0]["hostPath"]
        return path

    first, second = directory(), directory()
    assert first != second
    experiment = first.rstrip("/").rpartition("/")[2]
    assert directory("--experiment", experiment, command="test") == first


def test_two_jobs_of_one_algorithm_have_two_names(meta: Path) -> None:
    names = {json.loads(run(*chronos(meta)).out)["name"] for _ in range(2)}
    assert len(names) == 2


@pytest.mark.parametrize("target", ["chronos-3", "chronos-2.5", "kubernetes", "compose"])
def test_passwords_are_placeholders_and_never_printed(meta: Path, target: str, tmp_path: Path) -> None:
    arguments = asked(meta, "--target", target, command="compute", code="linreg")
    arguments = [*arguments, "--variable", "IQ", "--covariables", "left-hippocampus"]
    if target != "compose":
        arguments += ["--in", IN, "--out", OUT, "--query", QUERY]
    result = run(*arguments)
    assert result.code == 0, result.err
    assert not re.search("s(@|%40|4)fe", result.out + result.err)
    assert "IN_PASSWORD" in result.out
    refused = run(*arguments, "--with-passwords")
    assert (refused.code, refused.out) == (2, "")
    assert "never printed" in refused.err


def test_passwords_go_to_a_file_of_ones_own(meta: Path, tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    result = run(*chronos(meta, "--with-passwords", "--output", str(file)))
    assert (result.code, result.out) == (0, ""), result.err
    assert not re.search("s[@4]fe", result.err)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = environment(json.loads(file.read_text()))
    assert told["IN_PASSWORD"] == told["IN_JDBC_PASSWORD"] == "s@fe-in"
    assert told["OUT_PASSWORD"] == told["OUT_JDBC_PASSWORD"] == "s4fe-out"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_passwords_of_the_environment(meta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "job.yaml"
    arguments = chronos(meta, "--target", "kubernetes", "--with-passwords", "--output", str(file))
    arguments[arguments.index(IN)] = IN.replace(":s%40fe-in", "")
    missing = run(*arguments)
    assert (missing.code, "Set the variable IN_PASSWORD" in missing.err) == (2, True)
    assert not file.exists()
    monkeypatch.setenv("IN_PASSWORD", "from-outside")
    assert run(*arguments).code == 0
    secret, _ = yaml.safe_load_all(file.read_text())
    assert secret["stringData"] == {"IN_PASSWORD": "from-outside", "OUT_PASSWORD": "s4fe-out"}


def test_passwords_replace_no_file(meta: Path, tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    file.write_text("old")
    result = run(*chronos(meta, "--with-passwords", "--output", str(file)))
    assert (result.code, result.out) == (2, "")
    assert "it is there already; hint: Name a new file" in result.err
    assert file.read_text() == "old"
    assert run(*chronos(meta, "--output", str(file))).code == 0


def test_passwords_do_not_follow_a_link(meta: Path, tmp_path: Path) -> None:
    link, elsewhere = tmp_path / "job.json", tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    link.symlink_to(elsewhere)
    result = run(*chronos(meta, "--with-passwords", "--output", str(link)))
    assert result.code == 2
    assert elsewhere.read_text() == "theirs"
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--job-id", "a b"], "--job-id"),
        (["--job-id", "a" * 129], "--job-id"),
        (["--node", "n" * 33], "--node"),
        (["--parameter", "k"], "CODE=VALUE"),
        (["--parameter", "q=1"], "has no parameter"),
        (["--parameter", "k=0"], "an integer from 1 to 100"),
        (["--mode", "intermediate"], "takes no --mode"),
        (["--job-ids", "1,2"], "takes no --mode"),
        (["--experiment", "../../etc"], "no UUID"),
        (["--volume", "srv"], "no directory of the host"),
        (["--claim", "data"], "means nothing to chronos-3"),
        (["--target", "kubernetes", "--network", "mip"], "means nothing to kubernetes"),
        (["--target", "compose"], "means nothing to compose"),
        (["--in", "postgresql://u:hunter22@/x"], "--in is no URL"),
        (["--in", "mysql://u:hunter22@h/x"], "--in is no URL"),
        (["--out", "postgresql://u:hunter22@h:port/x"], "--out is no URL"),
        (["--out", "postgresql://u:hunter22@h:0/x"], "--out is no URL"),
        (["--variable", "nothing"], "there is no column"),
        (["--covariables", "dx"], "asked for twice"),
        (["--owner", "a\x1b[2J"], "--owner"),
        (["--run-as-user", ""], "--run-as-user"),
        (["--output", "/nowhere/job.json"], "cannot write"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(meta: Path, more: list[str], said: str) -> None:
    result = run(*chronos(meta, *more))
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "hint:" in result.err
    assert "hunter22" not in result.err
    assert "\x1b" not in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("command", ["wait", "sh", "compute;id", "lint"])
def test_only_commands_that_do_a_job(meta: Path, command: str) -> None:
    result = run(*chronos(meta, command=command))
    assert result.code == 2
    assert "It has: train, test, compute" in result.err


def test_a_job_needs_its_databases_and_its_directory(meta: Path) -> None:
    assert "needs --in, --out and --query;" in run(*asked(meta, "--volume", "/srv")).err
    complete = asked(meta, "--in", IN, "--out", OUT, "--query", QUERY)
    refused = run(*complete)
    assert (refused.code, "needs --volume;" in refused.err) == (2, True)
    assert "directories that train and test share" in refused.err
    claimed = run(*complete, "--target", "kubernetes", "--claim", "data")
    assert claimed.code == 0, claimed.err
    directory = re.search("directory is ([0-9a-f-]{36}) in the claim data; make it", claimed.err)
    assert directory is not None
    assert f"subPath: {directory[1]}" in claimed.out.replace('"', "")


def test_everything_that_is_missing_is_named_at_once() -> None:
    refused = run("job", "knn", "train", "--variable", "dx")
    assert (refused.code, refused.out) == (2, "")
    assert "needs --meta, --in, --out, --query and --volume;" in refused.err
    assert "algoreg job document --help" in refused.err
    assert "needs --variable and --meta;" in run("job", "knn", "compute", "--target", "compose").err
    assert "It has: train" in run("job", "knn", "tarin").err


@pytest.mark.parametrize("target", ["chronos-3", "chronos-2.5", "kubernetes", "compose"])
def test_a_test_needs_the_directory_of_its_train(meta: Path, target: str) -> None:
    databases = [] if target == "compose" else ["--in", IN, "--out", OUT, "--query", QUERY]
    arguments = asked(meta, "--target", target, "--volume", "/srv", *databases, command="test")
    refused = run(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "needs --experiment; hint: With --experiment, name the UUID that train printed" in refused.err
    assert run(*arguments, "--experiment", "3f6c0000-0000-4000-8000-000000000000").code == 0


@pytest.mark.parametrize(
    ("command", "more", "message"),
    [
        ("train", ["--input", "in.json"], "--input means nothing without --submit"),
        ("compute", ["--fetch", "kept"], "--fetch means nothing without --submit"),
        ("compute", ["--queue", "5"], "--queue means nothing without --submit"),
        ("compute", ["--format", "json"], "--format means nothing without --submit"),
        ("compute", ["--format", "terminal"], "--format means nothing without --submit"),
        (
            "compute",
            ["--submit", "http://c", "--with-passwords"],
            "--submit sends the passwords anyway; hint: Leave --with-passwords out.",
        ),
        ("compute", ["--submit", "http://c", "--input", "in.json"], "--input is what train reads"),
        (
            "train",
            ["--submit", "http://c"],
            "needs --input; hint: With --input, name the input_training.json",
        ),
        (
            "compute",
            ["--experiment", "3f6c0000-0000-4000-8000-000000000000"],
            "--experiment names a directory below --volume, and there is none",
        ),
    ],
)
def test_an_option_that_nothing_would_come_of_is_refused(
    meta: Path, command: str, more: list[str], message: str
) -> None:
    refused = run(*chronos(meta, *more, command=command))
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err


@pytest.mark.parametrize("blank", ["", " \t"])
@pytest.mark.parametrize(
    "option",
    [
        *("--variable", "--meta", "--covariables", "--query", "--in", "--out", "--job-ids", "--job-id"),
        *("--node", "--volume", "--experiment", "--network", "--host", "--owner", "--run-as-user"),
        *("--output", "--submit", "--claim", "--input", "--fetch"),
    ],
)
def test_a_blank_option_is_refused_and_not_left_out(meta: Path, option: str, blank: str) -> None:
    refused = run(*chronos(meta, option, blank, command="compute"))
    assert (refused.code, refused.out) == (2, "")
    assert f"{option} is blank; hint: Say what is meant" in refused.err


@pytest.mark.parametrize(("word", "meant"), [("lnt", "lint"), ("documnt", "document"), ("KNN", "knn")])
def test_a_misspelt_command_or_code_is_answered_with_the_closest(word: str, meant: str) -> None:
    refused = run("job", word, "job.json")
    assert (refused.code, refused.out) == (2, "")
    assert f"Did you mean {meant}?" in refused.err


def test_the_steps_of_a_federated_compute(meta: Path) -> None:
    def arguments(*more: str) -> list[str]:
        question = ["--variable", "IQ", "--covariables", "left-hippocampus"]
        databases = ["--in", IN, "--out", OUT, "--query", QUERY, *question]
        result = run(*asked(meta, *databases, *more, code="linreg", command="compute"))
        assert result.code == 0, result.err
        found: list[str] = json.loads(result.out)["arguments"]
        return found

    assert arguments() == []
    assert arguments("--mode", "intermediate") == ["--mode", "intermediate"]
    assert arguments("--mode", "aggregate", "--job-ids", "a,b") == [
        "--mode",
        "aggregate",
        "--job-ids",
        "a",
        "b",
    ]


@pytest.mark.parametrize("more", [["--mode", "aggregate"], ["--mode", "intermediate", "--job-ids", "a"]])
def test_an_aggregate_has_jobs_and_nothing_else_has(meta: Path, more: list[str]) -> None:
    databases = [
        "--in",
        IN,
        "--out",
        OUT,
        "--query",
        QUERY,
        "--variable",
        "IQ",
        "--covariables",
        "left-hippocampus",
    ]
    result = run(*asked(meta, *databases, *more, code="linreg", command="compute"))
    assert (result.code, "belong together" in result.err) == (2, True)


def test_both_forms_have_their_help() -> None:
    shown = run("job", "--help").out
    assert "lint" in shown
    assert "job document CODE COMMAND" in " ".join(shown.split())
    assert "--with-passwords" in run("job", "knn", "train", "--help").out
    assert "--with-passwords" in run("job", "document", "--help").out
    assert "--with-passwords" not in run("job", "lint", "--help").out


def test_lint_finds_nothing_in_a_document_of_ours(meta: Path, tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    assert run(*chronos(meta, "--output", str(file))).code == 0
    result = run("job", "lint", str(file))
    assert result.code == 0
    assert result.out.count("warning: ${") == 2
    assert all("[job.placeholder]" in line for line in result.out.splitlines() if "warning" in line)
    file.unlink()
    assert run(*chronos(meta, "--with-passwords", "--output", str(file))).code == 0
    assert run("job", "lint", str(file)).out == ""
    report = run("job", "lint", str(file), "--format", "json").report()
    assert (report["schema"], report["ok"], report["remarks"]) == ("algoreg-job-lint/1", True, [])
    other = run("job", "lint", str(file), "--target", "chronos-2.5")
    assert other.code == 0, other.out


def test_lint_of_a_document_from_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    file.write_text(json.dumps({"name": "x", "command": "train", "cpus": "0.5", "\x1b[2J": 1}))
    result = run("job", "lint", str(file))
    assert (result.code, "\x1b" in result.out) == (1, False)
    assert "a shell runs the command" in result.out
    assert "warning" in result.out
    report = run("job", "lint", str(file), "--format", "json").report()
    assert not report["ok"]
    told = {remark["id"]: remark for remark in report["remarks"]}
    assert set(told["job.shell-absent"]) == {"id", "severity", "where", "message", "consequence", "fix"}
    assert told["job.unknown-key"]["severity"] == "error"


def test_lint_of_what_is_no_file(tmp_path: Path) -> None:
    assert run("job", "lint", str(tmp_path / "nothing")).code == 2
    large = tmp_path / "large"
    large.write_bytes(b"[" + b"1," * (3 << 20) + b"1]")
    told = run("job", "lint", str(large))
    assert (told.code, "is too large: more than 4,194,304 bytes" in told.err) == (2, True)
    many = tmp_path / "many"
    many.write_bytes(b"[" + b"1," * (1 << 20) + b"1]")
    told = run("job", "lint", str(many))
    assert (told.code, "Name one job's document." in told.err) == (2, True)
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in run("job", "lint", str(tmp_path / "pipe")).err


@pytest.mark.parametrize("target", [one for one in Target if one is not Target.COMPOSE])
def test_whoever_brings_no_databases_is_asked_for_them(target: Target) -> None:
    algorithm = registry.load().get("knn").algorithm
    given = {"--variable": "dx", "--meta": "variables.json"}
    with pytest.raises(UsageError, match="needs --in, --out and --query"):
        options.ensure(algorithm, "compute", target, given)
