"""The files of the volume (contract section 3): inputs read strictly, outputs written all at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoreg import contract
from algoreg.runtime import strict
from algoreg.runtime.failure import Failure

SEED_RANGE = 2**32
"""numpy takes seeds below this; a caller may send any integer."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """``input_training.json`` or ``input_test.json``."""

    document: Mapping[str, Any]
    """The whole file."""
    query_features: str
    query_targets: str
    test_rows: tuple[int, ...]
    """Held-out positions, 0-based, in the caller's order."""
    seed: int
    """0 .. 2**32 - 1."""


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            content = stream.read(contract.VOLUME_MAX_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as error:
        raise Failure(f"{path.name}: cannot be read from the volume: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Failure(f"{path.name}: is not UTF-8 at byte {error.start}") from None
    if len(content) > contract.VOLUME_MAX_BYTES:
        raise Failure(f"{path.name}: is larger than {contract.VOLUME_MAX_BYTES} bytes")
    document = strict.loads(text, path.name)
    if not isinstance(document, dict):
        raise Failure(f"{path.name}: is not a JSON object")
    return document


def text_at(document: Mapping[str, Any], key: str, file: str) -> str:
    """The text of a required key. Raises Failure naming key and file."""
    if key not in document:
        raise Failure(f"{file}: {key} is absent")
    value = document[key]
    if not isinstance(value, str) or not value.strip():
        raise Failure(f"{file}: {key} is not a text, or empty")
    return value


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _test_rows(document: Mapping[str, Any], file: str) -> tuple[int, ...]:
    rows = document.get("test_rows")
    if not isinstance(rows, list) or not rows:
        raise Failure(f"{file}: test_rows is absent, empty, or not an array of row positions")
    if not all(_is_integer(row) and row >= 0 for row in rows):
        raise Failure(f"{file}: test_rows holds something else than integers from 0")
    if len(set(rows)) != len(rows):
        raise Failure(f"{file}: test_rows names a row twice")
    return tuple(rows)


def read_task(volume: Path, file: str) -> Task:
    """Read an input file. Raises Failure naming the file, and the key where one is wrong."""
    document = _read(volume / file)
    seed = document.get("seed", contract.DEFAULT_SEED)
    if not _is_integer(seed):
        raise Failure(f"{file}: seed is not an integer")
    return Task(
        document=document,
        query_features=text_at(document, "query_features", file),
        query_targets=text_at(document, "query_targets", file),
        test_rows=_test_rows(document, file),
        seed=seed % SEED_RANGE,
    )


def write(volume: Path, file: str, document: Mapping[str, Any]) -> None:
    """Write JSON under a temporary name of the same volume, then rename: a reader never sees half a file.

    Raises Failure naming the file.
    """
    temporary = volume / f".{file}.{os.getpid()}"
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            stream.write(strict.dumps(document))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(volume / file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise Failure(f"{file}: cannot be written to the volume: {error.strerror}") from None
