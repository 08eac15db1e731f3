"""Stands in for TPOT's evaluation of a generation: tells each result at once, here or on a cluster.

TPOT's own starts a Dask cluster for every search, keeps results to itself until a generation is over, and fails on
a cluster that somebody else started.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from algoreg.runtime import Failure
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.description import describe, rebuild
from algoreg_tpot.overseer import Tell
from algoreg_tpot.record import Best, Progress
from algoreg_tpot.settings import Settings

INVALID = "INVALID"
"""TPOT's word for a pipeline that failed."""
_FIRST_ATTEMPTS = 3
"""How often TPOT draws a first generation before it gives up."""


class Place(Protocol):
    """Where pipelines are fitted and scored; TPOT takes it for its Dask client."""

    def scatter(self, data: Any) -> Any:
        """Rows, or what stands for them in this place."""

    def each(
        self, evaluate: Callable[..., Any], individuals: Sequence[Any], **data: Any
    ) -> Iterator[tuple[int, Any]]:
        """``evaluate(individual, **data)`` for every one: its position and the result, as they come."""


class Here:
    """This process, one after the other."""

    def scatter(self, data: Any) -> Any:
        """The rows themselves."""
        return data

    def each(
        self, evaluate: Callable[..., Any], individuals: Sequence[Any], **data: Any
    ) -> Iterator[tuple[int, Any]]:
        """In their order."""
        for position, individual in enumerate(individuals):
            yield position, evaluate(individual, **data)


class Evaluator:
    """Evaluates generation after generation, and knows the best pipeline that can be told and fitted."""

    def __init__(
        self,
        *,
        place: Place,
        settings: Settings,
        x: NDArray[np.float64],
        y: NDArray[np.generic],
        catalogue: Catalogue,
        tell: Tell,
        tpot_evaluation: Any,
    ) -> None:
        """``x`` is (n_train, features), ``y`` (n_train,); ``tpot_evaluation`` is ``tpot.utils.eval_utils``."""
        self.best: Best | None = None
        self._place, self._settings, self._tell = place, settings, tell
        self._x, self._y, self._catalogue = x, y, catalogue
        self._tpot = tpot_evaluation
        self._attempts = self._generation = 0
        self._tried = self._failed = 0

    def evaluate(
        self,
        individual_list: Sequence[Any],
        objective_list: Sequence[Any],
        *,
        n_expected_columns: int,
        verbose: int = 0,
        max_eval_time_mins: float | None = None,
        client: Any = None,
        scheduled_timeout_time: float | None = None,
        **data: Any,
    ) -> tuple[list[list[float]], list[float], list[float], list[str | None]]:
        """As TPOT calls its ``parallel_eval_objective_list``: scores, times of start and end, errors.

        Raises Failure when nothing works in any of TPOT's attempts at a first generation.
        """
        began = time.time()
        individuals = list(individual_list)
        scores = [[math.nan] * n_expected_columns] * len(individuals)
        self._begin()
        told = {**data, "objective_list": list(objective_list), "max_eval_time_mins": math.inf}
        results = self._place.each(self._tpot.eval_objective_list, individuals, **told)
        for tried, (position, result) in enumerate(results, start=1):
            if _is_number(result):
                scores[position] = [float(value) for value in result]
                self._consider(individuals[position], scores[position][0])
            else:
                self._failed += 1
            over = tried == len(individuals)
            self._tried += 1
            self._tell(
                Progress(generation=self._generation, tried=self._tried, failed=self._failed, over=over)
            )
        if self._none_works and self._attempts == _FIRST_ATTEMPTS:
            raise Failure(
                f"the search found no pipeline that works on these rows: all of {_FIRST_ATTEMPTS} times "
                f"{len(individuals)} failed; choose another search_space, or look for columns without variation"
            )
        errors = [INVALID if math.isnan(one[0]) else None for one in scores]
        return scores, [began] * len(scores), [time.time()] * len(scores), errors

    def _begin(self) -> None:
        """A generation, or TPOT's next attempt at the first one."""
        if self._none_works:
            self._attempts += 1
            self._generation = 1
            return
        self._generation += 1
        self._tried = self._failed = 0

    @property
    def _none_works(self) -> bool:
        """Whether the first generation is still to be found."""
        return self._generation <= 1 and self._tried == self._failed

    def _consider(self, individual: Any, score: float) -> None:
        if self.best is None or score > self.best.score:
            self._offer(individual, score)

    def _offer(self, individual: Any, score: float) -> None:
        described = self._tpot.objective_nan_wrapper(individual, self._tried_as_text)
        if described != [INVALID]:
            self.best = Best(description=described[0], score=score, generation=self._generation)
            self._tell(self.best)

    def choose(self, individual: Any, score: float) -> None:
        """What TPOT chose in the end becomes the best, if it can be told: of equals it may be another one."""
        self._offer(individual, score)

    def _tried_as_text(self, individual: Any) -> list[Mapping[str, Any]]:
        """The description of a pipeline that, rebuilt from it, can be fitted. Raises what a fit raises."""
        description = describe(individual.export_pipeline(), self._catalogue)
        np.random.seed(self._settings.seed)  # as runtime.fitting does before each fit
        rebuild(description, self._catalogue).fit(self._x, self._y)
        return [description]


def _is_number(result: Any) -> bool:
    values = np.asarray(result)
    return values.dtype.kind == "f" and bool(np.isfinite(values).all())
