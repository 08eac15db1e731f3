"""Tells a person, and programs, what was drafted: what was read, what is guessed, which traps were seen."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from algoreg.adoption.adopting import Adopted
from algoreg.adoption.fields import Field, Trust
from algoreg.adoption.text import scalar
from algoreg.formats.escape import safe
from algoreg.linting.sources import shown

SCHEMA = "algoreg-adopt/1"
_WIDTH = 60


def summary(adopted: Adopted) -> str:
    """For a terminal: guesses first, since they need a decision."""
    read = [one for one in adopted.fields if one.trust is Trust.READ]
    guessed = [one for one in adopted.fields if one.trust is Trust.GUESS]
    blocked = [f"  {safe(one)}" for one in adopted.blockers]
    parts = [
        [f"{safe(adopted.code)}: {len(read)} fields were read, {len(guessed)} are guesses, {_seen(adopted)}"],
        ["", "read", *_fields(read)],
        ["", "guessed: check them in algorithm.yaml", *_fields(guessed)],
        ["", "traps", *_traps(adopted)] if adopted.traps else [],
        ["", "left out (no regular files)", *(f"  {safe(one)}" for one in adopted.left_out)]
        if adopted.left_out
        else [],
        ["", "what blocks it", *blocked] if blocked else [],
        ["", *_next(adopted)],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _seen(adopted: Adopted) -> str:
    count = len(adopted.traps)
    return f"{count} {'trap was' if count == 1 else 'traps were'} seen"


def _fields(fields: Iterable[Field]) -> Iterator[str]:
    rows = [
        (".".join(one.path), safe(scalar(one.value)), one.origin.removeprefix("guess: ")) for one in fields
    ]
    names = max((len(name) for name, _value, _why in rows), default=0)
    values = min(max((len(value) for _name, value, _why in rows), default=0), _WIDTH)
    for name, value, why in rows:
        shown = value if len(value) <= _WIDTH else f"{value[: _WIDTH - 4]} ..."
        yield f"  {safe(name).ljust(names)}  {shown.ljust(values)}  {why}"


def _traps(adopted: Adopted) -> Iterator[str]:
    for one in adopted.traps:
        yield f"  {safe(one.place.text)}: {safe(one.message)} [{one.id}]"
        yield f"      {safe(one.advice)}"


def _next(adopted: Adopted) -> Iterator[str]:
    folder = shlex.quote(shown(adopted.output))
    version = next(str(one.value) for one in adopted.fields if one.path == ("version",))
    image = next(str(one.value) for one in adopted.fields if one.path == ("image",))
    yield f"the draft is in {safe(folder)}; {'once nothing blocks it' if adopted.blockers else 'next'}:"
    yield f"  algoreg lint {safe(folder)}"
    yield f"  algoreg build {safe(folder)}"
    yield f"  algoreg validate {safe(shlex.quote(f'{image}:{version}'))}"


def document(adopted: Adopted) -> dict[str, Any]:
    """The same as plain JSON values."""
    return {
        "schema": SCHEMA,
        "folder": safe(str(adopted.folder)),
        "output": safe(str(adopted.output)),
        "package": adopted.package,
        "fields": [_field(one) for one in adopted.fields],
        "traps": [
            {
                "id": one.id,
                "file": safe(one.place.file),
                "line": one.place.line,
                "message": safe(one.message),
                "advice": one.advice,
            }
            for one in adopted.traps
        ],
        "blockers": list(adopted.blockers),
        "left_out": [safe(one) for one in adopted.left_out],
    }


def _field(one: Field) -> dict[str, Any]:
    place = one.clue.place if one.clue else None
    return {
        "field": ".".join(one.path),
        "value": one.value,
        "trust": one.trust.value,
        "file": safe(place.file) if place else None,
        "line": place.line if place else None,
        "why": one.why,
    }
