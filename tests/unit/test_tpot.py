"""The plugin's parts without TPOT: what is asked of it, who oversees it, what is remembered when it ends early."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from algoreg.runtime import Column, Failure, Job
from algoreg.runtime.allowed import Catalogue
from algoreg_tpot import evaluation, overseer, program, settings, stopping, worker
from algoreg_tpot.labels import Relabelled
from algoreg_tpot.overseer import Ending, Tell, oversee
from algoreg_tpot.record import Best, Progress, Record
from algoreg_tpot.settings import Settings
from support.patience import PROMPT_S

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture(autouse=True)
def own_bell() -> Iterator[None]:
    """Every test has a bell that nobody rang, and leaves SIGTERM as it was."""
    before = signal.getsignal(signal.SIGTERM)
    stopping.bell.cache_clear()
    yield
    signal.alarm(0)
    stopping.bell.cache_clear()
    signal.signal(signal.SIGTERM, before)


PARAMETERS = {
    "search_space": "linear-light",
    "scoring": "default",
    "generations": 3,
    "population_size": 8,
    "folds": 5,
    "max_time_s": 60,
    "DASK_SCHEDULER": "",
}


def job(task: str = "regression", rows: int = 40, **parameters: Any) -> Job:
    nominal = task == "classification"
    return Job(
        task=task,
        parameters={**PARAMETERS, **parameters},
        n_train=rows,
        seed=7,
        variable=Column(name="v", type="polynominal" if nominal else "real", codes=tuple("abcd") * nominal),
        covariables=(Column(name="a", type="real"), Column(name="b", type="real")),
    )


def asked(y: list[int] | None = None, **parameters: Any) -> Settings:
    task = "regression" if y is None else "classification"
    rows = 40 if y is None else len(y)
    return settings.settings_of(job(task, rows, **parameters), np.array(y or [0.5] * rows))


# --- what is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scoring", settings.SCORING)
@pytest.mark.parametrize("y", [None, [0, 1] * 10], ids=["regression", "classification"])
def test_every_score_is_scikit_learns_and_fits_the_task(scoring: str, y: list[int] | None) -> None:
    from sklearn.metrics import get_scorer

    found = asked(y, scoring=scoring)
    assert get_scorer(found.scorer)
    assert found.classification == (y is not None)
    assert ("error" in found.scorer or found.scorer == "r2") == (y is None)


def test_the_metadata_and_the_program_name_the_same_scores() -> None:
    from algoreg import metadata
    from support.program import CHECKOUT

    document = metadata.read_file(CHECKOUT / "plugins/tpot/algoreg_tpot/algorithm.yaml")
    declared = {one.code: one for one in metadata.parse(document).parameters}
    assert tuple(settings.SCORING) == declared["scoring"].values
    assert set(declared) == set(PARAMETERS)


@pytest.mark.parametrize(("counts", "folds"), [((20, 20), 5), ((20, 4), 4), ((20, 2), 2), ((20, 9, 1), 2)])
def test_there_are_no_more_folds_than_rows_of_a_class(counts: tuple[int, ...], folds: int) -> None:
    y = [code for code, count in enumerate(counts) for _ in range(count)]
    assert asked(y).folds == folds


@pytest.mark.parametrize("y", [[3] * 20, [0] * 19 + [1]])
def test_a_variable_without_two_classes_is_refused_by_name(y: list[int]) -> None:
    with pytest.raises(Failure, match="variable v needs two classes"):
        asked(y)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(Failure, match="at least 11 training rows, there are 10"):
        settings.settings_of(job(rows=10), np.zeros(10))


@pytest.mark.parametrize(
    "address", ["localhost:8786", "tcp://", "tcp://h:x", "http://h:1", "tcp://h:1\n", "inproc://x"]
)
def test_a_scheduler_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Failure, match="DASK_SCHEDULER: expected tcp://host:port"):
        asked(DASK_SCHEDULER=address)


# --- the overseer ----------------------------------------------------------------------------------


def run(work: Callable[[Tell], None], seconds: float = 60) -> tuple[Ending, list[Any]]:
    heard: list[Any] = []
    return oversee(work, heard.append, seconds=seconds), heard


def test_all_that_a_child_tells_is_heard() -> None:
    def work(tell: Tell) -> None:
        for number in range(1000):
            tell((os.getpid() != parent, number, "x" * 1000))

    parent = os.getpid()
    assert run(work) == (Ending.DONE, [(True, number, "x" * 1000) for number in range(1000)])


def test_time_is_over_for_a_child_that_lasts_and_for_one_that_babbles() -> None:
    def lasts(tell: Tell) -> None:
        tell("first")
        time.sleep(60)

    def babbles(tell: Tell) -> None:
        while True:
            tell("more")

    began = time.monotonic()
    assert run(lasts, seconds=0.2) == (Ending.DEADLINE, ["first"])
    assert run(babbles, seconds=0.2)[0] is Ending.DEADLINE
    assert time.monotonic() - began < PROMPT_S


def test_time_begins_with_the_first_word() -> None:
    def work(tell: Tell) -> None:
        time.sleep(1)
        tell("late")

    assert run(work, seconds=0.5) == (Ending.DONE, ["late"])


def test_sigterm_stops_the_child_and_every_later_one() -> None:
    def work(tell: Tell) -> None:
        tell(os.getpid())
        time.sleep(60)

    heard: list[int] = []

    def hear(child: int) -> None:
        heard.append(child)
        os.kill(os.getpid(), signal.SIGTERM)

    assert oversee(work, hear, seconds=60) is Ending.STOPPED
    assert 0 < signal.alarm(0) <= stopping.GRACE_S
    with pytest.raises(ProcessLookupError):
        os.kill(heard[0], 0)
    assert run(work) == (Ending.STOPPED, [])


def test_what_was_told_before_the_signal_is_heard() -> None:
    def work(tell: Tell) -> None:
        for number in range(5):
            tell(number)
        os.kill(parent, signal.SIGTERM)
        time.sleep(60)

    parent = os.getpid()
    assert run(work) == (Ending.STOPPED, [0, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGKILL, "where memory runs out"), (signal.SIGUSR1, "died of signal 10")]
)
def test_a_child_that_was_killed_is_a_failure(number: int, words: str) -> None:
    with pytest.raises(Failure, match=words):
        run(lambda tell: os.kill(os.getpid(), number))


def test_a_childs_failure_is_its_parents() -> None:
    def work(tell: Tell) -> None:
        raise Failure("no such column")

    with pytest.raises(Failure, match=r"^no such column$"):
        run(work)


def test_an_unexpected_exception_goes_through_the_programs_own_hook(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: os.write(2, f"discreet {kind.__name__}".encode()))
    with pytest.raises(Failure, match="told above"):
        run(lambda tell: tell(1 / 0))
    assert capfd.readouterr().err == "discreet ZeroDivisionError"


def test_a_child_ends_when_nobody_listens(capfd: pytest.CaptureFixture[str]) -> None:
    reader, writer = overseer.Pipe(duplex=False)

    def work(tell: overseer.Tell) -> None:
        for _ in range(200):
            tell(1)
            time.sleep(0.1)

    child = overseer.get_context("fork").Process(target=overseer._obey, args=(work, writer, reader))
    child.start()
    writer.close()
    assert reader.recv() == 1
    reader.close()  # as the kernel does when the parent is killed
    child.join(15)
    assert (child.exitcode, capfd.readouterr().err) == (1, "")


# --- what is remembered ----------------------------------------------------------------------------

BEST = Best(
    description={"class": "sklearn.linear_model.Ridge", "parameters": {"alpha": 3.0}},
    score=-1.5,
    generation=1,
)


def test_a_generation_is_one_line_and_notes_tell_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    record = Record(asked())
    for tried in (1, 2, 3):
        record.hear(Progress(generation=1, tried=tried, failed=1, over=tried == 3))
        record.hear(BEST)
    assert capsys.readouterr().err.startswith(
        "tpot: generation 1 of 3: 3 pipelines, 1 failed, best neg_mean_squared_error -1.5 ("
    )
    assert record.notes(Ending.DEADLINE) == {
        "ended": "max_time_s",
        "scoring": "neg_mean_squared_error",
        "folds": 5,
        "score": -1.5,
        "evaluations": 3,
        "failed": 1,
        "generations": [{"generation": 1, "evaluations": 3, "failed": 1, "score": -1.5}],
    }


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``program.search`` with another search in the child."""

    def search(work: Callable[[Tell], None], **parameters: Any) -> Any:
        monkeypatch.setattr(worker, "search", lambda *arguments: work(arguments[-1]))
        x = np.random.default_rng(1).normal(size=(40, 2))
        return program.search(job(**parameters), x, x[:, 0])

    return search


def finds(tell: Tell) -> None:
    tell(Progress(generation=1, tried=1, failed=0, over=False))
    tell(BEST)


def lasting(tell: Tell) -> None:
    finds(tell)
    time.sleep(60)


def stopped(tell: Tell) -> None:
    finds(tell)
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(60)


@pytest.mark.parametrize(
    ("work", "ended"), [(finds, "generations"), (lasting, "max_time_s"), (stopped, "SIGTERM")]
)
def test_the_best_so_far_is_the_answer_and_says_why(
    searched: Callable[..., Any], work: Callable[[Tell], None], ended: str
) -> None:
    found = searched(work, max_time_s=1)
    assert found.estimator.alpha == 3
    assert (found.notes["ended"], found.notes["score"]) == (ended, -1.5)


def empty(tell: Tell) -> None:
    tell(Progress(generation=1, tried=4, failed=4, over=False))


def test_nothing_found_is_a_failure_that_tells_how_much_was_tried(searched: Callable[..., Any]) -> None:
    tried = "4 pipelines were tried, 4 of them failed"
    with pytest.raises(Failure, match=f"in 1 s .max_time_s.: {tried}; allow it more time"):
        searched(lambda tell: [empty(tell), time.sleep(60)], max_time_s=1)
    with pytest.raises(Failure, match=f"works on these rows: {tried}"):
        searched(empty)
    with pytest.raises(Failure, match=f"stopped by SIGTERM before it found a pipeline: {tried}"):
        searched(lambda tell: [empty(tell), os.kill(os.getppid(), signal.SIGTERM), time.sleep(60)])


# --- evaluation of a generation --------------------------------------------------------------------


class Individual:
    """As TPOT's, of one estimator."""

    def __init__(self, estimator: Any, score: Any) -> None:
        self.estimator, self.score = estimator, score

    def export_pipeline(self) -> Any:
        return self.estimator


class Evaluation:
    """As ``tpot.utils.eval_utils``, with scores that are given."""

    def eval_objective_list(self, individual: Individual, **_: Any) -> Any:
        return individual.score

    def objective_nan_wrapper(self, individual: Individual, objective: Callable[[Any], Any]) -> Any:
        try:
            return objective(individual)
        except (Failure, ValueError):
            return [evaluation.INVALID]


def evaluator(told: list[Any]) -> evaluation.Evaluator:
    x = np.random.default_rng(1).normal(size=(40, 2))
    return evaluation.Evaluator(
        place=evaluation.Here(),
        settings=asked([0, 1] * 20),
        x=x,
        y=(x[:, 0] > 0).astype(np.int64),
        catalogue=Catalogue(),
        tell=told.append,
        tpot_evaluation=Evaluation(),
    )


def score(value: Any) -> Any:
    return np.array([value])


def test_scores_come_back_in_order_and_each_better_one_is_told_at_once() -> None:
    told: list[Any] = []
    good = [Individual(LogisticRegression(C=c), score(s)) for c, s in ((1.0, 0.5), (2.0, 0.4), (3.0, 0.6))]
    bad = [
        Individual(LogisticRegression(), score("INVALID")),
        Individual(LogisticRegression(), score(np.nan)),
    ]
    scores, _, _, errors = evaluator(told).evaluate([*good, *bad], [None], n_expected_columns=1)
    assert [one[0] for one in scores[:3]] == [0.5, 0.4, 0.6]
    assert np.isnan([one[0] for one in scores[3:]]).all()
    assert errors == [None, None, None, "INVALID", "INVALID"]
    bests = [one for one in told if isinstance(one, Best)]
    assert [best.score for best in bests] == [0.5, 0.6]
    assert bests[-1].description["parameters"] == {"C": 3.0}
    assert told[-1] == Progress(generation=1, tried=5, failed=2, over=True)


