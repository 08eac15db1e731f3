"""What the image's own ``algorithm.yaml`` declares, as far as a running job needs it.

The document was validated when the image was built; it is read here, not judged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoreg import contract
from algoreg.runtime.job import ParameterValue


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A declared parameter; arrives as ``MODEL_PARAM_<code>``."""

    code: str
    type: str
    """``integer``, ``number``, ``enumeration``, ``string`` or ``boolean``."""
    default: ParameterValue
    minimum: float | None
    maximum: float | None
    values: tuple[str, ...]
    """What an enumeration accepts."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """The promises of the metadata that the runtime keeps for the author."""

    code: str
    version: str
    entrypoints: tuple[str, ...]
    tasks: tuple[str, ...]
    variable_types: frozenset[str]
    """Types a variable may have."""
    mixed: bool
    """Whether nominal and continuous covariables may come together."""
    variables_can_be_null: bool
    covariables_can_be_null: bool
    parameters: tuple[Parameter, ...]
    federated: bool
    """Whether compute accepts --mode."""
    result: str
    """Shape that compute writes; empty where it is not accepted."""


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    constraints = entry.get("constraints") or {}
    return Parameter(
        code=entry["code"],
        type=entry["type"],
        default=entry["default_value"],
        minimum=constraints.get("min"),
        maximum=constraints.get("max"),
        values=tuple(str(value) for value in entry.get("values") or ()),
    )


def declaration_of(document: Mapping[str, Any]) -> Declaration:
    """Read the parsed document, defaults of contract section 1 filled in."""
    constraints = document.get("constraints") or {}
    accepted = constraints.get("variable") or {}
    return Declaration(
        code=document["code"],
        version=str(document.get("version", "")),
        entrypoints=tuple(document["entrypoints"]),
        tasks=tuple(document.get("tasks") or contract.TASKS),
        variable_types=frozenset(kind for kind in contract.VARIABLE_TYPES if accepted.get(kind, True)),
        mixed=constraints.get("mixed", True),
        variables_can_be_null=document.get("variables_can_be_null", False),
        covariables_can_be_null=document.get("covariables_can_be_null", False),
        parameters=tuple(_parameter(entry) for entry in document.get("parameters") or ()),
        federated=document.get("federated", False),
        result=document.get("result") or "",
    )


def read_declaration(path: Path) -> Declaration:
    """Read ``algorithm.yaml``. Raises OSError or yaml's error: the image itself is broken then."""
    import yaml

    return declaration_of(yaml.safe_load(path.read_text(encoding="utf-8")))
