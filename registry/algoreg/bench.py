"""Lets the algorithm run in a world that was set up for it, and reads what it leaves.

Knows how a caller of the contract behaves. Which experiments are made, and that none is made twice, is the
probe's business; what they say about the image, the checks'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from algoreg import contract, exposure, faults, judging, vigil
from algoreg.databases.protocol import ResultRow
from algoreg.engines.protocol import Attendant, Pod, RunRequest, Snapshot
from algoreg.faults import Setting
from algoreg.observation import Computation, Experiment, Step, changed_entries
from algoreg.rows import Expectation
from algoreg.samples.sample import Sample
from algoreg.vigil import Vigil
from algoreg.worlds import World, Worlds

Heard = Callable[[str, str], None]
"""Is told a case and the newest line of its log (untrusted), while it runs."""


class Bench:
    """Makes experiments for one algorithm, each in a world of its own."""

    def __init__(
        self,
        *,
        worlds: Worlds,
        timeout_s: float | None,
        function: str,
        heard: Heard | None = None,
        search_leaks: bool = True,
    ) -> None:
        """``search_leaks``: look for what a run must not show, which takes as long as the table is large."""
        self.worlds = worlds
        self._algorithm = worlds.algorithm
        self._function = function
        self._heard = heard
        self._search_leaks = search_leaks
        self._timeout_s = self._algorithm.resources.timeout_s if timeout_s is None else timeout_s
        self.writable_root = False
        """Let every run write to its root file system, as ``basecase`` found it to need."""

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
        with self.worlds.pod(name) as pod:
            return self._train_and_test(
                pod, sample, name=name, parameters=parameters, closely=closely, seed=seed
            )

    def twice(self, first: Sample, sample: Sample, *, name: str) -> Experiment:
        """The experiment on ``sample`` in a volume where one on ``first`` took place before."""
        with self.worlds.pod(name) as pod:
            self._train_and_test(pod, first, name=f"{name}, first")
            return self._train_and_test(pod, sample, name=name)

    def test(self, sample: Sample, input_test: bytes, *, name: str) -> Experiment:
        """A test alone, in a new volume that holds only its input."""
        files = {contract.INPUT_TEST: input_test}
        with self.worlds.one_run(sample, name=name, command=contract.TEST, files=files) as world:
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
        with self.worlds.one_run(
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
        with self.worlds.one_run(sample, name=fault.case, command=fault.command, files=files) as world:
            faulty = replace(world, setting=fault.inject(world.setting))
            return faulty.setting, self._step(faulty, (fault.command,), fault.case)

    def invoke(self, sample: Sample, arguments: tuple[str, ...], *, name: str) -> Step:
        """A run with these arguments, everything else in place for a train."""
        files = self.worlds.input_training(sample)
        with self.worlds.one_run(sample, name=name, command=contract.TRAIN, files=files) as world:
            timeout_s = min(contract.USAGE_TIMEOUT_S, self._timeout_s)
            return self._step(world, arguments, name, timeout_s=timeout_s)

    def interrupted(self, sample: Sample, command: str, files: Mapping[str, bytes], *, name: str) -> Step:
        """A run that is sent SIGTERM while the science database makes it wait."""
        with self.worlds.one_run(sample, name=name, command=command, files=files) as world:
            databases = world.databases
            with databases.lock_science():
                return self._step(world, (command,), name, stop_when=lambda: databases.blocked_sessions() > 0)

    def waiting(self, sample: Sample, fault: faults.Fault, *, name: str) -> Vigil:
        """Waiting mode, in the environment of a train from the start; ``fault`` is one of train's input file."""
        with (
            self.worlds.pod(name) as pod,
            self.worlds.train_and_test(pod, sample, name=name) as world,
        ):
            asked = RunRequest(
                arguments=(contract.WAIT,),
                environment=world.setting.environment,
                timeout_s=self._timeout_s,
                writable_root=self.writable_root,
            )
            with pod.attend(asked) as attendant:
                inside = replace(world, pod=attendant)
                faulty = replace(inside, setting=fault.inject(world.setting))
                return vigil.keep(
                    attendant,
                    experiment=lambda what: self._experiment(_cleared(inside), sample, name=f"{name}{what}"),
                    fail=lambda: self._step(_cleared(faulty), (fault.command,), f"{fault.case}, {name}"),
                    stop=lambda: _stopped(pod, attendant, asked, name),
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
        with self.worlds.train_and_test(pod, sample, name=name, parameters=parameters, seed=seed) as world:
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
            exposed=tuple(exposure.exposures(world.hidden, where)),
            refused_packets=None if refused is None or before_run is None else refused - before_run,
            reproduce=pod.command_line(asked, execution),
        )

    def _listener(self, case: str, environment: Mapping[str, str]) -> Callable[[str], None] | None:
        heard = self._heard
        if heard is None:
            return None
        return lambda line: heard(case, exposure.redacted(line, environment))


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
