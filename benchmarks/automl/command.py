"""One trial: calls ``algoreg run`` as a user would, measures it, and reads what it printed."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.automl.disk import Table
from benchmarks.automl.records import Cost, Kept, Trial

from algoreg import schemas, strictjson
from algoreg.errors import AlgoregError
from algoreg.formats.escape import safe_lines

LIBRARIES = ("lightgbm", "numpy", "plotly", "scikit-learn", "statsmodels", "tpot", "xgboost")
_CALL = "from algoreg.cli import main; main()"


class TrialError(AlgoregError):
    """``algoreg run`` has printed no record."""

    default_hint = "Try this trial alone; what is kept of the others stays, and is not made again."


def run(table: Table, one: Trial) -> Kept:
    """One trial through the command line. Raises TrialError where that prints no record."""
    load_before, began = os.getloadavg()[0], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="automl-run-") as place:
        code, out, err, cpu_s = _measured(command(table, one), Path(place))
        models = _models(Path(place))
    cost = Cost(
        wall_s=round(time.monotonic() - began, 3),
        cpu_s=round(cpu_s, 3),
        load_before=load_before,
        load_after=os.getloadavg()[0],
    )
    return Kept(trial=one, cost=cost, machine=machine(), models=models, experiment=_record(code, out, err))


def _models(place: Path) -> tuple[str, ...]:
    """The class that the pipeline of each fold ends in, without its module; folds without a pipeline are left out."""
    texts = sorted(place.glob("runs/*/fold-*/input_test.json"))
    return tuple(_last(json.loads(json.loads(text.read_bytes())["pipeline"])["estimator"]) for text in texts)


def _last(estimator: Mapping[str, Any]) -> str:
    """The last step of the last step, and what only gives the classes other names is looked through."""
    match estimator["parameters"]:
        case {"steps": [*_, {"tuple": [_, last]}]}:
            return _last(last)
        case {"estimator": inner} if estimator["class"].startswith("algoreg"):
            return _last(inner)
    return str(estimator["class"].rpartition(".")[2])


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
