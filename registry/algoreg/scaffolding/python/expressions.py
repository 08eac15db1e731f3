"""The call that makes an estimator, as Python text for the author and as an object for a trial: never two versions."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from algoreg.model import ParameterValue

NONE: Final = "none"
"""The word of an enumeration that stands for Python's None."""


class Conversion(StrEnum):
    """How a job's value becomes an argument; the value is the text of it, ``{}`` the job's value."""

    WHOLE = "int({})"
    WHOLE_OR_NONE = "int({}) or None"
    AT_MOST_ROWS = "min(int({}), job.n_train)"
    NUMBER = "float({})"
    NUMBER_OR_NONE = "float({}) or None"
    FLAG = "bool({})"
    WORD = "str({})"
    WORD_OR_NONE = f'None if {{}} == "{NONE}" else str({{}})'

    def apply(self, value: ParameterValue, rows: int) -> Any:
        """What the text gives for ``value`` where there are so many training rows."""
        return _CONVERSIONS[self](value, rows)


_CONVERSIONS: Final[Mapping[Conversion, Callable[[Any, int], Any]]] = {
    Conversion.WHOLE: lambda value, _: int(value),
    Conversion.WHOLE_OR_NONE: lambda value, _: int(value) or None,
    Conversion.AT_MOST_ROWS: lambda value, rows: min(int(value), rows),
    Conversion.NUMBER: lambda value, _: float(value),
    Conversion.NUMBER_OR_NONE: lambda value, _: float(value) or None,
    Conversion.FLAG: lambda value, _: bool(value),
    Conversion.WORD: lambda value, _: str(value),
    Conversion.WORD_OR_NONE: lambda value, _: None if value == NONE else str(value),
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A parameter of the job."""

    code: str
    conversion: Conversion

    def text(self) -> str:
        """The expression that reads it."""
        asked = f'asked["{self.code}"]'
        return self.conversion.value.replace("{}", asked)


@dataclass(frozen=True, kw_only=True)
class Call:
    """The constructor of a class that is imported from ``module``."""

    module: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Keyword -> Reading, Call, list of (name, Call), or a literal."""
    positional: tuple[Call, ...] = ()
    """Other calls, as a pipeline's steps are."""

    def kind(self) -> Any:
        """What is called."""
        return getattr(importlib.import_module(self.module), self.name)

    def build(self, values: Mapping[str, ParameterValue], rows: int) -> Any:
        """The unfitted estimator of a job with these parameters and this number of training rows."""
        arguments = {name: _built(value, values, rows) for name, value in self.arguments.items()}
        return self.kind()(*(one.build(values, rows) for one in self.positional), **arguments)

    def text(self, indent: int = 4) -> str:
        """Python text as a formatter would leave it, its first line not indented."""
        parts = [one.text(indent + 4) for one in self.positional]
        parts += [f"{name}={_text(value, indent + 4)}" for name, value in self.arguments.items()]
        line = f"{self.name}({', '.join(parts)})"
        if len(parts) < 3 and "\n" not in line and len(line) + indent < 90:
            return line
        inner = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
        return f"{self.name}(\n{inner}{' ' * indent})"

    def calls(self) -> Iterator[Call]:
        """This call and all inside it."""
        yield self
        for one in self.positional:
            yield from one.calls()
        for value in self.arguments.values():
            yield from _calls(value)


def _built(value: Any, values: Mapping[str, ParameterValue], rows: int) -> Any:
    if isinstance(value, Reading):
        return value.conversion.apply(values[value.code], rows)
    if isinstance(value, Call):
        return value.build(values, rows)
    if isinstance(value, list):
        return [(name, one.build(values, rows)) for name, one in value]
    return value


def _text(value: Any, indent: int) -> str:
    if isinstance(value, Reading | Call):
        return value.text() if isinstance(value, Reading) else value.text(indent)
    if isinstance(value, list):
        pairs = (f'("{name}", {one.text(indent)})' for name, one in value)
        return f"[{', '.join(pairs)}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _calls(value: Any) -> Iterator[Call]:
    if isinstance(value, Call):
        yield from value.calls()
    if isinstance(value, list):
        for _, one in value:
            yield from one.calls()
