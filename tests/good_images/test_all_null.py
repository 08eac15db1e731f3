"""A table whose variable is NULL in every row, without the filter that Woken's query has: a good image fails well.

With the filter, which makes it a query that returns no row, it is one of the faults of every validation.
"""

from __future__ import annotations

import json
import random
import subprocess

import pytest

from algoreg import contract, job, metadata, registry, rows
from algoreg.bench import Bench
from algoreg.documents import read_document
from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.faults import Fault
from algoreg.model import Algorithm
from algoreg.samples import catalogue
from algoreg.worlds import Worlds
from good_images.recipes import Images, read
from mutants.runner import Silent
from support.program import ALGOREG, CHECKOUT

pytestmark = pytest.mark.engine

PROGRAMS = ("numpy_ridge", "jdbc_names")
"""Those that fit a model; statistics can have an answer."""
PLUGINS = ("knn", "linreg")


def rng(*purpose: object) -> random.Random:
    return random.Random(repr(purpose))


def fault(command: str) -> Fault:
    return Fault(
        name="all NULL",
        command=command,
        check="",
        inject=lambda setting: setting,
        evidence=lambda _setting: (),
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_fails_well(name: str) -> None:
    with open_docker(seed=3) as engine:
        image = read(name)
        reference = Images(engine).build(image)
        algorithm = metadata.parse(read_document(json.dumps(image.document), name, syntax="json"))
        _fails_well(engine, reference, algorithm)


@pytest.mark.parametrize("code", PLUGINS)
def test_a_plugin_of_ours_fails_well(code: str) -> None:
    subprocess.run([ALGOREG, "build", code], check=True, capture_output=True, cwd=CHECKOUT)
    with open_docker(seed=3) as engine:
        algorithm = registry.load().entries[code].algorithm
        _fails_well(engine, algorithm.reference, algorithm)


def _fails_well(engine: DockerEngine, reference: str, algorithm: Algorithm) -> None:
    task = algorithm.base_tasks[0]
    sample = catalogue.plain(algorithm, task, rng("plain"))
    empty = catalogue.without_targets(sample)
    with engine.laboratory(engine.subject(reference)) as laboratory:
        bench = Bench(
            worlds=Worlds(
                laboratory=laboratory,
                algorithm=algorithm,
                rng=rng,
                jobs=2,
                progress=Silent(),
                parameters=job.validation_parameters(algorithm),
            ),
            timeout_s=None,
            function=algorithm.code,
        )
        for command in set(algorithm.working_commands) - {contract.TEST}:
            files = bench.worlds.input_training(empty) if command == contract.TRAIN else {}
            setting, step = bench.faulty(empty, fault(command), files)
            assert step.failed_properly, (command, step.ended, step.log)
            assert any(word in step.log.lower() for word in ("null", "row", "empty")), step.log
            if command == contract.COMPUTE:
                assert rows.failure_defect(step.audit.rows, bench.expectation(setting.environment)) is None
