"""What a check may ask of an image: each question runs its experiment once, and the answer is remembered.

The probe sets experiments up and reads what they leave; it does not judge. Questions may be asked from many
threads; at most ``jobs`` experiments run at a time.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from algoreg import contract, faults, job, outputs
from algoreg.candidate import Candidate
from algoreg.databases.protocol import ExperimentDatabases
from algoreg.engines.protocol import Engine, Laboratory, Pod, RunRequest, Subject
from algoreg.errors import AlgoregError
from algoreg.faults import Fault, Setting
from algoreg.model import Algorithm
from algoreg.observation import Experiment, Problem, Step, changed_entries, run_defect
from algoreg.outputs import Defect
from algoreg.samples import catalogue
from algoreg.samples.sample import Sample

T = TypeVar("T")

_WAITING_THREADS = 64
"""Threads that mostly wait for a place among ``jobs``."""


class Progress(Protocol):
    """Hears what is going on, for a person who watches."""

    def case_started(self, case: str) -> None:
        """An experiment begins."""

    def case_ended(self, case: str) -> None:
        """An experiment is over."""

    def check_ended(self, check: str, outcome: str) -> None:
        """A check has been judged."""


class _Memory:
    """Key -> the one computation of its value; whoever asks first computes, the others wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[Hashable, Future[Any]] = {}

    def recall(self, key: Hashable, compute: Callable[[], T]) -> T:
        with self._lock:
            future = self._futures.get(key)
            mine = future is None
            if future is None:
                future = self._futures[key] = Future()
        if mine:
            try:
                future.set_result(compute())
            except BaseException as error:  # noqa: BLE001 - handed on to every thread that asks
                future.set_exception(error)
        result: T = future.result()
        return result


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
        self._laboratory = laboratory
        self._seed = seed
        self._timeout_s = timeout_s
        self.progress = progress
        self._memory = _Memory()
        self._jobs = jobs
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

    # Questions ------------------------------------------------------------------------------------------

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
        return self._memory.recall(
            (case.check, case.case),
            lambda: self._experiment(case.sample, name=f"{case.check} {case.case}").without_content(),
        )

    def faulty(self, fault: Fault) -> FaultyRun:
        """One run with one fault, beside an otherwise good set-up."""
        return self._memory.recall(("fault", fault.case), lambda: self._faulty(fault))

    def invoke(self, arguments: tuple[str, ...], case: str) -> Step:
        """A run with other arguments than the contract's, everything else in place for a train."""
        return self._memory.recall(("invoke", arguments), lambda: self._invoke(arguments, case))

    def fresh_test(self) -> Experiment:
        """The base case's test in a new volume that holds only its input."""
        return self._memory.recall("fresh", lambda: self._test_only(self.base().sample, "in a new volume"))

    def test_on_other_features(self) -> Experiment:
        """The base case's test, the held-out rows' features exchanged among them in the database."""
        return self._memory.recall("shuffled", self._test_on_other_features)

    def after_another(self) -> Experiment:
        """The base case in a volume where an experiment on other data took place before."""
        return self._memory.recall("stale", self._after_another)

    def interrupted(self, command: str) -> Step:
        """A run that is sent SIGTERM while the science database makes it wait."""
        return self._memory.recall(("interrupted", command), lambda: self._interrupted(command))

    # Set-up ---------------------------------------------------------------------------------------------

    @property
    def timeout_s(self) -> float:
        """A run's deadline, in seconds: --timeout, else the metadata's."""
        return self._timeout_s if self._timeout_s is not None else self.algorithm.resources.timeout_s

    def _places(self) -> threading.Semaphore:
        """At most ``jobs``, and no more than get what the metadata declare: our own load must not slow a run down."""
        return self._memory.recall(
            "places",
            lambda: threading.Semaphore(min(self._jobs, self._laboratory.places(self.algorithm.resources))),
        )

    @contextmanager
    def _place(self, case: str) -> Iterator[Pod]:
        """A pod of its own, once there is a place among ``jobs``."""
        with self._places():
            self.progress.case_started(case)
            try:
                with self._laboratory.pod(self.algorithm.resources) as pod:
                    yield pod
            finally:
                self.progress.case_ended(case)

    def _job(self, purpose: str) -> job.Job:
        return job.Job(
            id=f"{self.rng('job', purpose).getrandbits(128):032x}",
            node="local",
            docker_image=self.algorithm.reference,
        )

    def _setting(
        self,
        pod: Pod,
        databases: ExperimentDatabases,
        sample: Sample,
        *,
        purpose: str,
        files: Mapping[str, bytes],
        parameters: Mapping[str, str],
    ) -> Setting:
        rng = self.rng("setting", purpose)
        environment = job.environment(
            job=self._job(purpose),
            sample=sample,
            parameters=parameters,
            endpoint=pod.endpoint,
            databases=databases,
        )
        ports = [port for port in rng.sample(range(61000, 65000), 2) if port != pod.endpoint.port]
        canary = f"canary-{rng.getrandbits(48):012x}"
        return Setting(
            sample=sample, environment=environment, files=files, closed_port=ports[0], canary=canary
        )

    def _parameters(self, changes: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        return {**job.validation_parameters(self.algorithm), **dict(changes)}

    def _input_training(self, sample: Sample) -> dict[str, bytes]:
        seed = self.rng("input seed").randrange(2**31)
        return {contract.INPUT_TRAINING: faults.dump(sample.input_training(seed))}

    def _step(
        self,
        pod: Pod,
        setting: Setting,
        arguments: tuple[str, ...],
        case: str,
        *,
        before: Mapping[str, bytes] | None = None,
        closely: bool = False,
        **request: Any,
    ) -> Step:
        """Run once and look at the volume. ``before`` is given when the volume already holds its input.

        ``closely``: count processes while it runs, and look for sockets afterwards.
        """
        if before is None:
            pod.put(setting.files)
        asked = RunRequest(
            arguments=arguments,
            environment=setting.environment,
            sample_pids=closely,
            **{"timeout_s": self.timeout_s, **request},
        )
        execution = pod.run(asked)
        given = setting.files if before is None else before
        snapshot = pod.read(sockets=closely)
        return Step(
            case=case,
            request=asked,
            execution=execution,
            before=given,
            snapshot=snapshot,
            changed=changed_entries(given, snapshot),
            reproduce=pod.command_line(asked),
        )

    # Experiments ----------------------------------------------------------------------------------------

    def _trial(self, trial: Trial) -> Experiment:
        sample = self.plain(trial.task)
        if trial.permuted:
            sample = catalogue.permuted_targets(sample, self.rng("permuted", trial.task))
        base = trial == Trial(task=self.base_task)
        experiment = self._experiment(sample, name=trial.case, parameters=trial.parameters, closely=base)
        return experiment if base else experiment.without_content()

    def _experiment(
        self,
        sample: Sample,
        *,
        name: str,
        parameters: Iterable[tuple[str, str]] = (),
        closely: bool = False,
    ) -> Experiment:
        values = self._parameters(parameters)
        with self._place(name) as pod, self._laboratory.databases.experiment(sample) as databases:
            return self._train_and_test(pod, databases, sample, name=name, parameters=values, closely=closely)

    def _train_and_test(
        self,
        pod: Pod,
        databases: ExperimentDatabases,
        sample: Sample,
        *,
        name: str,
        parameters: Mapping[str, str],
        closely: bool = False,
    ) -> Experiment:
        setting = self._setting(
            pod,
            databases,
            sample,
            purpose=name,
            files=self._input_training(sample),
            parameters=parameters,
        )
        train = self._step(pod, setting, (contract.TRAIN,), f"train {name}", closely=closely)
        after_train = _judged_training(sample, setting, train)
        if after_train.problem is not None:
            return after_train
        left = {contract.INPUT_TEST: train.snapshot.files()[contract.INPUT_TEST]}
        # test takes its parameters from the pipeline text only, so the caller's are withheld from it
        withheld = replace(setting, environment=_without_parameters(setting.environment))
        if train.snapshot.get(contract.PREDICTIONS) is not None:
            pod.remove(contract.PREDICTIONS)  # of train's, or of an earlier experiment: test must write it
        test = self._step(pod, withheld, (contract.TEST,), f"test {name}", before=left, closely=closely)
        return _judged_test(after_train, test)

    def _test_only(self, sample: Sample, name: str) -> Experiment:
        """The base case's test with another sample or volume."""
        files = {contract.INPUT_TEST: self._base_input_test()}
        case = f"{self.base_task} {name}"
        with self._place(case) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(pod, databases, sample, purpose=case, files=files, parameters={})
            test = self._step(pod, setting, (contract.TEST,), f"test {case}")
        return _judged_test(Experiment(sample=sample), test).without_content()

    def _base_input_test(self) -> bytes:
        train = self.base().train
        if train is None:
            raise AssertionError("the base case begins with a train")
        return train.snapshot.files()[contract.INPUT_TEST]

    def _test_on_other_features(self) -> Experiment:
        sample = catalogue.shuffled_features(self.base().sample, self.rng("shuffled"))
        return self._test_only(sample, "with other features")

    def _after_another(self) -> Experiment:
        sample = self.base().sample
        other = catalogue.permuted_targets(sample, self.rng("another"))
        name = f"{self.base_task} in a used volume"
        values = self._parameters()
        with self._place(name) as pod:
            with self._laboratory.databases.experiment(other) as databases:
                self._train_and_test(pod, databases, other, name=f"{name}, first", parameters=values)
            with self._laboratory.databases.experiment(sample) as databases:
                again = self._train_and_test(pod, databases, sample, name=name, parameters=values)
        return again.without_content()

    def _files_for(self, command: str) -> dict[str, bytes]:
        """A good run's input; for test with everything else that the base case's train left behind."""
        base = self.base()
        if command == contract.TRAIN or base.train is None:
            return self._input_training(base.sample)
        return base.train.snapshot.files()

    def _faulty(self, fault: Fault) -> FaultyRun:
        sample = self.base().sample
        with self._place(fault.case) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = fault.inject(
                self._setting(
                    pod,
                    databases,
                    sample,
                    purpose=fault.case,
                    files=self._files_for(fault.command),
                    parameters=self._parameters() if fault.command == contract.TRAIN else {},
                )
            )
            step = self._step(pod, setting, (fault.command,), fault.case).without_content()
        return FaultyRun(fault=fault, setting=replace(setting, files={}), step=step)

    def _invoke(self, arguments: tuple[str, ...], case: str) -> Step:
        sample = self.base().sample
        with self._place(case) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(
                pod,
                databases,
                sample,
                purpose=case,
                files=self._input_training(sample),
                parameters=self._parameters(),
            )
            timeout_s = min(contract.USAGE_TIMEOUT_S, self.timeout_s)
            return self._step(pod, setting, arguments, case, timeout_s=timeout_s).without_content()

    def _interrupted(self, command: str) -> Step:
        sample = self.base().sample
        case = f"{command} {self.base_task} stopped by SIGTERM"
        with self._place(case) as pod, self._laboratory.databases.experiment(sample) as databases:
            setting = self._setting(
                pod,
                databases,
                sample,
                purpose=case,
                files=self._files_for(command),
                parameters=self._parameters() if command == contract.TRAIN else {},
            )
            with databases.lock_science():
                step = self._step(
                    pod, setting, (command,), case, stop_when=lambda: databases.blocked_sessions() > 0
                )
        return step.without_content()


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
