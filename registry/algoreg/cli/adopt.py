"""``algoreg adopt``: drafts a plugin from an algorithm's folder in the older form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from algoreg.cli import output
from algoreg.cli.output import Format

EPILOG = """Examples:

algoreg adopt algorithm-repository/python-anova

algoreg adopt python-sgd-regression --dockerfile Dockerfile.nb --output naive-bayes

algoreg adopt python-knn --port --format json

Then: algoreg lint FOLDER, algoreg build FOLDER, algoreg validate IMAGE:VERSION.

Exit codes: 0 a draft was written, 1 it was, and something blocks it, 2 wrong usage, or the folder cannot be read."""


def adopt(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The algorithm's folder: Dockerfile, captain.yml, tests/ ..."),
    ],
    output_folder: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="DIR2", help="Where the draft goes, new or empty; else DIR-algoreg."
        ),
    ] = None,
    dockerfile: Annotated[
        str, typer.Option(metavar="NAME", help="Which recipe of the folder: one image is adopted at a time.")
    ] = "Dockerfile",
    port: Annotated[
        bool,
        typer.Option(
            "--port", help="Draft a program over algoreg's runtime instead of keeping the image's own."
        ),
    ] = False,
    format: Annotated[
        Format, typer.Option(help="How to tell what was read and what is guessed.")
    ] = Format.TERMINAL,
) -> None:
    """Draft algorithm.yaml and a plugin from a folder in the form of the MIP's algorithm repository.

    The folder is read and never changed, and nothing in it is run. Each value of the draft says from which file and
    line it was read, or that it is a guess; traps that reading can find are told with it.
    """
    from algoreg.adoption import telling
    from algoreg.adoption.adopting import adopt as draft

    adopted = draft(folder, output_folder, dockerfile=dockerfile, port=port)
    if format is Format.JSON:
        output.write_json(telling.document(adopted))
    else:
        output.output_text(telling.summary(adopted))
    raise typer.Exit(1 if adopted.blockers else 0)
