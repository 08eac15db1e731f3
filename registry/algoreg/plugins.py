"""Finds the installed plugins and loads each alone, so that a broken one is named and takes no other down.

Which of two plugins may use a code is decided in ``registry``; what a check does is not known here.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import inspect
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from algoreg import hookspecs, metadata
from algoreg.errors import AlgoregError, PluginError
from algoreg.model import Algorithm

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

    from algoreg.check import Check

GROUP = "algoreg"
BUILT_IN = "algoreg"
"""The distribution whose plugins come first."""

_HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("algoreg_"))
_REASON_LENGTH = 400
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """An algorithm, and the file that declares it."""

    algorithm: Algorithm
    path: Path

    @property
    def folder(self) -> Path:
        """The folder of the runnable package."""
        return self.path.parent


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a plugin comes from."""

    name: str
    """The entry point's name."""
    distribution: str
    version: str

    @property
    def rank(self) -> tuple[bool, str, str]:
        """Sorts the built-in plugins first, then by distribution and name."""
        return self.distribution != BUILT_IN, self.distribution, self.name


@dataclass(frozen=True, kw_only=True)
class Plugin(Origin):
    """A plugin that loaded, and what it brings."""

    package: Path
    """The folder of the module that the entry point names."""
    algorithms: tuple[Declared, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class BrokenPlugin(Origin):
    """A plugin that is installed and cannot be used."""

    reason: str
    """One line that says why."""


@dataclass(frozen=True, kw_only=True)
class Plugins:
    """What was found, in a stable order."""

    loaded: tuple[Plugin, ...]
    broken: tuple[BrokenPlugin, ...]


def discover() -> Plugins:
    """Load every installed plugin. Nothing that a plugin does but KeyboardInterrupt escapes."""
    found = [_load(origin, entry) for origin, entry in _entries()]
    found.sort(key=lambda plugin: plugin.rank)
    return Plugins(
        loaded=tuple(one for one in found if isinstance(one, Plugin)),
        broken=tuple(one for one in found if isinstance(one, BrokenPlugin)),
    )


def _entries() -> Iterator[tuple[Origin, EntryPoint | None]]:
    """The entry points of the group; the first distribution of a name on the path hides later ones."""
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        try:
            found = _entries_of(distribution)
        except Exception:  # noqa: BLE001  a damaged distribution must not hide the sound ones
            yield Origin(name="?", distribution=_path(distribution), version="unknown"), None
            continue
        fresh = [pair for pair in found if pair[0].distribution not in seen]
        seen.update(origin.distribution for origin, _entry in fresh)
        yield from fresh


def _entries_of(distribution: Distribution) -> list[tuple[Origin, EntryPoint]]:
    """Reads the names of a distribution only when it has an entry point for us: that costs a millisecond."""
    if f"[{GROUP}]" not in (distribution.read_text("entry_points.txt") or ""):
        return []
    name, version = (str(distribution.metadata[key] or "") for key in ("Name", "Version"))
    if not name:
        raise PluginError("a distribution without a name")
    name = name.lower().replace("_", "-")
    entries = distribution.entry_points.select(group=GROUP)
    return [(Origin(name=entry.name, distribution=name, version=version), entry) for entry in entries]


def _path(distribution: Distribution) -> str:
    return str(getattr(distribution, "_path", "an unnamed distribution"))


def _load(origin: Origin, entry: EntryPoint | None) -> Plugin | BrokenPlugin:
    """The plugin behind one entry point, or why it is broken. What it prints goes to standard error."""
    try:
        if entry is None:
            raise PluginError("its entry points cannot be read")
        with redirect_stdout(sys.stderr):
            return _Loading(entry).plugin(origin)
    except KeyboardInterrupt:
        raise
    except AlgoregError as error:
        return broken(origin, error.message)
    except BaseException as error:  # noqa: BLE001  SystemExit(0) at import must not turn a gate green
        return broken(origin, f"{type(error).__name__}: {error}")


def broken(origin: Origin, reason: str) -> BrokenPlugin:
    """The plugin of ``origin`` as one that cannot be used; ``reason`` becomes one line."""
    return BrokenPlugin(
        name=origin.name,
        distribution=origin.distribution,
        version=origin.version,
        reason=" ".join(reason.split())[:_REASON_LENGTH],
    )


class _Loading:
    """One plugin under a manager of its own: no wrapper of it can reach another plugin's hooks."""

    def __init__(self, entry: EntryPoint) -> None:
        self._entry = entry
        self._manager = pluggy.PluginManager("algoreg")
        self._manager.add_hookspecs(hookspecs)

    def plugin(self, origin: Origin) -> Plugin:
        """Import it, check its names, ask its hooks."""
        implementation = self._entry.load()
        _check_names(implementation)
        self._manager.register(implementation, origin.name)
        return Plugin(
            name=origin.name,
            distribution=origin.distribution,
            version=origin.version,
            package=self._package(),
            algorithms=self.algorithms(),
            checks=self.checks(),
        )

    def _package(self) -> Path:
        module = importlib.import_module(self._entry.module)
        if module.__file__ is None:
            raise PluginError(f"{self._entry.module} is no file, so its algorithms have no folder")
        return Path(module.__file__).parent

    def algorithms(self) -> tuple[Declared, ...]:
        """The hook ``algoreg_algorithms``."""
        return tuple(_declared(path) for path in self._call("algoreg_algorithms", Path))

    def checks(self) -> tuple[Check, ...]:
        """The hook ``algoreg_checks``."""
        from algoreg.check import Check

        return self._call("algoreg_checks", Check)

    def _call(self, hook: str, kind: type[_T]) -> tuple[_T, ...]:
        """The answer of one hook, which must be a list of ``kind``; empty when it is not implemented."""
        caller = getattr(self._manager.hook, hook)
        if not caller.get_hookimpls():
            return ()
        answers = caller() or [None]  # pluggy drops None, which is a wrong answer like any other
        for answer in answers:
            if not isinstance(answer, list | tuple) or not all(isinstance(item, kind) for item in answer):
                raise PluginError(
                    f"{hook}() must return a list of {kind.__name__}, got {type(answer).__name__}"
                )
        return tuple(item for answer in answers for item in answer)


def _declared(path: Path) -> Declared:
    path = path.absolute()
    if not path.is_file():
        raise PluginError(f"algoreg_algorithms() names {path}, which is no file")
    return Declared(algorithm=metadata.parse(metadata.read_file(path)), path=path)


def _check_names(implementation: Any) -> None:
    """Refuse what pluggy would silently ignore: a marked function that is no hook, a hook without the mark."""
    marked = 0
    for name in dir(implementation):
        function = inspect.getattr_static(implementation, name)
        options = getattr(function, "algoreg_impl", None) if isinstance(function, FunctionType) else None
        if options is not None:
            marked += 1
            _check_hook(options.get("specname") or name)
        elif isinstance(function, FunctionType) and name.startswith("algoreg_"):
            raise PluginError(f"{name} is not marked with @algoreg.hookimpl")
    if not marked:
        raise PluginError("it implements no hook; mark a function with @algoreg.hookimpl")


def _check_hook(name: str) -> None:
    if name not in _HOOKS:
        close = difflib.get_close_matches(name, _HOOKS, n=1)
        meant = f"did you mean {close[0]}?" if close else f"the hooks are {', '.join(_HOOKS)}"
        raise PluginError(f"{name} is no hook of algoreg; {meant}")
