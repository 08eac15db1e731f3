"""Decides what a plugin around an estimator offers: which call makes it, which variables it takes, which parameters."""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from algoreg import contract
from algoreg.errors import UsageError
from algoreg.model import Algorithm
from algoreg.runtime import Failure
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.pfa.pipeline import LINEAR, NEIGHBOURS
from algoreg.scaffolding.python import knowledge
from algoreg.scaffolding.python.estimators import Estimator
from algoreg.scaffolding.python.expressions import Call, Reading
from algoreg.scaffolding.python.offers import LeftOut, Offer, offers
from algoreg.scaffolding.python.tables import tables
from algoreg.scaffolding.python.trials import Trials, Tried, Unfit

_KINDS: Final = {
    contract.CLASSIFICATION: contract.NOMINAL_TYPES,
    contract.REGRESSION: contract.CONTINUOUS_TYPES,
}
_IGNORES_INPUT: Final = (
    "with its defaults it predicts the same for every row of a table that was tried: the check sem.uses-input may "
    "fail it"
)
_MOST: Final = 0.5
"""Of the tables: a parameter that changes predictions on no more of them is not worth anybody's question."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a plugin is going to hold."""

    call: Call
    """Makes the estimator of a job."""
    vouched: tuple[str, ...]
    """Classes of the call that the runtime's own table does not hold."""
    pfa: bool
    """Whether `compute` can tell the model as PFA."""
    kinds: Mapping[str, bool]
    """Type of a variable -> whether it is taken."""
    offered: tuple[Tried, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]


def choose(estimator: Estimator, wanted: Sequence[str], bare: Algorithm) -> Choice:
    """Try everything that could be offered; ``wanted`` names the only parameters, all where it is empty.

    ``bare`` is the algorithm without parameters. Raises UsageError where nothing works, with what was said.
    """
    _refuse_unknown(estimator, wanted)
    found = [_wanted(one, wanted) for one in _sorted_out(estimator)]
    asked = tuple(one for one in found if isinstance(one, Offer))
    call = _call(estimator, asked)
    vouched = _vouched(call)
    pfa = estimator.name in LINEAR | NEIGHBOURS
    base = {one.code: _checked_value(one) for one in asked}

    on = tables(bare)
    every = tuple(one for some in on.values() for one in some)
    trials = Trials(call, base, every, vouched=tuple(one.kind() for one in vouched), pfa=pfa)
    taken, remarks = _taken(estimator, {kind: trials.on(some) for kind, some in on.items()})
    kinds = {kind: kind in taken for kind in contract.VARIABLE_TYPES}
    whole = trials.on(tuple(one for kind, some in on.items() if kind in taken for one in some))
    tried = [_wanted_still(whole.try_out(one), wanted) for one in asked]
    offered = tuple(one for one in tried if isinstance(one, Tried) and (one.seen > _MOST or wanted))
    if whole.ignores_input():
        remarks = (*remarks, _IGNORES_INPUT)
    kept = tuple(one.offer for one in offered)
    return Choice(
        call=_call(estimator, kept),
        vouched=tuple(one.name for one in vouched),
        pfa=pfa,
        kinds=kinds,
        offered=offered,
        left_out=tuple(_left_out([*found, *tried], {one.code for one in kept}, offered)),
        remarks=remarks,
    )


def _refuse_unknown(estimator: Estimator, wanted: Sequence[str]) -> None:
    for code in wanted:
        if code not in estimator.defaults:
            close = difflib.get_close_matches(code, estimator.defaults, n=1)
            raise UsageError(
                f"--parameter: {estimator.name} has no parameter {code[:60]!a}",
                hint=f"Did you mean {close[0]}?" if close else f"It has {', '.join(estimator.defaults)}",
            )


def _sorted_out(estimator: Estimator) -> list[Offer | LeftOut]:
    """The possible offers, without those that something fixed or PFA rules out."""
    fixed = knowledge.FIXED.get(estimator.name, {})
    neighbours = estimator.name in NEIGHBOURS
    found: list[Offer | LeftOut] = []
    for one in offers(estimator):
        if neighbours and isinstance(one, Offer) and one.code not in knowledge.OF_THE_ROWS:
            found.append(LeftOut(code=one.code, reason=knowledge.NEIGHBOURS_OF_PFA))
        elif one.code in fixed:
            reason = f"it is {fixed[one.code]!r}, without which it fails on tables as they come"
            found.append(LeftOut(code=one.code, reason=reason))
        else:
            found.append(one)
    return found


def _wanted(one: Offer | LeftOut, wanted: Sequence[str]) -> Offer | LeftOut:
    if not wanted or (isinstance(one, Offer) and one.code in wanted):
        return one
    if one.code in wanted and isinstance(one, LeftOut):
        raise _not_offered(one)
    return LeftOut(code=one.code, reason="it was not asked for") if isinstance(one, Offer) else one


