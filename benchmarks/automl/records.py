"""What is kept of a trial, a file for each: what was asked, what ``algoreg run`` printed, what it cost, on what.

A file is written whole or not at all. One that cannot be read, or that tells of another question, is refused and
never overwritten: whether it is damaged or precious is for a person to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algoreg import files, strictjson
from algoreg.errors import UsageError
from algoreg.record import Fold, Metric

FORM = "algoreg-automl/1"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The question: the same trial gives the same figures."""

    data_set: str
    contender: str
    code: str
    parameters: Mapping[str, str]
    folds: int
    seed: int
    sha256: str
    """Of the table's CSV text."""

    @property
    def file_name(self) -> str:
        """Where it is kept."""
        return f"{self.data_set}.{self.contender.replace(' ', '-')}.json"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What all of a trial took, its folds one after the other, the program's start and the database included."""

    wall_s: float
    cpu_s: float
    """User and system time of the command and of every process that it waited for."""
    load_before: float
    """Load average of the last minute."""
    load_after: float


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A trial and what came of it."""

    trial: Trial
    cost: Cost
    machine: Mapping[str, str]
    """``cores``, ``memory``, ``python`` and the versions of the libraries that decide the figures."""
    models: Sequence[str] = ()
    """The class that the pipeline of each fold ends in; empty where nobody looked."""
    experiment: Mapping[str, Any]
    """As ``algoreg run`` printed it; ``folder`` and ``plot`` are null, for they name places that are gone."""

    @property
    def metric(self) -> Metric:
        """What contenders are compared by."""
        return Metric(**self.experiment["metric"])

    @property
    def folds(self) -> tuple[Fold, ...]:
        """Split, times and metric of each fold; what went wrong in it stays in ``experiment``."""
        return tuple(Fold(**{**fold, "trouble": None}) for fold in self.experiment["folds"])

    def write(self, folder: Path) -> None:
        """Keep it. Raises UsageError where that cannot be done."""
        document = {"schema": FORM, **asdict(self)}
        text = json.dumps(document, allow_nan=False, sort_keys=True, separators=(",", ":"))
        files.write(folder / self.trial.file_name, text + "\n")


def read(path: Path) -> Kept:
    """What is kept in a file. Raises UsageError: it cannot be read, was cut short, or is something else."""
    try:
        document = strictjson.parse(path.read_bytes())
        if document.pop("schema") != FORM:
            raise _refused(path, f"expected the form {FORM}")
        found = Kept(trial=Trial(**document.pop("trial")), cost=Cost(**document.pop("cost")), **document)
        if len(found.folds) != found.trial.folds or not found.metric.name:
            raise _refused(path, f"expected {found.trial.folds} folds, got {len(found.folds)}")
    except OSError as error:
        raise UsageError(f"cannot read {path.name}: {error.strerror or error}") from error
    except strictjson.NotStrictJson as error:
        raise _refused(path, f"expected JSON, got {error}") from error
    except (TypeError, KeyError, AttributeError) as error:
        raise _refused(path, f"expected the parts of {FORM}, got others") from error
    return found


def kept(folder: Path, trial: Trial) -> Kept | None:
    """What is already kept of this trial; None where nothing is. Raises UsageError, as ``read``, and for another."""
    path = folder / trial.file_name
    if not path.exists():
        return None
    found = read(path)
    if found.trial != trial:
        raise _refused(path, "it answers another question (data, parameters, folds or seed)")
    return found


def read_all(folder: Path) -> tuple[Kept, ...]:
    """Every record of a folder, by file name. Raises UsageError, as ``read``, and where there is none."""
    found = tuple(read(path) for path in sorted(folder.glob("*.json")))
    if not found:
        raise UsageError(f"no records in {folder}", hint="Make them: python -m benchmarks.automl run")
    return found


def _refused(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path.name} is no record to go on with: {why}", hint="Delete it, or name another folder."
    )
