"""Makes the trials: calls ``algoreg run`` for each contender on each table, measures, and keeps what it printed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.automl import records
from benchmarks.automl.contenders import Contender
from benchmarks.automl.records import Cost, Kept, Trial
from benchmarks.automl.tables import DataSet

from algoreg import files, schemas, strictjson
from algoreg.errors import AlgoregError
from algoreg.formats.escape import safe_lines

LIBRARIES = ("lightgbm", "numpy", "plotly", "scikit-learn", "statsmodels", "tpot", "xgboost")
_CALL = "from algoreg.cli import main; main()"

Tell = Callable[[str], None]


class TrialError(AlgoregError):
    """``algoreg run`` has printed no record."""

    default_hint = "Try this trial alone; what is kept of the others stays, and is not made again."


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data set on the disk, as ``algoreg run`` reads it."""

    data_set: DataSet
    csv: Path
    types: Path
    rows: int
    covariables: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Round:
    """How trials are made."""

    folds: int
    seed: int
    jobs: int
    """Trials at a time; the folds of one are made one after the other."""
    output: Path


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


def trial(table: Table, contender: Contender, how: Round) -> Trial:
    """The question that a contender is asked."""
    n_train = table.rows * (how.folds - 1) // how.folds
    return Trial(
        data_set=table.data_set.name,
        contender=contender.name,
        code=contender.code,
        parameters=dict(contender.typed(n_train)),
        folds=how.folds,
        seed=how.seed,
        sha256=table.sha256,
    )


def make(data_sets: Iterable[DataSet], contenders: Iterable[Contender], how: Round, tell: Tell) -> int:
    """All trials that are not kept yet, each contender on every data set before the next one; how many broke.

    Raises UsageError for a file that is no record to go on with, before anything is run.
    """
    how.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="automl-") as place:
        tables = [write(one, Path(place)) for one in data_sets]
        wanted = [
            (table, trial(table, contender, how))
            for contender in contenders
            for table in tables
            if table.data_set.task in contender.tasks
        ]
        missing = [(table, one) for table, one in wanted if records.kept(how.output, one) is None]
        tell(f"{len(wanted)} trials, {len(wanted) - len(missing)} of them kept already")
        return sum(_all(missing, how, tell))


def _all(missing: list[tuple[Table, Trial]], how: Round, tell: Tell) -> Iterator[bool]:
    """Whether each broke, in the order in which they end."""
    with ThreadPoolExecutor(how.jobs) as threads:
        try:
            running = {threads.submit(run, table, one): one for table, one in missing}
            for number, future in enumerate(as_completed(running), 1):
                yield _ended(running[future], future.result, f"{number}/{len(missing)}", how, tell)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _ended(one: Trial, result: Callable[[], Kept], place: str, how: Round, tell: Tell) -> bool:
    name = f"{place} {one.data_set}, {one.contender}"
    try:
        kept = result()
    except TrialError as error:
        tell(f"{name}: BROKE: {error.message}")
        return True
    kept.write(how.output)
    word = "" if kept.experiment["ok"] else ", with FAILED folds"
    tell(f"{name}: {kept.cost.wall_s:.0f} s, {kept.cost.cpu_s:.0f} s of processor{word}")
    return False


def run(table: Table, one: Trial) -> Kept:
    """One trial through the command line. Raises TrialError where that prints no record."""
    load_before, began = os.getloadavg()[0], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="automl-run-") as place:
        code, out, err, cpu_s = _measured(command(table, one), Path(place))
    cost = Cost(
        wall_s=round(time.monotonic() - began, 3),
        cpu_s=round(cpu_s, 3),
        load_before=load_before,
        load_after=os.getloadavg()[0],
    )
    return Kept(trial=one, cost=cost, machine=machine(), experiment=_record(code, out, err))


def command(table: Table, one: Trial) -> list[str]:
    """``algoreg run`` with this interpreter; the arguments are what a person types."""
    parameters = [f"{code}={text}" for code, text in one.parameters.items()]
    return [
        *(
            sys.executable,
            "-c",
            _CALL,
            "run",
            one.code,
            "--engine",
            "process",
            "--no-model",
            "--format",
            "json",
        ),
        *("--data", str(table.csv), "--variables", str(table.types), "--variable", table.data_set.variable),
        *("--covariables", ",".join(table.covariables), "--folds", str(one.folds), "--seed", str(one.seed)),
        *("--jobs", "1", "--output", "runs"),
        *(word for parameter in parameters for word in ("--parameter", parameter)),
    ]


def _measured(words: list[str], place: Path) -> tuple[int, bytes, bytes, float]:
    """Exit code, both streams, and the processor time of the command and all that it waited for, in seconds."""
    out, err = place / "out", place / "err"
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(words, cwd=place, stdin=subprocess.DEVNULL, stdout=to_out, stderr=to_err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
    return process.returncode, out.read_bytes(), err.read_bytes(), usage.ru_utime + usage.ru_stime


def _record(code: int, out: bytes, err: bytes) -> Mapping[str, Any]:
    """The record, without the places that are gone. A failed fold (exit code 1) is a result like others."""
    if code not in (0, 1) or not out:
        last = " | ".join(safe_lines(err.decode(errors="replace").strip())[-3:])
        raise TrialError(f"expected a record and exit code 0 or 1, got exit code {code}: {last}")
    try:
        record: dict[str, Any] = strictjson.parse(out)
    except strictjson.NotStrictJson as error:
        raise TrialError(f"expected a record, got what is not JSON: {error}") from error
    if problem := schemas.first_problem("experiment", record):
        raise TrialError(f"{problem.path} of the record: expected {problem.expected}, got {problem.got}")
    return {**record, **{place: None for place in ("folder", "plot") if place in record}}


@cache
def machine() -> Mapping[str, str]:
    """What the figures depend on and a reader may know: no name, no place."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "nice": str(os.nice(0)),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }
