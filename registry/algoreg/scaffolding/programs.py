"""The writer for languages without our runtime: a small program that keeps the contract by itself, to be changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from algoreg.formats.escape import safe
from algoreg.scaffolding.texts import filled, verbatim
from algoreg.scaffolding.wish import Draft, Language, Wish


@dataclass(frozen=True, kw_only=True)
class _Program:
    """What is particular about a language."""

    label: str
    description: str
    files: Mapping[str, str]
    """The program's files, and what an author finds in each."""


_PROGRAMS: Final[Mapping[Language, _Program]] = {
    Language.R: _Program(
        label="Linear model in R",
        description="Predicts a number, or the class with the highest score, by penalised least squares.",
        files={"program.R": "the program; `fit()` and `scores()` are the algorithm"},
    ),
    Language.SHELL: _Program(
        label="Nearest neighbours in SQL",
        description="Predicts from the nearest rows, which PostgreSQL finds: a shell script, psql and jq.",
        files={
            "program.sh": "reads the job, asks the databases, writes results",
            "scales.sql": "what is learnt from the training rows",
            "predict.sql": "what is predicted with it",
        },
    ),
}


def draft(wish: Wish) -> Draft:
    """The folder of a program in ``wish.language``."""
    program = _PROGRAMS[wish.language]
    package, language = wish.package, str(wish.language)
    label, description = wish.label or program.label, wish.description or program.description
    metadata = {
        "label": _quoted(label),
        "description": _quoted(description),
        "version": _quoted(wish.version),
    }
    words = {"code": wish.code, "image": wish.image, "maturity": str(wish.maturity), **metadata}
    files = {
        ".github/workflows/conformance.yml": filled(
            "own/conformance.yml", reference=wish.reference, package=package
        ),
        "README.md": _readme(wish, program, title=label, text=description),
        "pyproject.toml": filled(
            "own/pyproject.toml",
            package=package,
            distribution=wish.distribution,
            module=package.removeprefix("algoreg_"),
        ),
        f"{package}/__init__.py": filled("python/__init__.py"),
        f"{package}/algorithm.yaml": filled(f"{language}/algorithm.yaml", **words),
        f"{package}/Dockerfile": filled(f"{language}/Dockerfile", code=wish.code),
    }
    programs = {f"{package}/{name}": verbatim(f"{language}/{name}") for name in program.files}
    return Draft(files=files | programs, next_steps=("algoreg build .", f"algoreg validate {wish.reference}"))


def _readme(wish: Wish, program: _Program, *, title: str, text: str) -> str:
    table = "\n".join(f"| `{wish.package}/{name}` | {what} |" for name, what in program.files.items())
    return filled(
        "own/README.md",
        title=safe(title),
        text=safe(text),
        table=table,
        package=wish.package,
        reference=wish.reference,
    )


def _quoted(text: str) -> str:
    """As YAML and JSON both read it."""
    return json.dumps(safe(text), ensure_ascii=False)
