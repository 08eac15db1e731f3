"""The inner loop as an author has it: a plugin is broken and mended while `algoreg dev` watches, and Ctrl-C ends it."""

from __future__ import annotations

import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.patience import PROMPT_S
from support.program import ALGOREG, CHECKOUT, quick_folder

EXAMPLE = CHECKOUT / "tests/example_plugin/algoreg_example"
BROKEN = "\nthis is no python\n"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    shutil.copytree(
        EXAMPLE, tmp_path / "plugin/algoreg_example", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path / "plugin"


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with quick_folder() as folder:
        monkeypatch.setenv("TMPDIR", str(folder))
        yield folder


class Author:
    """Reads what `algoreg dev` prints, line by line."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [ALGOREG, "dev", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def until(self, word: str) -> str:
        """Everything up to a line with ``word``."""
        seen = ""
        while word not in seen:
            seen += self._lines.get(timeout=PROMPT_S)
        return seen


@pytest.fixture
def author(plugin: Path, temporary: Path) -> Iterator[Author]:
    running = Author(str(plugin), "--only", "run.exit-code", "--seed", "3")
    yield running
    running.close()


def save(path: Path, text: str) -> None:
    """As editors do: at no moment is there half a file."""
    watched = next(folder for folder in path.parents if folder.name == "plugin")
    written = watched.with_name("written")
    written.write_text(text)
    written.rename(path)


def test_broken_and_mended_while_it_watches(author: Author, plugin: Path, temporary: Path) -> None:
    program = plugin / "algoreg_example/program.py"
    good = program.read_text()
    assert "failing" not in author.until("round 1: checks: ")
    save(program, good + BROKEN)
    seen = author.until("round 2")
    assert "saved algoreg_example/program.py: " in seen
    assert "run.exit-code PASS -> FAIL" in seen
    assert "SyntaxError" in seen
    assert "reproduce algoreg validate --engine process" in seen
    save(program, good)
    assert "run.exit-code FAIL -> PASS" in author.until("round 3")
    save(plugin / "Dockerfile", "FROM python\n")
    seen = author.until("lint: ")
    assert "saved Dockerfile: no check depends on it" in seen
    assert "dockerfile.untagged-parent new -> FAIL" in author.until("untagged-parent")
    author.process.send_signal(signal.SIGINT)
    assert author.process.wait(PROMPT_S) == 130
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_taken_away_ends_it(author: Author, plugin: Path, temporary: Path) -> None:
    author.until("Ctrl-C ends")
    plugin.rename(plugin.with_name("other"))
    assert f"{plugin} is gone" in author.until("gone")
    assert author.process.wait(PROMPT_S) == 2
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(("source", "code"), [("", 3), (BROKEN, 1)])
def test_one_round_ends_with_the_code_of_a_validation(plugin: Path, source: str, code: int) -> None:
    program = plugin / "algoreg_example/program.py"
    program.write_text(program.read_text() + source)
    arguments = [ALGOREG, "dev", str(plugin), "--once", "--only", "run.exit-code"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=4 * PROMPT_S)
    assert done.returncode == code, done.stderr
    assert "round 1: checks: " in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere"),
        (("knn", "--only", "neg.nothing"), "there is no check 'neg.nothing'"),
        (("algoreg/knn:0.1.0",), "no plugin folder"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        [ALGOREG, "dev", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
