"""What people read about the program is what the program says: generated pages, and examples in every help."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer import Context
from typer.core import TyperCommand, TyperGroup

from algoreg import conformance, hookspecs
from algoreg.cli.app import app
from algoreg.cli.commands import COMMANDS as LISTED
from algoreg.cli.commands import Listed
from algoreg.linting.rules import RULES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference.py", folder], check=True, capture_output=True
    )
    return folder


@pytest.mark.parametrize("name", ["checks.md", "hooks.md"])
def test_the_page_says_what_the_code_says(written: Path, name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == (written / name).read_text(encoding="utf-8"), (
        f"docs/{name} is not what the code says; write it anew with: make reference"
    )


def test_every_check_is_told_with_an_image_that_it_alone_refuses() -> None:
    page = (DOCS / "checks.md").read_text(encoding="utf-8")
    told = {part.partition("\n")[0]: part for part in page.split("\n### ")[1:]}
    assert list(told) == sorted(check.id for check in conformance.catalogue().checks)
    assert [id for id, text in told.items() if "- broken on purpose: `" not in text] == []
    assert [id for id, text in told.items() if "**Why:** " not in text or "**Fix:** " not in text] == []


def test_every_hook_is_told() -> None:
    page = (DOCS / "hooks.md").read_text(encoding="utf-8")
    hooks = [name for name in vars(hookspecs) if name.startswith("algoreg_")]
    assert hooks
    assert [name for name in hooks if f"## `{name}`" not in page] == []


def test_the_page_of_the_lint_has_every_rule() -> None:
    page = (DOCS / "lint.md").read_text(encoding="utf-8")
    assert [rule.id for rule in RULES if f"`{rule.id}` | {rule.severity}" not in page] == []


def commands(
    command: TyperCommand | TyperGroup, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, with the words that call it."""
    if isinstance(command, TyperGroup):
        for name in command.commands:
            yield from commands(command.get_command(Context(command), name), (*path, name))
    else:
        yield " ".join(path), command


COMMANDS = dict(commands(typer.main.get_command(app())))
assert "validate" in COMMANDS


@pytest.mark.parametrize("listed", LISTED, ids=lambda one: one.name)
def test_a_list_says_what_the_help_begins_with(listed: Listed) -> None:
    help = str(listed.load().help).partition("\n\n")[0]
    assert " ".join(help.split()) == listed.told


@pytest.mark.parametrize("words", COMMANDS)
def test_every_help_has_an_example_of_its_own(words: str) -> None:
    help = COMMANDS[words].epilog or ""
    assert help.startswith("Example"), f"algoreg {words} --help has no example"
    assert (
        f"algoreg {words.removesuffix(' document')}" in help
    )  # the group's own command, called without its name


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_says_what_it_does(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    silent = [one.name for one in command.params if not getattr(one, "help", None)]
    assert silent == [], f"algoreg {words} --help does not explain {silent}"