def test_what_no_text_can_hold_or_no_fit_survives_is_never_the_best() -> None:
    told: list[Any] = []
    untellable = Individual(LogisticRegression(C=object()), score(0.9))
    unfit = Individual(LogisticRegression(C=-1.0), score(0.8))
    plain = Individual(LogisticRegression(), score(0.1))
    asked_again = evaluator(told)
    asked_again.evaluate([untellable, unfit, plain], [None], n_expected_columns=1)
    assert [one.score for one in told if isinstance(one, Best)] == [0.1]
    asked_again.choose(untellable, 0.9)
    assert asked_again.best is not None
    assert asked_again.best.score == 0.1


def test_a_first_generation_that_fails_three_times_is_given_up() -> None:
    failing = [Individual(LogisticRegression(), score("INVALID"))] * 4
    asked_again = evaluator([])
    for _ in range(2):
        asked_again.evaluate(failing, [None], n_expected_columns=1)
    with pytest.raises(Failure, match="all of 3 times 4 failed"):
        asked_again.evaluate(failing, [None], n_expected_columns=1)


def test_attempts_at_the_first_generation_are_one_generation() -> None:
    told: list[Any] = []
    failing = [Individual(LogisticRegression(), score("INVALID"))] * 4
    working = [Individual(LogisticRegression(), score(0.5))] * 3
    asked_again = evaluator(told)
    for individuals in (failing, working, failing):
        asked_again.evaluate(individuals, [None], n_expected_columns=1)
    ends = [one for one in told if isinstance(one, Progress) and one.over]
    assert [(one.generation, one.tried, one.failed) for one in ends] == [(1, 4, 4), (1, 7, 4), (2, 4, 4)]


# --- labels ----------------------------------------------------------------------------------------


def test_classes_with_gaps_are_fitted_without_and_answered_with_them() -> None:
    x = np.random.default_rng(1).normal(size=(60, 2))
    y = np.array([1, 4, 7])[np.digitize(x[:, 0], [-0.4, 0.4])]
    fitted = Relabelled(LogisticRegression()).fit(x, y)
    assert list(fitted.estimator_.classes_) == [0, 1, 2]
    assert set(fitted.predict(x)) == {1, 4, 7}
    assert list(fitted.classes_) == [1, 4, 7]
    assert (fitted.classes_[fitted.predict_proba(x).argmax(axis=1)] == fitted.predict(x)).all()
    assert not hasattr(Relabelled(LinearSVC()).fit(x, y), "predict_proba")


def test_tpot_is_asked_without_limits_that_depend_on_the_machine() -> None:
    class Tpot:
        TPOTClassifier = dict
        TPOTRegressor = dict

    classifier: Any = worker.estimator(Tpot, replace(asked([0, 1] * 20), seed=5))
    assert (classifier["max_time_mins"], classifier["max_eval_time_mins"]) == (float("inf"), float("inf"))
    assert classifier["allow_inner_classifiers"] is False
    assert (classifier["random_state"], classifier["scorers"]) == (5, ["balanced_accuracy"])
    regressor: Any = worker.estimator(Tpot, asked(), client="it")
    assert (regressor["allow_inner_regressors"], regressor["client"]) == (False, "it")
