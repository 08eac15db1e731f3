"""What a round of `algoreg dev` costs beside a plain run of the same program, for kNN.

python benchmarks/inner_loop.py [--repetitions 5] [--whole 2]

Plain is what an author would type: `python -m algoreg_knn` with train, test and compute, one after the other, on
databases that are there. A round judges the same three and more: its first stage is the base case (each of the
three once, with their checks), the whole round every check. Plain and stage are run in turn, A B A B ..., in one
laboratory, so that the ratio holds on a busy machine; the median of the pairs' ratios is printed.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from algoreg import candidate, conformance, contract, job, metadata, registry, validation
from algoreg.checks.order import BASE
from algoreg.conformance import Examination, Selection
from algoreg.development.rounds import Rounds, Stage
from algoreg.engines.process import VOLUME_VARIABLE, ProcessLaboratory, ProcessSubject, open_process
from algoreg.probe import Probe
from algoreg.report import Severity
from algoreg.samples import catalogue
from algoreg.worlds import Progress, Worlds

CODE, SEED = "knn", 5


class Silent:
    """Nobody reads along."""

    def case_started(self, case: str) -> None: ...
    def case_ended(self, case: str) -> None: ...
    def check_ended(self, check: str, outcome: str) -> None: ...
    def stage_ended(self, stage: Stage) -> None: ...


def rng(*purpose: object) -> random.Random:
    """Fixed randomness: every repetition makes the same runs."""
    return random.Random(repr((SEED, *purpose)))


def run(package: Path, command: str, environment: Mapping[str, str], volume: Path) -> float:
    """Seconds of one plain run."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", package.name, command],
        env={
            **environment,
            VOLUME_VARIABLE: str(volume),
            "PATH": os.defpath,
            "PYTHONPATH": str(package.parent),
        },
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


def plain(package: Path, laboratory: ProcessLaboratory) -> float:
    """Seconds of train, test and compute; setting the databases up is not counted."""
    algorithm = metadata.parse(metadata.read_file(package / registry.METADATA_FILE))
    worlds = Worlds(
        laboratory=laboratory,
        algorithm=algorithm,
        rng=rng,
        jobs=1,
        progress=Silent(),
        parameters=job.validation_parameters(algorithm),
    )
    sample = catalogue.plain(algorithm, algorithm.base_tasks[0], rng("plain"))
    took = 0.0
    with tempfile.TemporaryDirectory() as folder:
        volume = Path(folder)
        for name, content in worlds.input_training(sample).items():
            (volume / name).write_bytes(content)
        for command in (contract.TRAIN, contract.TEST, contract.COMPUTE):
            with worlds.one_run(sample, name=command, command=command, files={}) as world:
                took += run(package, command, world.setting.environment, volume)
    return took


def rounds_of(
    only: tuple[str, ...], subject: ProcessSubject, laboratory: ProcessLaboratory, engine: object
) -> Rounds:
    """Rounds as `algoreg dev` makes them."""
    known = registry.load()
    checks = conformance.catalogue(known.plugins).checks
    examination = Examination(checks=checks, selection=Selection(only=only), fail_on=Severity.ERROR)

    def open_probe(progress: Progress) -> Probe:
        document = metadata.read_file(subject.package_dir / registry.METADATA_FILE)
        return Probe(
            candidate=candidate.Candidate(target=CODE, reference=None, image=None, document=document),
            subject=subject,
            engine=engine,  # type: ignore[arg-type]
            laboratory=laboratory,
            seed=SEED,
            jobs=validation.default_jobs(),
            timeout_s=None,
            progress=progress,
        )

    return Rounds(examination, open_probe=open_probe, show=lambda checks: nullcontext(Silent()))


def judged(rounds: Rounds) -> float:
    """Seconds of a round after a save of the program."""
    checks = conformance.catalogue(registry.load().plugins).checks
    rounds.forget({check.id for check in checks})
    began = time.perf_counter()
    report = rounds.judge(Silent())
    took = time.perf_counter() - began
    if report.failed():
        raise SystemExit(f"{CODE} fails {report.failed()}: nothing is measured")
    return took


def compared(name: str, pairs: list[tuple[float, float]]) -> str:
    """One line for a stage."""
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return (
        f"{name:12} {ours:6.1f} s  plain {theirs:5.1f} s  ratio {ratio:6.2f}  (median of {len(pairs)} pairs)"
    )


def main() -> None:
    """Print the medians of both, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--whole", type=int, default=2)
    asked = parser.parse_args()
    package = registry.load().get(CODE).folder
    with open_process(progress=lambda _: None, seed=SEED) as engine:
        subject = engine.subject(CODE, package)
        with engine.laboratory(subject) as laboratory:
            basics, whole = (rounds_of(only, subject, laboratory, engine) for only in (BASE, ()))
            judged(basics), plain(package, laboratory)  # PostgreSQL is up and files are in memory after this
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
            for name, rounds, times in (
                ("base case", basics, asked.repetitions),
                ("whole round", whole, asked.whole),
            ):
                pairs = [(judged(rounds), plain(package, laboratory)) for _ in range(times)]
                print(compared(name, pairs), flush=True)
            print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
