"""What the shell offers: asked for as bash asks, of a program that is started for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.program import ALGOREG


def offered(line: str, *, cwd: Path | None = None, path: Path | None = None) -> list[str]:
    """What bash would show after this line; the last word is the one that is being typed."""
    words = line.split(" ")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "" if path is None else str(path),
        "_ALGOREG_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [ALGOREG], env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("algoreg sho", {"show"}),
        ("algoreg show ", {"knn", "linreg", "tpot"}),
        ("algoreg compare knn li", {"linreg"}),
        ("algoreg explain neg.no", {"neg.no-model"}),
        ("algoreg explain entrypoint.no-e", {"entrypoint.no-exec"}),
        (
            "algoreg validate knn --only ru",
            {"run"} | {f"run.{name}" for name in ["exit-code", "oom", "pids"]},
        ),
        ("algoreg validate knn --skip det.f", {"det.fresh"}),
        ("algoreg dev knn --only cap.ta", {"cap.task"}),
        ("algoreg validate knn --format ", {"terminal", "json"}),
        ("algoreg report report.json --format ba", {"badge"}),
        ("algoreg export-conf knn --dialect woken-2018", {"woken-2018-01"}),
        ("algoreg validate knn --report sa", {"sarif="}),
        ("algoreg show nothing", set()),
    ],
)
def test_what_is_offered(line: str, expected: set[str], tmp_path: Path) -> None:
    found = set(offered(line, cwd=tmp_path))
    assert expected <= found
    assert all(word.startswith(line.rpartition(" ")[2]) for word in found)
    assert expected or not found


def test_folders_that_lie_here_are_offered(tmp_path: Path) -> None:
    (tmp_path / "plugins/mine").mkdir(parents=True)
    (tmp_path / "plugins/[x").mkdir()
    (tmp_path / "plain").touch()
    (tmp_path / "pl\x1b[2J").mkdir()
    assert offered("algoreg dev pl", cwd=tmp_path) == ["plugins/"]
    assert offered("algoreg dev plugins/m", cwd=tmp_path) == ["plugins/mine/"]
    assert offered("algoreg dev plugins/[", cwd=tmp_path) == ["plugins/[x/"]


def test_a_broken_plugin_takes_nothing_away(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("print('loud'); raise SystemExit(3)")
    information = tmp_path / "broken-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[algoreg]\nbroken = broken\n")
    assert "knn" in offered("algoreg show ", cwd=tmp_path, path=tmp_path)


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete ")]
)
def test_each_shell_has_its_script(shell: str, word: str) -> None:
    environment = {"PATH": os.environ["PATH"], "_ALGOREG_COMPLETE": f"source_{shell}"}
    done = subprocess.run([ALGOREG], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert word in done.stdout
    assert "_ALGOREG_COMPLETE" in done.stdout
