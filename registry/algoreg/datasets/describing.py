"""Reads what somebody wrote down about the columns: YAML or JSON in the form of PARAM_meta (code -> description)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from algoreg import contract, files, schemas, strictjson
from algoreg.datasets.naming import printable
from algoreg.documents import Document, Problem, read_document, refusal
from algoreg.errors import MetadataError

SCHEMA: Final = "variables"
MAX_BYTES: Final = 4 * 1024 * 1024
_MAX_CODE: Final = 2**31 - 1
"""Woken's reader takes digit-only codes for 32-bit numbers."""
_TOLD: Final = ("description", "units", "minValue", "maxValue")


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is known of a variable before its values are seen."""

    label: str | None = None
    type: str | None = None
    """One of Woken's types; None: inferred."""
    enumerations: tuple[tuple[str, str], ...] = ()
    """(code, label); empty: the codes that occur, sorted."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What else of it belongs into PARAM_meta, where no values tell it."""


def described(path: Path) -> Mapping[str, Described]:
    """Code or column -> its description, of a file: JSON when its name ends so, else YAML.

    Raises UsageError when it cannot be read, MetadataError with every defect, each at its line or JSON path.
    """
    document = _document(path)
    if problems := tuple(_problems(document)):
        raise refusal(document.origin, problems)
    return {code: _described(entry) for code, entry in document.data.items()}


def code_text(value: str | int | bool) -> str:
    """A code as it is compared: truth values in lower case, digit-only text as the number it arrives as."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) < 400 else text


def unfit(code: str) -> str | None:
    """Why a code cannot be stored or sent; None when it can."""
    if not code:
        return "the code is empty"
    if "\0" in code or any("\ud800" <= character <= "\udfff" for character in code):
        return "the code holds a NUL character or half a surrogate pair"
    if code.isascii() and code.isdigit() and (len(code) > 10 or int(code) > _MAX_CODE):
        return f"the code is a number beyond {_MAX_CODE:,}, which Woken cannot read"
    return None


def _document(path: Path) -> Document:
    origin = printable(str(path))
    data = files.beginning(path, MAX_BYTES + 1)
    if path.suffix.lower() != ".json":
        return read_document(data, origin, syntax="yaml", max_bytes=MAX_BYTES)
    try:
        values = strictjson.parse(data)
    except strictjson.NotStrictJson as error:
        raise MetadataError(
            f"{origin} is not strict JSON: {error}", hint="Correct it, or write YAML."
        ) from error
    return Document(origin=origin, syntax="json", data=values)


def _problems(document: Document) -> Iterator[Problem]:
    for violation in schemas.violations(SCHEMA, document.data):
        message = f"expected {violation.expected}, got {violation.got}"
        yield document.problem(violation.at, rule=violation.rule, message=message, fix=violation.fix)
    if isinstance(document.data, dict):
        for code, entry in document.data.items():
            if isinstance(entry, dict):
                yield from _disagreements(document, code, entry)


def _disagreements(document: Document, code: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    """What no schema can say: parts that do not fit each other."""
    if entry.get("code", code) != code:
        yield document.problem(
            (code, "code"),
            rule="variables.code",
            message=f"expected {schemas.shown(code)}, the key",
            fix="remove it",
        )
    enumerations = entry.get("enumerations")
    if not isinstance(enumerations, list):
        return
    at = (code, "enumerations")
    if "type" in entry and entry["type"] not in contract.NOMINAL_TYPES:
        fix = "remove them, or write type: polynominal"
        yield document.problem(
            at, rule="variables.type", message="only nominal variables have enumerations", fix=fix
        )
    if entry.get("type") == contract.BINOMINAL and len(enumerations) != 2:
        message = f"a binominal variable has two codes, got {len(enumerations)}"
        yield document.problem(at, rule="variables.type", message=message, fix="write type: polynominal")
    yield from _codes(document, code, enumerations)


def _codes(document: Document, code: str, enumerations: list[Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, item in enumerate(enumerations):
        value = item.get("code") if isinstance(item, dict) else None
        if not isinstance(value, str | int):
            continue  # the schema told it
        text, at = code_text(value), (code, "enumerations", position, "code")
        if problem := unfit(text) or ("the code stands there twice" if text in seen else None):
            yield document.problem(at, rule="variables.enumerations", message=problem, fix="change it")
        seen.add(text)


def _described(entry: Mapping[str, Any]) -> Described:
    pairs = [
        (code_text(item["code"]), _label(item.get("label", item["code"])))
        for item in entry.get("enumerations", ())
    ]
    nominal = contract.BINOMINAL if len(pairs) == 2 else contract.POLYNOMINAL
    return Described(
        label=entry.get("label"),
        type=entry.get("type", nominal if pairs else None),
        enumerations=tuple(pairs),
        told={key: entry[key] for key in _TOLD if key in entry},
    )


def _label(value: str | int | bool) -> str:
    return value if isinstance(value, str) else code_text(value)
