"""What the interactive commands do with a job, from input file to output file; and the table of all commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from algoreg import contract
from algoreg.runtime import search, volume
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.batch import compute
from algoreg.runtime.parameters import parameters
from algoreg.runtime.preparation import choose, prepare
from algoreg.runtime.program import Program
from algoreg.runtime.question import Question, read_question
from algoreg.runtime.science import Rows, fetch, read_access
from algoreg.runtime.table import build, split
from algoreg.runtime.waiting import wait


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
    prepared = prepare(program.declaration, question, values, rows=rows, parts=parts, seed=task.seed)

    from algoreg.runtime import fitting, text

    module = program.module()
    catalogue = Catalogue.of(module)
    chosen = choose(module, prepared)
    pipeline = text.write_text(chosen.model, catalogue)
    # Fit what the text says, not what it was made from: a text that cannot be trained again is found here.
    model = text.read_text(pipeline, catalogue)
    if not hasattr(module, "search"):  # which has fitted it, and may have used up its time
        fitting.fit(model, prepared.table)
    notes = {search.NOTES: chosen.notes} if chosen.notes else {}
    volume.write(program.volume, contract.INPUT_TEST, {**notes, **task.document, "pipeline": pipeline})


def test(program: Program) -> None:
    """``input_test.json`` -> ``predictions.json``; columns and parameters come from the text. Raises Failure."""
    task = volume.read_task(program.volume, contract.INPUT_TEST)
    pipeline = volume.text_at(task.document, "pipeline", contract.INPUT_TEST)

    from algoreg.runtime import fitting, text

    model = text.read_text(pipeline, Catalogue.of(program.module()))
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


COMMANDS: Final[Mapping[str, Callable[[Program], None]]] = {
    contract.TRAIN: train,
    contract.TEST: test,
    contract.COMPUTE: compute,
    contract.WAIT: wait,
}
"""What the runtime can do; an image accepts those of them that its metadata declares."""
