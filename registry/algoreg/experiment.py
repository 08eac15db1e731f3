"""The thesis's interactive actor: train, wait for its exit code, test, fold by fold; and a model of all rows.

How one run is made and read is the bench's business and judging's, as in a validation; the figures are
``scoring``'s. A train that went wrong never leads to a test.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from algoreg import job, record, scoring
from algoreg.bench import Bench
from algoreg.engines.protocol import Engine, Subject
from algoreg.errors import UsageError
from algoreg.model import Algorithm
from algoreg.observation import Computation, Experiment, Problem, Step
from algoreg.record import ExperimentRecord, Metric, Trouble
from algoreg.samples.sample import Sample, Value
from algoreg.scoring import KFoldScore
from algoreg.worlds import Progress, Worlds

_TELLS_VALUES = ("out.domain", "out.alignment")
_ROW = re.compile(r"row \d{1,9}")
Split = tuple[int, ...]
"""0-based positions of the held-out rows."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked of one algorithm."""

    sample: Sample
    """The table; which rows are held out is told by ``splits``."""
    splits: tuple[Split, ...]
    """One: a hold-out. Several: the folds of a cross-validation."""
    seed: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Code -> text; what is left out has the image's default."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those of the contract."""
    jobs: int
    timeout_s: float | None = None
    """Deadline of each run; None: the metadata's."""
    model: bool = True
    """Compute on all rows, too, where the algorithm can."""
    rows_left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a plan; the contract's files are still with it."""

    algorithm: Algorithm
    plan: Plan
    folds: tuple[Experiment, ...]
    """In the order of the splits."""
    model: Computation | None
    """None where none was asked for, or the algorithm has no compute."""

    @property
    def metric(self) -> Metric:
        """What algorithms are compared by."""
        headline = scoring.headline(self.plan.sample.variable)
        return Metric(name=headline.key, higher_is_better=headline.higher_is_better)

    @property
    def pairs(self) -> dict[str, tuple[tuple[Value, ...], tuple[Any, ...]]]:
        """Fold -> (true values, predictions) of the folds that have predictions."""
        return {
            str(number): (fold.sample.targets, tuple(fold.predictions[row] for row in fold.sample.held_out))
            for number, fold in enumerate(self.folds, 1)
            if fold.problem is None
        }

    @property
    def scores(self) -> KFoldScore | None:
        """Fold by fold and pooled; None where nothing was predicted."""
        pairs = self.pairs
        return scoring.k_fold(self.plan.sample.variable, pairs) if pairs else None

    @property
    def told(self) -> dict[str, Any] | None:
        """The score as Woken writes it: of the hold-out, or of the cross-validation."""
        scores = self.scores
        if scores is None:
            return None
        return scores.average.json() if len(self.folds) == 1 else scores.json()

    def record(
        self, *, target: str, engine: Engine, folder: str | None = None, plot: str | None = None
    ) -> ExperimentRecord:
        """What is written down."""
        sample, scores = self.plan.sample, self.scores
        values = {} if scores is None else scores.values
        return ExperimentRecord(
            code=self.algorithm.code,
            target=target,
            engine=engine.info,
            seed=self.plan.seed,
            task=sample.task,
            variable=sample.variable.code,
            covariables=tuple(column.code for column in sample.covariables),
            types={column.code: column.type for column in (sample.variable, *sample.covariables)},
            parameters=dict(self.plan.parameters),
            rows=len(sample.rows),
            rows_left_out=self.plan.rows_left_out,
            folds=tuple(
                _fold(str(number), fold, values.get(str(number))) for number, fold in enumerate(self.folds, 1)
            ),
            metric=self.metric,
            scores=self.told,
            model=_trouble(self.model.problem if self.model is not None else None),
            folder=folder,
            plot=plot,
        )


