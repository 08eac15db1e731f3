"""Sets one experiment up: a place among those that run, a pod, databases, and what the run is given.

Which runs are made in it, and what is read of them, is the bench's business.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from algoreg import contract, faults, job
from algoreg.databases.protocol import ExperimentDatabases
from algoreg.engines.protocol import Laboratory, Pod, Workplace
from algoreg.exposure import Hidden
from algoreg.faults import Setting
from algoreg.model import Algorithm
from algoreg.samples.sample import Sample


class Progress(Protocol):
    """Hears what is going on, for a person who watches."""

    def case_started(self, case: str) -> None:
        """An experiment begins."""

    def case_ended(self, case: str) -> None:
        """An experiment is over."""

    def check_ended(self, check: str, outcome: str) -> None:
        """A check has been judged."""


Rng = Callable[..., random.Random]
"""Purpose -> randomness of its own for it, from the printed seed, whatever the threads' order."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One experiment's surroundings while it lasts."""

    pod: Workplace
    databases: ExperimentDatabases
    setting: Setting

    @property
    def hidden(self) -> Hidden:
        """What the runs of the experiment must not show."""
        return Hidden(
            environment=self.setting.environment,
            sample=self.setting.sample,
            planted=self.databases.canaries,
            foreign=self.databases.foreign_result,
        )


class Worlds:
    """Surroundings of one algorithm's experiments, at most ``jobs`` at a time."""

    def __init__(
        self,
        *,
        laboratory: Laboratory,
        algorithm: Algorithm,
        rng: Rng,
        jobs: int,
        progress: Progress,
        parameters: Mapping[str, str],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``parameters``: code -> text of what every run is given, unless it is about that parameter.

        ``environment``: variables beside those of the contract.
        """
        self._laboratory = laboratory
        self.algorithm = algorithm
        self._rng = rng
        self._progress = progress
        self._given = dict(parameters)
        self._environment = dict(environment or {})
        # No more than get what the metadata declare: our own load must not slow a run down
        self._places = threading.Semaphore(min(jobs, laboratory.places(algorithm.resources)))

    def place(self) -> AbstractContextManager[object]:
        """One of the places that runs share, for work that takes processors as they do."""
        return self._places

    def input_training(self, sample: Sample, seed: int | None = None) -> dict[str, bytes]:
        """What a train is given in the volume."""
        if seed is None:
            seed = self._rng("input seed").randrange(2**31)
        return {contract.INPUT_TRAINING: faults.dump(sample.input_training(seed))}

    @contextmanager
    def pod(self, name: str) -> Iterator[Pod]:
        """A pod, once there is a place for it."""
        with self._places:
            self._progress.case_started(name)
            try:
                with self._laboratory.pod(self.algorithm.resources) as pod:
                    yield pod
            finally:
                self._progress.case_ended(name)

    @contextmanager
    def train_and_test(
        self,
        pod: Pod,
        sample: Sample,
        *,
        name: str,
        parameters: Iterable[tuple[str, str]] = (),
        seed: int | None = None,
    ) -> Iterator[World]:
        """Databases of its own in a pod that is there, for a train and what follows it."""
        files = self.input_training(sample, seed)
        with self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(
                pod, databases, sample, name=name, files=files, parameters=self._parameters(parameters)
            )
            yield World(pod=pod, databases=databases, setting=setting)

    @contextmanager
    def one_run(
        self,
        sample: Sample,
        *,
        name: str,
        command: str,
        files: Mapping[str, bytes],
        parameters: Iterable[tuple[str, str]] = (),
    ) -> Iterator[World]:
        """A pod of its own and databases of its own, for one run."""
        # test takes its parameters from the pipeline's text only, so the caller's are withheld from it
        values = {} if command == contract.TEST else self._parameters(parameters)
        query = sample.query_training if command == contract.COMPUTE else sample.query
        case = name if name.startswith(command) else f"{command} {name}"
        with self.pod(case) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(
                pod, databases, sample, name=case, files=files, parameters=values, query=query
            )
            yield World(pod=pod, databases=databases, setting=setting)

    def _parameters(self, changes: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        return {**self._given, **dict(changes)}

    def _setting(
        self,
        pod: Pod,
        databases: ExperimentDatabases,
        sample: Sample,
        *,
        name: str,
        files: Mapping[str, bytes],
        parameters: Mapping[str, str],
        query: str | None = None,
    ) -> Setting:
        rng = self._rng("setting", name)
        described = job.Job(
            id=f"{rng.getrandbits(128):032x}", node="local", docker_image=self.algorithm.reference
        )
        environment = job.environment(
            job=described,
            sample=sample,
            parameters=parameters,
            endpoint=pod.endpoint,
            databases=databases,
            query=query or sample.query,
        )
        environment |= self._environment
        ports = [port for port in rng.sample(range(61000, 65000), 2) if port != pod.endpoint.port]
        canary = f"canary-{rng.getrandbits(48):012x}"
        return Setting(
            sample=sample, environment=environment, files=files, closed_port=ports[0], canary=canary
        )
