"""The gate against drift: how files on the disk differ from what the registry would be exported as.

Byte for byte the same is the only agreement. Where files differ, the difference is told as Woken would see it, for each
algorithm; only where Woken would see none is the line told that differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any

from algoreg.errors import UsageError
from algoreg.export import configuration, reading, sources, store
from algoreg.export.configuration import Configuration
from algoreg.export.dialects import Dialect
from algoreg.export.installation import Declared, Installation
from algoreg.export.nodes import Body, Inclusion
from algoreg.export.sources import Sources

SCHEMA = "algoreg-drift/1"
_MAY_DIFFER = "and Woken may read something else"


class Kind(StrEnum):
    """How something differs."""

    MISSING = "missing"
    EXTRA = "extra"
    IMAGE = "image"
    FLAG = "flag"
    OVERRIDE = "override"
    INCLUDE = "include"
    UNREADABLE = "unreadable"
    OTHER = "other"
    """Something beside the algorithms' entries, or said twice: Woken may read something else."""
    TEXT = "text"
    """Woken sees no difference."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference; every text may quote the file: it is untrusted."""

    kind: Kind
    where: str
    code: str | None
    """The algorithm; None for a file as a whole."""
    message: str
    expected: str | None = None
    got: str | None = None

    def json(self) -> dict[str, str | None]:
        """The difference as JSON values."""
        return asdict(self)

    def text(self) -> str:
        """The difference for people."""
        values = f": expected {self.expected}, got {self.got}" if self.expected is not None else ""
        return f"{self.where}: {self.code + ': ' if self.code else ''}{self.message}{values}"


def folder(path: Path, wanted: Configuration) -> tuple[Difference, ...]:
    """How the folder differs from the export; empty when not a byte does."""
    kept = store.kept(path, wanted)
    texts = configuration.files(wanted, kept)
    codes = {configuration.file_of(code): code for code in wanted.algorithms}
    found = [one for name, text in texts.items() for one in _file(path / name, text, wanted, codes.get(name))]
    try:
        others = sorted(path.iterdir()) if path.is_dir() else []
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", hint="Name a readable folder."
        ) from error
    unknown = (other for other in others if other.name not in texts and other.name not in kept)
    return (*found, *(one for other in unknown for one in _other(other, wanted.dialect)))


def single(path: Path, wanted: Configuration) -> tuple[Difference, ...]:
    """How one file differs from the export into one file."""
    return tuple(_file(path, configuration.single(wanted), wanted, None))


def document(differences: tuple[Difference, ...]) -> dict[str, Any]:
    """The differences as one JSON document."""
    return {
        "schema": SCHEMA,
        "ok": not differences,
        "differences": [difference.json() for difference in differences],
    }


def _file(path: Path, text: str, wanted: Configuration, code: str | None) -> Iterator[Difference]:
    if not path.exists() and not path.is_symlink():
        yield Difference(kind=Kind.MISSING, where=str(path), code=code, message="the file is not there")
        return
    try:
        actual = sources.read_text(path)
        if actual == text:
            return
        expected, got = (_understood(path, one, wanted.dialect) for one in (text, actual))
        found = list(_meanings(expected, got, wanted))
        same = _said(expected) == _said(got)
    except UsageError as error:
        yield Difference(
            kind=Kind.UNREADABLE,
            where=str(path),
            code=code,
            message=f"cannot be read: {error.message.removeprefix(f'cannot read {path}: ')}",
        )
        return
    yield from found or [_line(path, code, text, actual, same=same)]


def _understood(path: Path, text: str, dialect: Dialect) -> Installation:
    source = sources.source_of(path, text)
    return reading.installation(sources.unfollowed(source), dialect=dialect)


def _other(path: Path, dialect: Dialect) -> Iterator[Difference]:
    """A file that the registry knows nothing of."""
    codes: tuple[str | None, ...] = ()
    with suppress(UsageError):
        codes = tuple(_understood(path, sources.read_text(path), dialect).algorithms)
    for code in codes or (None,):
        yield Difference(
            kind=Kind.EXTRA,
            where=str(path),
            code=code,
            message="the registry has nothing that would be in this file",
        )


