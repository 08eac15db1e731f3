"""``algoreg report``: reads a saved report and shows it in another format; ``validate --report`` writes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from algoreg.cli import completion
from algoreg.cli.output import color_wanted, output_text
from algoreg.formats.kinds import Kind

EPILOG = """Examples:

algoreg report report.json

algoreg report report.json --format html --output report.html

algoreg report report.json --format sarif --plugin plugins/knn --output algoreg.sarif

Exit codes: 0 written, whatever the report says; 2 the file is no report, or wrong usage."""

ReportOption = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="KIND=FILE",
        help=f"Write the report to a file as well (repeatable): {', '.join(Kind)}.",
        autocompletion=completion.reports,
    ),
]


def report(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A report that validate wrote as JSON.", show_default=False)
    ],
    format: Annotated[Kind, typer.Option("--format", help="What to write.")] = Kind.TERMINAL,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    plugin: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="The plugin's folder: sarif and annotations name the lines of its files."
        ),
    ] = None,
) -> None:
    """Show a saved report again, in this format or another. Nothing is judged anew."""
    from algoreg import conformance, locating, registry, reporting
    from algoreg.formats.kinds import renderers
    from algoreg.formats.terminal import render

    if output is not None:
        reporting.ensure_writable(output)
    known = registry.load()
    locate = locating.of_plugins(known, {}, given=plugin)
    saved = reporting.read(file, conformance.catalogue(known.plugins).checks)
    if output is not None:
        reporting.write([reporting.Request(kind=format, path=output)], saved, locate=locate)
    elif format is Kind.TERMINAL:
        output_text(render(saved, color=color_wanted()))
    else:
        output_text(renderers()[format](saved, locate))
