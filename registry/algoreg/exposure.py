"""Finds what a run must not show, in what it left: passwords, values that were planted, patients' rows.

Pure, and asked of every run when it ends, since contents are forgotten afterwards. Bytes are searched for fixed
texts, never matched against a pattern that could be made to backtrack. How a row is recognised is said in ``leaks``.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from algoreg import leaks
from algoreg.databases.protocol import ResultRow
from algoreg.engines.protocol import Snapshot
from algoreg.samples.sample import Sample

_BREAKS = b"\r\n"


class Kind(StrEnum):
    """What was shown."""

    PASSWORD = "password"
    PLANTED = "planted value"
    ROW = "patient's row"
    FOREIGN = "another job's result"


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """One thing that was shown in one place."""

    kind: Kind
    what: str
    """In words, without the thing itself: ``IN_PASSWORD in base64``."""
    place: str
    """``the logs``, ``the file notes.txt``, ``the row's data``."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Bytes in which something may be shown; untrusted."""

    name: str
    content: bytes
    read: bool = False
    """By people: a patient's row must not be here."""


def places(
    log: bytes, snapshot: Snapshot, given: Mapping[str, bytes], rows: Sequence[ResultRow]
) -> Iterator[Place]:
    """Where a run can show something: its log, the files that were not given to it, its rows."""
    yield Place(name="the logs", content=log, read=True)
    for name, content in snapshot.files().items():
        if given.get(name) != content:
            yield Place(name=f"the file {name[:200]!r}", content=content)
    names = "\n".join(entry.name for entry in snapshot.entries)
    yield Place(name="the name of a file", content=_bytes(names))
    for row in rows:
        yield from _texts(row)


def _texts(row: ResultRow) -> Iterator[Place]:
    for column, text in (
        ("data", row.data),
        ("error", row.error),
        ("parameters", row.parameters),
        ("result_title", row.result_title),
        ("other columns", f"{row.job_id} {row.node} {row.shape} {row.function} {row.result_name}"),
    ):
        if text:
            yield Place(name=f"the row's {column}", content=_bytes(text), read=column == "error")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def passwords(environment: Mapping[str, str]) -> dict[str, str]:
    """Password -> the variable that holds it, the shortest name first."""
    held = sorted((name for name in environment if name.endswith("PASSWORD")), key=len, reverse=True)
    return {environment[name]: name for name in held if environment[name]}


def forms(secret: str) -> dict[str, str]:
    """The texts under which a secret may be shown -> how they are called."""
    data = secret.encode()
    urls = ("".join(f"%{byte:02X}" for byte in data), quote(secret, safe=""), _fully_quoted(secret))
    escaped = "".join(f"\\u{ord(character):04x}" for character in secret)
    quoted = (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    found = {form: "base64" for shift in range(3) for form in _base64(data, shift)}
    found |= dict.fromkeys((data.hex(), data.hex().upper()), "hex")
    found |= dict.fromkeys((*urls, *map(_with_small_digits, urls)), "a URL's escapes")
    found |= dict.fromkeys((escaped, escaped.upper().replace("\\U", "\\u"), *quoted), "JSON's escapes")
    found[html.escape(secret)] = found[html.escape(secret, quote=False)] = "HTML's escapes"
    return {**found, secret: "plain text"}


def _fully_quoted(text: str) -> str:
    """Everything but letters and digits escaped, as some do with ``-`` and ``_``."""
    return "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in text)


def _with_small_digits(quoted: str) -> str:
    head, *rest = quoted.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _base64(data: bytes, shift: int) -> tuple[str, str]:
    """The characters that stand for ``data`` alone, ``shift`` bytes behind the beginning of a group of three."""
    text = base64.b64encode(bytes(shift) + data + bytes(3)).decode()
    # A character holds 6 bits: the first and the last may be shared with what stands around
    own = text[-(-8 * shift // 6) : 8 * (shift + len(data)) // 6]
    return own, own.replace("+", "-").replace("/", "_")


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """What a run must not show."""

    environment: Mapping[str, str]
    """Its own, with the passwords."""
    sample: Sample
    planted: Sequence[str]
    """Values of patients that no query asks for."""
    foreign: str
    """The result of another job."""


def exposures(hidden: Hidden, where: Iterable[Place]) -> Iterator[Exposure]:
    """Everything that is shown: passwords, planted values and another's result anywhere, rows where people read.

    A file and a row's ``data`` may hold rows: there are algorithms whose model is the data.
    """
    secrets = {
        form.encode(): f"{name} in {how}"
        for password, name in passwords(hidden.environment).items()
        for form, how in forms(password).items()
    }
    planted = [value.encode() for value in hidden.planted]
    for place in where:
        # Base64 and hex come in lines
        unbroken = place.content.translate(None, _BREAKS)
        for what in dict.fromkeys(what for form, what in secrets.items() if form in unbroken):
            yield Exposure(kind=Kind.PASSWORD, what=what, place=place.name)
        if any(value in unbroken for value in planted):
            yield Exposure(kind=Kind.PLANTED, what="a patient whom no query asks for", place=place.name)
        if hidden.foreign.encode() in unbroken:
            yield Exposure(kind=Kind.FOREIGN, what="the result of another job", place=place.name)
        if place.read and any(True for _ in leaks.rows_shown(place.content, hidden.sample)):
            yield Exposure(kind=Kind.ROW, what="two values or more of a patient's row", place=place.name)


def redacted(text: str, environment: Mapping[str, str]) -> str:
    """``text`` without the passwords of an environment, in whatever form: a report travels further than a log."""
    for password in passwords(environment):
        for form in forms(password):
            text = text.replace(form, "***")
    return text
