"""Puts the commands together. They import what they need when they are called, so that ``--help`` stays cheap."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import algoreg
from algoreg.cli import (
    adopt,
    build,
    catalogue,
    dev,
    experiments,
    export,
    export_catalogue,
    jobs,
    lint,
    new,
    output,
    reap,
    registry,
    report,
    shell,
    site,
    validate,
    verify,
)
from algoreg.cli.errors import ReaderLeft
from algoreg.errors import Cancelled


class _Group(TyperGroup):
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
    root.command(epilog=validate.EPILOG)(validate.validate)
    root.command(epilog=dev.EPILOG)(dev.dev)
    root.command(epilog=shell.EPILOG)(shell.shell)
    root.command(epilog=lint.EPILOG)(lint.lint)
    root.command(epilog=report.EPILOG)(report.report)
    root.command(epilog=verify.EPILOG)(verify.verify)
    root.command(epilog=experiments.RUN_EPILOG)(experiments.run)
    root.command(epilog=experiments.COMPARE_EPILOG)(experiments.compare)
    root.command(epilog=catalogue.CHECKS_EPILOG)(catalogue.checks)
    root.command(epilog=catalogue.EXPLAIN_EPILOG)(catalogue.explain)
    root.command("list", epilog=registry.LIST_EPILOG)(registry.list_)
    root.command(epilog=registry.SHOW_EPILOG)(registry.show)
    root.command(epilog=new.EPILOG)(new.new)
    root.command(epilog=build.EPILOG)(build.build)
    root.command(epilog=adopt.EPILOG)(adopt.adopt)
    root.command("export-conf", epilog=export.EXPORT_EPILOG)(export.export_conf)
    root.command("import-conf", epilog=export.IMPORT_EPILOG)(export.import_conf)
    root.command("export-catalogue", epilog=export_catalogue.EPILOG)(export_catalogue.export_catalogue)
    root.command(epilog=site.EPILOG)(site.site)
    root.add_typer(jobs.group(), name="job")
    root.command(epilog=reap.EPILOG)(reap.reap)
    return root
