"""What each generation of Woken reads of an algorithm, and how the registry's words become its keys.

A dialect knows keys and where they stand; how HOCON is written is the business of ``hocon``, what is wrong with an
existing file that of ``lint``.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from algoreg.errors import UsageError
from algoreg.export.hocon import Field, Object, Overridable
from algoreg.export.names import override_variable
from algoreg.model import Algorithm

ENGINES = ("Docker", "Validation")
"""What Woken takes for ``engine``; any other is an exception when the algorithm is asked for."""
DEFAULT_PLAN = "scatter-gather"
PLANS = (DEFAULT_PLAN, "map-reduce", "streaming")
"""What Woken takes for ``distributedExecutionPlan``; any other is silently the first."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of an algorithm's entry."""

    name: str
    of: Callable[[Algorithm], str | bool]
    """Its value for an algorithm of the registry."""
    required: bool = False
    """The reader refuses an entry without it."""
    ignored: bool = False
    """No reader looks at it; it is written for people and for tools."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The entries of one generation of Woken."""

    name: str
    path: tuple[str, ...]
    """Keys of the object that holds the algorithms."""
    image: str
    """The key of the image: a string that an environment variable may replace."""
    keys: tuple[Key, ...]
    """All others, in the order in which they are written."""

    @property
    def required(self) -> tuple[str, ...]:
        """Keys without which the reader refuses an entry."""
        return (self.image, *(key.name for key in self.keys if key.required))

    @property
    def read(self) -> tuple[str, ...]:
        """Keys that the reader looks at."""
        return (self.image, *(key.name for key in self.keys if not key.ignored))

    @property
    def unread(self) -> tuple[str, ...]:
        """Keys that are written for people: no reader looks at them."""
        return tuple(key.name for key in self.keys if key.ignored)

    @property
    def flags(self) -> tuple[str, ...]:
        """Keys that hold a truth value, for any reader."""
        return tuple(key.name for key in self.keys if key.name in _FLAGS)

    def values(self, algorithm: Algorithm, image: str) -> Mapping[str, Any]:
        """What a reader sees of an algorithm that runs as ``image``."""
        return {self.image: image} | {key.name: key.of(algorithm) for key in self.keys}

    def entry(self, algorithm: Algorithm, image: str) -> Object:
        """What is written of it."""
        overridable = Overridable(text=image, variable=override_variable(algorithm.image))
        others = (Field(key=key.name, value=key.of(algorithm)) for key in self.keys)
        return Object(fields=(Field(key=self.image, value=overridable), *others))


def _plan(algorithm: Algorithm) -> str:
    return "map-reduce" if algorithm.federated else DEFAULT_PLAN


def _accepts_nulls(algorithm: Algorithm) -> bool:
    """One flag for both: true would send NULLs of either kind, and the image may refuse one of them.

    False only costs rows: Woken then asks for those without NULLs.
    """
    return algorithm.variables_can_be_null and algorithm.covariables_can_be_null


_PREDICTIVE = Key(name="predictive", of=lambda one: one.predictive, required=True)
_NULLS = (
    Key(name="variablesCanBeNull", of=lambda one: one.variables_can_be_null, required=True),
    Key(name="covariablesCanBeNull", of=lambda one: one.covariables_can_be_null, required=True),
)
_FLAGS = ("predictive", "supportsNullValues", "variablesCanBeNull", "covariablesCanBeNull")

_ALGORITHMS = ("algorithms",)

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            name="woken-2019",
            path=_ALGORITHMS,
            image="dockerImage",
            keys=(
                _PREDICTIVE,
                *_NULLS,
                Key(name="engine", of=lambda _: "Docker"),
                Key(name="distributedExecutionPlan", of=_plan),
                Key(name="maturity", of=lambda one: one.maturity.value, ignored=True),
                Key(name="interactive", of=lambda one: one.interactive, ignored=True),
            ),
        ),
        Dialect(name="woken-2018-03", path=_ALGORITHMS, image="dockerImage", keys=(_PREDICTIVE, *_NULLS)),
        Dialect(
            name="woken-2018-01",
            path=_ALGORITHMS,
            image="dockerImage",
            keys=(_PREDICTIVE, Key(name="supportsNullValues", of=_accepts_nulls, required=True)),
        ),
        Dialect(name="woken-2017-12", path=_ALGORITHMS, image="dockerImage", keys=(_PREDICTIVE,)),
        Dialect(
            name="woken-2017",
            path=("defaultSettings", "request", "functions"),
            image="image",
            # The reader looks for it only where an experiment asks; without it that request fails.
            keys=(_PREDICTIVE,),
        ),
    )
}
DEFAULT = "woken-2019"


def named(name: str) -> Dialect:
    """The dialect of this name, or UsageError with the closest one."""
    if name in DIALECTS:
        return DIALECTS[name]
    close = difflib.get_close_matches(name, DIALECTS, n=1)
    raise UsageError(
        f"no dialect is called {name!r}",
        hint=(f"Did you mean {close[0]}? " if close else "") + f"There are {', '.join(DIALECTS)}.",
    )
