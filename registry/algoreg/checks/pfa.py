"""The pfa family: is the document that compute stored PFA, and does it predict what the image itself predicts?

The document is evaluated in a sandbox, one rung of the ladder after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from algoreg import contract, judging
from algoreg.check import Check, Judge, check
from algoreg.checks.findings import about, failed
from algoreg.materials import Trial
from algoreg.observation import Computation
from algoreg.outputs import same_predictions
from algoreg.pfa import Rung
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, passed, skipped

_LADDER = list(Rung)


def _evaluated(probe: Probe) -> bool:
    return probe.algorithm.result in contract.PFA_RESULTS


def _rung(rung: Rung, expected: str, explanation: str) -> Judge:
    """A judge that fails where the document's climb ended on this rung."""

    def judge(probe: Probe) -> Iterator[Finding]:
        if not _evaluated(probe):
            yield skipped(f"the declared result is {probe.algorithm.result}")
            return
        base = probe.base_computation()
        answer = probe.prediction(base)
        if answer.failed is rung:
            yield failed(
                base.step, f"its PFA document: {answer.message}", expected=expected, got=answer.message
            )
            return
        if answer.failed is not None and _LADDER.index(answer.failed) < _LADDER.index(rung):
            yield skipped(f"see {answer.failed}", base.step.case)
            return
        if rung is Rung.PREDICTS:
            yield from _predicts(probe)
        else:
            yield passed(base.step.case)

    judge.__doc__ = explanation
    return judge


def as_test(
    probe: Probe, trial: Trial, computation: Computation, outputs: Sequence[Any], case: str
) -> Finding:
    """Trained on the same rows, the document and the image's own test must say the same of the held-out ones.

    The default seed is the only one that compute can know; a model that draws at random is asked again with it.
    """
    if not probe.algorithm.deterministic:
        return skipped("the metadata declare deterministic: false", case)
    held_out = computation.sample.predictable
    said, wanted = list(outputs[: len(held_out)]), []
    for asked in (trial, replace(trial, seed=contract.DEFAULT_SEED)):
        experiment = probe.trial(asked)
        if experiment.problem is not None:
            return skipped("its own test did not predict", case)
        wanted = [experiment.predictions.get(row) for row in held_out]
        if same_predictions(said, wanted):
            return passed(case)
    first = next(
        n for n, pair in enumerate(zip(said, wanted, strict=True)) if not same_predictions(*map(_one, pair))
    )
    return failed(
        computation.step,
        "its PFA document does not predict what its own test predicts",
        expected=f"row {held_out[first]}: {wanted[first]!r}",
        got=f"row {held_out[first]}: {said[first]!r}",
        case=case,
    )


def base_is_good(probe: Probe) -> bool:
    """Whether the base case's document, where there is one, is known to be good: else it has taken the blame."""
    if not _evaluated(probe) or probe.candidate.image is None:
        return True
    base = probe.base_computation()
    return base.problem is None and all(finding.outcome is not Outcome.FAIL for finding in _predicts(probe))


def _predicts(probe: Probe) -> Iterator[Finding]:
    """What the last rung asks of the base case's document."""
    base = probe.base_computation()
    answer = probe.prediction(base)
    found = judging.document(base, answer)
    yield passed(base.step.case) if found.problem is None else about(found.problem)
    if found.problem is None and probe.algorithm.interactive:
        case = f"{probe.base_task}, as its own test predicts"
        yield as_test(probe, Trial(task=probe.base_task), base, answer.outputs, case)


def _one(value: Any) -> list[Any]:
    return [value]


def _check(rung: Rung, title: str, expected: str, explanation: str) -> Check:
    before = _LADDER[_LADDER.index(rung) - 1].value if rung is not _LADDER[0] else "db.shape"
    # A test that does not predict from its model differs from every document: that is said by its own name
    needs = (before, "sem.uses-model") if rung is Rung.PREDICTS else (before,)
    build = check(rung.value, title, needs=needs, command=contract.COMPUTE, needs_image=True)
    return build(_rung(rung, expected, explanation))


CHECKS: tuple[Check, ...] = (
    _check(
        Rung.SYNTAX,
        "the result is no PFA document",
        "a JSON object with the keys of PFA",
        """data hold a JSON object that the PFA standard's reader accepts.

        Why: Woken stores and forwards a result of shape pfa unread; whoever predicts with it finds out last.
        Fix: Write the document with a JSON library, and only the keys that PFA 0.8.1 has; remarks go into metadata.
        """,
    ),
    _check(
        Rung.SEMANTICS,
        "the PFA document contradicts itself",
        "a document whose types agree and that reads declared fields only",
        """The document's types agree: every field, cell and function that it uses is declared.

        Why: A document that reads a field its input does not have cannot predict a single patient.
        Fix: Validate the document with a PFA engine in the image's own tests.
        """,
    ),
    _check(
        Rung.ENGINE,
        "no engine can be built from the PFA document",
        "a document that an engine can be built from",
        """An engine starts with the document: cells and pools fill with their initial values, begin runs.

        Why: Woken's validation starts an engine for every fold.
        Fix: Make the initial value of each cell fit its type.
        """,
    ),
    _check(
        Rung.IO,
        "the PFA document takes or gives something else than the job's columns",
        "method map, a record of the covariables, values of the variable's type",
        """The method is map; the input is a record with one field per covariable (string where it is nominal, int or
        double for an integer, double for a real one); the output is a string for a nominal variable, else a number.

        Why: Woken's validation feeds it the covariables of the query, row by row.
        Fix: Name the fields by the columns, put scaling and one-hot encoding into the document, and let it return the
        code of a class as text, not its position.
        """,
    ),
    _check(
        Rung.PREDICTS,
        "the PFA document does not predict as the algorithm does",
        "a finite prediction for every row",
        """On rows of the query the document returns values that the variable can have; where the image has train and
        test, it predicts for the held-out rows what test predicts after a train on the same rows (unless deterministic
        is false): classes equal, numbers at 1e-9.

        Why: The scores that a person sees come from one, the predictions for a patient from the other. A converter of
        the platform always predicted the first of two classes.
        Fix: Compare the document with the estimator on random rows, with two classes and with three; a prediction with
        a random part never agrees.
        """,
    ),
)
