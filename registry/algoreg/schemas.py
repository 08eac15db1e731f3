"""Loads the JSON Schemas of ``metadata_schema/`` and says in words where a document breaks one.

Which id or exit code follows from a violation, and at which line of a file it stands, is the caller's business.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algoreg.errors import AlgoregError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

NAMES = (
    "algorithm",
    "input_training",
    "input_test",
    "predictions",
    "report",
    "experiment",
    "comparison",
    "variables",
    "chronos-3",
    "chronos-2.5",
    "catalogue",
    "lint",
    "waivers",
    "certificate",
)

QUOTE = "put it in quotes: "
"""How the fix begins where text was meant and a number or truth value stands."""

_LIMIT = 50
"""A hostile document can break a rule at every element; nobody reads more than these."""
_SHOWN = 60
_STEPS = 12
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One place where a document breaks its schema."""

    at: Path_
    """Keys and positions from the root of the document."""
    rule: str
    """``schema.`` and the keyword of JSON Schema that is broken."""
    expected: str
    got: str
    fix: str

    @property
    def path(self) -> str:
        """``at`` as a JSON path."""
        return json_path(self.at)


def json_path(at: Path_) -> str:
    """``$.parameters[0].type``; keys that are no plain words are quoted, escaped and cut."""
    return "$" + "".join(map(_step, at[:_STEPS])) + ("..." if len(at) > _STEPS else "")


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN_KEY.fullmatch(step) else f"[{shown(step)}]"


