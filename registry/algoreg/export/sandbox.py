"""pyhocon, unable to read a file, to fetch a text or to look at the environment, and with an end to its work.

The text may be hostile, and what refuses includes before has another grammar than pyhocon: so it is a copy of pyhocon's
parser that is handed the text, in which the names that lead outside lead nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import util
from types import SimpleNamespace
from typing import Any, NoReturn

from pyhocon.exceptions import ConfigException
from pyparsing import ParseBaseException

from algoreg.errors import UsageError

MAX_CHARACTERS = 256 * 1024
"""Of one text."""
MAX_SIGNS = 1_000
"""Of one text: pyhocon needs the square of the fields' number, and every field, list and substitution has a sign."""
MAX_STEPS = 20_000
"""Of resolving substitutions: a few that refer to themselves would double the work with each."""
MAX_SUBSTITUTED = 1024 * 1024
"""Characters and values that take the places of substitutions."""
_SIGNS = "=:{[$"
_SHORTER = "Move what has nothing to do with algorithms into a file of its own, which is included elsewhere."
_OUTSIDE = ("urlopen", "glob", "find_package_dirs", "codecs")


class _Included(Exception):
    """The text has an include, as pyhocon understands it."""


class _TooMuch(Exception):
    """The work has no end in sight."""


def parse(text: str, *, origin: str, lines: bool = True) -> Mapping[str, Any]:
    """What the text means while no environment variable is set. Raises UsageError with ``origin``.

    ``lines`` tells whether its lines are those of ``origin``.
    """
    _refuse_large(text, origin)
    try:
        plain: Mapping[str, Any] = _unquoted(_parser().parse(text).as_plain_ordered_dict())
    except _Included as error:
        raise UsageError(
            f"{origin}: pyhocon would include a file within a value or a comment; no text is fetched",
            hint="Put the word include into quotes, and end every line with a line feed.",
        ) from error
    except (_TooMuch, RecursionError) as error:
        raise UsageError(
            f"{origin}: too many substitutions refer to each other, or nested too deeply to be read",
            hint="Write the values that are there instead of references to them.",
        ) from error
    except ParseBaseException as error:
        # Its own words are the grammar
        raise UsageError(
            f"{origin}:{error.lineno}: pyhocon cannot read it"
            if lines
            else f"{origin}: pyhocon cannot read it",
            hint="Write the value that is there in a simpler form.",
        ) from error
    except (ConfigException, AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"{origin}: pyhocon cannot read it: {reason[:200]}", hint="Simplify the value that is named."
        ) from error
    return plain


def _refuse_large(text: str, origin: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise UsageError(
            f"{origin}: {len(text)} characters with what is included; values that only pyhocon can read are read of at "
            f"most {MAX_CHARACTERS}",
            hint=_SHORTER,
        )
    if sum(map(text.count, _SIGNS)) > MAX_SIGNS:
        raise UsageError(
            f"{origin}: more than {MAX_SIGNS} fields, lists and substitutions with what is included; values that only "
            "pyhocon can read are not read of so many",
            hint=_SHORTER,
        )


def _unquoted(tree: Any) -> Any:
    """pyhocon keeps the quotes of quoted keys."""
    if isinstance(tree, Mapping):
        return {str(key).strip('"'): _unquoted(value) for key, value in tree.items()}
    return tree


def _refuse(*_: object, **__: object) -> NoReturn:
    raise _Included


def _module() -> Any:
    """pyhocon's parser once more, for us alone, without the names that lead outside."""
    spec = util.find_spec("pyhocon.config_parser")
    if spec is None or spec.loader is None:
        raise UsageError("pyhocon is not installed as it should be", hint="Install algoreg again.")
    module: Any = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ConfigFactory = SimpleNamespace(parse_file=_refuse, parse_URL=_refuse)
    for name in _OUTSIDE:
        setattr(module, name, _refuse)
    module.os = SimpleNamespace(environ={}, path=os.path)
    return module


def _parser() -> Any:
    """A parser for one text, which counts its steps."""
    module = _module()
    budget = _Budget()
    module.ConfigValues = _values(module.ConfigValues, budget)
    return _blind(module.ConfigParser, budget)


def _values(base: Any, budget: _Budget) -> Any:
    class Values(base):  # type: ignore[misc]
        """Counts what is done with joined values."""

        def transform(self) -> Any:
            budget.step()
            return super().transform()

        def get_substitutions(self) -> Any:
            budget.step()
            return super().get_substitutions()

        def __reduce_ex__(self, protocol: Any) -> Any:
            budget.step()
            return super().__reduce_ex__(protocol)

    return Values


def _blind(base: Any, budget: _Budget) -> Any:
    class Blind(base):  # type: ignore[misc]
        """Resolves substitutions from the text alone, within bounds."""

        @classmethod
        def _find_substitutions(cls, item: Any) -> Any:
            budget.step()
            return super()._find_substitutions(item)

        @classmethod
        def _resolve_variable(cls, config: Any, substitution: Any) -> tuple[bool, Any]:
            budget.step()
            if config.get(substitution.variable, None) is None and substitution.optional:
                return False, None
            if config.get(substitution.variable, None) is None:
                raise ConfigException(f"nothing is called {substitution.variable}")
            resolved: tuple[bool, Any] = super()._resolve_variable(config, substitution)
            return resolved

        @classmethod
        def _do_substitute(cls, substitution: Any, resolved_value: Any, *more: Any) -> Any:
            budget.charge(resolved_value)
            return super()._do_substitute(substitution, resolved_value, *more)

        resolve_package_path = _refuse

    return Blind


class _Budget:
    """What resolving the substitutions of one text may cost."""

    def __init__(self) -> None:
        self._steps = MAX_STEPS
        self._substituted = MAX_SUBSTITUTED

    def step(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise _TooMuch

    def charge(self, value: Any) -> None:
        self._substituted -= 1 + (len(value) if isinstance(value, str) else 0)
        if self._substituted < 0:
            raise _TooMuch
        if isinstance(value, Mapping | list):
            for inner in value.values() if isinstance(value, Mapping) else value:
                self.charge(inner)