def _wanted_still(one: Tried | LeftOut, wanted: Sequence[str]) -> Tried | LeftOut:
    """What came of a trial. Raises UsageError where somebody asked for it by name, and it does not work."""
    if isinstance(one, LeftOut) and wanted:
        raise _not_offered(one)
    return one


def _not_offered(one: LeftOut) -> UsageError:
    return UsageError(
        f"--parameter: {one.code} cannot be offered: {one.reason}",
        hint="Leave it out, and edit program.py.",
    )


def _call(estimator: Estimator, asked: Sequence[Offer]) -> Call:
    """The estimator with its readings, and what has to stand in front of it."""
    name = knowledge.SUBSTITUTES.get(estimator.name, estimator.name)
    module = estimator.module if name == estimator.name else knowledge.SUBSTITUTES_MODULE
    arguments: dict[str, Any] = {
        code: _required(estimator, code)
        for code, default in estimator.defaults.items()
        if default is inspect.Parameter.empty or knowledge.MUST_BE_GIVEN.get(estimator.name) == code
    }
    arguments |= knowledge.FIXED.get(name, {})
    arguments |= {one.code: Reading(code=one.code, conversion=one.conversion) for one in asked}
    call = Call(module=module, name=name, arguments=arguments)
    before = _before(call, asked)
    if before is None:
        return call
    module, pipeline = knowledge.PIPELINE
    return Call(module=module, name=pipeline, positional=(before, call))


def _before(call: Call, asked: Sequence[Offer]) -> Call | None:
    """What makes the runtime's columns such as the estimator says that it takes them."""
    from sklearn.utils import get_tags

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that scikit-learn is going to drop
        made = call.build({one.code: one.default for one in asked}, 100)
    tags = get_tags(made).input_tags
    if tags.categorical and not tags.string and tags.positive_only:
        return knowledge.CATEGORICAL
    return knowledge.NON_NEGATIVE if tags.positive_only else None


def _required(estimator: Estimator, code: str) -> Any:
    if code == "estimators":
        return list(knowledge.ENSEMBLES[estimator.task])
    if code in ("estimator", "base_estimator"):
        return knowledge.NESTED[estimator.task]
    raise UsageError(
        f"--estimator: {estimator.name} must be given {code}, for which there is no sensible default",
        hint="Choose another estimator, or begin with one and edit program.py.",
    )


def _vouched(call: Call) -> tuple[Call, ...]:
    """The classes that a pipeline's text may not name unless the author's program lists them."""
    found = []
    for one in call.calls():
        if isinstance(one.kind(), type) and not _is_known(one.kind()):
            found.append(one)
    return tuple(found)


def _is_known(kind: type) -> bool:
    try:
        Catalogue().path_of(kind)
    except Failure:
        return False
    return True


def _checked_value(offer: Offer) -> Any:
    """What stands for the offer while others are tried, and in the checks: a small forest will do."""
    small = offer.code == "n_estimators" and isinstance(offer.default, int)
    return min(offer.default, knowledge.CHECKED_UP_TO) if small else offer.default


def _taken(estimator: Estimator, trials: Mapping[str, Trials]) -> tuple[set[str], tuple[str, ...]]:
    """Types of variables that it works on, and what is said of the others. Raises UsageError where there is none."""
    said: dict[str, str] = {}
    for kind in _KINDS[estimator.task]:
        try:
            trials[kind].of()
        except Unfit as unfit:
            said[kind] = str(unfit)
    taken = {kind for kind in _KINDS[estimator.task] if kind not in said}
    if not taken:
        raise UsageError(
            f"--estimator: {estimator.name} does not work on one variable and the columns of a table: "
            f"{next(iter(said.values()))}",
            hint="Choose another estimator, or begin with one and edit program.py.",
        )
    return taken, tuple(f"variables of type {kind} are not taken: {reason}" for kind, reason in said.items())


def _left_out(
    every: Sequence[Offer | LeftOut | Tried], kept: set[str], offered: Sequence[Tried]
) -> list[LeftOut]:
    silent = [
        LeftOut(code=one.offer.code, reason=_unseen(one.seen))
        for one in every
        if isinstance(one, Tried) and one.offer.code not in kept
    ]
    return [
        *(one for one in every if isinstance(one, LeftOut)),
        *silent,
        *(refused for one in offered for refused in one.refused),
    ]


def _unseen(share: float) -> str:
    if share == 0:
        return "it makes no clear difference on any of the tables that were tried"
    return f"it makes a clear difference on too few of the tables that were tried: {100 * share:.0f} %"
