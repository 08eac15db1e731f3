"""``algoreg new``: asks for what is missing, lets the draft of a plugin be made, and says what to do with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from algoreg.cli import output
from algoreg.errors import UsageError
from algoreg.model import Maturity
from algoreg.scaffolding.wish import Language, Wish, checked_code, default_image

EPILOG = """Examples:

algoreg new my-forest --estimator sklearn.ensemble.RandomForestClassifier

algoreg new ridge --estimator Ridge --parameter alpha --image hospital/ridge --output plugins/ridge

algoreg new my-line --language r

What is missing is asked for on a terminal. The folder builds and passes `algoreg validate` as it stands; what could
not be offered of the estimator, and why, is in its README.

Exit codes: 0 the folder is there, 2 wrong usage, or a folder that is not empty."""


def new(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The algorithm's code: a letter, then letters, digits, _ or -."),
    ] = None,
    estimator: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS", help="A classifier or regressor of scikit-learn, dotted or by its name."
        ),
    ] = None,
    language: Annotated[Language, typer.Option(help="What the program is written in.")] = Language.PYTHON,
    folder: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Where to; new, or empty.", show_default="./NAME"),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            help="Offer only this parameter (repeatable).",
            show_default="all that make a difference",
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(metavar="REPOSITORY", help="The image, without a tag.", show_default="algoreg/NAME"),
    ] = None,
    version: Annotated[str, typer.Option(help="The image's tag.")] = "0.1.0",
    label: Annotated[
        str | None, typer.Option(help="Name that people see.", show_default="from the estimator")
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="One sentence for people.", show_default="from the estimator")
    ] = None,
    maturity: Annotated[Maturity, typer.Option(help="How far it may be trusted.")] = Maturity.EXPERIMENTAL,
) -> None:
    """Draft a plugin: a folder with a program, its metadata, a recipe, a test and a README, ready to be judged.

    Parameters, their ranges and defaults are read from scikit-learn itself, and tried on real tables: what is
    declared works.
    """
    from algoreg import registry
    from algoreg.scaffolding import folders, languages

    whole = f"algoreg new {name or 'my-forest'} --estimator {estimator or 'RandomForestClassifier'}"
    code = checked_code(_given(name, "NAME", "Name of the algorithm", whole=whole))
    if estimator is None and language.wraps_an_estimator:
        question = "Estimator of scikit-learn, such as RandomForestClassifier"
        estimator = _given(None, "--estimator", question, whole=whole)
    registry.load().ensure_free(code)
    target = folder or Path(code)
    folders.ensure_free(target)
    wish = Wish(
        code=code,
        language=language,
        estimator=estimator,
        image=image or default_image(code),
        version=version,
        maturity=maturity,
        label=label,
        description=description,
        parameters=tuple(parameter or ()),
    )
    with output.activity(f"drafting {code}"):
        draft = languages.draft(wish)
    folders.write(target, draft.files)
    output.note(_told(target, draft.next_steps, draft.remarks))
    output.write(str(target))


def _given(value: str | None, what: str, question: str, *, whole: str) -> str:
    """What was typed, else what a person at the terminal answers. Raises UsageError where there is none."""
    if value is not None:
        return value
    if not (output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)):
        raise UsageError(
            f"{what} is missing, and there is no terminal to ask on",
            hint=f"Write {whole}",
        )
    if answer := output.ask(question):
        return answer
    raise UsageError(f"{what} is missing, and was not answered")


def _told(folder: Path, steps: tuple[str, ...], remarks: tuple[str, ...]) -> str:
    import shlex

    from algoreg.formats.escape import safe

    commands = (f"cd {shlex.quote(str(folder))}", *steps)
    lines = [*map(safe, remarks), "", "Next:", *(f"  {safe(command)}" for command in commands)]
    return "\n".join(lines).strip()
