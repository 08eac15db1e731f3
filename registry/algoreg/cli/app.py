"""The command line as a whole: its own options, and how it is left; the commands are listed in ``commands``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import algoreg
from algoreg.cli import output
from algoreg.cli.commands import CommandsByName
from algoreg.cli.errors import ReaderLeft
from algoreg.errors import Cancelled


class _Group(CommandsByName):
    """Keeps interruptions from typer, which turns them into codes that differ between its versions."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise Cancelled("stopped") from interrupt
        except BrokenPipeError as closed:
            raise ReaderLeft("standard output was closed") from closed


def _version(asked: bool) -> None:
    if asked:
        output.write(f"algoreg {algoreg.__version__}")
        raise typer.Exit


def _root(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A registry of containerised algorithms, and the checker that proves an image keeps its contract."""


def app() -> typer.Typer:
    """The assembled application."""
    root = typer.Typer(
        cls=_Group,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.callback(epilog="Example: algoreg validate algoreg/knn:0.1.0")(_root)
    return root
