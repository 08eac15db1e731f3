"""The page that takes a newcomer to a passing image: its commands are typed as they stand, and print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.program import ALGOREG, CHECKOUT

PAGE = CHECKOUT / "docs" / "random-forest.md"
SETUP = ("git clone", "cd algoreg", "make demo", ". .venv/bin/activate", 'eval "$(scripts/engine.sh env)"')
"""How its first commands begin: README's, which the tests themselves stand on."""
MOST = 15


def transcript() -> list[tuple[str, list[str]]]:
    """Command -> the lines that the page shows below it; ``...`` stands for any others."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:].partition("  #")[0].strip(), []))
            elif line.strip() not in ("", "..."):
                found[-1][1].append(line)
    return found


def alike(line: str) -> str:
    """What two runs have in common: not their numbers, nor how they are filled up with blanks."""
    return " ".join(re.sub(r"\d+(\.\d+)?", "N", line).split())


def test_it_takes_less_than_fifteen_commands() -> None:
    commands = [command for command, _ in transcript()]
    assert len(SETUP) < len(commands) < MOST
    for command, begin in zip(commands, SETUP, strict=False):
        assert command.startswith(begin)
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert [begin for begin in SETUP[2:] if begin not in readme] == []


@pytest.mark.engine
@pytest.mark.slow
def test_the_page_prints_what_it_shows(tmp_path: Path) -> None:
    environ = {**os.environ, "PATH": f"{Path(ALGOREG).parent}:{os.environ['PATH']}", "COLUMNS": "120"}
    for command, shown in transcript()[len(SETUP) :]:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        printed = [alike(line) for line in f"{done.stdout}\n{done.stderr}".splitlines()]
        for line in shown:
            assert alike(line) in printed, (
                f"{command} does not print {line!r}, but\n{done.stdout}{done.stderr}"
            )
