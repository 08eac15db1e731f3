"""What is kept of an estimator, a small file for each: whether there was a draft, and how it was judged.

A file is written whole or not at all; one that cannot be read is refused, and for a person to remove.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algoreg import files, strictjson
from algoreg.errors import UsageError

FORM = "algoreg-estimator/1"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What ``algoreg validate`` said."""

    verdict: str
    passed: int
    """Checks."""
    failed: Mapping[str, str]
    """Id of a check that did not pass -> the first message about it."""
    cases: int
    seconds: float
    seed: int
    engine: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """One estimator."""

    estimator: str
    """Dotted."""
    task: str
    refused: str | None
    """What ``algoreg new`` said where it made no folder."""
    offered: int
    """Parameters."""
    result: str | None
    """``pfa`` or ``json``."""
    process: Judgement | None
    image: Judgement | None = None
    """As a Docker image, for those that were drawn."""
    versions: Mapping[str, str]

    @property
    def name(self) -> str:
        """The class."""
        return self.estimator.rpartition(".")[2]

    def write(self, folder: Path) -> None:
        """Keep it. Raises UsageError where that cannot be done."""
        text = json.dumps({"schema": FORM, **asdict(self)}, allow_nan=False, sort_keys=True, indent=1)
        files.write(folder / f"{self.name}.json", text + "\n")


def read(path: Path) -> Record:
    """What is kept in a file. Raises UsageError."""
    try:
        document: dict[str, Any] = strictjson.parse(path.read_bytes())
        if document.pop("schema") != FORM:
            raise UsageError(f"{path.name} is not of the form {FORM}", hint="Remove it.")
        judged = {name: document.pop(name) for name in ("process", "image")}
        return Record(**document, **{name: one and Judgement(**one) for name, one in judged.items()})
    except OSError as error:
        raise UsageError(f"cannot read {path.name}: {error.strerror or error}") from error
    except (strictjson.NotStrictJson, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{path.name} is no record: {error}", hint="Remove it, and run again.") from error


def read_all(folder: Path) -> tuple[Record, ...]:
    """Every record of a folder, by the name of the class."""
    return tuple(read(path) for path in sorted(folder.glob("*.json")))
