"""What --keep leaves of a program that failed: lines that repeat it, a shell where it failed, an end to it all."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from algoreg import kept
from algoreg.engines import keeper, rerun
from algoreg.errors import Cancelled, UsageError
from support.patience import PROMPT_S
from support.program import ALGOREG, CHECKOUT, quick_folder

METADATA = (CHECKOUT / "tests/example_plugin/algoreg_example/algorithm.yaml").read_text()
PROGRAM = """
import os, sys
import psycopg
name = os.path.join(os.environ["ALGOREG_VOLUME"], "input_training.json")
with open(name) as stream:
    print(os.environ["PARAM_variables"], len(stream.read()), "O'Brien; $HOME `id`", file=sys.stderr)
keys = {"host": "HOST", "port": "PORT", "dbname": "DATABASE", "user": "USER", "password": "PASSWORD"}
with psycopg.connect(**{key: os.environ["IN_" + name] for key, name in keys.items()}) as connection:
    tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    print("tables", tables[0] > 0, file=sys.stderr)
sys.exit(7)
"""


@dataclass(frozen=True)
class Kept:
    """A validation with --keep."""

    folder: Path
    report: Path
    out: str
    finding: dict[str, Any]
    environment: dict[str, str]

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            env=self.environment,
            input=typed,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * PROMPT_S,
        )


@pytest.fixture(scope="module")
def run() -> Iterator[Kept]:
    with quick_folder() as folder:
        package = folder / "plugin/failing"
        package.mkdir(parents=True)
        (package / "algorithm.yaml").write_text(METADATA)
        (package / "__main__.py").write_text(PROGRAM)
        environment = {**os.environ, "TMPDIR": str(folder)}
        report = folder / "report.json"
        asked = ["validate", "--engine", "process", "plugin", "--only", "run.exit-code", "--keep"]
        done = subprocess.run(
            [ALGOREG, *asked, "--report", f"json={report}"],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=4 * PROMPT_S,
        )
        assert done.returncode == 1, done.stderr
        entries = json.loads(report.read_text())["targets"][0]["checks"]
        finding = next(entry for entry in entries if entry["outcome"] == "FAIL")
        found = Kept(folder=folder, report=report, out=done.stdout, finding=finding, environment=environment)
        yield found
        found.run(ALGOREG, "reap", "--engine", "process")


def test_the_line_repeats_the_run_as_it_stands(run: Kept) -> None:
    line = run.finding["reproduce"]
    assert f"reproduce {line}" in run.out
    again = run.run("sh", "-c", line)
    assert again.returncode == 7
    assert "tables True" in again.stderr
    assert "O'Brien; $HOME `id`" in again.stderr
    assert "PASSWORD" not in run.report.read_text()


def test_a_shell_opens_where_it_failed(run: Kept) -> None:
    shown = next(
        line.split("shell", 1)[1] for line in run.out.splitlines() if line.lstrip().startswith("shell ")
    )
    typed = 'eval "$AGAIN"; echo "code $?"; ls "$ALGOREG_VOLUME"; echo "home $HOME"'
    for words in (shlex.split(shown)[1:], ["shell", "report.json", "run.exit-code", "--case", "train"]):
        shell = run.run(ALGOREG, *words, typed=typed)
        assert shell.stdout.splitlines() == ["code 7", "input_training.json", "home "]
        assert "tables True" in shell.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report.json", "neg.exit-code"), "neg.exit-code has no failure"),
        (("report.json", "run.exit-code", "--case", "nowhere"), "'train regression'"),
        (("report.json",), "algoreg shell REPORT ID"),
        (("/nowhere/pod-x/again-y",), "there is no kept run"),
        (("nowhere.json", "run.exit-code"), "nowhere.json"),
    ],
)
def test_what_cannot_be_opened_is_said(run: Kept, arguments: tuple[str, ...], said: str) -> None:
    done = run.run(ALGOREG, "shell", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_the_shell_ignores_no_signal_that_its_programs_would_not(run: Kept) -> None:
    shell = run.run(ALGOREG, "shell", "report.json", "run.exit-code", typed="yes | head -n 1\n")
    assert (shell.stdout, "Broken pipe" in shell.stderr) == ("y\n", False)


def test_reaping_takes_everything_away(run: Kept) -> None:
    (folder,) = run.folder.glob("algoreg-*")
    assert keeper.residents(folder)  # PostgreSQL
    done = run.run(ALGOREG, "reap", "--engine", "process")
    assert (done.returncode, done.stdout) == (0, "removed the folders of 1 kept runs\n")
    assert not folder.exists()
    assert not keeper.residents(folder)
    assert run.run(ALGOREG, "shell", "report.json", "run.exit-code").returncode == 2


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with quick_folder() as folder:
        monkeypatch.setattr("tempfile.tempdir", str(folder))
        monkeypatch.setenv("TMPDIR", str(folder))
        yield folder


def test_what_was_not_brought_to_its_end_is_not_kept(temporary: Path) -> None:
    with pytest.raises(Cancelled), keeper.kept_folder(keep=True) as folder:
        raise Cancelled("Ctrl-C")
    assert not folder.exists()


def test_a_script_that_is_not_of_a_kept_run_is_never_started(temporary: Path) -> None:
    script = temporary / "algoreg-x/pod-y/again-z"
    script.parent.mkdir(parents=True)
    script.write_text("echo no")
    with pytest.raises(UsageError):
        rerun.shell(str(script), environment={})
    (script.parents[1] / keeper.KEPT_NOTE).touch()
    assert rerun.shell(str(script), environment={}) == ["sh", str(script), "env", "sh"]
    link = script.with_name("again-link")
    link.symlink_to(script)
    with pytest.raises(UsageError):
        rerun.shell(str(link), environment={})
    assert keeper.reap() == 1


@pytest.mark.parametrize(
    ("line", "run"),
    [
        (kept.script_line("/tmp/algoreg-x/pod-y/again-z"), "/tmp/algoreg-x/pod-y/again-z"),
        (kept.script_line("/tmp/with blank/again-z"), "/tmp/with blank/again-z"),
        (kept.script_line('/tmp/o\'brien "x"/again-z'), '/tmp/o\'brien "x"/again-z'),
        ("sh 'no end", None),
        ("sh /tmp/a;id", None),
        (f"docker run {kept.environment_of('0123456789abcdef')} image:1 train", "0123456789ab"),
        ("docker run --rm -e JOB_ID=1 image:1 train", None),
        ("env -i A=1 python -m mine train", None),
        ("sh /tmp/a; rm -r x", None),
        ("", None),
        pytest.param(kept.script_line("'" * 4096), "'" * 4096, id="longest path"),
        pytest.param("sh " + "x" * 30_000, None, id="no path is as long"),
    ],
)
def test_a_kept_run_is_read_out_of_its_line(line: str, run: str | None) -> None:
    assert kept.run_of(line) == run
