"""The registry as Woken's algorithms.json, which tells people what they can choose; the same registry, the same bytes.

Woken hands the file on as it is and never compares it with what it runs: here both come from the same metadata. A
catalogue from elsewhere is judged by ``catalogue_lint``.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from algoreg import files, strictjson
from algoreg.errors import UsageError
from algoreg.export.store import Stored, store_one
from algoreg.export.woken_scores import FIGURES, validations
from algoreg.model import Algorithm, Constraints, Parameter, ParameterType
from algoreg.registry import Registry
from algoreg.schemas import Path_, json_path, shown

INTEGER = "int"
"""Woken's word where ours is ``integer``; the other types have the same name."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """A catalogue that was read."""

    origin: str
    """What messages call it: the file."""
    data: Any = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where a catalogue is not what the registry would write."""

    where: str
    """JSON path; algorithms, parameters and figures by their code."""
    there: str
    wanted: str

    def text(self) -> str:
        """The difference for people."""
        return f"{self.where}: there is {self.there}, the registry has {self.wanted}"

    def json(self) -> dict[str, str]:
        """The difference as JSON values."""
        return asdict(self)


def chosen(registry: Registry, codes: Sequence[str] = ()) -> tuple[Algorithm, ...]:
    """The algorithms of these codes, all of the registry without any. Raises UsageError for an unknown code."""
    return tuple(registry.get(code).algorithm for code in sorted(set(codes)) or registry.entries)


def command(codes: Iterable[str], path: Path) -> str:
    """The command that writes these algorithms into a file."""
    return shlex.join(("algoreg", "export-catalogue", *codes, "--output", str(path)))


def document(algorithms: Iterable[Algorithm]) -> dict[str, Any]:
    """The catalogue of these algorithms, sorted by code."""
    return {
        "algorithms": [entry(one) for one in sorted(algorithms, key=lambda one: one.code)],
        "metrics": {kind: [figure.json() for figure in figures] for kind, figures in FIGURES.items()},
        "validations": validations(),
    }


def render(algorithms: Iterable[Algorithm]) -> str:
    """Its text, in ASCII: Woken reads it with whatever character set the machine has."""
    return json.dumps(document(algorithms), indent=2) + "\n"


def entry(algorithm: Algorithm) -> dict[str, Any]:
    """What people are told of one algorithm. Readers expect every text: what the metadata do not say is empty."""
    return {
        "code": algorithm.code,
        "label": algorithm.label,
        "description": algorithm.description,
        "docker_image": algorithm.reference,
        "environment": algorithm.environment or "",
        "type": list(algorithm.type),
        "constraints": _constraints(algorithm.constraints),
        "parameters": [_parameter(one) for one in algorithm.parameters],
        "disable": False,
        "maturity": algorithm.maturity.value,
    }


def _constraints(constraints: Constraints) -> dict[str, Any]:
    return {
        "variable": dict(constraints.variable),
        "covariables": asdict(constraints.covariables),
        "groupings": asdict(constraints.groupings),
        "mixed": constraints.mixed,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    common = {
        "code": parameter.code,
        "label": parameter.label,
        "description": parameter.description,
        "type": type_name(parameter.type),
        "default_value": parameter.default_value,
    }
    if parameter.type is ParameterType.ENUMERATION:
        return {**common, "values": list(parameter.values)}
    if parameter.type not in (ParameterType.INTEGER, ParameterType.NUMBER):
        return common
    number = int if parameter.type is ParameterType.INTEGER else float
    bounds = {"min": parameter.min, "max": parameter.max}
    return {
        **common,
        "default_value": number(parameter.default_value),
        "constraints": {end: None if bound is None else number(bound) for end, bound in bounds.items()},
    }


def type_name(kind: ParameterType) -> str:
    """What the catalogue calls a type."""
    return INTEGER if kind is ParameterType.INTEGER else kind.value


def write(path: Path, algorithms: Iterable[Algorithm], *, force: bool = False) -> Stored:
    """Write the catalogue into a file. Raises UsageError where another file is there, unless it is forced."""
    if not force and path.is_file() and path.stat().st_size and not _is_catalogue(path):
        raise UsageError(
            f"{path}: there already, and no catalogue; nothing was written",
            hint="Name another file, or overwrite it with --force.",
        )
    return store_one(path, render(algorithms))


def _is_catalogue(path: Path) -> bool:
    """Whether it has exactly the keys of one, whatever is below them."""
    try:
        data = read(path).data
    except (UsageError, strictjson.TooLarge):
        return False
    return isinstance(data, dict) and data.keys() == document(()).keys()


def read(path: Path) -> Catalogue:
    """The catalogue in a file. Raises UsageError when it is no strict JSON, TooLarge."""
    data = files.beginning(path, strictjson.MAX_BYTES + 1)
    try:
        value = strictjson.parse(data)
    except strictjson.NotStrictJson as error:
        raise UsageError(
            f"{path}: not strict JSON: {error}",
            hint="Correct it by hand, or write it again: algoreg export-catalogue --output FILE",
        ) from error
    return Catalogue(origin=str(path), data=value, text=data.decode("utf-8"))


def differences(found: Catalogue, algorithms: Iterable[Algorithm]) -> tuple[Difference, ...]:
    """Where the catalogue is not what ``render`` writes; empty only where it is so to the byte."""
    wanted = tuple(algorithms)
    told = tuple(_compare((), found.data, document(wanted)))
    if told or found.text == render(wanted):
        return told
    return (
        Difference(where="$", there="the same catalogue, written in another way", wanted="its own layout"),
    )


def _compare(at: Path_, there: Any, wanted: Any) -> Iterator[Difference]:
    """Differences in the order of what is wanted; lists of coded objects are compared code by code."""
    if _coded(there) and _coded(wanted):
        there, wanted = _by_code(there), _by_code(wanted)
        if tuple(there) != tuple(wanted) and there.keys() == wanted.keys():
            yield _difference(at, ", ".join(there), ", ".join(wanted))
    if not (isinstance(there, dict) and isinstance(wanted, dict)):
        if not strictjson.equal(there, wanted):
            yield _difference(at, _short(there), _short(wanted))
        return
    for key in (*wanted, *(key for key in there if key not in wanted)):
        if key not in there or key not in wanted:
            sides = (_short(side[key]) if key in side else "nothing" for side in (there, wanted))
            yield _difference((*at, key), *sides)
        else:
            yield from _compare((*at, key), there[key], wanted[key])


def _difference(at: Path_, there: str, wanted: str) -> Difference:
    return Difference(where=json_path(at), there=there, wanted=wanted)


def _coded(value: Any) -> bool:
    """Whether this is a list of objects, each with a code of its own."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return False
    codes = [one.get("code") for one in value]
    return all(isinstance(code, str) for code in codes) and len(set(codes)) == len(codes)


def _by_code(value: list[dict[str, Any]]) -> Mapping[str, Any]:
    return {one["code"]: one for one in value}


def _short(value: Any) -> str:
    """A value as a person recognises it: short lists in full."""
    text = json.dumps(value)
    return text if isinstance(value, list) and len(text) < 100 else shown(value)
