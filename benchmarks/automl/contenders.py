"""Who competes: an algorithm, and what a user would type behind it.

Defaults are typed by nobody. What is typed by hand is what a careful user knows without a search, from the size of
the table and from a text book; it is decided here, before any result is seen, and from the training rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MAX_K = 100
"""What knn accepts."""
DEADLINE_S = 1800
"""Wall time after which tpot takes the best so far unless asked otherwise; that then depends on the machine."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """An algorithm with parameters."""

    name: str
    code: str
    """Of the plugin."""
    searches: bool = False
    """Whether it is AutoML; the others are simple."""
    tasks: tuple[str, ...] = ("classification", "regression")
    """Where it differs from its own defaults, so that it is worth a run."""
    why: str
    """The reason for its parameters, as the document tells it."""
    typed: Callable[[int], Mapping[str, str]] = field(default=lambda _: {})
    """Training rows of a fold -> parameter -> text."""


def neighbours(n_train: int) -> Mapping[str, str]:
    """The odd number next to the root of the number of training rows, within what knn accepts."""
    k = 2 * round((math.sqrt(n_train) - 1) / 2) + 1
    return {"k": str(min(k, MAX_K - 1))}


def budget(generations: int, population: int) -> Contender:
    """TPOT with a search of this size; everything else as it is by default."""
    given = {"generations": str(generations), "population_size": str(population)}
    return Contender(
        name=f"tpot {generations}x{population}",
        code="tpot",
        searches=True,
        why=f"{generations} generations of {population} pipelines, the first of them drawn at random",
        typed=lambda _: given,
    )


_SIMPLE = (
    Contender(name="knn", code="knn", why="as it comes: 5 neighbours"),
    Contender(
        name="knn by hand",
        code="knn",
        why="the root of the number of training rows, made odd so that two classes cannot tie: the rule of thumb "
        "of the text books",
        typed=neighbours,
    ),
    Contender(
        name="linreg", code="linreg", why="as it comes: least squares, or logistic regression unpenalised"
    ),
    Contender(
        name="linreg by hand",
        code="linreg",
        tasks=("classification",),
        why="a ridge penalty of 1, scikit-learn's own default: an unpenalised logistic regression has no finite "
        "solution where the classes can be separated. Least squares take no parameter, so there is nothing to type",
        typed=lambda _: {"regularisation": "1"},
    ),
)
_SEARCHES = (
    budget(2, 8),
    Contender(
        name="tpot 2x8 accuracy",
        code="tpot",
        searches=True,
        tasks=("classification",),
        why="the same for the metric of the table: by default TPOT looks for balanced accuracy",
        typed=lambda _: {
            "generations": "2",
            "population_size": "8",
            "scoring": "accuracy_or_absolute_error",
        },
    ),
    budget(4, 16),
    Contender(name="tpot", code="tpot", searches=True, why="as it comes: 10 generations of 20"),
)

CONTENDERS: Mapping[str, Contender] = {one.name: one for one in (*_SIMPLE, *_SEARCHES)}
"""Name -> contender, cheap ones first: a run that is cut short has the cheap ones of every data set."""
