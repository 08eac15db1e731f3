"""What a check may ask of an image: each question runs its experiment once, and the answer is remembered.

The probe chooses data and variations; ``bench`` makes the experiments, ``checks`` judge them. Questions may be
asked from many threads.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeVar

from algoreg import basecase, contract, job, judging, shapes
from algoreg.bench import Bench
from algoreg.candidate import Candidate
from algoreg.engines.protocol import Engine, Laboratory, Subject
from algoreg.faults import Fault, Setting
from algoreg.materials import Materials, Trial
from algoreg.memory import Memory
from algoreg.model import Algorithm
from algoreg.observation import Computation, Experiment, Step, Trialled
from algoreg.pfa import Answer, Field, Question, field_types, output_types
from algoreg.rows import Expectation
from algoreg.samples import catalogue
from algoreg.samples.sample import Sample
from algoreg.vigil import Vigil
from algoreg.worlds import Progress, Worlds

T = TypeVar("T")

_SOME_ROWS = 40
"""Rows of the query, beside the held-out ones, that a PFA document is asked about."""
_WAITING_THREADS = 64
"""Threads that mostly wait for a place on the bench."""


@dataclass(frozen=True, kw_only=True)
class FaultyRun:
    """A run with an injected fault, and what it was given."""

    fault: Fault
    setting: Setting = field(repr=False)
    step: Step


class Probe:
    """One target under validation. Create it with a laboratory that is being started."""

    def __init__(
        self,
        *,
        candidate: Candidate,
        subject: Subject,
        engine: Engine,
        laboratory: Laboratory,
        seed: int,
        jobs: int,
        timeout_s: float | None,
        progress: Progress,
    ) -> None:
        self.candidate = candidate
        self.subject = subject
        self.engine = engine
        self.progress = progress
        self._laboratory = laboratory
        self._seed = seed
        self._jobs = jobs
        self._timeout_s = timeout_s
        self._memory = Memory()
        self._threads = ThreadPoolExecutor(_WAITING_THREADS, thread_name_prefix="probe")

    def close(self) -> None:
        """Drop what is waiting; running experiments end through ``Engine.cancel``."""
        self._threads.shutdown(cancel_futures=True)

    def rng(self, *purpose: object) -> random.Random:
        """Randomness of its own for a purpose, from the printed seed, whatever the threads' order."""
        return random.Random(repr((self._seed, *purpose)))

    def each(self, questions: Sequence[T], ask: Callable[[T], Any]) -> Iterator[tuple[T, Any]]:
        """Ask all questions at once; yield (question, answer) in their order."""
        answers = [self._threads.submit(ask, question) for question in questions]
        for question, answer in zip(questions, answers, strict=True):
            yield question, answer.result()

    @property
    def algorithm(self) -> Algorithm:
        """What the metadata declare. Raises MetadataError before meta.schema has passed."""
        return self._memory.recall("algorithm", self.candidate.algorithm)

    @property
    def base_task(self) -> str:
        """The task of the base case."""
        return self.algorithm.base_tasks[0]

    @property
    def materials(self) -> Materials:
        """The data that questions are asked on."""
        return self._memory.recall("materials", lambda: Materials(self.algorithm, self.rng))

    def _base_sample(self) -> Sample:
        return self.materials.plain(self.base_task)

    def base(self) -> Experiment:
        """Train and test for the first task, on plain data."""
        return self.trial(Trial(task=self.base_task))

    def base_computation(self) -> Computation:
        """Compute for the first task, on the training rows of the same data."""
        return self.computation(Trial(task=self.base_task))

    def base_case(self) -> tuple[Trialled, ...]:
        """Both, as far as the image has them."""
        return self.in_every_profile(Trial(task=self.base_task))

    def in_every_profile(self, trial: Trial) -> tuple[Trialled, ...]:
        """A trial through train and test, and through compute, as far as the image has them; both at once."""
        profiles: list[Callable[[Trial], Trialled]] = []
        if self.algorithm.interactive:
            profiles.append(self.trial)
        if self.algorithm.computes:
            profiles.append(self.computation)
        return tuple(found for _, found in self.each(profiles, lambda profile: profile(trial)))

    def prediction(self, computation: Computation) -> Answer:
        """What the PFA document of a compute says of the held-out rows, and then of some that it was trained on."""
        row = computation.row
        if row is None or row.data is None:
            raise ValueError("a compute without data has no document")
        sample, result = computation.sample, self.algorithm.result or ""
        positions = (*sample.predictable, *sample.complete(sample.training[:_SOME_ROWS]))
        names = [column.name for column in sample.covariables]
        question = Question(
            document=shapes.pfa_text(result, row.data),
            fields=tuple(Field(name=c.name, types=field_types(c.type)) for c in sample.covariables),
            outputs=output_types(sample.variable.type),
            records=[dict(zip(names, sample.rows[p][1:], strict=True)) for p in positions],
        )

        def evaluate() -> Answer:
            with self._undecided_bench().worlds.place():
                return self._laboratory.evaluate(question)

        return self._memory.recall(("prediction", row.data_digest, positions), evaluate)

    def parts(self) -> tuple[tuple[tuple[int, ...], Computation], ...]:
        """The training rows in three uneven parts, and the intermediate result of each."""
        return self._memory.recall("parts", self._parts)

    def _parts(self) -> tuple[tuple[tuple[int, ...], Computation], ...]:
        sample = self._base_sample()
        rows = sample.training
        ends = (0, len(rows) // 2, len(rows) * 4 // 5, len(rows))
        parts = [rows[start:end] for start, end in pairwise(ends)]

        def intermediate(part: tuple[int, ...]) -> Computation:
            return self._bench().compute(
                sample,
                name=f"--mode intermediate, part {parts.index(part) + 1}",
                query=sample.query_of(part),
                arguments=("--mode", "intermediate"),
                result="json",
            )

        return tuple(self.each(parts, intermediate))

    def aggregate(self) -> Computation:
        """What becomes of the intermediate results; each of them must be good."""
        sample, first = self._base_sample(), self.parts()[0][0]
        given = [computation.row for _, computation in self.parts() if computation.row is not None]
        ids = [row.job_id for row in given]
        return self._memory.recall(
            "aggregate",
            lambda: self._bench().compute(
                sample,
                name="--mode aggregate",
                # It has no table of the whole, and must leave alone the part of a job that is not listed
                query=sample.query_of(first),
                arguments=("--mode", "aggregate", "--job-ids", *ids),
                given=[*given, replace(given[0], job_id=f"{self.rng('another job').getrandbits(128):032x}")],
            ),
        )

    def trial(self, trial: Trial) -> Experiment:
        """Train and test on plain data, varied as described."""
        return self._memory.recall(("trial", trial), lambda: self._trial(trial))

    def made(self, trial: Trial) -> Experiment | None:
        """A trial that a check has asked for; None where none did, or where it could not be made."""
        found: Experiment | None = self._memory.known(("trial", trial))
        return found

    def computation(self, trial: Trial) -> Computation:
        """Compute on plain data, varied as described."""
        return self._memory.recall(("computation", trial), lambda: self._computation(trial))

    def _trial(self, trial: Trial) -> Experiment:
        if trial == Trial(task=self.base_task):
            return next(found for found in self._base_case() if isinstance(found, Experiment))
        experiment = self._bench().train_and_test(
            self.materials.varied(trial), name=trial.case, parameters=trial.parameters, seed=trial.seed
        )
        return experiment.without_content()

    def _computation(self, trial: Trial) -> Computation:
        if trial == Trial(task=self.base_task):
            return next(found for found in self._base_case() if isinstance(found, Computation))
        computation = self._bench().compute(
            self.materials.varied(trial), name=trial.case, parameters=trial.parameters
        )
        return self._with_document(computation).without_content()

    def _with_document(self, computation: Computation) -> Computation:
        """On other data than the base case's, which has the pfa family, a document is judged with everything else."""
        is_pfa = self.algorithm.result in contract.PFA_RESULTS
        if computation.problem is not None or not is_pfa or self.candidate.image is None:
            return computation
        return judging.document(computation, self.prediction(computation))

    def _base_case(self) -> list[Trialled]:
        """Every profile's; with it is decided how all the other experiments are made."""
        return self._memory.recall("base case", self._decided)

    def _decided(self) -> list[Trialled]:
        trial = Trial(task=self.base_task)
        sample, name = self.materials.varied(trial), trial.case
        profiles: list[basecase.Profile] = []
        if self.algorithm.interactive:
            profiles.append(lambda bench: bench.train_and_test(sample, name=name, closely=True))
        if self.algorithm.computes:
            profiles.append(lambda bench: bench.compute(sample, name=name, closely=True))
        return basecase.decide(self._undecided_bench(), profiles, may_retry=self.candidate.image is not None)

    def hostile(self, case: catalogue.HostileCase) -> Experiment:
        """Train and test on hostile data."""
        name = f"{case.check} {case.case}"
        return self._memory.recall(
            ("hostile trial", name),
            lambda: self._bench().train_and_test(case.sample, name=name).without_content(),
        )

    def hostile_computation(self, case: catalogue.HostileCase) -> Computation:
        """Compute on hostile data."""
        name = f"{case.check} {case.case}"
        return self._memory.recall(
            ("hostile computation", name),
            lambda: self._with_document(self._bench().compute(case.sample, name=name)).without_content(),
        )

    def faulty(self, fault: Fault) -> FaultyRun:
        """One run with one fault, beside an otherwise good set-up."""
        return self._memory.recall(("fault", fault.case), lambda: self._faulty(fault))

    def _faulty(self, fault: Fault) -> FaultyRun:
        sample = self.materials.asked_on(fault.data, self.base_task)
        files = self._files_for(fault.command, sample)
        setting, step = self._bench().faulty(sample, fault, files)
        return FaultyRun(fault=fault, setting=replace(setting, files={}), step=step.without_content())

    def expectation(self, run: FaultyRun) -> Expectation:
        """Whose row a compute with a fault must leave."""
        return self._bench().expectation(run.setting.environment)

    def invoke(self, arguments: tuple[str, ...], case: str) -> Step:
        """A run with other arguments than the contract's, everything else in place for a train."""
        return self._memory.recall(
            ("invoke", arguments),
            lambda: self._bench().invoke(self._base_sample(), arguments, name=case).without_content(),
        )

    def fresh_test(self) -> Experiment:
        """The base case's test in a new volume that holds only its input."""
        return self._memory.recall("fresh", lambda: self._test(self.base().sample, "in a new volume"))

    def test_on_other_features(self) -> Experiment:
        """The base case's test, the held-out rows' features exchanged among them in the database."""
        return self._memory.recall(
            "shuffled",
            lambda: self._test(
                catalogue.shuffled_features(self.base().sample, self.rng("shuffled")), "with other features"
            ),
        )

    def _test(self, sample: Sample, what: str) -> Experiment:
        input_test = self._files_for(contract.TEST, sample)[contract.INPUT_TEST]
        experiment = self._bench().test(sample, input_test, name=f"{self.base_task} {what}")
        return experiment.without_content()

    def after_another(self) -> Experiment:
        """The base case in a volume where an experiment on other data took place before."""
        return self._memory.recall("stale", self._after_another)

    def _after_another(self) -> Experiment:
        sample = self.base().sample
        other = catalogue.permuted_targets(sample, self.rng("another"))
        name = f"{self.base_task} in a used volume"
        return self._bench().twice(other, sample, name=name).without_content()

    def waiting(self, fault: Fault) -> Vigil:
        """Waiting mode from beginning to end; ``fault`` is one of train's input file."""
        return self._memory.recall(("waiting", fault.case), lambda: self._waiting(fault))

    def _waiting(self, fault: Fault) -> Vigil:
        name = f"{self.base_task} in waiting mode"
        return self._bench().waiting(self.base().sample, fault, name=name).without_content()

    def interrupted(self, command: str) -> Step:
        """A run that is sent SIGTERM while the science database makes it wait."""
        return self._memory.recall(("interrupted", command), lambda: self._interrupted(command))

    def _interrupted(self, command: str) -> Step:
        name = f"{command} {self.base_task} stopped by SIGTERM"
        sample = self._base_sample()
        files = self._files_for(command, sample)
        return self._bench().interrupted(sample, command, files, name=name).without_content()

    def _files_for(self, command: str, sample: Sample) -> dict[str, bytes]:
        """A good run's input; for test with everything else that the base case's train left behind."""
        if command == contract.TRAIN:
            return self._bench().worlds.input_training(sample)
        if command == contract.TEST:
            train = self.base().train
            return {} if train is None else train.snapshot.files()
        return {}

    def _bench(self) -> Bench:
        """For everything but the base case, which comes first."""
        self._base_case()
        return self._undecided_bench()

    def _undecided_bench(self) -> Bench:
        return self._memory.recall(
            "bench",
            lambda: Bench(
                worlds=Worlds(
                    laboratory=self._laboratory,
                    algorithm=self.algorithm,
                    rng=self.rng,
                    jobs=self._jobs,
                    progress=self.progress,
                    parameters=job.validation_parameters(self.algorithm),
                ),
                timeout_s=self._timeout_s,
                function=self._function(),
            ),
        )

    def _function(self) -> str:
        """What the column ``function`` must hold (contract section 2)."""
        image = self.subject.image
        own = image.environment.get("FUNCTION") if image is not None else None
        return own or self.algorithm.code
