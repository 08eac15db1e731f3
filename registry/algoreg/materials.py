"""Which data a question is asked on: each sample is drawn once, from randomness of its own.

What the samples look like is the business of ``samples``; the experiments on them are the bench's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from algoreg.faults import Data
from algoreg.memory import Memory
from algoreg.model import Algorithm
from algoreg.samples import catalogue
from algoreg.samples.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An experiment on plain data, described; equal descriptions are one experiment."""

    task: str
    parameters: tuple[tuple[str, str], ...] = ()
    """(code, text) that replace the validation values."""
    permuted: bool = False
    """The training rows' targets are permuted."""
    seed: int | None = None
    """This seed in the input, instead of one from the run's."""
    variable_type: str | None = None
    """A variable of this type, instead of the one that stands for the task."""
    nulls: bool = False
    """NULL where the metadata allow it."""
    repeat: int = 0
    """The same again, in a new pod."""
    name: str = ""
    """What is different about it, for the case's name."""

    @property
    def case(self) -> str:
        """The case's name without its command."""
        return f"{self.task} {self.name}".strip()


class Materials:
    """The samples of one algorithm; may be asked from many threads."""

    def __init__(self, algorithm: Algorithm, rng: Callable[..., random.Random]) -> None:
        self._algorithm = algorithm
        self._rng = rng
        self._memory = Memory()

    def varied(self, trial: Trial) -> Sample:
        """A trial's data."""
        algorithm = self._algorithm
        sample = self.plain(trial.task) if trial.variable_type is None else self._of_type(trial.variable_type)
        if trial.permuted:
            sample = catalogue.permuted_targets(sample, self._rng("permuted", trial.task))
        if trial.nulls:
            sample = catalogue.with_nulls(
                sample,
                self._rng("nulls", trial.task),
                variable=algorithm.variables_can_be_null,
                covariables=algorithm.covariables_can_be_null,
            )
        return sample

    def _of_type(self, kind: str) -> Sample:
        return self._memory.recall(
            ("of type", kind), lambda: catalogue.of_type(self._algorithm, kind, self._rng("of type", kind))
        )

    def plain(self, task: str) -> Sample:
        """The plain data of a task."""
        return self._memory.recall(
            ("plain", task), lambda: catalogue.plain(self._algorithm, task, self._rng("plain", task))
        )

    def hostile_cases(self) -> tuple[catalogue.HostileCase, ...]:
        """The data of the robust family that apply to this algorithm."""
        return self._memory.recall(
            "hostile", lambda: tuple(catalogue.hostile_cases(self._algorithm, self._rng("hostile")))
        )

    def asked_on(self, data: Data, task: str) -> Sample:
        """A fault's data; those of the base case, whose task is given, unless it asks for others."""
        if data.variable_type is not None:
            return self._of_type(data.variable_type)
        if data.unknown:
            return catalogue.without_targets(self.plain(task))
        if data.mixing:
            return catalogue.mixing(self._algorithm, task, self._rng("mixing"))
        return self.plain(task)
