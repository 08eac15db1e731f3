"""Puts experiments together: one table, the folds of it, one or several algorithms, a directory with plots.

What one experiment is stands in ``experiment``, what a comparison says in ``comparison``; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from algoreg import answer, comparison, datasets, experiment, folds, job, plots, validation, volumes
from algoreg.engines.protocol import Engine, Subject
from algoreg.errors import UsageError
from algoreg.experiment import Outcome, Plan
from algoreg.formats import experiments as formats
from algoreg.model import Algorithm
from algoreg.record import ComparisonRecord, ExperimentRecord
from algoreg.registry import Registry
from algoreg.samples.sample import Sample
from algoreg.validation import Target
from algoreg.volumes import Volume
from algoreg.worlds import Progress

CLUSTER_PARAMETER = "DASK_SCHEDULER"
CLUSTER_PERMISSION = "ALGOREG_DASK_SCHEDULERS"
"""Variable in which an operator allows clusters; the person at this machine is one."""
PREDICTED = "predicted.svg"
PREDICTED_VALUES = 900_000
"""Fewer than a JSON document may have that is read at all."""
COMPARED = "compared.svg"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked, of whatever algorithm."""

    data: str
    """A CSV or Parquet file, or the URL of a database."""
    query: str | None = None
    described: Path | None = None
    """The types of the variables, where they are not inferred."""
    variable: str
    covariables: tuple[str, ...]
    folds: int | None = None
    """None: one hold-out of ``held_out``."""
    held_out: float = 0.25
    """Share of the rows."""
    seed: int
    jobs: int
    timeout_s: float | None = None
    model: bool = True
    """Compute on all rows, too."""

    def sample(self) -> Sample:
        """The table. Raises UsageError for whatever is wrong with it."""
        frame = datasets.read(self.data, self.query)
        described = None if self.described is None else datasets.described(self.described)
        return datasets.question(
            frame, variable=self.variable, covariables=self.covariables, described=described
        )

    def splits(self, sample: Sample) -> tuple[tuple[int, ...], ...]:
        """The held-out rows of each fold. Raises UsageError where the table is too small for it."""
        if self.folds is None:
            return (folds.holdout(sample, share=self.held_out, seed=self.seed),)
        return folds.k_fold(sample, folds=self.folds, seed=self.seed)


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What experiments are made with."""

    engine: Engine
    open_subject: Callable[[Target], Subject]
    registry: Registry
    progress: Progress
    tell: experiment.Tell


@dataclass(frozen=True, kw_only=True)
class Contender:
    """An algorithm, and what it is given."""

    target: Target
    parameters: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those of the contract."""


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A contender once its metadata are known."""

    contender: Contender
    subject: Subject
    algorithm: Algorithm


def contender(text: str, parameters: Iterable[str], *, cluster: str | None = None, hands: Hands) -> Contender:
    """An algorithm with parameters as ``CODE=VALUE``. Raises UsageError."""
    given = dict(map(job.parameter, parameters))
    if cluster is not None:
        if hands.engine.platform is not None:
            raise UsageError(
                "--cluster needs a network, and a container of ours has none",
                hint="Use --engine process, or give the image DASK_SCHEDULER where you run it yourself.",
            )
        given[CLUSTER_PARAMETER] = cluster
    return Contender(
        target=validation.resolve(text, hands.registry),
        parameters=given,
        environment={} if cluster is None else {CLUSTER_PERMISSION: cluster},
    )


def contenders(texts: Sequence[str], parameters: Iterable[str], *, hands: Hands) -> tuple[Contender, ...]:
    """Several, with parameters as ``ALGORITHM.CODE=VALUE``. Raises UsageError."""
    if len(texts) < 2:
        raise UsageError("a comparison needs two algorithms", hint="As in: algoreg compare knn linreg ...")
    given: dict[str, dict[str, str]] = {text: {} for text in texts}
    for parameter in parameters:
        named = [text for text in texts if parameter.startswith(f"{text}.")]
        if not named:
            raise UsageError(
                f"--parameter {parameter} names none of the algorithms",
                hint=f"Write, for example, --parameter {texts[0]}.CODE=VALUE",
            )
        text = max(named, key=len)
        given[text] |= [job.parameter(parameter.removeprefix(f"{text}."))]
    return tuple(
        Contender(target=validation.resolve(text, hands.registry), parameters=given[text]) for text in texts
    )


def run(
    question: Question, contender: Contender, *, hands: Hands, folder: Path
) -> tuple[ExperimentRecord, dict[str, Any]]:
    """One algorithm: its record, and what Woken's AlgorithmActor would be given. Both are in the directory, too."""
    sample = question.sample()
    entrant = _entrant(contender, hands)
    plan = _plan(question, sample, [entrant])
    volume = volumes.create(folder, entrant.algorithm.code)
    outcome, record = _made(entrant, plan, hands, volume)
    answered = answer.answer(outcome, job_id=volume.path.name, origin=datasets.shown(question.data))
    volume.write("answer.json", formats.as_json(answered).encode())
    return record, answered


