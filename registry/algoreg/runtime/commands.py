"""What each command does with a job, from its input file to its output file."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from algoreg import contract
from algoreg.runtime import volume
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.declaration import Declaration
from algoreg.runtime.discretion import Discretion
from algoreg.runtime.job import Job
from algoreg.runtime.parameters import parameters
from algoreg.runtime.question import Question, read_question
from algoreg.runtime.science import Rows, fetch, read_access
from algoreg.runtime.table import build, column_values, split, with_codes


@dataclass(frozen=True, kw_only=True)
class Program:
    """The author's package in the world that the caller made for it."""

    package: str
    """Its ``program`` module has ``estimator(job)``, and may list classes of its own in ``ESTIMATORS``."""
    declaration: Declaration
    environ: Mapping[str, str]
    volume: Path
    discretion: Discretion

    def module(self) -> Any:
        """Import the author's module: late, because it imports scikit-learn.

        That takes a second of processor time, an eighth of it in vain looks for garbage.
        """
        gc.disable()
        try:
            return importlib.import_module(f"{self.package}.program")
        finally:
            gc.enable()


def _fetch(program: Program, task: volume.Task, variable: str, covariables: list[str]) -> Rows:
    rows = fetch(
        read_access(program.environ),
        query_features=task.query_features,
        query_targets=task.query_targets,
        covariables=covariables,
        variable=variable,
    )
    program.discretion.protect(rows.features)
    program.discretion.protect([rows.targets])
    return rows


def _names(question: Question) -> list[str]:
    return [column.name for column in question.covariables]


def train(program: Program) -> None:
    """``input_training.json`` -> ``input_test.json``. Raises Failure."""
    task = volume.read_task(program.volume, contract.INPUT_TRAINING)
    question = read_question(program.declaration, program.environ)
    values = parameters(program.declaration, program.environ)
    rows = _fetch(program, task, question.variable.name, _names(question))
    parts = split(rows, task.test_rows, program.declaration, question.variable)
    job = Job(
        task=question.task,
        parameters=values,
        n_train=len(parts.train),
        seed=task.seed,
        variable=with_codes(question.variable, (rows.targets[row] for row in parts.train)),
        covariables=tuple(
            with_codes(column, column_values(rows, position, parts.train))
            for position, column in enumerate(question.covariables)
        ),
    )
    nullable = program.declaration.covariables_can_be_null
    table = build(rows, parts, variable=job.variable, covariables=job.covariables, nullable=nullable)

    from algoreg.runtime import fitting, text

    module = program.module()
    catalogue = Catalogue(getattr(module, "ESTIMATORS", ()))
    estimator = fitting.assemble(module.estimator(job), job.covariables, impute=nullable, seed=job.seed)
    model = text.Model(
        task=job.task,
        variable=job.variable,
        covariables=job.covariables,
        parameters=values,
        seed=job.seed,
        estimator=estimator,
    )
    pipeline = text.write_text(model, catalogue)
    # Fit what the text says, not what it was made from: a text that cannot be trained again is found here.
    fitting.fit(text.read_text(pipeline, catalogue), table)
    volume.write(program.volume, contract.INPUT_TEST, {**task.document, "pipeline": pipeline})


def test(program: Program) -> None:
    """``input_test.json`` -> ``predictions.json``; columns and parameters come from the text. Raises Failure."""
    task = volume.read_task(program.volume, contract.INPUT_TEST)
    pipeline = volume.text_at(task.document, "pipeline", contract.INPUT_TEST)

    from algoreg.runtime import fitting, text

    model = text.read_text(pipeline, Catalogue(getattr(program.module(), "ESTIMATORS", ())))
    rows = _fetch(program, task, model.variable.name, [column.name for column in model.covariables])
    parts = split(rows, task.test_rows, program.declaration, model.variable)
    table = build(
        rows,
        parts,
        variable=model.variable,
        covariables=model.covariables,
        nullable=program.declaration.covariables_can_be_null,
    )
    answer = fitting.predict(fitting.fit(model, table), model, table)
    volume.write(program.volume, contract.PREDICTIONS, {"rows": list(parts.held_out), **answer})


COMMANDS: Final[Mapping[str, Callable[[Program], None]]] = {contract.TRAIN: train, contract.TEST: test}
"""What the runtime can do; an image accepts those of them that its metadata declares."""
