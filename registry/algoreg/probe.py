"""What a check may ask of an image: each question runs its experiment once, and the answer is remembered.

The probe chooses data and variations; ``bench`` makes the experiments, ``checks`` judge them. Questions may be
asked from many threads.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from algoreg import contract
from algoreg.bench import Bench, Progress
from algoreg.candidate import Candidate
from algoreg.engines.protocol import Engine, Laboratory, Subject
from algoreg.errors import AlgoregError
from algoreg.faults import Fault, Setting
from algoreg.memory import Memory
from algoreg.model import Algorithm
from algoreg.observation import Experiment, Step
from algoreg.samples import catalogue
from algoreg.samples.sample import Sample

T = TypeVar("T")

_WAITING_THREADS = 64
"""Threads that mostly wait for a place on the bench."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An experiment on plain data, described; equal descriptions are one experiment."""

    task: str
    parameters: tuple[tuple[str, str], ...] = ()
    """(code, text) that replace the validation values."""
    permuted: bool = False
    """The training rows' targets are permuted."""
    repeat: int = 0
    """The same again, in a new pod."""
    name: str = ""
    """What is different about it, for the case's name."""

    @property
    def case(self) -> str:
        """The case's name without its command."""
        return f"{self.task} {self.name}".strip()


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

    def base(self) -> Experiment:
        """Train and test for the first task, on plain data. Raises AlgoregError for an image that has no train."""
        if not self.algorithm.interactive:
            raise AlgoregError(
                f"{self.candidate.target} has no train and test; compute alone is not judged yet",
                hint="This version judges the interactive profile; declare train and test, or wait for the next one.",
            )
        return self.trial(Trial(task=self.base_task))

    def trial(self, trial: Trial) -> Experiment:
        """Train and test on plain data, varied as described."""
        return self._memory.recall(trial, lambda: self._trial(trial))

    def _trial(self, trial: Trial) -> Experiment:
        sample = self.plain(trial.task)
        if trial.permuted:
            sample = catalogue.permuted_targets(sample, self.rng("permuted", trial.task))
        base = trial == Trial(task=self.base_task)
        experiment = self._bench().train_and_test(
            sample, name=trial.case, parameters=trial.parameters, closely=base
        )
        return experiment if base else experiment.without_content()

    def plain(self, task: str) -> Sample:
        """The plain data of a task."""
        return self._memory.recall(
            ("plain", task), lambda: catalogue.plain(self.algorithm, task, self.rng("plain", task))
        )

    def hostile_cases(self) -> tuple[catalogue.HostileCase, ...]:
        """The data of the robust family that apply to this algorithm."""
        return self._memory.recall(
            "hostile", lambda: tuple(catalogue.hostile_cases(self.algorithm, self.rng("hostile")))
        )

    def hostile(self, case: catalogue.HostileCase) -> Experiment:
        """Train and test on hostile data."""
        name = f"{case.check} {case.case}"
        return self._memory.recall(
            name, lambda: self._bench().train_and_test(case.sample, name=name).without_content()
        )

    def faulty(self, fault: Fault) -> FaultyRun:
        """One run with one fault, beside an otherwise good set-up."""
        return self._memory.recall(("fault", fault.case), lambda: self._faulty(fault))

    def _faulty(self, fault: Fault) -> FaultyRun:
        setting, step = self._bench().faulty(self.base().sample, fault, self._files_for(fault.command))
        return FaultyRun(fault=fault, setting=replace(setting, files={}), step=step.without_content())

    def invoke(self, arguments: tuple[str, ...], case: str) -> Step:
        """A run with other arguments than the contract's, everything else in place for a train."""
        return self._memory.recall(
            ("invoke", arguments),
            lambda: self._bench().invoke(self.base().sample, arguments, name=case).without_content(),
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
        input_test = self._files_for(contract.TEST)[contract.INPUT_TEST]
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

    def interrupted(self, command: str) -> Step:
        """A run that is sent SIGTERM while the science database makes it wait."""
        return self._memory.recall(("interrupted", command), lambda: self._interrupted(command))

    def _interrupted(self, command: str) -> Step:
        name = f"{command} {self.base_task} stopped by SIGTERM"
        files = self._files_for(command)
        return self._bench().interrupted(self.base().sample, command, files, name=name).without_content()

    def _files_for(self, command: str) -> dict[str, bytes]:
        """A good run's input; for test with everything else that the base case's train left behind."""
        base = self.base()
        if command == contract.TRAIN or base.train is None:
            return self._bench().input_training(base.sample)
        return base.train.snapshot.files()

    def _bench(self) -> Bench:
        return self._memory.recall(
            "bench",
            lambda: Bench(
                laboratory=self._laboratory,
                algorithm=self.algorithm,
                rng=self.rng,
                jobs=self._jobs,
                timeout_s=self._timeout_s,
                progress=self.progress,
            ),
        )
