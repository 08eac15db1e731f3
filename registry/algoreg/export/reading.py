"""What a configuration file means: its algorithms with their values, whatever the environment of this process holds.

Objects of strings, truth values and overrides, which is all that algoreg and Woken write, are read here; anything else
(substitutions of values, joined texts, lists) is pyhocon's work, which gets one text without includes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from algoreg.errors import UsageError
from algoreg.export import dialects, sources
from algoreg.export.dialects import DIALECTS, Dialect
from algoreg.export.installation import Declared, Installation
from algoreg.export.nodes import Kind, Piece
from algoreg.export.sources import Assignment, Sources

_NUMBER = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False}


class _NotPlain(Exception):
    """The value needs a reader of all of HOCON."""


def read(path: Path, *, dialect: Dialect | None = None) -> Installation:
    """The installation that a file declares; None finds the dialect from the keys. Raises UsageError."""
    return installation(sources.load(path), dialect=dialect)


def installation(found: Sources, *, dialect: Dialect | None = None) -> Installation:
    """The installation of loaded files."""
    tree = values(found)
    chosen = dialect or recognise(tree)
    entries = below(tree, chosen.path)
    said = _by_code(found.assignments, chosen)
    declared = {
        code: _declared(code, entry, said.get(code, ()), chosen, found) for code, entry in entries.items()
    }
    return Installation(origin=str(found.main.path), dialect=chosen, algorithms=declared, sources=found)


def values(found: Sources) -> Mapping[str, Any]:
    """Everything that stands where a dialect looks for algorithms."""
    try:
        return _plain(found.assignments)
    except _NotPlain:
        return everything(found)


def everything(found: Sources) -> Mapping[str, Any]:
    """All values of the files, by pyhocon, as if no environment variable were set. Raises UsageError."""
    _refuse_own_references(found)
    from algoreg.export import sandbox

    return sandbox.parse(found.expanded, origin=str(found.main.path), lines=not found.includes)


def recognise(tree: Mapping[str, Any]) -> Dialect:
    """The dialect whose keys the algorithms of ``tree`` use."""
    entries = [entry for entry in below(tree, ("algorithms",)).values() if isinstance(entry, Mapping)]
    used = {key for entry in entries for key in entry}
    old = DIALECTS["woken-2017"]
    if not entries and below(tree, old.path):
        return old
    newest = DIALECTS[dialects.DEFAULT]
    if used & {"engine", "distributedExecutionPlan", "maturity", "interactive"} or not used:
        return newest
    if used & {"variablesCanBeNull", "covariablesCanBeNull"}:
        return DIALECTS["woken-2018-03"]
    if "supportsNullValues" in used:
        return DIALECTS["woken-2018-01"]
    return DIALECTS["woken-2017-12"]


def below(tree: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    """The object at ``path``; empty where there is none."""
    node: Any = tree
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else {}


def _declared(
    code: str, entry: Any, said: Sequence[Assignment], dialect: Dialect, found: Sources
) -> Declared:
    held = entry if isinstance(entry, Mapping) else {}
    image = held.get(dialect.image)
    depth = len(dialect.path) + 1
    variables: dict[str, str] = {}
    for one in said:
        if len(one.path) == depth + 1:
            variable = one.entry.override
            variables.pop(one.path[depth], None)
            if variable is not None:
                variables[one.path[depth]] = variable
    return Declared(
        code=code,
        values=held,
        variables=variables,
        assignments=tuple(said),
        image=image if isinstance(image, str) else None,
        where=said[0].where if said else str(found.main.path),
    )


def _by_code(assignments: Sequence[Assignment], dialect: Dialect) -> dict[str, list[Assignment]]:
    depth = len(dialect.path)
    result: dict[str, list[Assignment]] = {}
    for one in assignments:
        if len(one.path) > depth and one.path[:depth] == dialect.path:
            result.setdefault(one.path[depth], []).append(one)
    return result


_ROOTS = {dialect.path[0] for dialect in DIALECTS.values()}


def _plain(assignments: Sequence[Assignment]) -> dict[str, Any]:
    """The values below the roots of all dialects, or _NotPlain."""
    roots = {one.path[0] for one in assignments}
    tree: dict[str, Any] = {}
    for one in assignments:
        if one.path[0] in _ROOTS:
            _assign(tree, one, roots)
    return tree


def _assign(tree: dict[str, Any], one: Assignment, roots: set[str]) -> None:
    node = tree
    for key in one.path[:-1]:
        inner = node.get(key)
        if not isinstance(inner, dict):
            inner = node[key] = {}
        node = inner
    key = one.path[-1]
    piece = one.entry.piece
    if one.entry.separator == "+=" or (piece is None and one.entry.body is None):
        raise _NotPlain
    if piece is None:
        if not isinstance(node.get(key), dict):
            node[key] = {}
        return
    variable = piece.override
    if variable is None:
        node[key] = _scalar(piece)
    elif variable in roots:
        raise _NotPlain


def scalar(piece: Piece) -> str | bool | None:
    """The value of one text; None where it needs a reader of all of HOCON."""
    try:
        return _scalar(piece)
    except _NotPlain:
        return None


def _scalar(piece: Piece) -> str | bool:
    if piece.kind is Kind.QUOTED:
        if "\\" not in piece.text:
            return piece.text[1:-1]
        try:
            return str(json.loads(piece.text))
        except ValueError as error:
            raise _NotPlain from error
    if piece.kind is Kind.BLOCK:
        return piece.text[3:-3]
    if piece.kind is Kind.SUBSTITUTION or piece.text == "null" or _NUMBER.fullmatch(piece.text):
        raise _NotPlain
    return _WORDS.get(piece.text, piece.text)


def _refuse_own_references(found: Sources) -> None:
    """pyhocon would take the value of a key that refers to itself from the environment of this process."""
    for one in found.assignments:
        pieces = [part for part in one.entry.value.parts if isinstance(part, Piece)]
        names = [piece.text.strip("${?} \t") for piece in pieces if piece.kind is Kind.SUBSTITUTION]
        if len(one.path) == 1 and one.path[0] in names:
            raise UsageError(f"{one.where}: {one.path[0]} refers to itself", hint="Write its value.")
