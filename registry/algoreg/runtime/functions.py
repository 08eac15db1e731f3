"""The functions a parameter may hold, by name: a text says which of a fixed table, and nothing is looked up in it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final

from algoreg.runtime.failure import Failure

FUNCTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "pooling_func": {"numpy": "max mean median min"},
    "score_func": {
        "sklearn.feature_selection": "chi2 f_classif f_regression mutual_info_classif mutual_info_regression"
    },
}
"""Parameter -> public module -> functions that it may hold."""


def _table(parameter: str) -> dict[str, tuple[str, str]]:
    modules = FUNCTIONS.get(parameter, {})
    return {f"{module}.{name}": (module, name) for module, names in modules.items() for name in names.split()}


def describe_function(parameter: str, function: Any, where: str) -> dict[str, str]:
    """``{"function": path}``. Raises Failure naming the parameter (``where``) whose function has no path."""
    for path, (module, name) in _table(parameter).items():
        if getattr(importlib.import_module(module), name) is function:
            return {"function": path}
    raise Failure(f"pipeline: {where} is a {type(function).__name__}, which cannot be written as text")


def rebuild_function(parameter: str, entry: Mapping[str, Any]) -> Any:
    """The function of this parameter's table. Raises Failure."""
    path = entry["function"]
    module, name = _table(parameter).get(path, ("", "")) if isinstance(path, str) else ("", "")
    if not module or len(entry) != 1:
        raise Failure(f"pipeline: parameter {parameter} names a function that it may not hold")
    return getattr(importlib.import_module(module), name)
