"""Finds what Chronos would make something else of: a strict schema for each version, and what no schema can say.

The sentences are ``misreadings``' table; nothing is sent or printed here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from algoreg import files, schemas, strictjson
from algoreg.errors import UsageError
from algoreg.export.jobs import address
from algoreg.export.jobs.misreadings import TABLE
from algoreg.export.jobs.misreadings import row as kinds
from algoreg.export.jobs.misreadings.row import Misreading
from algoreg.export.jobs.model import ChronosVersion
from algoreg.export.remarks import Remark
from algoreg.job import RESULTS, SCIENCE
from algoreg.schemas import Path_, Violation

MAX_BYTES = 4 << 20
_JSON = (b"{", b"[")
_OTHER = "name a job document of Chronos, which is JSON: the lint reads nothing else, such as YAML for other schedulers"
_LIMIT = 50
"""Nobody reads more names that stand twice."""
_NUMERIC = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_START = re.compile(r"R[0-9]*/(?P<start>[0-9]{4}-[0-9][0-9]-[0-9][0-9][^/]*)/P")
_SECRET = "environmentVariables[].value"
"""A value there is never repeated: it can be a password."""


def file_remarks(path: Path, version: ChronosVersion) -> tuple[Remark, ...]:
    """What is to be said of a file. Raises UsageError when it cannot be read, or is too large for a job."""
    data = files.read_regular(path, most=MAX_BYTES)
    try:
        return text_remarks(data, version, origin=str(path))
    except strictjson.TooLarge as error:
        raise UsageError(f"{path}: {error.message}", hint="Name one job's document.") from error


def text_remarks(data: bytes, version: ChronosVersion, *, origin: str) -> tuple[Remark, ...]:
    """The same of the bytes of a file. Raises TooLarge for more than can be a job."""
    try:
        document = strictjson.parse(data)
    except strictjson.DuplicateKey as error:
        return (_whole(kinds.TWICE, str(error), "remove one of them", version, origin),)
    except strictjson.NotStrictJson as error:
        fix = "correct it" if data.lstrip()[:1] in _JSON else _OTHER
        return (_whole(kinds.SYNTAX, f"not strict JSON: {error}", fix, version, origin),)
    return remarks(document, version, origin=origin)


def remarks(document: Any, version: ChronosVersion, *, origin: str) -> tuple[Remark, ...]:
    """Everything that this version of Chronos would misread or refuse, in the order of the schema."""
    found = (
        _remark(problem, document, version, origin)
        for violation in schemas.violations(version, document)
        for problem in _each(violation, document, version)
    )
    return (*found, *islice(_disagreements(document, version, origin), _LIMIT))


def _each(violation: Violation, document: Any, version: ChronosVersion) -> Iterator[Violation]:
    """A violation; of absent keys, which count as one, each of them at its own place."""
    keyword = _keyword(violation)
    if keyword != kinds.REQUIRED:
        yield violation
        return
    given = _value(document, violation.at)
    schema = schema_at(version, place(violation.at))
    for key in schema["required"]:
        if key not in given:
            example = json.dumps(next(iter(schema["properties"][key].get("examples", ())), {}))
            yield Violation(
                at=(*violation.at, key),
                rule=violation.rule,
                expected=f"the key {key}",
                got="no such key",
                fix=f"add {key}, for example {example}",
            )


def _disagreements(document: Any, version: ChronosVersion, origin: str) -> Iterator[Remark]:
    """What no schema can say."""
    if not isinstance(document, dict):
        return
    variables = document.get("environmentVariables")
    listed = variables if isinstance(variables, list) else []
    names = [one.get("name") for one in listed if isinstance(one, dict)]
    counted = Counter(name for name in names if isinstance(name, str))
    yield from _no_date(document.get("schedule"), version, origin)
    yield from _placeholders(listed, version, origin)
    for name, times in counted.items():
        if times > 1:
            where = f"{origin}: $.environmentVariables"
            message = f"the variable {schemas.shown(name)} is given {times} times"
            row = misreading(f"{_SECRET.removesuffix('value')}name", kinds.TWICE, kinds.TEXT, version)
            yield _told(row, where=where, message=message, fix="keep one of them")
    if _items(document.get("fetch")) and _items(document.get("uris")):
        row = misreading("fetch", kinds.BOTH, kinds.ARRAY, version)
        yield _told(
            row, where=f"{origin}: $.fetch", message="fetch stands beside uris", fix="move uris to fetch"
        )

    yield from _unjoined(document.get("container"), version, origin)


def _items(value: Any) -> bool:
    """Whether Chronos finds something in it: it takes the values of an object, too."""
    return isinstance(value, list | dict) and bool(value)


def _unjoined(container: Any, version: ChronosVersion, origin: str) -> Iterator[Remark]:
    """Networks that are named where Docker does not look."""
    if version is not ChronosVersion.V3 or not isinstance(container, dict):
        return
    given = container.get("parameters")
    options = [one.get("key") for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    if (
        not _items(container.get("networkInfos"))
        or container.get("network") == "USER"
        or "network" in options
    ):
        return
    yield _told(
        misreading("container.networkInfos", kinds.NETWORK, kinds.ARRAY, version),
        where=f"{origin}: $.container.networkInfos",
        message="networkInfos stand alone",
        fix='write "network": "BRIDGE" and the name of the network in parameters: '
        '[{"key": "network", "value": "mip"}]',
    )


def _no_date(schedule: Any, version: ChronosVersion, origin: str) -> Iterator[Remark]:
    """A start that no calendar has: the schema knows its form only."""
    start = _START.match(schedule) if isinstance(schedule, str) else None
    if start is None:
        return
    try:
        datetime.fromisoformat(start["start"].replace(",", "."))
    except ValueError:
        yield _told(
            misreading("schedule", "pattern", kinds.TEXT, version),
            where=f"{origin}: $.schedule",
            message=f"there is no {schemas.shown(start['start'])} in any calendar",
            fix="write a date that there is, or none: R1//PT1M is now",
        )


def _placeholders(listed: list[Any], version: ChronosVersion, origin: str) -> Iterator[Remark]:
    """Passwords that nobody has put there."""
    values = [one.get("value") for one in listed if isinstance(one, dict)]
    for prefix in (SCIENCE, RESULTS):
        if address.placeholder(prefix) in values:
            row = misreading(_SECRET, kinds.PLACEHOLDER, kinds.TEXT, version)
            yield _told(
                row,
                where=f"{origin}: $.environmentVariables",
                message=f"{address.placeholder(prefix)} stands for a password",
                fix="put the password there, or write the document with --with-passwords",
            )


def _remark(violation: Violation, document: Any, version: ChronosVersion, origin: str) -> Remark:
    value, where = _value(document, violation.at), place(violation.at)
    got = kind(value) if where == _SECRET else violation.got
    return _told(
        misreading(where, _keyword(violation), kind(value), version),
        where=f"{origin}: {violation.path}",
        message=f"expected {violation.expected}, got {got}",
        fix=violation.fix if where != _SECRET else "write the value in quotes",
    )


def _whole(keyword: str, message: str, fix: str, version: ChronosVersion, origin: str) -> Remark:
    row = misreading("", keyword, kinds.TEXT, version)
    return _told(row, where=origin, message=message, fix=fix)


def _told(row: Misreading, *, where: str, message: str, fix: str) -> Remark:
    return Remark(
        id=row.id,
        severity=row.severity,
        where=where,
        message=message,
        consequence=row.consequence,
        fix=fix,
    )


def misreading(at: str, keyword: str, got: str, version: ChronosVersion) -> Misreading:
    """The row that says what comes of ``got`` at a place that breaks ``keyword``; there is one for every rule."""
    return next(
        row
        for row in TABLE
        if (at in row.at or kinds.ANY in row.at)
        and keyword in row.keywords
        and (not row.got or got in row.got)
        and version in row.versions
    )


def place(at: Path_) -> str:
    """A path as the table writes it: ``container.volumes[].hostPath``."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")


def kind(value: Any) -> str:
    """What kind of value it is, in the table's words."""
    if isinstance(value, str):
        if not _NUMERIC.fullmatch(value):
            return kinds.TEXT
        return kinds.NUMERIC if float(value) > 0 else kinds.NO_AMOUNT
    if value == {}:
        return kinds.EMPTY
    known = {bool: kinds.BOOLEAN, dict: kinds.OBJECT, list: kinds.ARRAY}
    return kinds.NULL if value is None else known.get(type(value), kinds.NUMBER)


def schema_at(version: ChronosVersion, at: str) -> Any:
    """The part of the version's schema that stands for a place."""
    schema: Any = schemas.load(version)
    for step in filter(None, at.replace("[]", ".[]").split(".")):
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    return schema


def _keyword(violation: Violation) -> str:
    return violation.rule.removeprefix("schema.")


def _value(document: Any, at: Path_) -> Any:
    """What stands at a place; None where nothing does."""
    for step in at:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document
