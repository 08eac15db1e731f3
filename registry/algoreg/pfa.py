"""What is asked about a PFA document, and what came of it; reads it as JSON, and evaluates nothing.

An untrusted image wrote the document, and evaluating it executes it: ``engines.docker.evaluator`` does that in a
sandbox. Sources: contract section 4 (what a document must be), PFA 0.8.1 sections 2 (document) and 4 (types).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from algoreg import contract, strictjson

MAX_RECORDS: Final = 10_000
"""As many predictions fit into the answer that is read from the sandbox."""
TIMEOUT_S: Final = 120.0
"""For loading a document and predicting all records; a kNN of 400 rows and 10 columns takes some 5 s on 400 records."""
MEMORY_MB: Final = 1024
CPUS: Final = 2.0


class Rung(StrEnum):
    """The ladder, from the bottom up; each value is the id of the check that fails there."""

    SYNTAX = "pfa.syntax"
    """A JSON object that is PFA."""
    SEMANTICS = "pfa.semantics"
    """Consistent: types agree, nothing undeclared is read."""
    ENGINE = "pfa.engine"
    """An engine can be built from it: cells fill, ``begin`` runs."""
    IO = "pfa.io"
    """Method map, a record of the covariables as input, an output of the variable's type."""
    PREDICTS = "pfa.predicts"
    """It predicts every record."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field that the document's input record must have."""

    name: str
    """The column: a db-safe name."""
    types: tuple[str, ...]
    """The Avro types accepted, such as ``("int", "double")``; each also in a union with null."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A document, and what it must do."""

    document: str
    """As it stands in the row; untrusted."""
    fields: tuple[Field, ...]
    """The input record has exactly these."""
    outputs: tuple[str, ...]
    """The Avro types accepted for what it predicts: either texts (string, enum) or numbers."""
    records: Sequence[Mapping[str, Any]]
    """Field -> text, number or None; at most ``MAX_RECORDS``."""

    @property
    def numeric(self) -> bool:
        """Whether it must predict numbers."""
        return not set(self.outputs) & set(TEXTS)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Where a document's climb ended."""

    failed: Rung | None
    """The rung that it does not reach; None when it predicted every record."""
    message: str = ""
    """Why; one line, at most some 300 characters, untrusted. Names a record by its position, never its values."""
    outputs: tuple[str | int | float, ...] = ()
    """One per record, finite, text or number as due; empty when a rung failed."""


TEXTS: Final = ("string", "enum")
NUMBERS: Final = ("int", "long", "float", "double")


def field_types(kind: str) -> tuple[str, ...]:
    """The Avro types that a covariable of this type can have (contract section 4)."""
    if kind in contract.NOMINAL_TYPES:
        return ("string",)
    return ("int", "double") if kind == contract.INTEGER else ("double",)


def output_types(kind: str) -> tuple[str, ...]:
    """The Avro types of predictions for a variable of this type."""
    return TEXTS if kind in contract.NOMINAL_TYPES else NUMBERS


class NotPfa(ValueError):
    """The text is not even a strict JSON object; the message says why."""


def parse(document: str) -> dict[str, Any]:
    """The document as a JSON object. Raises NotPfa, strictjson.TooLarge."""
    try:
        value = strictjson.parse(document.encode())
    except UnicodeEncodeError as error:
        raise NotPfa("the text holds half a surrogate pair") from error
    except strictjson.NotStrictJson as error:
        raise NotPfa(f"not strict JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotPfa(f"a JSON {_KINDS.get(type(value), 'number')}, not an object")
    if not strictjson.finite(value):
        raise NotPfa("it holds a number that no double can hold")
    return value


_KINDS: Final = {list: "array", str: "text", bool: "boolean", type(None): "null"}
