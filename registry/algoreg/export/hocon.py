"""Writes HOCON so that every reader of it sees the same: a small tree of values, and its printer.

What a reader could take for something else cannot be said with these values: strings are always quoted and escaped
as JSON, keys are those of an allow-list, and a substitution stands only on a line of its own, never inside quotes.
What is written for which Woken is the business of ``dialects``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from algoreg.errors import UsageError

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
"""Keys that need no quotes: Woken looks codes up by a path that it does not quote."""
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,254}", re.ASCII)
"""Names that a shell can set and that need no quotes in a substitution."""
INCLUDED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.conf", re.ASCII)
"""Files next to the one that includes them; no path, no address."""
_INCLUDE = "include"


@dataclass(frozen=True, kw_only=True)
class Overridable:
    """A string that an environment variable replaces: the default on one line, the substitution on the next."""

    text: str
    variable: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A key and what it stands for."""

    key: str
    value: Value


@dataclass(frozen=True, kw_only=True)
class Object:
    """Fields in the order in which they are written; no key occurs twice."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Include:
    """A file next to this one that must be there: a reader passes over a missing one that is not required."""

    file: str


Value = str | bool | Overridable | Object


@dataclass(frozen=True, kw_only=True)
class File:
    """A configuration file: what a person reads first, then includes, then fields."""

    comment: tuple[str, ...]
    includes: tuple[Include, ...] = ()
    content: Object = Object(fields=())


def nested(path: tuple[str, ...], inner: Object) -> Object:
    """``inner`` below the keys of ``path``."""
    for key in reversed(path):
        inner = Object(fields=(Field(key=key, value=inner),))
    return inner


def render(file: File) -> str:
    """The text of ``file``; the same file gives the same text. Raises UsageError for what cannot be written."""
    comment = "".join(f"# {_comment(line)}\n" for line in file.comment)
    includes = "".join(f"include required({quoted(_included(one))})\n" for one in file.includes)
    fields = "".join(f"{line}\n" for line in lines(file.content))
    return "\n".join(part for part in (comment, includes + fields) if part)


def lines(content: Object, indent: str = "") -> Iterator[str]:
    """The fields of an object, without its braces, each line behind ``indent``."""
    seen: set[str] = set()
    for field in content.fields:
        key = _key(field.key)
        if key in seen:
            raise UsageError(f"the key {key} would be written twice in one object")
        seen.add(key)
        match field.value:
            case Object() as inner:
                yield f"{indent}{key} {{"
                yield from lines(inner, f"{indent}  ")
                yield f"{indent}}}"
            case Overridable(text=text, variable=variable):
                yield f"{indent}{key} = {quoted(text)}"
                yield f"{indent}{key} = ${{?{_variable(variable)}}}"
            case bool(truth):
                yield f"{indent}{key} = {'true' if truth else 'false'}"
            case text:
                yield f"{indent}{key} = {quoted(text)}"


def quoted(text: str) -> str:
    """``text`` in quotes, control characters escaped; half a surrogate pair is no character and is refused."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"{text!r} holds half a surrogate pair", hint="Remove the character.")
    # JSON leaves U+007F to U+009F and the two line separators as they are; editors and terminals do not.
    return re.sub(
        "[\x7f-\x9f\u2028\u2029]", lambda one: f"\\u{ord(one[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


def _comment(line: str) -> str:
    if not line.isprintable():
        raise UsageError(
            f"{line!r} cannot stand in a comment", hint="Keep to printable characters on one line."
        )
    return line


def _key(key: str) -> str:
    if not KEY.fullmatch(key):
        raise UsageError(
            f"{key!r} cannot be a key of application.conf",
            hint="Use a letter, then at most 63 letters, digits, underscores and hyphens.",
        )
    if key == _INCLUDE:
        raise UsageError(
            "include cannot be a key: HOCON reads it as an instruction", hint="Choose another code."
        )
    return key


def _variable(name: str) -> str:
    if not VARIABLE.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of an environment variable")
    return name


def _included(include: Include) -> str:
    if not INCLUDED.fullmatch(include.file):
        raise UsageError(f"{include.file!r} cannot be included", hint="Name a .conf file of the same folder.")
    return include.file