def _meanings(expected: Installation, got: Installation, wanted: Configuration) -> Iterator[Difference]:
    for code, one in expected.algorithms.items():
        other = got.algorithms.get(code)
        if other is None:
            yield Difference(kind=Kind.MISSING, where=got.origin, code=code, message="is not declared")
        else:
            yield from _entry(one, other, expected.dialect)
    for code, other in got.algorithms.items():
        if code not in expected.algorithms:
            yield Difference(kind=Kind.EXTRA, where=other.where, code=code, message=_why_extra(code, wanted))
    yield from _includes(expected.sources, got.sources)


def _why_extra(code: str, wanted: Configuration) -> str:
    if code in wanted.algorithms:
        return f"belongs in {configuration.file_of(code)}"
    return "was not asked for" if code in wanted.installed else "the registry has no such code"


def _entry(expected: Declared, got: Declared, dialect: Dialect) -> Iterator[Difference]:
    for key in dict.fromkeys((*expected.values, *got.values)):
        left, right = _shown(expected.values, key), _shown(got.values, key)
        if left != right:
            kind = Kind.IMAGE if key == dialect.image else Kind.FLAG
            yield _differs(kind, got, key, f"{key} differs", left=left, right=right)
    for key in dict.fromkeys((*expected.variables, *got.variables)):
        left, right = expected.variables.get(key, "none"), got.variables.get(key, "none")
        if left != right:
            yield _differs(
                Kind.OVERRIDE,
                got,
                key,
                f"another environment variable replaces {key}",
                left=left,
                right=right,
            )


def _differs(kind: Kind, got: Declared, key: str, message: str, *, left: str, right: str) -> Difference:
    return Difference(
        kind=kind, where=got.place(key), code=got.code, message=message, expected=left, got=right
    )


def _includes(expected: Sources, got: Sources) -> Iterator[Difference]:
    left = {one.inclusion.name: one for one in expected.includes}
    right = {one.inclusion.name: one for one in got.includes}
    for name in left.keys() - right.keys():
        yield Difference(
            kind=Kind.INCLUDE, where=str(got.main.path), code=None, message=f"{name} is not included"
        )
    for name in sorted(right.keys() - left.keys()):
        yield Difference(
            kind=Kind.INCLUDE,
            where=right[name].where,
            code=None,
            message=f"{name} is included and not of the registry",
        )
    for name in sorted(left.keys() & right.keys()):
        if not right[name].inclusion.required or right[name].inclusion.kind:
            yield Difference(
                kind=Kind.INCLUDE,
                where=right[name].where,
                code=None,
                message=f'not include required("{name}")',
            )


def _shown(values: Mapping[str, Any], key: str) -> str:
    """A value as the file would have it: a truth value bare, a text in quotes."""
    return json.dumps(values[key], ensure_ascii=False, default=str) if key in values else "nothing"


def _said(installation: Installation) -> list[tuple[object, ...]]:
    """Everything that a file says, in its order: values, substitutions and includes, each under all its keys."""
    return list(_items(installation.sources.main.text, installation.sources.main.body, ()))


def _items(text: str, body: Body, path: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    for item in body.items:
        if isinstance(item, Inclusion):
            yield path, item.kind, item.name, item.required
        elif item.body is not None:
            yield from _items(text, item.body, (*path, *item.path))
        else:
            yield (*path, *item.path), item.separator == "+=", text[item.value.start : item.value.end]


def _line(path: Path, code: str | None, text: str, actual: str, *, same: bool) -> Difference:
    """The first line that differs; ``same``: no reader would see it."""
    pairs = zip_longest(text.split("\n"), actual.split("\n"))
    number, left, right = next((at, *pair) for at, pair in enumerate(pairs, start=1) if pair[0] != pair[1])
    return Difference(
        kind=Kind.TEXT if same else Kind.OTHER,
        where=f"{path}:{number}",
        code=code,
        message=f"not what export-conf writes, {'though Woken reads the same' if same else _MAY_DIFFER}",
        expected="the end of the file" if left is None else repr(left),
        got="the end of the file" if right is None else repr(right),
    )
