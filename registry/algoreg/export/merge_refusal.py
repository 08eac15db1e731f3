"""Refuses to merge into a file whose reader might not see what is written; how it is written is for ``merge``."""

from __future__ import annotations

from collections.abc import Sequence

from algoreg.errors import UsageError
from algoreg.export.dialects import DIALECTS, Dialect
from algoreg.export.nodes import Body, Entry
from algoreg.export.sources import Fate, Include, Sources


def refuse(found: Sources, dialect: Dialect) -> None:
    """Raises UsageError with the place of what another reader, or an unread file, has to say of the algorithms."""
    _refuse_unread(found, dialect)
    _refuse_other_generation(found, dialect)


def _refuse_unread(found: Sources, dialect: Dialect) -> None:
    """An include that was not read may hold the algorithms, or override them, wherever it can reach them."""
    for one in found.includes:
        if one.fate is not Fate.FOLLOWED and _reaches(one, found, dialect.path):
            why = (
                "there is no such file"
                if one.fate is Fate.MISSING
                else "it is outside the folder of this file"
            )
            raise UsageError(
                f"{one.where}: includes {one.inclusion.name!r}, which may hold the algorithms and was not read: {why}; "
                "nothing was written",
                hint="Merge where that file stands in or below this folder, or remove the include.",
            )


def _reaches(one: Include, found: Sources, wanted: Sequence[str]) -> bool:
    """Whether the object that the include stands in holds the algorithms, or is of them."""
    bases: list[tuple[str, ...]] = [()] if one.source is found.main else _bases(one, found)
    inner = _path(one.source.body, one.inclusion.start)
    return any(
        all(own == other for own, other in zip((*base, *inner), wanted, strict=False)) for base in bases
    )


def _bases(one: Include, found: Sources) -> list[tuple[str, ...]]:
    """The keys under which the file of the include is included itself."""
    above = [other for other in found.includes if other.target is one.source]
    return [
        (*base, *_path(other.source.body, other.inclusion.start))
        for other in above
        for base in ([()] if other.source is found.main else _bases(other, found))
    ]


def _path(body: Body, offset: int) -> tuple[str, ...]:
    """The keys of the objects around a place."""
    for item in body.items:
        if isinstance(item, Entry) and item.body is not None and item.start <= offset < item.end:
            return (*item.path, *_path(item.body, offset))
    return ()


def _refuse_other_generation(found: Sources, dialect: Dialect) -> None:
    """What is written for one generation is not looked at by the reader of another."""
    if _declares(found, dialect.path):
        return
    for other in DIALECTS.values():
        if other.path != dialect.path and (where := _declares(found, other.path)):
            names = [one.name for one in DIALECTS.values() if one.path == other.path]
            raise UsageError(
                f"{where}: the algorithms stand below {'.'.join(other.path)}, where the reader of {dialect.name} does "
                "not look; nothing was written",
                hint=f"Merge with --dialect {' or --dialect '.join(names)}.",
            )


def _declares(found: Sources, path: Sequence[str]) -> str | None:
    """The place of the first algorithm below the keys."""
    depth = len(path)
    return next(
        (one.where for one in found.assignments if len(one.path) > depth and one.path[:depth] == tuple(path)),
        None,
    )
