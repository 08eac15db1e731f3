"""What a guarded run costs beside a bare one: pod, databases, volume, journal and all, against docker's own price.

python benchmarks/run_cost.py algoreg/knn:0.1.0

Both runs are of the same image with a command that it refuses, as many at a time, so that what is compared is the
way to a run and back, and not the image's arithmetic. The bare one is create, start, wait, logs and remove.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import docker

from algoreg import candidate, job
from algoreg.bench import Bench
from algoreg.engines.docker import open_docker
from algoreg.samples import catalogue
from algoreg.worlds import Worlds

RUNS, ROUNDS, AT_ONCE = 12, 3, 4
COMMAND = "frobnicate"


class Silent:
    """Nobody reads along."""

    def case_started(self, case: str) -> None: ...
    def case_ended(self, case: str) -> None: ...
    def check_ended(self, check: str, outcome: str) -> None: ...


def rng(*purpose: object) -> random.Random:
    """Fixed randomness: every round makes the same runs."""
    return random.Random(repr(purpose))


def per_run(once: Callable[[int], object]) -> float:
    """Seconds per run, with AT_ONCE under way."""
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(once, range(RUNS)))
    return (time.monotonic() - began) / RUNS


def bare(client: docker.DockerClient, image: str) -> float:
    """Seconds per run without any of our guard."""

    def once(_: int) -> None:
        container = client.containers.create(image, [COMMAND], network_mode="none")
        container.start()
        container.wait(timeout=60)
        container.logs()
        container.remove(force=True)

    return per_run(once)


def main(image: str) -> None:
    """Print the medians of both, side by side, and their ratio."""
    with open_docker(seed=1) as engine:
        subject = engine.subject(image)
        algorithm = candidate.of_image(image, subject.image, given=None, installed=()).algorithm()
        sample = catalogue.plain(algorithm, algorithm.base_tasks[0], rng("plain"))
        with engine.laboratory(subject) as laboratory:
            worlds = Worlds(
                laboratory=laboratory,
                algorithm=algorithm,
                rng=rng,
                jobs=AT_ONCE,
                progress=Silent(),
                parameters=job.validation_parameters(algorithm),
            )
            bench = Bench(worlds=worlds, timeout_s=60, function=algorithm.code)
            bench.invoke(sample, (COMMAND,), name="warm up")  # PostgreSQL is ready after this
            client = docker.from_env()
            rounds = [
                (
                    per_run(lambda n: bench.invoke(sample, (COMMAND,), name=f"run {n}")),
                    bare(client, image),
                )
                for _ in range(ROUNDS)
            ]
    guarded, raw = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"guarded {guarded:.2f} s, bare {raw:.2f} s a run, {AT_ONCE} at a time: {guarded / raw:.2f} times")


if __name__ == "__main__":
    main(sys.argv[1])