def compare(
    question: Question, contenders: Sequence[Contender], *, hands: Hands, folder: Path
) -> tuple[ComparisonRecord, Volume]:
    """Several algorithms, one after the other, on the same folds."""
    sample = question.sample()
    entrants = [_entrant(contender, hands) for contender in contenders]
    _refuse_twins(entrants)
    plan = replace(_plan(question, sample, entrants), model=False)
    for entrant in entrants:  # a wrong one must not be found after the others have taken their minutes
        experiment.check(entrant.algorithm, _for(entrant, plan))
    volume = volumes.create(folder, "compare")
    with volume.left_clean():
        records = [
            _made(entrant, plan, hands, volume.below(entrant.algorithm.code))[1] for entrant in entrants
        ]
    compared = comparison.compare(records, data=datasets.shown(question.data), notes=_notes(plan))
    volume.write("comparison.json", formats.as_json(compared.json()).encode())
    plots.comparison(
        volume.path / COMPARED,
        {one.code: one.values for one in records},
        metric=compared.metric.name,
        title=f"{plan.sample.variable.code}, {len(plan.splits)} folds",
    )
    return compared, volume


def _entrant(contender: Contender, hands: Hands) -> Entrant:
    subject = hands.open_subject(contender.target)
    known = validation.candidate_of(contender.target, subject, given=None, registry=hands.registry)
    return Entrant(contender=contender, subject=subject, algorithm=known.algorithm())


def _refuse_twins(entrants: Sequence[Entrant]) -> None:
    codes = [entrant.algorithm.code for entrant in entrants]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is named twice", hint="Name each algorithm once.")


def _plan(question: Question, sample: Sample, entrants: Sequence[Entrant]) -> Plan:
    """Rows with a NULL go where one of the algorithms does not take it, as Woken's IS NOT NULL filters do."""
    algorithms = [entrant.algorithm for entrant in entrants]
    complete, left_out = datasets.without_nulls(
        sample,
        variable=not all(one.variables_can_be_null for one in algorithms),
        covariables=not all(one.covariables_can_be_null for one in algorithms),
    )
    splits = question.splits(complete)
    _refuse_what_no_file_can_hold(complete, splits)
    return Plan(
        sample=complete,
        splits=splits,
        seed=question.seed,
        jobs=question.jobs,
        timeout_s=question.timeout_s,
        model=question.model,
        rows_left_out=left_out,
    )


def _refuse_what_no_file_can_hold(sample: Sample, splits: Sequence[tuple[int, ...]]) -> None:
    """Row, prediction, target and a probability for each class, as ``predictions.json`` has them."""
    rows = max(map(len, splits))
    values = rows * (3 + 2 * len(sample.variable.codes))
    if values > PREDICTED_VALUES:
        raise UsageError(
            f"{rows:,} held-out rows are {values:,} values in predictions.json, which holds {PREDICTED_VALUES:,}",
            hint="Use more folds, or a smaller --held-out.",
        )


def _for(entrant: Entrant, plan: Plan) -> Plan:
    contender = entrant.contender
    return replace(plan, parameters=contender.parameters, environment=contender.environment)


def _made(entrant: Entrant, plan: Plan, hands: Hands, volume: Volume) -> tuple[Outcome, ExperimentRecord]:
    """Run it; keep its files, its record and its plot."""
    with volume.left_clean():
        outcome = experiment.run(
            _for(entrant, plan),
            algorithm=entrant.algorithm,
            subject=entrant.subject,
            engine=hands.engine,
            progress=hands.progress,
            tell=hands.tell,
        )
    for number, fold in enumerate(outcome.folds, 1):
        volume.keep(str(number), fold)
    plot = _plot(outcome, volume.path / PREDICTED)
    record = outcome.record(
        target=entrant.subject.target,
        engine=hands.engine,
        folder=str(volume.path),
        plot=None if plot is None else str(plot),
    )
    volume.write("experiment.json", formats.as_json(record.json()).encode())
    hands.tell(f"{record.code}: {_told(record)}")
    return outcome, record


def _told(record: ExperimentRecord) -> str:
    values = ", ".join(formats.number(value) for value in record.values)
    return f"{record.metric.name} {values}"


def _plot(outcome: Outcome, path: Path) -> Path | None:
    """Predicted against true, or a confusion matrix, over all the folds' held-out rows; None without any."""
    scores, variable = outcome.scores, outcome.plan.sample.variable
    if scores is None:
        return None
    title = f"{outcome.algorithm.code}: {variable.code}"
    matrix = scores.average.confusion
    if matrix is not None:
        plots.confusion_matrix(path, matrix.labels, matrix.values, title=title)
        return path
    pairs = outcome.pairs.values()
    plots.predicted_against_true(
        path,
        [truth for truths, _ in pairs for truth in truths],
        [value for _, predicted in pairs for value in predicted],
        title=title,
    )
    return path


def _notes(plan: Plan) -> tuple[str, ...]:
    left = plan.rows_left_out
    return (f"{left} rows with a NULL are left out: not all of these algorithms take them.",) if left else ()
