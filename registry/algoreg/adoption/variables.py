"""What it means that a program reads an environment variable: a parameter, or something that no caller passes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg import contract
from algoreg.adoption.evidence import About, Clue, Evidence, Trap
from algoreg.linting.rules import Place

PARAMETER = re.compile(r"(?:MODEL_PARAM|PARAM_MODEL)_([A-Za-z0-9_.-]{1,64})")
_QUESTION = re.compile(r"PARAM_(?!variables$|covariables$|grouping$|query$|meta$)(\w{1,64})")
_DATABASE = re.compile(rf"(?:IN|OUT)_(?!(?:{'|'.join(contract.CONNECTION_SUFFIXES)})$)\w{{1,64}}")


def read(name: str, default: str | None, place: Place) -> Iterator[Evidence]:
    """The program reads ``name``, and takes ``default`` where it is absent."""
    if found := PARAMETER.fullmatch(name):
        yield Clue(about=About.PARAMETER, value=found[1], default=default, place=place, how=f"reads {name}")
    elif found := _QUESTION.fullmatch(name):
        yield _unsent(
            name, place, f"Declare it as the parameter {found[1]}, and read MODEL_PARAM_{found[1]}."
        )
    elif _DATABASE.fullmatch(name):
        suffixes = "HOST PORT DATABASE USER PASSWORD"
        yield _unsent(name, place, f"Read {name.partition('_')[0]}_ with {suffixes}, or JDBC_URL.")


def _unsent(name: str, place: Place, advice: str) -> Trap:
    return Trap(
        id="adopt.unsent-variable",
        place=place,
        message=f"it reads {name}, which no caller passes",
        advice=advice,
    )
