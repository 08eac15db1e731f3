"""Puts a data set on the disk as a user would have it: a CSV file, and a file that tells the types of its columns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.automl.tables import DataSet

from algoreg import files


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data set on the disk, as ``algoreg run`` reads it."""

    data_set: DataSet
    csv: Path
    types: Path
    rows: int
    covariables: tuple[str, ...]
    sha256: str


def write(data_set: DataSet, folder: Path) -> Table:
    """The table as CSV and the types of its columns. Raises UsageError where the folder cannot be written."""
    frame = data_set.read()
    frame.columns = [_plain(str(name)) for name in frame.columns]
    text = frame.to_csv(index=False, lineterminator="\n")
    types = {_plain(name): told for name, told in data_set.types(frame).items()}
    table = Table(
        data_set=data_set,
        csv=folder / f"{data_set.name}.csv",
        types=folder / f"{data_set.name}.variables.json",
        rows=len(frame),
        covariables=tuple(name for name in frame.columns if name != data_set.variable),
        sha256=hashlib.sha256((text + json.dumps(types)).encode()).hexdigest(),
    )
    files.write(table.csv, text)
    files.write(table.types, json.dumps(types, indent=1) + "\n")
    return table


def _plain(name: str) -> str:
    """A column's name as one word: ``mean radius`` -> ``mean_radius``."""
    return "_".join("".join(c if c.isalnum() or c == "_" else " " for c in name).split())
