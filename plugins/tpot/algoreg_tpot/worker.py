"""The child's part: one search by TPOT, told as it goes on. The only user of TPOT's own classes."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoreg.runtime.allowed import Catalogue
from algoreg_tpot import cluster, library
from algoreg_tpot.evaluation import Evaluator, Here
from algoreg_tpot.overseer import Tell
from algoreg_tpot.record import Progress
from algoreg_tpot.settings import Settings


def search(
    settings: Settings, x: NDArray[np.float64], y: NDArray[np.generic], catalogue: Catalogue, tell: Tell
) -> None:
    """Search a pipeline for ``x`` (n_train, features) and ``y`` (n_train,), whose classes are 0 .. n-1.

    Tells ``Best`` and ``Progress``. Raises Failure.
    """
    warnings.simplefilter("ignore")  # of a hundred pipelines that are tried; those that fail are counted
    _do_without_setuptools()
    tpot = library.whole()
    place = cluster.Cluster(settings.scheduler) if settings.scheduler else Here()
    tell(Progress(generation=1, tried=0, failed=0, over=False))
    evaluator = Evaluator(
        place=place,
        settings=settings,
        x=x,
        y=y,
        catalogue=catalogue,
        tell=tell,
        tpot_evaluation=tpot.utils.eval_utils,
    )
    tpot.utils.eval_utils.parallel_eval_objective_list = evaluator.evaluate
    seed_crossover(tpot, settings.seed)
    searcher = estimator(tpot, settings, client=place)
    searcher.fit(x, y)
    chosen = searcher.selected_best_score
    evaluator.choose(chosen["Individual"], float(chosen[searcher.objective_names[0]]))


def _do_without_setuptools() -> None:
    """A library of TPOT's asks setuptools for its own version; of what it asks, Python's own knows as much."""
    if "pkg_resources" not in sys.modules:
        resources: Any = ModuleType("pkg_resources")
        resources.get_distribution = metadata.distribution
        sys.modules[resources.__name__] = resources


def estimator(tpot: Any, settings: Settings, **more: Any) -> Any:
    """TPOT's own estimator for a search: the only place where its parameters are chosen.

    Neither of TPOT's time limits is set: they are looked at when an evaluation ends, and make a result depend on
    the machine. A pipeline has one model: those inside of it train on classes and transform with probabilities,
    which most classifiers do not survive.
    """
    kind = tpot.TPOTClassifier if settings.classification else tpot.TPOTRegressor
    inner = "allow_inner_classifiers" if settings.classification else "allow_inner_regressors"
    return kind(
        search_space=settings.space,
        scorers=[settings.scorer],
        scorers_weights=[1],
        cv=settings.folds,
        generations=settings.generations,
        population_size=settings.population,
        max_time_mins=math.inf,
        max_eval_time_mins=math.inf,
        random_state=settings.seed,
        verbose=0,
        **{inner: False},
        **more,
    )


def seed_crossover(tpot: Any, seed: int) -> None:
    """Let TPOT's nodes cross over from the seed where TPOT forgets to hand its generator on (graph spaces)."""
    generator = np.random.default_rng(seed)
    for kind in _below(tpot.search_spaces.base.SklearnIndividual):
        if "crossover" in vars(kind):
            kind.crossover = _seeded(kind.crossover, generator)


def _below(kind: type[Any]) -> Iterator[Any]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _seeded(crossover: Callable[..., Any], generator: np.random.Generator) -> Callable[..., Any]:
    def seeded(self: Any, other: Any, rng: Any = None, **more: Any) -> Any:
        return crossover(self, other, rng=generator if rng is None else rng, **more)

    return seeded
