"""The cap family: does the image do what its metadata declare, and refuse what they exclude?"""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks import neg
from algoreg.checks.federation import federated
from algoreg.checks.findings import NO_TWIN, failed
from algoreg.checks.order import LATE
from algoreg.checks.parameters import with_parameter
from algoreg.checks.twins import counts, done
from algoreg.checks.waiting import wait
from algoreg.materials import Trial
from algoreg.model import Algorithm, Parameter
from algoreg.observation import Computation, Experiment, Trialled
from algoreg.outputs import same_predictions
from algoreg.probe import Probe
from algoreg.report import Finding, passed, skipped


@check("cap.task", "a declared task is refused, or done as the other task", needs=LATE)
def task(probe: Probe) -> Iterator[Finding]:
    """Every declared task other than the base case's is done on plain data: numbers for a regression, codes for a
    classification.

    Why: Woken offers the algorithm for every variable that its tasks allow.
    Fix: Choose the task by the variable's type in PARAM_meta, or do not declare it.
    """
    others = [Trial(task=name) for name in probe.algorithm.base_tasks if name != probe.base_task]
    if not others:
        yield skipped("one task is declared, and the base case tried it")
    yield from done(probe, others, "is declared and not done")


@check("cap.param-range", "a parameter's declared range is not the one that holds", needs=(*LATE, "cap.task"))
def param_range(probe: Probe) -> Iterator[Finding]:
    """Both ends of a parameter's range, and each of its values, are accepted; a number just outside and another value
    are refused.

    Why: The portal builds its form from the declared range: what it lets a person enter must work, and what a script
    sends beside it must not be taken for something else.
    Fix: Declare the range that the program has, and refuse a value outside with a code from 1 to 124: never replace it
    by the nearest one or by the default.
    """
    trials = [
        with_parameter(probe, parameter, value)
        for parameter in probe.algorithm.parameters
        for value in parameter.accepted
    ]
    yield from done(probe, trials, "is inside the declared range and refused")
    yield from neg.judged(probe, "cap.param-range")


@check("cap.param-ignored", "a parameter changes nothing", needs=("cap.param-range",))
def param_ignored(probe: Probe) -> Iterator[Finding]:
    """Between the ends of a parameter (unless validation.effect is false), the pipeline's text, the predictions or what
    compute stores must change.

    Why: A person who turns a knob and sees the same result draws a conclusion from it.
    Fix: Read MODEL_PARAM_<code>, or take the parameter out of the metadata.
    """
    tried = [(p, p.ends) for p in probe.algorithm.parameters if p.validation.effect and p.ends]
    if not tried:
        yield skipped("no parameter with two values promises an effect")
    for (parameter, ends), found in probe.each(tried, lambda question: _at(probe, *question)):
        case = f"parameter {parameter.code}"
        if not any(counts(probe, trialled) for trialled in found[0]):
            yield skipped(NO_TWIN, case)
        elif any(_differ(low, high) for low, high in zip(*found, strict=True)):
            yield passed(case)
        else:
            yield failed(
                found[1][-1].steps[-1],
                f"{parameter.code}={ends[0]} and {parameter.code}={ends[1]} give the same",
                expected="another text, another prediction or other data, or validation.effect: false",
                got="no difference",
                case=case,
            )


def _at(probe: Probe, parameter: Parameter, ends: tuple[str, str]) -> list[tuple[Trialled, ...]]:
    trials = [with_parameter(probe, parameter, value) for value in ends]
    return [found for _, found in probe.each(trials, probe.in_every_profile)]


def _differ(low: Trialled, high: Trialled) -> bool:
    if isinstance(low, Computation) and isinstance(high, Computation):
        digests = [found.row.data_digest if found.row else None for found in (low, high)]
        return digests[0] != digests[1]
    if isinstance(low, Experiment) and isinstance(high, Experiment):
        rows = sorted(low.predictions.keys() & high.predictions.keys())
        before, after = ([found.predictions[row] for row in rows] for found in (low, high))
        return low.pipeline != high.pipeline or not same_predictions(before, after)
    return False


@check("cap.null", "it is declared to take NULL, and fails on it", needs=(*LATE, "cap.task"))
def null(probe: Probe) -> Iterator[Finding]:
    """Where variables_can_be_null or covariables_can_be_null is declared, a tenth of the rows with NULL there is no
    trouble.

    Why: Woken leaves out the IS NOT NULL filter of exactly these algorithms.
    Fix: Drop or impute such rows, or do not declare it.
    """
    algorithm = probe.algorithm
    if not (algorithm.variables_can_be_null or algorithm.covariables_can_be_null):
        yield skipped("the metadata declare no NULL, and Woken filters it")
        return
    yield from done(
        probe, [Trial(task=probe.base_task, nulls=True, name="with NULL")], "is declared and fails"
    )


@check(
    "cap.constraints", "a variable type or a mixture is not treated as declared", needs=(*LATE, "cap.task")
)
def constraints(probe: Probe) -> Iterator[Finding]:
    """Each variable type that is set to true is accepted, each that is set to false refused; nominal and continuous
    covariables together are refused where mixed is false (the base case has both where it is true).

    Why: Woken's catalogue shows these constraints, and the portal lets people choose by them.
    Fix: Check the types in PARAM_meta before the work, and declare what the program takes.
    """
    trials = [
        Trial(task=_task_of(kind), variable_type=kind, name=f"with a variable of type {kind}")
        for kind in _untried(probe.algorithm)
    ]
    yield from done(probe, trials, "is declared and refused")
    yield from neg.judged(probe, "cap.constraints")


def _task_of(kind: str) -> str:
    return contract.CLASSIFICATION if kind in contract.NOMINAL_TYPES else contract.REGRESSION


def _untried(algorithm: Algorithm) -> list[str]:
    """Accepted types of declared tasks that no other case has tried."""
    tried = {algorithm.accepted_type(task) for task in algorithm.base_tasks}
    return [
        kind
        for kind in contract.VARIABLE_TYPES
        if algorithm.constraints.accepts(kind)
        and kind not in tried
        and _task_of(kind) in algorithm.base_tasks
    ]


CHECKS: tuple[Check, ...] = (constraints, federated, null, param_ignored, param_range, task, wait)
