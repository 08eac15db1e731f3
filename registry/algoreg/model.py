"""The values everything else speaks about: an algorithm as its metadata declares it, and image references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from algoreg import contract


class Maturity(StrEnum):
    """How far an algorithm may be trusted, in the words of Woken's catalogue."""

    PRODUCTION = "production"
    BETA = "beta"
    EXPERIMENTAL = "experimental"
    DEPRECATED = "deprecated"


class ParameterType(StrEnum):
    """Types a parameter's text is read as."""

    INTEGER = "integer"
    NUMBER = "number"
    ENUMERATION = "enumeration"
    STRING = "string"
    BOOLEAN = "boolean"


ParameterValue = int | float | str | bool


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What the checks pass for a parameter, where the declared values would cost too much."""

    value: ParameterValue | None = None
    """Used in every check that is not about this parameter."""
    min: float | None = None
    """Lower end that is tried instead of the constraint's."""
    max: float | None = None
    """Upper end that is tried instead of the constraint's."""
    effect: bool = True
    """False when the parameter need not change the output (a time limit, a verbosity)."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of an algorithm; arrives as ``MODEL_PARAM_<code>``."""

    code: str
    label: str
    description: str
    type: ParameterType
    default_value: ParameterValue
    min: float | None = None
    """Smallest accepted number."""
    max: float | None = None
    """Largest accepted number."""
    values: tuple[str, ...] = ()
    """Accepted values of an enumeration."""
    validation: Validation = field(default_factory=Validation)

    @property
    def ends(self) -> tuple[str, str] | None:
        """Two values that are far apart, as the caller writes them; None where the metadata name none."""
        if self.type is ParameterType.BOOLEAN:
            return self.text(False), self.text(True)
        if self.type is ParameterType.ENUMERATION:
            return (self.values[0], self.values[-1]) if len(self.values) > 1 else None
        low = self.min if self.validation.min is None else self.validation.min
        high = self.max if self.validation.max is None else self.validation.max
        if low is None or high is None or low == high:
            return None
        return self.text(low), self.text(high)

    @property
    def accepted(self) -> tuple[str, ...]:
        """Values that must be accepted: every one of an enumeration, both of a boolean, each end of a range."""
        if self.type is ParameterType.ENUMERATION:
            return self.values
        if self.type is ParameterType.BOOLEAN:
            return self.text(False), self.text(True)
        low = self.min if self.validation.min is None else self.validation.min
        high = self.max if self.validation.max is None else self.validation.max
        return tuple(self.text(end) for end in dict.fromkeys((low, high)) if end is not None)

    @property
    def domain(self) -> str:
        """What is accepted, for people: ``1 to 100``, ``at least 1``, ``a, b``, ``any``."""
        if self.values:
            return ", ".join(self.values)
        if self.type is ParameterType.BOOLEAN:
            return f"{self.text(True)} or {self.text(False)}"
        low, high = (None if end is None else self.text(end) for end in (self.min, self.max))
        if low is None:
            return "any" if high is None else f"at most {high}"
        return f"at least {low}" if high is None else f"{low} to {high}"

    def text(self, value: ParameterValue) -> str:
        """``value`` as the caller writes it into the environment."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if self.type is ParameterType.INTEGER and isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)


@dataclass(frozen=True, kw_only=True)
class CountRange:
    """How many covariables or groupings are told to Woken; ``max_count`` None is unbounded."""

    min_count: int
    max_count: int | None


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """What data the algorithm takes, as in Woken's catalogue."""

    variable: Mapping[str, bool]
    """Variable type -> accepted; keys are ``contract.VARIABLE_TYPES``."""
    covariables: CountRange
    groupings: CountRange
    mixed: bool
    """Nominal and continuous covariables together."""

    def accepts(self, variable_type: str) -> bool:
        """Whether a variable of this type is accepted."""
        return self.variable[variable_type]


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one run may use."""

    cpus: float = 0.5
    memory_mb: int = 512
    timeout_s: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """One algorithm, exactly as its metadata document declares it, with the defaults filled in."""

    contract: int
    code: str
    label: str
    description: str
    image: str
    """Repository without tag or digest."""
    version: str
    predictive: bool
    interactive: bool
    entrypoints: tuple[str, ...]
    tasks: tuple[str, ...]
    variables_can_be_null: bool
    covariables_can_be_null: bool
    constraints: Constraints
    parameters: tuple[Parameter, ...]
    federated: bool
    result: str | None
    deterministic: bool
    resources: Resources
    maturity: Maturity
    type: tuple[str, ...]
    environment: str | None
    document: Mapping[str, Any] = field(repr=False)
    """The document as it was written, without defaults: what the label carries."""

    @property
    def reference(self) -> str:
        """``repository:tag`` of the image."""
        return f"{self.image}:{self.version}"

    @property
    def working_commands(self) -> tuple[str, ...]:
        """The commands that do a job and end."""
        return tuple(name for name in contract.WORKING_COMMANDS if name in self.entrypoints)

    @property
    def computes(self) -> bool:
        """Whether the image has ``compute``."""
        return contract.COMPUTE in self.entrypoints

    def accepted_type(self, task: str) -> str | None:
        """The variable type that stands for ``task``: the richest that is accepted, None when none is."""
        order = (
            (contract.POLYNOMINAL, contract.BINOMINAL)
            if task == contract.CLASSIFICATION
            else (contract.REAL, contract.INTEGER)
        )
        return next((kind for kind in order if self.constraints.accepts(kind)), None)

    @property
    def base_tasks(self) -> tuple[str, ...]:
        """The declared tasks, base case first; derived from the variable types where none is declared."""
        if self.tasks:
            return self.tasks
        return tuple(task for task in contract.TASKS if self.accepted_type(task))


_REFERENCE = re.compile(
    r"^(?P<repository>(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?$"
)
_IMAGE_ID = re.compile(r"^(sha256:)?[0-9a-f]{64}$")


@dataclass(frozen=True, kw_only=True)
class ImageRef:
    """An image as a person names it: ``repository[:tag][@digest]``, or an image id."""

    text: str
    repository: str | None
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, text: str) -> ImageRef | None:
        """Read a reference by the grammar of the Docker distribution project; None where it is not one."""
        if _IMAGE_ID.match(text):
            return cls(text=text, repository=None, tag=None, digest=None)
        match = _REFERENCE.match(text)
        if match is None:
            return None
        return cls(text=text, repository=match["repository"], tag=match["tag"], digest=match["digest"])
