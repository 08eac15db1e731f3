"""Which variable is asked for, from which covariables: PARAM_* of the environment, held against the metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from algoreg import contract
from algoreg.runtime import strict
from algoreg.runtime.declaration import Declaration
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column


@dataclass(frozen=True, kw_only=True)
class Question:
    """The task and the columns it is about."""

    variable: Column
    covariables: tuple[Column, ...]

    @property
    def task(self) -> str:
        """The task that the variable's type asks for."""
        return contract.CLASSIFICATION if self.variable.nominal else contract.REGRESSION


def code_text(value: object) -> str:
    """A nominal value as the text it is compared by, whether it came as text or as any kind of number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    number = str(value)
    whole, point, rest = number.partition(".")
    return whole if point and not rest.strip("0") else number


def required(environ: Mapping[str, str], name: str) -> str:
    if name not in environ:
        raise Failure(f"{name} is absent from the environment")
    return environ[name]


def _meta(environ: Mapping[str, str]) -> dict[str, Any]:
    """PARAM_meta keyed by column name; it arrives keyed by the original code (contract section 2)."""
    document = strict.loads(required(environ, "PARAM_meta"), "PARAM_meta")
    if not isinstance(document, dict):
        raise Failure("PARAM_meta: is not a JSON object")
    by_name: dict[str, Any] = {}
    for code, entry in document.items():
        name = contract.db_safe(code)
        if name not in by_name or code == name:  # `IQ` beside `iq`: the exact name wins
            by_name[name] = entry
    return by_name


def _codes(name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    enumerations = entry.get("enumerations") or []
    if not isinstance(enumerations, list) or not all(
        isinstance(item, dict) and isinstance(item.get("code"), str | int | float) for item in enumerations
    ):
        raise Failure(f"PARAM_meta: the enumerations of {name} are not a list of objects with a code")
    return tuple(dict.fromkeys(code_text(item["code"]) for item in enumerations))


def _column(name: str, meta: Mapping[str, Any]) -> Column:
    entry = meta.get(name)
    if not isinstance(entry, dict):
        raise Failure(f"PARAM_meta: column {name} is not described in it")
    kind = entry.get("type")
    if kind not in contract.VARIABLE_TYPES:
        known = ", ".join(contract.VARIABLE_TYPES)
        raise Failure(f"PARAM_meta: column {name} is of type {kind!a}, expected one of {known}")
    codes = _codes(name, entry) if kind in contract.NOMINAL_TYPES else ()
    return Column(name=name, type=kind, codes=codes)


def _names(environ: Mapping[str, str], variable: str) -> list[str]:
    return [name for name in required(environ, variable).split(",") if name]


def _refuse_what_is_excluded(question: Question, declaration: Declaration) -> None:
    variable = question.variable
    if variable.type not in declaration.variable_types or question.task not in declaration.tasks:
        accepted = ", ".join(sorted(declaration.variable_types))
        raise Failure(
            f"variable {variable.name} is of type {variable.type}, which {declaration.code} excludes "
            f"(it takes {accepted} for {', '.join(declaration.tasks)})"
        )
    kinds = {column.nominal for column in question.covariables}
    if len(kinds) > 1 and not declaration.mixed:
        told = ", ".join(f"{column.name} ({column.type})" for column in question.covariables)
        raise Failure(f"{declaration.code} does not take nominal and continuous covariables together: {told}")


def read_question(declaration: Declaration, environ: Mapping[str, str]) -> Question:
    """Read PARAM_variables, PARAM_covariables and PARAM_meta.

    Raises Failure naming the environment variable, the column, or its type.
    """
    variables = _names(environ, "PARAM_variables")
    covariables = _names(environ, "PARAM_covariables")
    if len(variables) != 1:
        raise Failure(f"PARAM_variables: expected exactly one variable, got {len(variables)}")
    if not covariables:
        raise Failure("PARAM_covariables: is empty, there is nothing to predict from")
    meta = _meta(environ)
    question = Question(
        variable=_column(variables[0], meta),
        covariables=tuple(_column(name, meta) for name in covariables),
    )
    _refuse_what_is_excluded(question, declaration)
    return question
