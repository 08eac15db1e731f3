"""The commands by name: where each is, and its line in the list. A command is loaded when it is asked for, and alone.

Loading them all to print one line of each took longer than typer itself takes (``benchmarks/cli_start.py``).
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Final

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One command, without what it takes to run it."""

    name: str
    panel: str
    """Under which heading it is listed."""
    told: str
    """The first paragraph of its help."""
    module: str
    """Below ``algoreg.cli``."""
    function: str = ""
    """Empty: of the command's name. ``group`` makes a group of commands."""
    epilog: str = "EPILOG"

    def stub(self) -> TyperCommand:
        """What a list shows of it."""
        return TyperCommand(self.name, help=self.told, rich_help_panel=self.panel)

    def load(self) -> Any:
        """The command itself."""
        module = importlib.import_module(f"algoreg.cli.{self.module}")
        function = getattr(module, self.function or self.name.replace("-", "_"))
        if self.function == GROUP:
            group = typer.main.get_group(function())
            group.name = self.name
            return group
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(self.name, epilog=getattr(module, self.epilog))(function)
        return typer.main.get_command(alone)


GROUP: Final = "group"
JUDGE: Final = "Judge"
WRITE: Final = "Write an algorithm"
TRY: Final = "Try on a table"
REGISTRY: Final = "Registry, Woken, schedulers"

COMMANDS: Final = (
    Listed(
        name="validate",
        panel=JUDGE,
        module="validate",
        told="Run an image against the contract: it must do its work, and it must fail properly.",
    ),
    Listed(
        name="lint",
        panel=JUDGE,
        module="lint",
        told="Judge what can be judged in seconds and without an engine: metadata, labels, recipe, entrypoint, pins.",
    ),
    Listed(
        name="report",
        panel=JUDGE,
        module="report",
        told="Show a saved report again, in this format or another. Nothing is judged anew.",
    ),
    Listed(
        name="verify",
        panel=JUDGE,
        module="verify",
        told="Tell whether a certificate still counts, and whether it is of this report, this image and this signer.",
    ),
    Listed(
        name="checks",
        panel=JUDGE,
        module="catalogue",
        epilog="CHECKS_EPILOG",
        told="List every check: what makes an image fail, and how severe it is.",
    ),
    Listed(
        name="explain",
        panel=JUDGE,
        module="catalogue",
        epilog="EXPLAIN_EPILOG",
        told="Explain a check, or a rule of lint: what it looks at, why it matters in Woken, how to fix what it found.",
    ),
    Listed(
        name="reap",
        panel=JUDGE,
        module="reap",
        told="Remove the containers, volumes and files that a killed run of algoreg left behind, and what --keep kept.",
    ),
    Listed(
        name="new",
        panel=WRITE,
        module="new",
        told="Draft a plugin: a folder with a program, its metadata, a recipe, a test and a README, ready "
        "to be judged.",
    ),
    Listed(
        name="adopt",
        panel=WRITE,
        module="adopt",
        told="Draft algorithm.yaml and a plugin from a folder in the form of the MIP's algorithm repository.",
    ),
    Listed(
        name="dev",
        panel=WRITE,
        module="dev",
        told="Watch a plugin's folder, and judge its program after each save, on this machine and without isolation.",
    ),
    Listed(
        name="shell",
        panel=WRITE,
        module="shell",
        told="Open a shell where a run failed: its variables, user, volume and databases, and the program's command "
        "in $AGAIN.",
    ),
    Listed(
        name="build",
        panel=WRITE,
        module="build",
        told="Build an algorithm's image with its labels, tagged with its version and the commit; print the tag.",
    ),
    Listed(
        name="run",
        panel=TRY,
        module="experiments",
        epilog="RUN_EPILOG",
        told="Train an algorithm on a table and test it on held-out rows, as Woken's interactive flow does.",
    ),
    Listed(
        name="compare",
        panel=TRY,
        module="experiments",
        epilog="COMPARE_EPILOG",
        told="Cross-validate several algorithms on the same folds: means and spread, a paired test, and a plot.",
    ),
    Listed(
        name="list",
        panel=REGISTRY,
        module="registry",
        function="list_",
        epilog="LIST_EPILOG",
        told="List the algorithms of the installed plugins, and the plugins that cannot be used.",
    ),
    Listed(
        name="show",
        panel=REGISTRY,
        module="registry",
        epilog="SHOW_EPILOG",
        told="Show everything that is known about one algorithm.",
    ),
    Listed(
        name="export-conf",
        panel=REGISTRY,
        module="export",
        epilog="EXPORT_EPILOG",
        told="Write Woken's application.conf from the registry, check that it is what the registry says, or merge into "
        "one.",
    ),
    Listed(
        name="import-conf",
        panel=REGISTRY,
        module="export",
        epilog="IMPORT_EPILOG",
        told="List the algorithms that a Woken installation declares, and what is wrong with their declaration.",
    ),
    Listed(
        name="export-catalogue",
        panel=REGISTRY,
        module="export_catalogue",
        told="Write the catalogue of algorithms that Woken shows to people, from the same metadata as its "
        "configuration.",
    ),
    Listed(
        name="site",
        panel=REGISTRY,
        module="site",
        told="Write the registry as static pages: search, filters, and for each algorithm how it is run and was "
        "judged.",
    ),
    Listed(
        name="job",
        panel=REGISTRY,
        module="jobs",
        function=GROUP,
        told="Write one run of an algorithm as a scheduler's document, or lint documents from elsewhere. "
        "`algoreg job CODE COMMAND` and `algoreg job document CODE COMMAND` are one.",
    ),
)


class CommandsByName(TyperGroup):
    """A group whose commands are stubs until one of them is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._listed = {one.name: one for one in COMMANDS}
        self._listing = False
        self.commands.update({one.name: one.stub() for one in COMMANDS})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, loaded unless only its line is wanted; None where there is none."""
        listed = self._listed.get(cmd_name)
        if listed is None or self._listing:
            return self.commands.get(cmd_name)
        return listed.load()

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help, with a line for each command."""
        self._listing = True
        super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Names of commands; whoever completes what follows one has asked for that command before."""
        self._listing = True
        return super().shell_complete(ctx, incomplete)
