"""Sets one experiment up, lets the algorithm run, and reads what it leaves: a pod, databases, files, environment.

Knows how a caller of the contract behaves. Which experiments are made, and that none is made twice, is the
probe's business; what they say about the image, the checks'.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from algoreg import contract, exposure, faults, job, judging, vigil
from algoreg.databases.protocol import ExperimentDatabases, ResultRow
from algoreg.engines.protocol import Attendant, Laboratory, Pod, RunRequest, Snapshot, Workplace
from algoreg.exposure import Hidden
from algoreg.faults import Setting
from algoreg.model import Algorithm
from algoreg.observation import Computation, Experiment, Step, changed_entries
from algoreg.rows import Expectation
from algoreg.samples.sample import Sample
from algoreg.vigil import Vigil


class Progress(Protocol):
    """Hears what is going on, for a person who watches."""

    def case_started(self, case: str) -> None:
        """An experiment begins."""

    def case_ended(self, case: str) -> None:
        """An experiment is over."""

    def check_ended(self, check: str, outcome: str) -> None:
        """A check has been judged."""


Heard = Callable[[str, str], None]
"""Is told a case and the newest line of its log (untrusted), while it runs."""


Rng = Callable[..., random.Random]
"""Purpose -> randomness of its own for it, from the printed seed, whatever the threads' order."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One experiment's surroundings while it lasts."""

    pod: Workplace
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
        function: str,
        parameters: Mapping[str, str],
        heard: Heard | None = None,
        search_leaks: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``parameters``: code -> text of what every run is given, unless it is about that parameter.

        ``environment``: variables beside those of the contract. ``search_leaks``: look for what a run must not
        show, which takes as long as the table is large.
        """
        self._laboratory = laboratory
        self._algorithm = algorithm
        self._function = function
        self._given = dict(parameters)
        self._heard = heard
        self._search_leaks = search_leaks
        self._environment = dict(environment or {})
        self._rng = rng
        self._progress = progress
        self._timeout_s = algorithm.resources.timeout_s if timeout_s is None else timeout_s
        self.writable_root = False
        """Let every run write to its root file system, as ``basecase`` found it to need."""
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
        seed: int | None = None,
    ) -> Experiment:
        """Train, and test when train left something to go on from, in one volume.

        ``closely``: count processes while it runs, and look for sockets afterwards.
        """
        with self._place(name) as pod:
            return self._train_and_test(
                pod, sample, name=name, parameters=parameters, closely=closely, seed=seed
            )

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
        return judging.test(Experiment(sample=sample), step)

    def compute(
        self,
        sample: Sample,
        *,
        name: str,
        parameters: Iterable[tuple[str, str]] = (),
        query: str | None = None,
        arguments: tuple[str, ...] = (),
        given: Sequence[ResultRow] = (),
        result: str | None = None,
        closely: bool = False,
    ) -> Computation:
        """Compute on the training rows, or on the rows of ``query``.

        ``arguments`` follow the command; ``given`` are other jobs' results, in the results database before it
        starts. ``result`` is the shape that is due instead of the declared one.
        """
        with self._world(
            sample, name=name, command=contract.COMPUTE, files={}, parameters=parameters
        ) as world:
            setting = world.setting if query is None else world.setting.with_environment(PARAM_query=query)
            if given:  # else a connection for nothing, in every compute
                world.databases.store(given)
            step = self._step(
                replace(world, setting=setting),
                (contract.COMPUTE, *arguments),
                f"{contract.COMPUTE} {name}",
                closely=closely,
            )
        wanted = replace(self.expectation(setting.environment), result=result or self._algorithm.result or "")
        return judging.computation(sample, step, wanted)

    def expectation(self, environment: Mapping[str, str]) -> Expectation:
        """Whose row is due for a run with this environment."""
        return Expectation(
            job_id=environment["JOB_ID"],
            node=environment["NODE"],
            function=self._function,
            result=self._algorithm.result or "",
        )

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

    def waiting(self, sample: Sample, fault: faults.Fault, *, name: str) -> Vigil:
        """Waiting mode, in the environment of a train from the start; ``fault`` is one of train's input file."""
        files = self.input_training(sample)
        with self._place(name) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(
                pod, databases, sample, name=name, files=files, parameters=self._parameters()
            )
            asked = RunRequest(
                arguments=(contract.WAIT,),
                environment=setting.environment,
                timeout_s=self._timeout_s,
                writable_root=self.writable_root,
            )
            with pod.attend(asked) as attendant:
                world = World(pod=attendant, databases=databases, setting=setting)
                faulty = replace(world, setting=fault.inject(setting))
                return vigil.keep(
                    attendant,
                    experiment=lambda what: self._experiment(_cleared(world), sample, name=f"{name}{what}"),
                    fail=lambda: self._step(_cleared(faulty), (fault.command,), f"{fault.case}, {name}"),
                    stop=lambda: _stopped(pod, attendant, asked, name),
                )

    def place(self) -> AbstractContextManager[object]:
        """One of the places that runs share, for work that takes processors as they do."""
        return self._places

    def input_training(self, sample: Sample, seed: int | None = None) -> dict[str, bytes]:
        """What a train is given in the volume."""
        if seed is None:
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
        with self._place(case) as pod, self._laboratory.databases.experiment(sample) as databases:
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
            id=f"{rng.getrandbits(128):032x}", node="local", docker_image=self._algorithm.reference
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

    def _train_and_test(
        self,
        pod: Pod,
        sample: Sample,
        *,
        name: str,
        parameters: Iterable[tuple[str, str]] = (),
        closely: bool = False,
        seed: int | None = None,
    ) -> Experiment:
        files, values = self.input_training(sample, seed), self._parameters(parameters)
        with self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(pod, databases, sample, name=name, files=files, parameters=values)
            world = World(pod=pod, databases=databases, setting=setting)
            return self._experiment(world, sample, name=name, closely=closely)

    def _experiment(self, world: World, sample: Sample, *, name: str, closely: bool = False) -> Experiment:
        """Train, and test where train left something, once everything else is there."""
        pod, setting = world.pod, world.setting
        train = self._step(world, (contract.TRAIN,), f"train {name}", closely=closely)
        so_far = judging.training(sample, setting, train)
        if so_far.problem is not None:
            return so_far
        if train.snapshot.get(contract.PREDICTIONS) is not None:
            pod.remove(contract.PREDICTIONS)  # of train's, or of an earlier experiment: test must write it
        left = {contract.INPUT_TEST: train.snapshot.files()[contract.INPUT_TEST]}
        withheld = replace(setting, environment=_without_parameters(setting.environment))
        test = self._step(
            replace(world, setting=withheld), (contract.TEST,), f"test {name}", before=left, closely=closely
        )
        return judging.test(so_far, test)

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
            writable_root=self.writable_root,
            heard=self._listener(case, setting.environment),
            **{"timeout_s": self._timeout_s, **request},
        )
        before_run = pod.refused_packets() if closely else None
        execution = pod.run(asked)
        refused = pod.refused_packets() if closely else None
        snapshot = pod.read(sockets=closely)
        audit = world.databases.audit()
        where = (
            exposure.places(execution.logs.kept, snapshot, given, audit.rows) if self._search_leaks else ()
        )
        return Step(
            case=case,
            request=asked,
            execution=execution,
            before=given,
            snapshot=snapshot,
            changed=changed_entries(given, snapshot),
            audit=audit,
            exposed=tuple(exposure.exposures(_hidden(world), where)),
            refused_packets=None if refused is None or before_run is None else refused - before_run,
            reproduce=pod.command_line(asked, execution),
        )

    def _listener(self, case: str, environment: Mapping[str, str]) -> Callable[[str], None] | None:
        heard = self._heard
        if heard is None:
            return None
        return lambda line: heard(case, exposure.redacted(line, environment))


def _hidden(world: World) -> Hidden:
    """What the runs of an experiment must not show."""
    return Hidden(
        environment=world.setting.environment,
        sample=world.setting.sample,
        planted=world.databases.canaries,
        foreign=world.databases.foreign_result,
    )


def _cleared(world: World) -> World:
    """The same volume without outputs: those of an earlier run would be taken for this one's."""
    for name in (contract.INPUT_TEST, contract.PREDICTIONS):
        world.pod.remove(name)
    return world


def _stopped(pod: Pod, attendant: Attendant, asked: RunRequest, name: str) -> Step:
    """The end of waiting mode, seen as a run."""
    execution = attendant.stop()
    return Step(
        case=name,
        request=asked,
        execution=execution,
        before={},
        snapshot=Snapshot(),
        reproduce=pod.command_line(asked, execution),
    )


def _without_parameters(environment: Mapping[str, str]) -> dict[str, str]:
    prefixes = ("MODEL_PARAM_", "PARAM_MODEL_")
    return {name: value for name, value in environment.items() if not name.startswith(prefixes)}
