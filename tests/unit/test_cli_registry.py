"""The commands that need no engine, and the one place that turns what went wrong into an exit code."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from broken_plugins import SOURCES, document, install

from algoreg.cli.app import app

BLOCKED = """
import sys, time
import algoreg.registry
def load():
    try:
        print("ready", file=sys.stderr, flush=True)
        time.sleep(60)
    finally:
        print("cleaned", file=sys.stderr, flush=True)
algoreg.registry.load = load
from algoreg.cli import main
sys.argv = ["algoreg", "list"]
main()
"""
FAILING = """
import sys
import algoreg.registry
def load():
    {failure}
algoreg.registry.load = load
from algoreg.cli import main
sys.argv = ["algoreg", "list"]
main()
"""


def environment(**changes: str) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    return {**plain, "TERM": "xterm", "COLUMNS": "100", **changes}


def algoreg(
    *arguments: str, site: Path | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    changes = {} if site is None else {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", "from algoreg.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment(**changes),
    )


def script(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)


def test_list_for_people(tmp_path: Path) -> None:
    result = algoreg("list", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0].split() == ["code", "image", "maturity", "commands", "distribution"]
    assert any(line.startswith("knn ") and "algoreg/knn:0.1.0" in line for line in result.stdout.splitlines())


def test_list_for_programs() -> None:
    listing = json.loads(algoreg("list", "--format", "json").stdout)
    assert listing["schema"] == "algoreg-list/1"
    knn = next(one for one in listing["algorithms"] if one["code"] == "knn")
    assert (knn["reference"], knn["distribution"], knn["plugin"]) == ("algoreg/knn:0.1.0", "algoreg", "knn")
    assert listing["broken"] == []


def test_a_broken_plugin_is_a_warning_on_standard_error(tmp_path: Path) -> None:
    install(
        tmp_path, "flawed", source=f"print('noise')\n{SOURCES['leaves with success']}", distribution="theirs"
    )
    install(tmp_path, "twin", document=document("KNN"))
    result = algoreg("list", "--format", "json", site=tmp_path)
    assert result.returncode == 0
    listing = json.loads(result.stdout)
    assert [one["code"] for one in listing["algorithms"]] == ["knn", "linreg", "tpot"]
    assert [(one["name"], one["distribution"]) for one in listing["broken"]] == [
        ("flawed", "theirs"),
        ("twin", "twin"),
    ]
    assert "the plugin flawed of theirs 1.0 cannot be used: SystemExit: 0" in result.stderr
    assert "the code KNN is taken by the plugin knn of algoreg" in result.stderr
    assert "Traceback" not in result.stderr


def test_show() -> None:
    result = algoreg("show", "knn")
    assert (result.returncode, result.stderr) == (0, "")
    assert "algoreg/knn:0.1.0" in result.stdout
    assert "1 to 100" in result.stdout
    details = json.loads(algoreg("show", "knn", "--format", "json").stdout)
    assert details["parameters"][0]["code"] == "k"


def test_checks_and_explain() -> None:
    found = json.loads(algoreg("checks", "--format", "json").stdout)["checks"]
    assert {"neg.exit-code", "meta.labels", "out.json"} <= {check["id"] for check in found}
    assert all(check["why"] and check["fix"] and check["severity"] in ("error", "warning") for check in found)
    table = algoreg("checks").stdout.splitlines()
    assert len(table) == len(found) + 1
    explained = algoreg("explain", "neg.exit-code").stdout
    assert "Why: " in explained
    assert "Fix: " in explained
    family = algoreg("explain", "neg").stdout
    assert explained.strip() in family
    assert family.count("Why: ") == 5
    rule = algoreg("explain", "entrypoint.exit-code-lost").stdout
    assert rule.startswith("rule of lint")
    assert "Fix: " in rule
    assert algoreg("explain", "dockerfile").stdout.count("Why: ") > 5
    assert algoreg("explain", "nonsense").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "knnn"], "Did you mean knn?"),
        (["show", "KNN"], "Did you mean knn?"),
        (["explain", "neg.exit"], "Did you mean neg.exit-code?"),
        (["build", "knn", "--build-arg", "x"], "KEY=VALUE"),
        (["build", "./nowhere"], "no algorithm has the code"),
        (["list", "--format", "xml"], "xml"),
        (["lsit"], "list"),
        (["show"], "CODE"),
        ([], ""),
    ],
)
def test_wrong_usage_is_code_2_without_traceback(arguments: list[str], said: str) -> None:
    result = algoreg(*arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_dead_engine_is_code_3_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    for arguments in (("reap",), ("build", "knn")):
        result = algoreg(*arguments)
        assert (result.returncode, result.stdout) == (3, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("algoreg: error: ")
        assert "; hint: " in line


@pytest.mark.parametrize(
    "arguments",
    [("run", "KNN"), ("compare", "knn", "lineg"), ("validate", "knm")],
)
def test_a_misspelt_code_is_told_before_an_engine_is_asked(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    asked = () if arguments[0] == "validate" else ("--data", "x.csv", "--variable", "y", "--covariables", "x")
    result = algoreg(*arguments, *asked)
    assert result.returncode == 2, result.stderr
    assert "Did you mean" in result.stderr


def test_version() -> None:
    assert algoreg("--version").stdout == "algoreg 0.1.0\n"


def test_every_command_has_an_example() -> None:
    for command in app().registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert f"algoreg {name}" in (command.epilog or "").partition("Example")[2]
        assert command.callback.__doc__


def test_help_shows_the_example() -> None:
    result = algoreg("show", "--help")
    assert result.returncode == 0
    assert "Example: algoreg show knn" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    heavy = ["docker", "jsonschema", "psycopg", "yaml", "requests", "importlib.metadata", "algoreg.registry"]
    result = script(
        "import sys\nfrom algoreg.cli import main\nsys.argv = ['algoreg', '--help']\n"
        f"try:\n    main()\nexcept SystemExit:\n    print([one for one in {heavy} if one in sys.modules])"
    )
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_cleans_up_and_has_its_code(number: signal.Signals, code: int) -> None:
    with subprocess.Popen([sys.executable, "-c", BLOCKED], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == code
    assert said == "cleaned\nalgoreg: error: stopped\n"


def test_a_terminal_that_goes_away_is_cleaned_up_after(tmp_path: Path) -> None:
    """As when an ssh session is dropped: the terminal sends SIGHUP, and takes no message any more."""
    ready, cleaned = tmp_path / "ready", tmp_path / "cleaned"
    blocked = f"""
