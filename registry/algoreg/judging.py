"""What an experiment shows: its first defect, by order of the contract, and what could be read of its outputs.

Pure: takes steps that were observed. Which check reports a defect, and for which case, is decided in ``checks``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from algoreg import contract, outputs, rows
from algoreg.faults import Setting
from algoreg.observation import Computation, Experiment, Problem, Step, run_defect
from algoreg.outputs import Defect
from algoreg.pfa import Answer, Rung
from algoreg.rows import Expectation
from algoreg.samples.sample import Sample


def training(sample: Sample, setting: Setting, train: Step) -> Experiment:
    """The experiment after its train: with a problem, or with a pipeline that test can go on from."""
    defect = run_defect(train)
    pipeline = None
    if defect is None:
        parsed = outputs.read_output(train.snapshot, contract.INPUT_TEST)
        defect = parsed.defect
    if defect is None:
        given = setting.document(contract.INPUT_TRAINING)
        defect = outputs.training_document_defect(given, parsed.document)
    if defect is None:
        pipeline = parsed.document["pipeline"]
    return Experiment(sample=sample, train=train, pipeline=pipeline, problem=_problem(train, defect))


def test(so_far: Experiment, test: Step) -> Experiment:
    """The experiment after its test. A pipeline that is no text is blamed last, by order of the contract."""
    defect = run_defect(test)
    predictions: dict[int, Any] = {}
    if defect is None:
        parsed = outputs.read_output(test.snapshot, contract.PREDICTIONS)
        defect = parsed.defect or outputs.predictions_document_defect(so_far.sample, parsed.document)
    if defect is None:
        positions = map(int, parsed.document["rows"])
        predictions = dict(zip(positions, parsed.document["predictions"], strict=True))
    problem = _problem(test, defect)
    if problem is None and so_far.train is not None and so_far.pipeline is not None:
        problem = _problem(so_far.train, outputs.pipeline_defect(so_far.pipeline))
    return replace(so_far, test=test, predictions=predictions, problem=problem)


def computation(sample: Sample, step: Step, wanted: Expectation) -> Computation:
    """A compute with its first defect, and the job's row where there is one."""
    defect = run_defect(step) or rows.result_defect(step.audit.rows, wanted)
    own = [row for row in step.audit.rows if row.job_id == wanted.job_id]
    return Computation(
        sample=sample, step=step, row=own[0] if len(own) == 1 else None, problem=_problem(step, defect)
    )


def document(computation: Computation, answer: Answer) -> Computation:
    """A good compute with what came of its PFA document."""
    codes = computation.sample.variable.codes
    strange = next((value for value in answer.outputs if codes and value not in codes), None)
    defect = None
    if answer.failed is not None:
        defect = Defect(
            check=answer.failed.value,
            message=f"its PFA document: {answer.message}",
            expected="a document that predicts every row",
            got=answer.message,
        )
    elif strange is not None:
        defect = Defect(
            check=Rung.PREDICTS.value,
            message="its PFA document predicts what the variable cannot be",
            expected=f"one of {', '.join(map(repr, codes[:10]))}",
            got=repr(strange)[:200],
        )
    return replace(computation, outputs=answer.outputs, problem=_problem(computation.step, defect))


def _problem(step: Step, defect: Defect | None) -> Problem | None:
    return None if defect is None else Problem(step=step, defect=defect)
