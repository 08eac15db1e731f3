"""What readers hand on: clues to fields of the metadata and traps, each with its place; nobody decides here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from algoreg.linting.rules import Place


class About(StrEnum):
    """What a clue is about."""

    CODE = "code"
    IMAGE = "image"
    VERSION = "version"
    LABEL = "label"
    DESCRIPTION = "description"
    ENVIRONMENT = "environment"
    RESULT = "result"
    VALIDATED = "validated result"
    """The tests have a result of this kind checked."""
    COMMAND = "command"
    MODE = "mode"
    TASK = "task"
    VARIABLE = "variable"
    """The type of a variable that the tests predict."""
    PARAMETER = "parameter"
    """One that the program reads."""
    TRIED = "tried parameter"
    """One that the tests pass."""
    TOLD = "told parameter"
    """One that the README names."""
    ESTIMATOR = "estimator"
    """A class of scikit-learn that the program imports, with its module."""
    KEYWORD = "keyword"
    """``Class.keyword`` of a call that makes an estimator."""
    ARGUMENTS = "arguments"
    """The program looks at the command that it is given."""


@dataclass(frozen=True, kw_only=True)
class Clue:
    """What a line of the folder says about the algorithm."""

    about: About
    value: str
    place: Place
    how: str
    """What stands there: ``ENV FUNCTION``."""
    default: str | None = None
    """Of a parameter: the text of its default, or of the value that is tried."""


@dataclass(frozen=True, kw_only=True)
class Trap:
    """Something that will go wrong, or that is not what it seems."""

    id: str
    """A lint's rule, or ``adopt.x``."""
    place: Place
    message: str
    advice: str


Evidence = Clue | Trap
