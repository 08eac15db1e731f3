"""What ``import-conf`` tells of a file: the algorithms that it declares, and the remarks of every lint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoreg.export import catalogue_known, dialects, lint, reading
from algoreg.export.configuration import MAIN
from algoreg.export.installation import Declared, Installation
from algoreg.export.known import Known
from algoreg.export.remarks import Remark, errors

SCHEMA = "algoreg-installation/1"
HEADERS = ("code", "image", "variable", "flags", "file")


@dataclass(frozen=True, kw_only=True)
class Declarations:
    """An installation, and what is to be said about it; every text is untrusted."""

    installation: Installation
    remarks: tuple[Remark, ...]
    guessed: bool
    """Whether nobody said which Woken reads it: keys that it lacks may be those of another one."""

    @property
    def wrong(self) -> bool:
        """Whether a remark is an error."""
        return bool(errors(self.remarks))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is neither a declaration nor a remark about one."""
        installation = self.installation
        if not installation.algorithms:
            return (f"{installation.origin} declares no algorithm of {installation.dialect.name}",)
        if self.guessed:
            return (f"read as {installation.dialect.name}, which its keys tell; --dialect says otherwise",)
        return ()

    def rows(self) -> Iterator[tuple[str, ...]]:
        """One row for each algorithm, under ``HEADERS``."""
        for one in self.installation.algorithms.values():
            yield one.code, one.image or "none", self._variable(one), self._flags(one), one.where

    def lines(self) -> Iterator[str]:
        """The remarks for people."""
        for remark in self.remarks:
            yield from remark.text().split("\n")

    def json(self) -> dict[str, Any]:
        """Everything as one JSON document."""
        return {
            "schema": SCHEMA,
            "file": self.installation.origin,
            "dialect": self.installation.dialect.name,
            "algorithms": [_json(one) for one in self.installation.algorithms.values()],
            "remarks": [remark.json() for remark in self.remarks],
        }

    def _variable(self, one: Declared) -> str:
        return one.variables.get(self.installation.dialect.image, "none")

    def _flags(self, one: Declared) -> str:
        flags = self.installation.dialect.flags
        return ", ".join(f"{key}={_word(one.values[key])}" for key in flags if key in one.values)


def read(
    path: Path, *, dialect: str | None, catalogue: Path | None, known: Known | None = None
) -> Declarations:
    """The declarations of a file, or of a folder's main file, compared with a catalogue where one is given.

    Of images that are ``known`` both are compared with what they say of themselves, too. Raises UsageError.
    """
    chosen = dialects.named(dialect) if dialect is not None else None
    installation = reading.read(path / MAIN if path.is_dir() else path, dialect=chosen)
    remarks = (*lint.lint(installation), *catalogue_known.remarks(installation, known or Known()))
    if catalogue is not None:
        from algoreg.export import catalogue as catalogues
        from algoreg.export import catalogue_lint

        remarks += catalogue_lint.lint(catalogues.read(catalogue), installation, known)
    return Declarations(installation=installation, remarks=remarks, guessed=chosen is None)


def _json(one: Declared) -> Mapping[str, Any]:
    return {
        "code": one.code,
        "image": one.image,
        "values": _plain(one.values),
        "variables": dict(one.variables),
        "where": one.where,
    }


def _plain(value: Any) -> Any:
    """Only what JSON knows; pyhocon has durations, too."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _word(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, "?") if isinstance(value, bool) else str(value)
