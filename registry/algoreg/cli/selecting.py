"""The options by which a person chooses checks and how many experiments run at a time, alike wherever they stand."""

from __future__ import annotations

from typing import Annotated

import typer

from algoreg.cli import completion

OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        help="Only this check or family, and what it needs (repeatable).",
        autocompletion=completion.checks,
    ),
]
SkipOption = Annotated[
    list[str] | None,
    typer.Option("--skip", help="Not this check or family (repeatable).", autocompletion=completion.checks),
]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", min=1, max=64, help="Experiments at a time.", show_default="from the processors"),
]