import pathlib, sys, time
import algoreg.registry
from algoreg.cli import output
def load():
    with output.activity("waiting") as tell:
        try:
            pathlib.Path({str(ready)!r}).touch()
            time.sleep(60)
        finally:
            output.note("cleaning")
            pathlib.Path({str(cleaned)!r}).touch()
algoreg.registry.load = load
from algoreg.cli import main
sys.argv = ["algoreg", "list"]
main()
"""
    ours, theirs = pty.openpty()
    program = ["setsid", "--ctty", "--wait", sys.executable, "-c", blocked]
    with subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        deadline = time.monotonic() + 60
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.close(ours)
        assert process.wait(60) == 129
    assert cleaned.exists()


def test_under_nohup_a_terminal_that_goes_away_stops_nothing() -> None:
    lasting = BLOCKED.replace("time.sleep(60)", "time.sleep(1)")
    with subprocess.Popen(
        ["nohup", sys.executable, "-c", lasting], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        while process.stderr.readline() != "ready\n":
            pass
        process.send_signal(signal.SIGHUP)
        said = process.stderr.read()
    assert process.returncode == 3
    assert "cleaned\n" in said
    assert "stopped" not in said


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ("raise algoreg.errors.EngineError('gone')", 3),
        ("raise algoreg.errors.UsageError('wrong')", 2),
        ("raise algoreg.errors.Cancelled('stopped')", 130),
        ("raise BrokenPipeError", 3),
    ],
)
def test_our_errors_have_their_code_and_no_traceback(failure: str, code: int) -> None:
    result = script(FAILING.format(failure=failure))
    assert result.returncode == code
    assert "Traceback" not in result.stderr


def test_all_problems_of_metadata_are_printed_and_escaped() -> None:
    failure = "raise algoreg.errors.MetadataError('one \\x1b[2J', problems=('one', 'two', 'three'))"
    result = script(FAILING.format(failure=failure))
    assert result.returncode == 2
    assert result.stderr == "algoreg: error: one \\x1b[2J\n  two\n  three\n"


def test_our_own_defect_is_code_3_with_a_traceback() -> None:
    result = script(FAILING.format(failure="raise ZeroDivisionError"))
    assert result.returncode == 3
    assert "Traceback" in result.stderr
    assert "please report" in result.stderr


def test_a_reader_that_leaves_is_no_noise() -> None:
    for arguments in ("list --format json", "checks", "--help"):
        pipe = f"{sys.executable} -c 'from algoreg.cli import main; main()' {arguments} | true"
        result = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=False)
        assert result.stderr == ""


@pytest.mark.parametrize(
    ("redirection", "said"), [(">/dev/full", "No space left"), (">&-", "standard output is closed")]
)
def test_a_result_that_cannot_be_delivered_is_code_3(redirection: str, said: str) -> None:
    command = f"{sys.executable} -c 'from algoreg.cli import main; main()' list {redirection}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr


@pytest.mark.parametrize(
    ("variables", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_are_for_terminals_that_want_them(variables: dict[str, str], colored: bool) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", "from algoreg.cli import main; main()", "show", "nothing"],
        stderr=theirs,
        env=environment(**variables),
    ) as process:
        process.wait()
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "error:" in said
    assert ("\x1b[31m" in said) is colored


def test_output_survives_a_poor_locale(tmp_path: Path) -> None:
    install(tmp_path, "accents", document=document("accents").replace("k-nearest", "café"))
    result = subprocess.run(
        [sys.executable, "-c", "from algoreg.cli import main; main()", "show", "accents"],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "ascii:strict", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert result.returncode == 0
    assert b"caf\\xe9" in result.stdout
