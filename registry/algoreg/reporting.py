"""Writes reports to files in the formats that were asked for, and reads saved ones; formats are ``formats``' work."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from algoreg import files, strictjson
from algoreg.errors import UsageError
from algoreg.formats import json, told
from algoreg.formats.json import Rule
from algoreg.formats.kinds import Kind, renderers
from algoreg.formats.told import Locate
from algoreg.report import Report


@dataclass(frozen=True, kw_only=True)
class Request:
    """One file that is to be written."""

    kind: Kind
    path: Path


def requests(texts: Sequence[str], *, taken: Path | None = None) -> tuple[Request, ...]:
    """``KIND=FILE`` each. Raises UsageError, before any work, for what could not be written afterwards.

    ``taken``: a file that is written anyhow.
    """
    found = tuple(map(_request, texts))
    seen = {taken.resolve()} if taken is not None else set()
    for request in found:
        place = request.path.resolve()
        if place in seen:
            raise UsageError(f"{request.path} is named twice", hint="Name a file of its own for each report.")
        seen.add(place)
        ensure_writable(request.path)
    return found


def _request(text: str) -> Request:
    name, separator, path = text.partition("=")
    if not (separator and path):
        raise UsageError(f"--report {text!r} is not KIND=FILE", hint="Write for example junit=report.xml.")
    if name not in set(Kind):
        close = difflib.get_close_matches(name.lower(), list(Kind), n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Kinds: {', '.join(Kind)}."
        raise UsageError(f"there is no report of the kind {name!r}", hint=hint)
    return Request(kind=Kind(name), path=Path(path))


def ensure_writable(path: Path) -> None:
    """Raises UsageError for a path that cannot be written, and for what a file would take the place of.

    A file is written beside and renamed, so that a link (/dev/stdout is one), a device or a pipe would be gone.
    """
    if path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
        raise UsageError(
            f"cannot write {path}: it is no ordinary file, and would be replaced by one", hint="Name a file."
        )
    files.ensure_writable(path)


def write(requested: Iterable[Request], report: Report, *, locate: Locate = told.nowhere) -> None:
    """Write them all, each whole; none when one cannot be rendered."""
    known = renderers()
    rendered = [(request.path, known[request.kind](report, locate)) for request in requested]
    for path, text in rendered:
        files.write(path, text)


def read(path: Path, rules: Iterable[Rule]) -> Report:
    """The report that was saved in ``path``. Raises UsageError."""
    data = files.read(path, most=strictjson.MAX_BYTES)
    return json.parse(data, origin=str(path), rules=rules)
