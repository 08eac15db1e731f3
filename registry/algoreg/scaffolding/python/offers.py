"""From scikit-learn's constraints on a parameter to what the metadata could offer of it; trials decide what they do."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from algoreg.model import ParameterType, ParameterValue
from algoreg.runtime.bounds import BY_NAME
from algoreg.scaffolding.python.estimators import Estimator
from algoreg.scaffolding.python.expressions import NONE, Conversion
from algoreg.scaffolding.python.knowledge import AT_LEAST, AT_MOST, NOT_OFFERED, OF_THE_ROWS

_FACTORS: Final = (1000.0, 100.0, 10.0, 2.0)
"""How far from its default a number without a bound may go, the farthest first."""
_COUNTS: Final = (100_000, 10_000, 1000, 100, 10, 5, 2, 1)
"""Ends for a whole number without a bound, the farthest first."""
_MOST: Final = 1000
"""Of these, for one that a pipeline's text does not bound either."""
_EDGE: Final = 0.001
"""How near to an end that does not belong to an interval, as a part of it."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A parameter that could be offered, with the ends that are to be tried, the farthest first."""

    code: str
    type: ParameterType
    default: ParameterValue
    conversion: Conversion
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()
    values: tuple[str, ...] = ()
    """Of an enumeration, the default among them."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A parameter that is not offered."""

    code: str
    reason: str


def offers(estimator: Estimator) -> Iterator[Offer | LeftOut]:
    """One for each parameter of the signature that has a default, in its order."""
    for code, default in estimator.defaults.items():
        if default is inspect.Parameter.empty:
            continue
        if code in NOT_OFFERED:
            yield LeftOut(code=code, reason=NOT_OFFERED[code])
        elif isinstance(default, str) and default in ("deprecated", "warn"):
            yield LeftOut(code=code, reason="scikit-learn is going to drop it")
        else:
            found = _offer(code, default, list(estimator.constraints.get(code, ())))
            yield found or LeftOut(code=code, reason=_inexpressible(estimator.constraints.get(code, ())))


def _offer(code: str, default: Any, accepted: list[Any]) -> Offer | None:
    """None where the metadata have no type for it."""
    if isinstance(default, bool):
        return _flag(code, default) if "boolean" in accepted else None
    if isinstance(default, str):
        return _enumeration(code, default, accepted)
    if isinstance(default, tuple) and len(default) == 1:  # one layer of neurons
        default = default[0]
    if default is None:
        return _or_none(code, accepted)
    if isinstance(default, int) and (interval := _interval(accepted, whole=True)):
        return _whole(code, default, interval)
    if isinstance(default, int | float) and math.isfinite(default) and (interval := _interval(accepted)):
        return _number(code, float(default), interval)
    return None


def _flag(code: str, default: bool) -> Offer:
    return Offer(code=code, type=ParameterType.BOOLEAN, default=default, conversion=Conversion.FLAG)


def _or_none(code: str, accepted: list[Any]) -> Offer | None:
    """A default of None: a word, else a number whose 0 means None, where numbers begin right after it."""
    if _words(accepted):
        return _enumeration(code, NONE, accepted)
    whole = _interval(accepted, whole=True)
    if whole and _lowest(whole) == 1:
        return _whole(code, 0, whole, none=True)
    number = _interval(accepted)
    if number and number.left == 0 and not number.with_left:
        return _number(code, 0.0, number, none=True)
    return None


def _enumeration(code: str, default: str, accepted: list[Any]) -> Offer | None:
    words = _words(accepted)
    none = None in accepted and NONE not in words
    values = tuple(sorted({*words, *([NONE] if none else [])}))
    if default not in values or (len(values) < 2):
        return None
    conversion = Conversion.WORD_OR_NONE if none else Conversion.WORD
    return Offer(
        code=code, type=ParameterType.ENUMERATION, default=default, conversion=conversion, values=values
    )