def _fold(name: str, fold: Experiment, value: float | None) -> record.Fold:
    return record.Fold(
        name=name,
        n_train=len(fold.sample.training),
        n_held_out=len(fold.sample.held_out),
        train_s=None if fold.train is None else fold.train.execution.duration_s,
        test_s=None if fold.test is None else fold.test.execution.duration_s,
        value=value,
        trouble=_trouble(fold.problem),
    )


def _trouble(problem: Problem | None) -> Trouble | None:
    if problem is None:
        return None
    step, defect = problem.step, problem.defect
    return Trouble(
        case=step.case,
        message=defect.message,
        expected=_without_values(defect.check, defect.expected),
        got=_without_values(defect.check, step.redacted(defect.got)),
        evidence=step.evidence,
    )


def check(algorithm: Algorithm, plan: Plan) -> None:
    """Before anything starts. Raises UsageError: what the metadata already exclude, and parameters nobody declared."""
    if not algorithm.interactive:
        raise UsageError(
            f"{algorithm.code} has no train and test (interactive: false), which an experiment is made of",
            hint="Validate it with `algoreg validate`; Woken cross-validates its PFA documents.",
        )
    job.ensure_accepted(algorithm, plan.sample)
    job.ensure_declared(algorithm, plan.parameters)


Tell = Callable[[str], None]
"""Hears a line for each thing that is over."""


def _without_values(check: str, text: str) -> str:
    """These rows are somebody's patients: a record tells which row it is, not what is in it."""
    if check not in _TELLS_VALUES:
        return text
    row = _ROW.match(text)
    return row.group() if row else "(a value, not shown)"


def run(
    plan: Plan, *, algorithm: Algorithm, subject: Subject, engine: Engine, progress: Progress, tell: Tell
) -> Outcome:
    """Make every fold, as many at a time as ``plan.jobs`` and the machine allow, and the model beside them.

    Whatever is wrong with a fold is in its ``problem``; the others go on. Raises UsageError, EngineError,
    DatabaseError, Cancelled.
    """
    check(algorithm, plan)
    with engine.laboratory(subject) as laboratory:
        bench = Bench(
            worlds=Worlds(
                laboratory=laboratory,
                algorithm=algorithm,
                rng=lambda *purpose: random.Random(repr((plan.seed, *purpose))),
                jobs=plan.jobs,
                progress=progress,
                parameters=plan.parameters,
                environment=plan.environment,
            ),
            timeout_s=plan.timeout_s,
            function=algorithm.code,
            heard=lambda case, line: tell(f"{case}: {line}"),
            search_leaks=False,
        )
        return _made(bench, plan, algorithm, engine, tell)


def _made(bench: Bench, plan: Plan, algorithm: Algorithm, engine: Engine, tell: Tell) -> Outcome:
    def fold(number: int) -> Experiment:
        sample = replace(plan.sample, held_out=plan.splits[number - 1])
        made = bench.train_and_test(sample, name=f"fold {number}", seed=plan.seed)
        tell(f"{algorithm.code}, fold {number} of {len(plan.splits)}: {_ended(made.steps, made.problem)}")
        return made

    def model() -> Computation | None:
        if not (plan.model and algorithm.computes):
            return None
        computed = bench.compute(plan.sample, name="on all rows", query=plan.sample.query)
        tell(f"{algorithm.code}, model of all rows: {_ended(computed.steps, computed.problem)}")
        return computed

    with ThreadPoolExecutor(len(plan.splits) + 1, thread_name_prefix="fold") as threads:
        try:
            folds = [threads.submit(fold, number) for number in range(1, len(plan.splits) + 1)]
            computed = threads.submit(model)
            return Outcome(
                algorithm=algorithm,
                plan=plan,
                folds=tuple(future.result() for future in folds),
                model=computed.result(),
            )
        except BaseException:
            engine.cancel()
            threads.shutdown(cancel_futures=True)
            raise


def _ended(steps: Sequence[Step], problem: Problem | None) -> str:
    took = ", ".join(f"{step.request.arguments[0]} {step.execution.duration_s:.1f} s" for step in steps)
    return took if problem is None else f"{took}, FAILED: {problem.defect.message}"