def shown(value: Any) -> str:
    """``value`` as ASCII JSON, cut to a length that a person reads; containers are only named."""
    if isinstance(value, dict):
        return f"an object of {len(value)} keys"
    if isinstance(value, list):
        return f"an array of {len(value)} items"
    text = json.dumps(value[: _SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def folder() -> Traversable:
    """Where the schemas are: inside the installed package, else at the top of the checkout."""
    packaged = resources.files("algoreg") / "metadata_schema"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "metadata_schema"


@cache
def load(name: str) -> Mapping[str, Any]:
    """The schema ``name``: one of ``NAMES``, or ``shapes/`` and one that others published."""
    path = folder() / f"{name}.schema.json"
    try:
        schema: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AlgoregError(
            f"cannot read the schema {name}.schema.json: {error}", hint="Install algoreg again."
        ) from error
    return schema


def violations(name: str, document: Any) -> tuple[Violation, ...]:
    """Where ``document`` breaks the schema ``name``, at most fifty places, in the order of the schema."""
    return tuple(islice(_violations(name, document), _LIMIT))


def first_problem(name: str, document: Any) -> Violation | None:
    """The first place where ``document`` breaks the schema ``name``; None where it keeps it."""
    return next(_violations(name, document), None)


def _violations(name: str, document: Any) -> Iterator[Violation]:
    """Every violation; of several with one keyword at one place (the branches of a condition) the first."""
    seen = set()
    for found in map(_describe, _validator(name).iter_errors(document)):
        if (found.at, found.rule) not in seen:
            seen.add((found.at, found.rule))
            yield found


@cache
def _validator(name: str) -> Validator:
    """A validator that fetches nothing: the registry of references is empty and stays so."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    bounded: type[Validator] = extend(Draft202012Validator, _KEYWORDS)  # type: ignore[no-untyped-call]
    return bounded(dict(load(name)), registry=Registry())


def items(validator: Validator, schema: Any, instance: Any, _parent: Any) -> Iterator[ValidationError]:
    """``items``, without a descent into each of a million plain numbers."""
    if not isinstance(instance, list):
        return
    types = _only_types(schema)
    for index, item in enumerate(instance):
        if types is None or not any(validator.is_type(item, one) for one in types):
            yield from validator.descend(item, schema, path=index)  # type: ignore[attr-defined]


def _only_types(schema: Any) -> tuple[str, ...] | None:
    """The types a schema accepts when it asks for nothing else, None when it does."""
    if not isinstance(schema, dict) or not set(schema) <= {"type", "description", "title", "examples"}:
        return None
    types = schema.get("type")
    return (types,) if isinstance(types, str) else tuple(types or ()) or None


def unique_items(
    _validator: Validator, unique: bool, instance: Any, _parent: Any
) -> Iterator[ValidationError]:
    """``uniqueItems`` in linear time: the library's own is quadratic on what cannot be sorted."""
    from jsonschema.exceptions import ValidationError

    if not unique or not isinstance(instance, list):
        return
    seen: set[str] = set()
    for item in instance:
        key = json.dumps(float(item) if type(item) is int and abs(item) < 2**53 else item, sort_keys=True)
        if key in seen:
            yield ValidationError(shown(item))
            return
        seen.add(key)


def _pattern(_validator: Validator, pattern: str, instance: Any, _parent: Any) -> Iterator[ValidationError]:
    r"""``pattern`` with the ``$`` of ECMA 262, which unlike Python's does not stand before a last line end."""
    from jsonschema.exceptions import ValidationError

    exact = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(exact, instance):
        yield ValidationError(pattern)


def _required(
    _validator: Validator, keys: list[str], instance: Any, _parent: Any
) -> Iterator[ValidationError]:
    """``required``, with the bare key as the message."""
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, dict):
        yield from (ValidationError(key) for key in keys if key not in instance)


def _additional_properties(
    validator: Validator, schema: Any, instance: Any, parent: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """``additionalProperties``, one error per unknown key, with the bare key as the message."""
    from jsonschema.exceptions import ValidationError

    if not isinstance(instance, dict):
        return
    for key in instance:
        if key in parent.get("properties", {}):
            continue
        if schema is False:
            yield ValidationError(key)
        else:
            yield from validator.descend(instance[key], schema, path=key)  # type: ignore[attr-defined]


_KEYWORDS: Mapping[str, Callable[..., Iterator[ValidationError]]] = {
    "items": items,
    "uniqueItems": unique_items,
    "pattern": _pattern,
    "required": _required,
    "additionalProperties": _additional_properties,
}


def _describe(error: ValidationError) -> Violation:
    """One library error in our words."""
    from jsonschema.exceptions import best_match

    error = best_match([error]) or error
    at: Path_ = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_key(error, at)
    return _missing_key(error, at) if error.validator == "required" else _broken_value(error, at)


def _unknown_key(error: ValidationError, at: Path_) -> Violation:
    return Violation(
        at=(*at, error.message),
        rule="schema.additionalProperties",
        expected="no unknown key",
        got=f"the key {shown(error.message)}",
        fix=_closest(error.message, tuple(_of(error).get("properties", ()))),
    )


def _closest(key: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(key[:64], known, n=1)
    return f"write {close[0]}" if close else f"remove it; known keys: {', '.join(known) or 'none'}"


def _missing_key(error: ValidationError, at: Path_) -> Violation:
    key = error.message
    schema = _of(error).get("properties", {}).get(key, {})
    return Violation(
        at=at,
        rule="schema.required",
        expected=f"the key {key}{_because(schema)}",
        got="no such key",
        fix=f"add {key}{_example(schema)}",
    )


def _of(error: ValidationError) -> Mapping[str, Any]:
    """The schema that was broken; a bare ``false`` has nothing to tell."""
    return error.schema if isinstance(error.schema, dict) else {}


def _broken_value(error: ValidationError, at: Path_) -> Violation:
    keyword = str(error.validator or "false")
    describe = _EXPECTED.get(keyword)
    return Violation(
        at=at,
        rule=f"schema.{keyword}",
        expected=describe(error.validator_value, error) if describe else shown(error.message),
        got=shown(error.instance),
        fix=_fix(keyword, error),
    )


def _because(schema: Mapping[str, Any]) -> str:
    """The first sentence of a field's description, in brackets."""
    sentence = str(schema.get("description", "")).split(". ")[0].rstrip(".")
    return f" ({sentence})" if sentence else ""


def _example(schema: Mapping[str, Any]) -> str:
    example = json.dumps(next(iter(schema.get("examples", ())), None))
    return f", for example {example}" if example != "null" and len(example) <= _SHOWN else ""


def _fix(keyword: str, error: ValidationError) -> str:
    value: Any = error.instance
    bound: Any = error.validator_value
    if keyword == "false":
        return "remove it"
    if keyword == "enum" and isinstance(value, str):
        close = difflib.get_close_matches(value[:64], [one for one in bound if isinstance(one, str)], n=1)
        if close:
            return f"write {close[0]}"
    if keyword == "type" and "string" in _listed(bound) and isinstance(value, bool | int | float):
        return f"{QUOTE}{shown(str(value))}"
    if keyword == "type" and "boolean" in _listed(bound) and isinstance(value, str):
        return "write true or false, without quotes"
    return f"change it{_example(_of(error))}"


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _any_of(values: list[Any]) -> str:
    return "one of " + ", ".join(json.dumps(value) for value in values)


_EXPECTED: Mapping[str, Callable[[Any, ValidationError], str]] = {
    "type": lambda types, error: " or ".join(_listed(types)) + _because(_of(error)),
    "enum": lambda values, _error: _any_of(values),
    "const": lambda value, _error: json.dumps(value),
    "pattern": lambda pattern, error: (
        (f"text of the form {pattern}" if len(pattern) < 80 else "text of another form")
        + _because(_of(error))
    ),
    "minLength": lambda bound, _error: f"at least {bound} character(s)",
    "maxLength": lambda bound, _error: f"at most {bound} characters",
    "minItems": lambda bound, _error: f"at least {bound} item(s)",
    "maxItems": lambda bound, _error: f"at most {bound} items",
    "uniqueItems": lambda _bound, error: f"no item twice, as {error.message} is",
    "minimum": lambda bound, _error: f"at least {bound}",
    "maximum": lambda bound, _error: f"at most {bound}",
    "exclusiveMinimum": lambda bound, _error: f"more than {bound}",
    "not": lambda schema, _error: f"anything but {json.dumps(schema.get('const'))}",
    "false": lambda _value, error: f"no {error.absolute_path[-1]} here",
}
