"""``algoreg new`` as a person calls it: what it prints where, what it asks, and what it leaves alone."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from algoreg.cli.app import app
from algoreg.errors import UsageError

ALGOREG = (sys.executable, "-c", "from algoreg.cli import main; main()")


def algoreg(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ALGOREG, *words], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("never read"))
    return tmp_path


def called(*words: str) -> None:
    """In this process: what went wrong is raised."""
    app()(["new", *words], standalone_mode=False)


def test_the_folder_is_the_result_and_the_next_commands_are_for_people(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called("bayes", "--estimator", "GaussianNB")
    out, err = capsys.readouterr()
    assert out == "bayes\n"
    next_steps = err.partition("Next:\n")[2].split("\n")
    assert [line.strip() for line in next_steps if line] == [
        "cd bayes",
        "algoreg dev .",
        "algoreg lint .",
        "algoreg build .",
        "algoreg validate algoreg/bayes:0.1.0",
    ]
    assert {path.name for path in (here / "bayes").iterdir()} == {
        ".github",
        ".gitignore",
        "Dockerfile",
        "README.md",
        "algoreg_bayes",
        "pyproject.toml",
        "tests",
    }
    with pytest.raises(UsageError, match="bayes is there already, and not empty: nothing was written"):
        called("bayes", "--estimator", "GaussianNB")


def test_a_draft_keeps_the_contract_as_it_stands(tmp_path: Path) -> None:
    made = algoreg("new", "bayes", "--estimator", "GaussianNB", "--output", "a place", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    words = ("validate", "--engine", "process", "a place", "--only", "out.json")
    done = algoreg(*words, "--format", "json", "--seed", "5", cwd=tmp_path)
    (target,) = json.loads(done.stdout)["targets"]
    outcomes = {(check["id"], check["case"]): check["outcome"] for check in target["checks"]}
    assert target["verdict"] == "PARTIAL", [one for one in target["checks"] if one["outcome"] == "FAIL"]
    assert outcomes["run.exit-code", "compute classification"] == "PASS"
    assert outcomes["out.json", "test classification"] == "PASS"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "NAME is missing"),
        (("mine",), "--estimator is missing"),
        (("mi ne", "--estimator", "Ridge"), "Try mi-ne"),
        (("knn", "--estimator", "Ridge"), "there is an algorithm with the code knn"),
        (("mine", "--estimator", "Rigde"), "Did you mean sklearn.linear_model.Ridge?"),
        (("mine", "--estimator", "Ridge", "--version", "latest"), "version"),
        (("mine", "--estimator", "Ridge", "--image", "UPPER"), "image"),
        (("mine", "--estimator", "Ridge", "--label", ""), "label"),
        (("mine", "--estimator", "Ridge", "--parameter", "alhpa"), "Did you mean alpha?"),
        (("mine", "--estimator", "Ridge", "--output", "no/where"), "cannot make no/where"),
        (("mine", "--estimator", "Ridge", "--output", "/dev/null"), "is there already"),
    ],
)
def test_wrong_usage_writes_nothing(here: Path, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        called(*words)
    assert told in f"{caught.value.message}; {caught.value.hint}"
    assert list(here.iterdir()) == []


def test_a_terminal_is_asked_for_what_is_missing(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*ALGOREG, "new"], cwd=tmp_path, stdin=slave, stdout=subprocess.PIPE, stderr=slave
    )
    os.close(slave)
    os.write(master, b"asked\nGaussianNB\n")
    shown = b""
    while chunk := _read(master):
        shown += chunk
    out = process.communicate()[0]
    os.close(master)
    assert (process.returncode, out) == (0, b"asked\n"), shown
    assert b"Name of the algorithm" in shown
    assert (tmp_path / "asked" / "algoreg_asked" / "program.py").is_file()


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # the other side is closed
        return b""


def test_an_interrupted_draft_leaves_nothing(tmp_path: Path) -> None:
    """Stopped while texts are being written; the folder would appear only after the last one."""
    slow = (
        "import sys, time\nfrom algoreg import files\nwrite = files.write\n"
        "def slowly(*given, **named):\n    write(*given, **named)\n"
        "    print('writing', file=sys.stderr, flush=True)\n    time.sleep(60)\n"
        "files.write = slowly\nfrom algoreg.cli import main\nmain()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow, "new", "stopped", "--estimator", "GaussianNB"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line == "writing\n":
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
