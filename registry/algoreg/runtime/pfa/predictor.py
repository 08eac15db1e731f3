"""A predictor in plain numbers: how each covariable becomes features, and what the model does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Continuous:
    """One feature: ``(value - mean) / scale``."""

    name: str
    """The covariable, which is the input's field."""
    mean: float
    scale: float
    missing: float | None = None
    """Stands for NULL; None: NULL is not accepted."""


@dataclass(frozen=True, kw_only=True)
class Nominal:
    """One feature for each code, 1 where the value is this code, else 0; an unknown code gives zeros."""

    name: str
    codes: tuple[str, ...]
    missing: str | None = None
    """The code that stands for NULL; None: NULL is not accepted."""


Feature = Continuous | Nominal


@dataclass(frozen=True, kw_only=True)
class Linear:
    """``coefficients . features + intercept``.

    One equation for a regression and for two classes (the second where it is above 0), one for each of more
    classes (the first of the highest).
    """

    coefficients: tuple[tuple[float, ...], ...]
    """equations x features"""
    intercepts: tuple[float, ...]
    classes: tuple[str, ...] = ()
    """Codes in the model's order; none for a regression."""


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The ``k`` nearest points vote, or are averaged; ``distance`` in ``neighbours`` says what nearest means."""

    k: int
    points: tuple[tuple[float, ...], ...]
    """points x features"""
    answers: tuple[float, ...] | tuple[str, ...]
    """The variable at each point: a number, or one of ``classes``."""
    classes: tuple[str, ...] = ()
    """Codes in the model's order, the first of the most frequent wins; none for a regression."""


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """Everything that a document tells."""

    features: tuple[Feature, ...]
    """In the order in which the model takes them, which need not be the covariables'."""
    model: Linear | Neighbours
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What people read: texts by name."""
