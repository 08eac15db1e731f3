"""The sem family: do predictions depend on the features, on the training data, and on the model?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks.findings import failed, whole
from algoreg.checks.order import LATE
from algoreg.checks.parameters import with_parameter
from algoreg.materials import Trial
from algoreg.model import Parameter
from algoreg.observation import Experiment
from algoreg.outputs import same_predictions
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, passed, skipped


def _agree(left: Experiment, right: Experiment) -> bool:
    """Whether two good experiments predict the same for the same rows."""
    a, b = left.predictions, right.predictions
    return a.keys() == b.keys() and same_predictions(list(a.values()), [b[row] for row in a])


def _must_differ(probe: Probe, other: Experiment, case: str, message: str) -> Finding:
    """PASS when ``other`` predicts otherwise than the base case."""
    finding = whole(other, case, trouble="it failed on changed data")
    if finding.outcome is not Outcome.PASS or other.test is None or not _agree(probe.base(), other):
        return finding
    count = len(other.predictions)
    return failed(
        other.test,
        message,
        expected="at least one other prediction",
        got=f"the same {count} predictions",
        case=case,
    )


def _documented(probe: Probe) -> Sequence[Any] | None:
    """What the base case's PFA document predicts; None where there is no good one."""
    evaluated = probe.algorithm.result in contract.PFA_RESULTS and probe.candidate.image is not None
    base = probe.base_computation()
    if not evaluated or base.problem is not None:
        return None
    return probe.prediction(base).outputs or None


_NO_DOCUMENT = "there is no PFA document that predicts"


def _document_uses_input(probe: Probe) -> Iterator[Finding]:
    outputs, step = _documented(probe), probe.base_computation().step
    if outputs is None:
        yield skipped(_NO_DOCUMENT)
    elif len(set(outputs)) > 1:
        yield passed(step.case)
    else:
        yield failed(
            step,
            "its PFA document predicts the same for every row",
            expected="at least two predictions that differ",
            got=f"{len(outputs)} times the same",
        )


def _document_uses_data(probe: Probe) -> Iterator[Finding]:
    outputs = _documented(probe)
    if outputs is None:
        yield skipped(_NO_DOCUMENT)
        return
    trial = Trial(task=probe.base_task, permuted=True, name="with permuted targets")
    other = probe.computation(trial)
    case = f"compute {trial.case}"
    finding = whole(other, case, trouble="it failed on changed data")
    if finding.outcome is Outcome.PASS and same_predictions(list(outputs), list(other.outputs)):
        finding = failed(
            other.step,
            "with the training targets permuted, its PFA document predicts the same",
            expected="at least one other prediction",
            got=f"the same {len(outputs)} predictions",
            case=case,
        )
    yield finding


# In a new volume, so that what is left behind there must have taken its own blame before
@check(
    "sem.uses-input",
    "predictions do not depend on the features",
    needs=(*LATE, "det.fresh"),
)
def uses_input(probe: Probe) -> Iterator[Finding]:
    """The held-out rows' features are exchanged among them in the database; at least one prediction must change. Of an
    image that has compute alone, the PFA document must not say the same for every row.

    Why: A model that says the same for every patient gets a plausible score on unbalanced data.
    Fix: Predict from the rows that query_features returns now, with the columns in their right places.
    """
    if not probe.algorithm.interactive:
        yield from _document_uses_input(probe)
        return
    yield _must_differ(
        probe,
        probe.test_on_other_features(),
        f"test {probe.base_task} with other features",
        "with every held-out row's features exchanged, it predicts the same",
    )


@check(
    "sem.uses-data",
    "predictions do not depend on the training data",
    needs=("sem.uses-input",),
)
def uses_data(probe: Probe) -> Iterator[Finding]:
    """The training rows' targets are permuted; train and test again (compute, where an image has nothing else) must
    change at least one prediction.

    Why: A model that did not learn from the hospital's data says nothing about its patients.
    Fix: Fit on the rows that are not held out, in train or in test.
    """
    if not probe.algorithm.interactive:
        yield from _document_uses_data(probe)
        return
    yield _must_differ(
        probe,
        probe.trial(Trial(task=probe.base_task, permuted=True, name="with permuted targets")),
        f"{probe.base_task} with permuted targets",
        "with the training targets permuted, it predicts the same",
    )


def _uses(probe: Probe, parameter: Parameter, values: tuple[str, str]) -> Finding:
    """Judged on plain data, and before anything is blamed with permuted targets as well.

    Classes that lie far apart are told alike by good models that differ; in noise a difference shows.
    """
    finding = _differ(probe, parameter, values, permuted=False)
    return _differ(probe, parameter, values, permuted=True) if finding.outcome is Outcome.FAIL else finding


def _differ(probe: Probe, parameter: Parameter, values: tuple[str, str], *, permuted: bool) -> Finding:
    case = f"parameter {parameter.code}"
    trials = [with_parameter(probe, parameter, value, permuted=permuted) for value in values]
    low, high = (experiment for _, experiment in probe.each(trials, probe.trial))
    if low.problem or high.problem:
        return skipped("a value at an end of its range is refused", case)
    if low.pipeline == high.pipeline:
        return skipped("both values give the same pipeline", case)
    if not _agree(low, high) or high.test is None:
        return passed(case)
    return failed(
        high.test,
        f"the pipelines of {parameter.code}={values[0]} and {values[1]} differ, the predictions do not",
        expected="at least one other prediction, or validation.effect: false in the metadata",
        got="the same predictions",
        case=case,
    )


@check(
    "sem.uses-model",
    "test does not predict from the pipeline",
    needs=("sem.uses-data",),
    command=contract.TRAIN,
)
def uses_model(probe: Probe) -> Iterator[Finding]:
    """Texts trained at two values of a parameter that differ must give different predictions.

    Why: A test that fits a model of its own makes the trained one a decoration.
    Fix: Take every parameter of the model from the pipeline's text.
    """
    tried = [(p, p.ends) for p in probe.algorithm.parameters if p.validation.effect and p.ends]
    if not tried:
        yield skipped("no parameter with two values promises an effect")
    for _, finding in probe.each(tried, lambda question: _uses(probe, *question)):
        yield finding


CHECKS: tuple[Check, ...] = (uses_data, uses_input, uses_model)
