"""Judges a JSON payload by a schema that others published (``metadata_schema/shapes``), in bounded work.

Such schemas nest alternatives in alternatives: a document can be written that costs years to judge, or the stack.
Nothing is fetched: the registry of references is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from algoreg import schemas
from algoreg.shapes.defects import Broken

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    Keyword = Callable[[Validator, Any, Any, Any], Iterable[ValidationError] | None]

_MAX_STEPS = 300_000
"""Rules applied to one payload; charts that are drawn need some thousand."""
_MAX_ERRORS = 20
"""Of one alternative; the rest would say the same of the next element."""
_MAX_MATCHED = 1000
"""Characters that a pattern is tried on: some published patterns are quadratic."""
_COUNTED = ("$ref", "type", "enum", "const", "not", "allOf", "required", "properties")


class _Exhausted(Exception):
    """The steps are used up."""


def judge(name: str, document: Any) -> None:
    """Raises Broken where ``document`` breaks the schema ``name`` of ``metadata_schema/shapes``."""
    try:
        error = next(iter(_validator(name).iter_errors(document)), None)
        broken = None if error is None else _broken(name, _telling(error))
    except (_Exhausted, RecursionError):
        broken = Broken(
            f"the {name} document is too intricate to be judged",
            expected=f"less nesting, at most {_MAX_STEPS:,} applications of a rule",
            got="more than that",
        )
    if broken is not None:
        raise broken


def _validator(name: str) -> Validator:
    """A validator with a count of its own."""
    from jsonschema import validators
    from referencing import Registry

    schema = dict(schemas.load(f"shapes/{name}"))
    base: Any = validators.validator_for(schema)
    left = iter(range(_MAX_STEPS))

    def counted(keyword: Keyword) -> Keyword:
        def step(validator: Validator, value: Any, instance: Any, parent: Any) -> Iterator[ValidationError]:
            if next(left, None) is None:
                raise _Exhausted
            yield from keyword(validator, value, instance, parent) or ()

        return step

    keywords = {key: counted(base.VALIDATORS[key]) for key in _COUNTED if key in base.VALIDATORS}
    keywords |= {"anyOf": counted(_any_of), "oneOf": counted(_one_of), "pattern": _pattern}
    keywords |= {"items": schemas.items, "uniqueItems": schemas.unique_items}
    bounded: Any = validators.extend(base, keywords)  # type: ignore[no-untyped-call]
    built: Validator = bounded(schema, registry=Registry())
    return built


def _alternatives(validator: Any, schemas_: list[Any], instance: Any) -> Iterator[list[ValidationError]]:
    for index, schema in enumerate(schemas_):
        yield list(islice(validator.descend(instance, schema, schema_path=index), _MAX_ERRORS))


def _any_of(validator: Validator, value: Any, instance: Any, _parent: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    errors: list[ValidationError] = []
    for found in _alternatives(validator, value, instance):
        if not found:
            return
        errors += found
    yield ValidationError("no alternative fits", context=errors)


def _one_of(validator: Validator, value: Any, instance: Any, _parent: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    found = list(_alternatives(validator, value, instance))
    fitting = found.count([])
    if fitting != 1:
        errors = [error for errors in found for error in errors]
        yield ValidationError(
            "several alternatives fit" if fitting else "no alternative fits", context=errors
        )


def _pattern(_validator: Validator, pattern: str, instance: Any, _parent: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(pattern)


def _matches(pattern: str, text: str) -> bool:
    return len(text) <= _MAX_MATCHED and _compiled(pattern).search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _telling(error: ValidationError) -> ValidationError:
    """The error below ``error`` that tells most: that of the one alternative that was meant.

    An alternative was not meant when the document is of another type, has keys that it does not know, says so by a
    value (``type``, ``mark``), or lacks a key of it; each is asked only where those before leave several.
    """
    while error.context:
        for keywords in _EXCLUDING:
            meant = [one for one in _branches(error) if not any(_excludes(inner, keywords) for inner in one)]
            if len(meant) == 1:
                error = meant[0][0]
                break
        else:
            return error
    return error


_KINDS = ("type", "additionalProperties")
_CHOICES = ("enum", "const", "not")
_EXCLUDING = (_KINDS, (*_KINDS, *_CHOICES), (*_KINDS, *_CHOICES, "required"))
"""Keywords that show an alternative was not meant, the surest first."""


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """The errors of each alternative."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    return list(branches.values())


def _excludes(error: ValidationError, keywords: tuple[str, ...], above: int = 0) -> bool:
    """Whether ``error`` shows that its alternative was not meant; all of its own must show that, where it has any."""
    here = above + len(error.relative_path)
    if error.context:
        return all(any(_excludes(one, keywords, here) for one in branch) for branch in _branches(error))
    return error.validator in keywords and here <= (1 if error.validator in _CHOICES else 0)


def _broken(name: str, error: ValidationError) -> Broken:
    path = schemas.json_path(tuple(error.absolute_path))
    at, allowed = _choices(error)
    where = schemas.json_path((*error.absolute_path, *at))
    if allowed:
        listed = ", ".join(allowed[:_MAX_ERRORS]) + (", ..." if len(allowed) > _MAX_ERRORS else "")
        value: Any = error.instance
        for step in at:
            value = value[step]
        return Broken(
            f"{name}: no such value at {where}", expected=f"one of {listed}", got=schemas.shown(value)
        )
    if keys := _required(error):
        expected = f"the key {keys[0]}" if len(keys) == 1 else "one of the keys " + ", ".join(keys)
        return Broken(f"{name}: a key is missing at {path}", expected=expected, got="no such key")
    expected = _EXPECTED.get(str(error.validator), lambda _value: "what the schema allows")(
        error.validator_value
    )
    return Broken(f"{name}: not of its form at {path}", expected=expected, got=schemas.shown(error.instance))


_EXPECTED: Mapping[str, Callable[[Any], str]] = {
    "type": lambda types: types if isinstance(types, str) else " or ".join(types),
    "additionalProperties": lambda _value: "no unknown key",
    "minItems": lambda bound: f"at least {bound} item(s)",
    "pattern": lambda pattern: f"text of the form {pattern[:60]}",
}


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    if not error.context:
        yield error
    for inner in error.context or ():
        yield from _leaves(inner)


def _choices(error: ValidationError) -> tuple[tuple[str | int, ...], list[str]]:
    """The place below ``error`` where a text is none of those allowed, and the texts that are."""
    depth = len(error.absolute_path)
    found: dict[tuple[str | int, ...], list[str]] = {}
    for leaf in _leaves(error):
        if leaf.validator in ("enum", "const") and isinstance(leaf.instance, str):
            value: Any = leaf.validator_value
            values = value if leaf.validator == "enum" else [value]
            at = tuple(leaf.absolute_path)[depth:]
            found.setdefault(at, []).extend(one for one in values if isinstance(one, str))
    place = max(found, key=lambda at: len(found[at]), default=())
    return place, list(dict.fromkeys(found.get(place, ())))


def _required(error: ValidationError) -> list[str]:
    """The keys of which one is missing in the object itself."""
    keys: list[str] = []
    for leaf in _leaves(error):
        if leaf.validator == "required" and leaf.absolute_path == error.absolute_path:
            wanted: Any = leaf.validator_value
            held: Any = leaf.instance
            keys += [key for key in wanted if key not in held]
    return list(dict.fromkeys(keys))
