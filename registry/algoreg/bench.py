"""Sets one experiment up, lets the algorithm run, and reads what it leaves: a pod, databases, files, environment.

Knows how a caller of the contract behaves. Which experiments are made, and that none is made twice, is the
probe's business; what they say about the image, the checks'.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from algoreg import contract, faults, job, outputs
from algoreg.databases.protocol import ExperimentDatabases
from algoreg.engines.protocol import Laboratory, Pod, RunRequest
from algoreg.faults import Setting
from algoreg.model import Algorithm
from algoreg.observation import Experiment, Problem, Step, changed_entries, run_defect
from algoreg.outputs import Defect
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

    pod: Pod
    databases: ExperimentDatabases
    setting: Setting


class Bench:
    """Makes experiments for one algorithm, at most ``jobs`` at a time."""

    def __init__(
        self,
        *,
        laboratory: Laboratory,
        algorithm: Algorithm,
        rng: Rng,
        jobs: int,
        timeout_s: float | None,
        progress: Progress,
    ) -> None:
        self._laboratory = laboratory
        self._algorithm = algorithm
        self._rng = rng
        self._progress = progress
        self._timeout_s = algorithm.resources.timeout_s if timeout_s is None else timeout_s
        # No more than get what the metadata declare: our own load must not slow a run down
        self._places = threading.Semaphore(min(jobs, laboratory.places(algorithm.resources)))

    # Experiments ----------------------------------------------------------------------------------------

    def train_and_test(
        self,
        sample: Sample,
        *,
        name: str,
        parameters: Iterable[tuple[str, str]] = (),
        closely: bool = False,
    ) -> Experiment:
        """Train, and test when train left something to go on from, in one volume.

        ``closely``: count processes while it runs, and look for sockets afterwards.
        """
        with self._place(name) as pod:
            return self._train_and_test(pod, sample, name=name, parameters=parameters, closely=closely)

    def twice(self, first: Sample, sample: Sample, *, name: str) -> Experiment:
        """The experiment on ``sample`` in a volume where one on ``first`` took place before."""
        with self._place(name) as pod:
            self._train_and_test(pod, first, name=f"{name}, first")
            return self._train_and_test(pod, sample, name=name)

    def test(self, sample: Sample, input_test: bytes, *, name: str) -> Experiment:
        """A test alone, in a new volume that holds only its input."""
        files = {contract.INPUT_TEST: input_test}
        with self._world(sample, name=name, command=contract.TEST, files=files) as world:
            step = self._step(world, (contract.TEST,), f"test {name}")
        return _judged_test(Experiment(sample=sample), step)

    def faulty(self, sample: Sample, fault: faults.Fault, files: Mapping[str, bytes]) -> tuple[Setting, Step]:
        """One run, good but for the fault; and what it was given."""
        with self._world(sample, name=fault.case, command=fault.command, files=files) as world:
            faulty = replace(world, setting=fault.inject(world.setting))
            return faulty.setting, self._step(faulty, (fault.command,), fault.case)

    def invoke(self, sample: Sample, arguments: tuple[str, ...], *, name: str) -> Step:
        """A run with these arguments, everything else in place for a train."""
        files = self.input_training(sample)
        with self._world(sample, name=name, command=contract.TRAIN, files=files) as world:
            timeout_s = min(contract.USAGE_TIMEOUT_S, self._timeout_s)
            return self._step(world, arguments, name, timeout_s=timeout_s)

    def interrupted(self, sample: Sample, command: str, files: Mapping[str, bytes], *, name: str) -> Step:
        """A run that is sent SIGTERM while the science database makes it wait."""
        with self._world(sample, name=name, command=command, files=files) as world:
            databases = world.databases
            with databases.lock_science():
                return self._step(world, (command,), name, stop_when=lambda: databases.blocked_sessions() > 0)

    def input_training(self, sample: Sample) -> dict[str, bytes]:
        """What a train is given in the volume."""
        seed = self._rng("input seed").randrange(2**31)
        return {contract.INPUT_TRAINING: faults.dump(sample.input_training(seed))}

    # Set-up ---------------------------------------------------------------------------------------------

    @contextmanager
    def _place(self, name: str) -> Iterator[Pod]:
        """A pod, once there is a place for it."""
        with self._places:
            self._progress.case_started(name)
            try:
                with self._laboratory.pod(self._algorithm.resources) as pod:
                    yield pod
            finally:
                self._progress.case_ended(name)

    @contextmanager
    def _world(
        self, sample: Sample, *, name: str, command: str, files: Mapping[str, bytes]
    ) -> Iterator[World]:
        """A pod of its own and databases of its own, for one run."""
        # test takes its parameters from the pipeline's text only, so the caller's are withheld from it
        parameters = self._parameters() if command == contract.TRAIN else {}
        with self._place(name) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(pod, databases, sample, name=name, files=files, parameters=parameters)
            yield World(pod=pod, databases=databases, setting=setting)

    def _parameters(self, changes: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        return {**job.validation_parameters(self._algorithm), **dict(changes)}

    def _setting(
        self,
        pod: Pod,
        databases: ExperimentDatabases,
        sample: Sample,
        *,
        name: str,
        files: Mapping[str, bytes],
        parameters: Mapping[str, str],
    ) -> Setting:
        rng = self._rng("setting", name)
        described = job.Job(
            id=f"{rng.getrandbits(128):032x}", node="local", docker_image=self._algorithm.reference
        )
        environment = job.environment(
            job=described, sample=sample, parameters=parameters, endpoint=pod.endpoint, databases=databases
        )
        ports = [port for port in rng.sample(range(61000, 65000), 2) if port != pod.endpoint.port]
        canary = f"canary-{rng.getrandbits(48):012x}"
        return Setting(
            sample=sample, environment=environment, files=files, closed_port=ports[0], canary=canary
        )

    def _train_and_test(
        self,
        pod: Pod,
        sample: Sample,
        *,
        name: str,
        parameters: Iterable[tuple[str, str]] = (),
        closely: bool = False,
    ) -> Experiment:
        files, values = self.input_training(sample), self._parameters(parameters)
        with self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(pod, databases, sample, name=name, files=files, parameters=values)
            world = World(pod=pod, databases=databases, setting=setting)
            train = self._step(world, (contract.TRAIN,), f"train {name}", closely=closely)
            so_far = _judged_training(sample, setting, train)
            if so_far.problem is not None:
                return so_far
            if train.snapshot.get(contract.PREDICTIONS) is not None:
                pod.remove(
                    contract.PREDICTIONS
                )  # of train's, or of an earlier experiment: test must write it
            left = {contract.INPUT_TEST: train.snapshot.files()[contract.INPUT_TEST]}
            withheld = replace(setting, environment=_without_parameters(setting.environment))
            test = self._step(
                replace(world, setting=withheld),
                (contract.TEST,),
                f"test {name}",
                before=left,
                closely=closely,
            )
        return _judged_test(so_far, test)

    def _step(
        self,
        world: World,
        arguments: tuple[str, ...],
        case: str,
        *,
        before: Mapping[str, bytes] | None = None,
        closely: bool = False,
        **request: Any,
    ) -> Step:
        """Run once and look at the volume. ``before`` is given when the volume already holds its input."""
        pod, setting = world.pod, world.setting
        if before is None:
            pod.put(setting.files)
        given = setting.files if before is None else before
        asked = RunRequest(
            arguments=arguments,
            environment=setting.environment,
            sample_pids=closely,
            **{"timeout_s": self._timeout_s, **request},
        )
        execution = pod.run(asked)
        snapshot = pod.read(sockets=closely)
        return Step(
            case=case,
            request=asked,
            execution=execution,
            before=given,
            snapshot=snapshot,
            changed=changed_entries(given, snapshot),
            reproduce=pod.command_line(asked, execution),
        )


def _without_parameters(environment: Mapping[str, str]) -> dict[str, str]:
    prefixes = ("MODEL_PARAM_", "PARAM_MODEL_")
    return {name: value for name, value in environment.items() if not name.startswith(prefixes)}


def _judged_training(sample: Sample, setting: Setting, train: Step) -> Experiment:
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


def _judged_test(so_far: Experiment, test: Step) -> Experiment:
    """The experiment after its test. A pipeline that is no text is blamed last, by order of the contract."""
    defect = run_defect(test)
    predictions: dict[int, Any] = {}
    if defect is None:
        parsed = outputs.read_output(test.snapshot, contract.PREDICTIONS)
        defect = parsed.defect or outputs.predictions_document_defect(so_far.sample, parsed.document)
    if defect is None:
        rows = map(int, parsed.document["rows"])
        predictions = dict(zip(rows, parsed.document["predictions"], strict=True))
    problem = _problem(test, defect)
    if problem is None and so_far.train is not None and so_far.pipeline is not None:
        problem = _problem(so_far.train, outputs.pipeline_defect(so_far.pipeline))
    return replace(so_far, test=test, predictions=predictions, problem=problem)


def _problem(step: Step, defect: Defect | None) -> Problem | None:
    return None if defect is None else Problem(step=step, defect=defect)
