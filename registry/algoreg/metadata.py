"""Turns a metadata document into an ``Algorithm``, or says everything that is wrong with it.

Three steps: ``documents`` reads text, ``schemas`` checks the form, ``consistency`` checks that the parts agree.
This module joins them, fills in the defaults of contract section 1, and knows nothing of images or plugins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from algoreg import consistency, contract, files, schemas
from algoreg.documents import Document, Problem, Syntax, read_document, refusal
from algoreg.errors import AlgoregError
from algoreg.model import (
    Algorithm,
    Constraints,
    CountRange,
    Maturity,
    Parameter,
    ParameterType,
    ParameterValue,
    Resources,
    Validation,
)

__all__ = [
    "Document",
    "Problem",
    "UnsupportedContract",
    "compact_json",
    "form",
    "parse",
    "problems",
    "read_document",
    "read_file",
]


class UnsupportedContract(AlgoregError):
    """The document is written for a later contract than this algoreg knows; nothing can be said about it."""

    default_hint = "Upgrade algoreg: pip install --upgrade algoreg"


def read_file(path: Path, *, syntax: Syntax | None = None) -> Document:
    """The document in a file: JSON when its name ends so, else YAML."""
    chosen: Syntax = syntax or ("json" if path.suffix == ".json" else "yaml")
    data = files.beginning(path, contract.METADATA_MAX_BYTES + 1)
    return read_document(data, str(path), syntax=chosen)


def problems(document: Document) -> tuple[Problem, ...]:
    """Everything that is wrong with a readable document, in the order of its lines; empty when nothing is.

    Parts are compared with each other only when each has its form. Raises UnsupportedContract.
    """
    _refuse_later_contract(document)
    return form(document) or _agreement(document, _build(document.data))


def parse(document: Document) -> Algorithm:
    """The algorithm, or MetadataError with all its problems. Raises UnsupportedContract."""
    _refuse_later_contract(document)
    if broken := form(document):
        raise refusal(document.origin, broken)
    algorithm = _build(document.data)
    if broken := _agreement(document, algorithm):
        raise refusal(document.origin, broken)
    return algorithm


def compact_json(document: Document) -> str:
    """The document as the label carries it: JSON on one line, ASCII only, keys in the order of the text."""
    return json.dumps(document.data, separators=(",", ":"), allow_nan=False)


def _refuse_later_contract(document: Document) -> None:
    version = document.data.get("contract") if isinstance(document.data, dict) else None
    if isinstance(version, int) and not isinstance(version, bool) and version > contract.CONTRACT_VERSION:
        raise UnsupportedContract(
            f"{document.origin}: written for version {version} of the contract; "
            f"this algoreg knows {contract.CONTRACT_VERSION}"
        )


def form(document: Document, schema: str = "algorithm") -> tuple[Problem, ...]:
    """Where a document breaks a schema, in the order of its lines."""
    found = (_problem(document, violation) for violation in schemas.violations(schema, document.data))
    return tuple(sorted(found, key=_place))


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line or 0, problem.column or 0


def _problem(document: Document, violation: schemas.Violation) -> Problem:
    """A violation with its line; text that YAML took for a number is quoted as it was written."""
    node = document.locate(violation.at)
    fix = violation.fix
    if fix.startswith(schemas.QUOTE) and node and node.text:
        fix = f"{schemas.QUOTE}{schemas.shown(node.text)}"
    return document.problem(
        violation.at,
        rule=violation.rule,
        message=f"expected {violation.expected}, got {violation.got}",
        fix=fix,
    )


def _agreement(document: Document, algorithm: Algorithm) -> tuple[Problem, ...]:
    found = (
        document.problem(conflict.at, rule=rule, message=conflict.message, fix=conflict.fix)
        for rule, conflict in consistency.conflicts(algorithm)
    )
    return tuple(sorted(found, key=_place))


def _build(data: Mapping[str, Any]) -> Algorithm:
    """The algorithm of a document that has its form; the defaults are those of contract section 1."""
    return Algorithm(
        contract=int(data["contract"]),
        code=data["code"],
        label=data["label"],
        description=data.get("description", ""),
        image=data["image"],
        version=data["version"],
        predictive=data["predictive"],
        interactive=data["interactive"],
        entrypoints=tuple(data["entrypoints"]),
        tasks=tuple(data.get("tasks", ())),
        variables_can_be_null=data.get("variables_can_be_null", False),
        covariables_can_be_null=data.get("covariables_can_be_null", False),
        constraints=_constraints(data.get("constraints", {})),
        parameters=tuple(_parameter(one) for one in data.get("parameters", ())),
        federated=data.get("federated", False),
        result=data.get("result"),
        deterministic=data.get("deterministic", True),
        resources=_resources(data.get("resources", {})),
        maturity=Maturity(data.get("maturity", Maturity.EXPERIMENTAL)),
        type=tuple(data.get("type", ())),
        environment=data.get("environment"),
        document=data,
    )


def _constraints(data: Mapping[str, Any]) -> Constraints:
    return Constraints(
        variable={kind: data.get("variable", {}).get(kind, True) for kind in contract.VARIABLE_TYPES},
        covariables=_count_range(data.get("covariables", {}), 1, None),
        groupings=_count_range(data.get("groupings", {}), 0, 0),
        mixed=data.get("mixed", True),
    )


def _count_range(data: Mapping[str, Any], least: int, most: int | None) -> CountRange:
    upper = data.get("max_count", most)
    return CountRange(
        min_count=int(data.get("min_count", least)), max_count=None if upper is None else int(upper)
    )


def _resources(data: Mapping[str, Any]) -> Resources:
    default = Resources()
    return Resources(
        cpus=float(data.get("cpus", default.cpus)),
        memory_mb=int(data.get("memory_mb", default.memory_mb)),
        timeout_s=float(data.get("timeout_s", default.timeout_s)),
    )


def _parameter(data: Mapping[str, Any]) -> Parameter:
    kind = ParameterType(data["type"])
    bounds = data.get("constraints", {})
    return Parameter(
        code=data["code"],
        label=data.get("label", data["code"]),
        description=data.get("description", ""),
        type=kind,
        default_value=_value(data["default_value"], kind),
        min=bounds.get("min"),
        max=bounds.get("max"),
        values=tuple(data.get("values", ())),
        validation=_validation(data.get("validation", {}), kind),
    )


def _validation(data: Mapping[str, Any], kind: ParameterType) -> Validation:
    return Validation(
        value=_value(data["value"], kind) if "value" in data else None,
        min=data.get("min"),
        max=data.get("max"),
        effect=data.get("effect", True),
    )


def _value(value: Any, kind: ParameterType) -> ParameterValue:
    """``value``; JSON Schema counts 5.0 among the integers, Python and environment variables do not."""
    return int(value) if kind is ParameterType.INTEGER else value
