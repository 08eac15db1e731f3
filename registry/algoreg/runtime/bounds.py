"""What a pipeline text may set a parameter to: nothing that opens, runs or loads, and no single absurd size.

The rules judge a parameter as it stands in the text, before anything is built from it. Those of ``BY_NAME`` hold
for every class of a table; a program's PARAMETERS gives the ones of the classes that it brings. What several
parameters cost together is not judged here: time and memory are bounded by the container.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from algoreg.runtime.failure import Failure

MAX_COUNT: Final = 10_000
"""Trees, components, bins, neurons of one layer, folds: as many as any search of ours draws, and ten times more."""
MAX_ITERATIONS: Final = 100_000
"""Of a solver, which ends by itself when it converges."""
MAX_DEGREE: Final = 10
"""Of polynomials, whose terms grow with the power of it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one parameter may hold."""

    expected: str
    """Completes the sentence "expected ..." of a refusal."""
    allows: Callable[[Any], bool]
    """Judges the parameter's JSON."""

    def check(self, value: Any, where: str) -> None:
        """Raises Failure naming the parameter (``where``), what was expected and what came."""
        if not self.allows(value):
            raise Failure(f"pipeline: {where}: expected {self.expected}, got {_shown(value)}")


def _shown(value: Any) -> str:
    """At most 80 characters, printable whatever the text's author put there."""
    return reprlib.repr(value).encode("ascii", "backslashreplace").decode()[:80]


def one_of(*values: Any) -> Rule:
    """Exactly these values; true is no 1."""
    listed = ", ".join("null" if value is None else str(value).lower() for value in values)
    return Rule(
        expected=f"one of {listed}" if len(values) > 1 else listed,
        allows=lambda got: any(type(got) is type(value) and got == value for value in values),
    )


def _numbers(value: Any) -> Iterator[float]:
    """Every number in ``value``, lists and tuples included; a number written in words counts as endless."""
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, dict):
        if "float" in value:
            yield float("inf")
        for part in value.values():
            yield from _numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from _numbers(part)


def up_to(high: int) -> Rule:
    """No number in the value, alone or in a list, is beyond ``high``; texts and null stand for the class's own."""
    return Rule(
        expected=f"no number over {high}",
        allows=lambda value: all(abs(number) <= high for number in _numbers(value)),
    )


def _is_bounded_count(value: Any) -> bool:
    return not isinstance(value, int | float) or abs(value) <= MAX_COUNT


def _is_object(value: Any, key: str) -> bool:
    return isinstance(value, dict) and key in value


NUMBER: Final = Rule(
    expected="a number, true, false or null",
    allows=lambda value: value is None or isinstance(value, bool | int | float) or _is_object(value, "float"),
)
ANYTHING: Final = Rule(expected="anything", allows=lambda _: True)
ESTIMATOR: Final = Rule(expected="a class", allows=lambda value: _is_object(value, "class"))
GRAPH: Final = Rule(expected="a graph", allows=lambda value: _is_object(value, "graph"))
"""The one rule under which a graph is rebuilt."""
COUNT: Final = up_to(MAX_COUNT)
COUNT_OR_VALUES: Final = Rule(expected=f"a list, or no number over {MAX_COUNT}", allows=_is_bounded_count)
"""Values to try, or how many of them."""
FOLDS: Final = Rule(
    expected=f"null, a number of folds up to {MAX_COUNT}, a splitter or a list",
    allows=lambda value: not isinstance(value, str) and _is_bounded_count(value),
)
"""No word: ``prefit`` would have a class skip the fitting that the text stands for."""
ONE_THREAD: Final = one_of(None, 1)
_PREDICTION_METHODS: Final = ("auto", "predict_proba", "decision_function", "predict")
_CALIBRATIONS: Final = ("isotonic", "sigmoid", "temperature")
_POWER_TRANSFORMS: Final = ("box-cox", "yeo-johnson")
PREDICTION_METHOD: Final = one_of(*_PREDICTION_METHODS)
"""What a wrapper calls on its estimator; any other name would reach any other attribute."""

BY_NAME: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(("n_jobs", "nthread"), ONE_THREAD),
    **dict.fromkeys(
        (
            "code_size",
            "hidden_layer_sizes",
            "leaf_size",
            "max_bin",
            "max_bins",
            "max_depth",
            "max_leaf_nodes",
            "max_leaves",
            "max_n_alphas",
            "max_subpopulation",
            "n_bins",
            "n_clusters",
            "n_components",
            "n_estimators",
            "n_init",
            "n_knots",
            "n_neighbors",
            "n_quantiles",
            "n_restarts_optimizer",
            "n_splits",
            "num_leaves",
            "num_parallel_tree",
        ),
        COUNT,
    ),
    **dict.fromkeys(("Cs", "alphas", "l1_ratios", "n_alphas"), COUNT_OR_VALUES),
    **dict.fromkeys(("max_fun", "max_iter", "max_trials", "n_iter"), up_to(MAX_ITERATIONS)),
    **dict.fromkeys(("cross_val_predict_cv", "cv"), FOLDS),
    "degree": up_to(MAX_DEGREE),
    "importance_getter": one_of("auto"),
    "method": one_of(*_PREDICTION_METHODS, *_CALIBRATIONS, *_POWER_TRANSFORMS),
    "prefit": one_of(False),
    "stack_method": PREDICTION_METHOD,
}
"""Parameter -> what it may hold, in any class of a table."""
