"""Makes a plugin of an estimator and has it judged, through the command line, in a folder that goes away."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.estimators.records import Judgement, Record

from algoreg.errors import AlgoregError
from algoreg.formats.escape import safe_lines
from algoreg.scaffolding.python.estimators import Estimator

ALGOREG = (sys.executable, "-c", "from algoreg.cli import main; main()")
VERSION = "0.1.0"


def on_processes(estimator: Estimator, place: Path, *, seed: int, jobs: int) -> Record:
    """Draft, and judge on the process engine. Raises AlgoregError where nothing was judged."""
    folder = place / code(estimator)
    drafted = _called("new", code(estimator), "--estimator", estimator.path, "--output", str(folder))
    if drafted.returncode == 2:
        return _record(estimator, refused=_said(drafted.stderr))
    if drafted.returncode:
        raise AlgoregError(f"algoreg new {estimator.path}: {_said(drafted.stderr)}")
    engine = ("--engine", "process", "--jobs", str(jobs))
    judged = _judged((*engine, "--seed", str(seed), str(folder)))
    text = next(folder.glob("*/algorithm.yaml")).read_text(encoding="utf-8")
    result = "pfa" if "\nresult: pfa" in text else "json"
    return _record(estimator, offered=text.count("  - code: "), result=result, process=judged)


def as_image(estimator: Estimator, place: Path, *, seed: int) -> Judgement:
    """Draft, build, and judge on the Docker engine. Raises AlgoregError where nothing was judged."""
    folder = place / code(estimator)
    for words in (
        ("new", code(estimator), "--estimator", estimator.path, "--output", str(folder)),
        ("build", str(folder)),
    ):
        done = _called(*words)
        if done.returncode:
            raise AlgoregError(f"algoreg {words[0]} {estimator.path}: {_said(done.stderr)}")
    return _judged(("--seed", str(seed), f"algoreg/{code(estimator)}:{VERSION}"))


def code(estimator: Estimator) -> str:
    """The plugin's name; no plugin of the checkout has it."""
    return f"share-{estimator.name.lower()}"


def _record(estimator: Estimator, **known: Any) -> Record:
    empty = {"refused": None, "offered": 0, "result": None, "process": None}
    versions = {"python": platform.python_version(), "scikit-learn": metadata.version("scikit-learn")}
    return Record(estimator=estimator.path, task=estimator.task, versions=versions, **{**empty, **known})


def _called(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*ALGOREG, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _judged(words: Sequence[str]) -> Judgement:
    done = _called("validate", "--format", "json", *words)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise AlgoregError(f"algoreg validate: exit code {done.returncode}: {_said(done.stderr)}") from None
    target = report["targets"][0]
    checks = target["checks"]
    bad = [one for one in checks if one["outcome"] in ("FAIL", "ERROR")]
    return Judgement(
        verdict=target["verdict"],
        passed=len({one["id"] for one in checks if one["outcome"] == "PASS"} - {one["id"] for one in bad}),
        failed={one["id"]: _line(one) for one in reversed(bad)},
        cases=sum(one["outcome"] != "SKIP" for one in checks),
        seconds=round(target["duration_s"], 1),
        seed=report["seed"],
        engine=f"{report['engine']['name']} {report['engine']['version']}",
    )


def _line(check: dict[str, Any]) -> str:
    """The case, what was said of it, and the last line of what it printed."""
    last = [line for line in safe_lines((check["evidence"] or "").strip())[-1:] if line]
    return " | ".join([f"{check['case']}: {check['message']}", *last])[:400]


def _said(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if "error:" in line] or lines[-1:]
    text = " ".join(errors).partition("error: ")[2] or " ".join(errors)
    return " ".join(safe_lines(text.partition("; hint:")[0]))[:400]