def _whole(code: str, default: int, interval: _Interval, *, none: bool = False) -> Offer:
    low = _lowest(interval)
    highest = _highest(interval)
    most = min(highest, math.inf if code in BY_NAME else max(_MOST, default))
    counts = (count for count in _COUNTS if max(default, low) <= count <= most and _may_be(code, count))
    highs = (*([highest] if highest <= _MOST else []), *counts)
    lows = (
        (0.0,)
        if none
        else tuple(dict.fromkeys((_least(low, default), float(low) if math.isfinite(low) else 1.0)))
    )
    if code in OF_THE_ROWS:
        conversion = Conversion.AT_MOST_ROWS
    else:
        conversion = Conversion.WHOLE_OR_NONE if none else Conversion.WHOLE
    return Offer(
        code=code,
        type=ParameterType.INTEGER,
        default=default,
        conversion=conversion,
        lows=(*(one for one in lows if one <= default), default),
        highs=tuple(dict.fromkeys((*highs, default))),
    )


def _least(low: float, default: int) -> float:
    return low if math.isfinite(low) else -float(abs(default) + 10)


def _may_be(code: str, value: float) -> bool:
    """Whether a pipeline's text may hold it."""
    return code not in BY_NAME or BY_NAME[code].allows(value)


def _lowest(interval: _Interval) -> float:
    return interval.left if interval.with_left else interval.left + 1


def _highest(interval: _Interval) -> float:
    return interval.right if interval.with_right else interval.right - 1


def _number(code: str, default: float, interval: _Interval, *, none: bool = False) -> Offer:
    scale = abs(default) or 1.0
    left, right = interval.left, interval.right
    edge = _EDGE * ((right - left) if math.isfinite(right - left) else scale)
    least = max(left + (0 if interval.with_left else edge), AT_LEAST.get(code, -math.inf))
    most = min(right - (0 if interval.with_right else edge), AT_MOST.get(code, math.inf))
    steps = [scale * factor / (1 if default else 100) for factor in _FACTORS]
    lows = [
        least,
        *(
            default - step if left < 0 else scale / factor
            for step, factor in zip(steps, _FACTORS, strict=True)
        ),
    ]
    highs = [most, *(step if default > 0 else default + step for step in steps)]
    if none:
        lows = [0.0]
    return Offer(
        code=code,
        type=ParameterType.NUMBER,
        default=default,
        conversion=Conversion.NUMBER_OR_NONE if none else Conversion.NUMBER,
        lows=tuple(dict.fromkeys((*_rounded([one for one in lows if least <= one <= default]), default))),
        highs=tuple(
            dict.fromkeys(
                (*_rounded([one for one in highs if default <= one <= most and _may_be(code, one)]), default)
            )
        ),
    )


def _rounded(numbers: Sequence[float]) -> list[float]:
    return [float(f"{number:.3g}") for number in numbers if math.isfinite(number)]


@dataclass(frozen=True, kw_only=True)
class _Interval:
    """What scikit-learn accepts of a number; without an end it is infinite there."""

    left: float
    right: float
    with_left: bool
    with_right: bool


def _interval(accepted: list[Any], *, whole: bool = False) -> _Interval | None:
    """The first interval of whole numbers, or of any."""
    from numbers import Integral

    from sklearn.utils._param_validation import Interval

    found = [one for one in accepted if isinstance(one, Interval) and (one.type is Integral) == whole]
    if not found:
        return None
    return _Interval(
        left=-math.inf if found[0].left is None else float(found[0].left),
        right=math.inf if found[0].right is None else float(found[0].right),
        with_left=found[0].closed in ("left", "both"),
        with_right=found[0].closed in ("right", "both"),
    )


def _words(accepted: list[Any]) -> set[str]:
    """The words of the options, without those that scikit-learn hides or is going to drop."""
    from sklearn.utils._param_validation import StrOptions

    found: set[str] = set()
    for one in accepted:
        if isinstance(one, StrOptions):
            found |= {word for word in one.options if word not in one.deprecated}
    return found


def _inexpressible(accepted: Any) -> str:
    """What it is instead of a number or a word."""
    if None in accepted and _interval(accepted, whole=True):
        return "None is a value of it, and no number beside its range is free to stand for that"
    names = " ".join(str(one) for one in accepted)
    for word, told in _KINDS:
        if word in names:
            return f"the metadata cannot express {told}"
    return "the metadata cannot express what it holds"


_KINDS: Final = (
    ("implementing", "an estimator; choose another one in program.py"),
    ("cv_object", "a way to split the rows"),
    ("Kernel", "a kernel"),
    ("array-like", "an array"),
    ("dict", "an object"),
    ("list", "a list"),
    ("callable", "a function"),
)
