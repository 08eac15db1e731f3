"""TPOT without what a container cannot bear: no question to the network when it is imported, nothing to draw plots.

``tpot/__init__`` asks DNS for its newest version, and three of its modules import matplotlib for plots that nobody
looks at. ``whole`` is for the search; ``load`` imports one submodule alone, which is all that a pipeline's text needs.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

PACKAGE: Final = "tpot"
_WHOLE: Final = "TPOTEstimator"
"""An attribute that only the executed ``tpot/__init__`` gives the package."""


def load(module: str) -> ModuleType:
    """Import a module of CLASSES; one of tpot's comes without the rest of the package. Raises ImportError, OSError."""
    if module.partition(".")[0] != PACKAGE:
        return importlib.import_module(module)
    light()
    with _stand_ins():
        return importlib.import_module(module)


def light() -> None:
    """Make tpot's submodules importable one by one. Does nothing where tpot is there. Raises ModuleNotFoundError."""
    if PACKAGE in sys.modules:
        return
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {PACKAGE!r}", name=PACKAGE)
    package: Any = importlib.util.module_from_spec(spec)
    package.__version__ = importlib.metadata.version(PACKAGE)
    sys.modules[PACKAGE] = package


def whole() -> Any:
    """The package tpot as its authors meant it, after ``light`` as well. Raises ImportError, OSError."""
    light()
    package: Any = sys.modules[PACKAGE]
    if not hasattr(package, _WHOLE):
        with _stand_ins():
            package.__spec__.loader.exec_module(package)
    return package


@contextmanager
def _stand_ins() -> Iterator[None]:
    """While tpot is imported, modules that do nothing take the place of those that nobody has imported yet."""
    updates: Any = ModuleType("update_checker")
    updates.update_check = lambda *_: None
    plots: Any = ModuleType("matplotlib")
    plots.pyplot = ModuleType("matplotlib.pyplot")
    stand_ins = {module.__name__: module for module in (updates, plots, plots.pyplot)}
    if "matplotlib" in sys.modules:
        del stand_ins["matplotlib"], stand_ins["matplotlib.pyplot"]
    before = {name: sys.modules[name] for name in stand_ins if name in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
        sys.modules.update(before)
