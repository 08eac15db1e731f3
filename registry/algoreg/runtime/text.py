"""The trained pipeline as text: everything `test` needs to fit the same model again, and nothing that is code."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from algoreg import contract
from algoreg.runtime import strict
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.description import MAX_DEPTH, describe, rebuild
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column

FORMAT: Final = "algoreg-pipeline/1"
MAX_VALUES: Final = 100_000
"""How many values a text may hold, each part of a list counted; TPOT's own texts hold some hundred."""
_STRINGS_END = re.compile(r'(?:[^"]|"(?:[^"\\]|\\.)*+")*+', re.DOTALL)
"""Matches in one pass; a string without an end would have ``strict`` look for it once per quotation mark."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model as its text tells it: fitted again on the training rows, it is the trained one."""

    task: str
    variable: Column
    covariables: tuple[Column, ...]
    seed: int
    """numpy's global generator starts from it before each fit; ``random_state`` parameters hold it already."""
    estimator: Any
    """The unfitted scikit-learn pipeline, preprocessing included."""


def _packages(description: Any, catalogue: Catalogue) -> Iterator[str]:
    """The packages beyond scikit-learn that a description needs, in the order it names them."""
    if isinstance(description, dict):
        path = str(description.get("class"))
        if catalogue.is_foreign(path):
            yield path.partition(".")[0]
        if "edges" in description:
            yield "networkx"
        description = [*description.values()]
    if isinstance(description, list):
        for part in description:
            yield from _packages(part, catalogue)


def _versions(description: Any, catalogue: Catalogue) -> dict[str, str]:
    import numpy
    import sklearn

    named = sorted(set(_packages(description, catalogue)))
    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scikit-learn": sklearn.__version__,
        **{package: sys.modules[package].__version__ for package in named},
    }


def _told(column: Column) -> dict[str, Any]:
    return {"name": column.name, "type": column.type, "codes": list(column.codes)}


def write_text(model: Model, catalogue: Catalogue) -> str:
    """One line of printable JSON. Raises Failure: a class or value that no text can hold, or over 1 MiB.

    A job's parameters are not repeated beside the estimator that was made from them: a program that forgot one would
    seem to have heard of it.
    """
    description = describe(model.estimator, catalogue)
    text = strict.dumps(
        {
            "format": FORMAT,
            "task": model.task,
            "seed": model.seed,
            "variable": _told(model.variable),
            "covariables": [_told(column) for column in model.covariables],
            "estimator": description,
            "versions": _versions(description, catalogue),
        }
    )
    if len(text) > contract.PIPELINE_MAX_BYTES:
        raise Failure(
            f"pipeline: its text has {len(text)} bytes, at most {contract.PIPELINE_MAX_BYTES} are allowed"
        )
    return text


def _column(entry: Any) -> Column:
    match entry:
        case {"name": str(name), "type": str(kind), "codes": [*codes]} if kind in contract.VARIABLE_TYPES:
            if name and all(isinstance(code, str) for code in codes) and len(set(codes)) == len(codes):
                return Column(name=name, type=kind, codes=tuple(codes))
    raise Failure("pipeline: a column is not described by name, type and codes")


def _check_task(task: object, variable: Column) -> str:
    expected = contract.CLASSIFICATION if variable.nominal else contract.REGRESSION
    if task != expected or (variable.nominal and not variable.codes):
        raise Failure(f"pipeline: task and variable contradict each other (expected {expected})")
    return expected


def _count(document: Any) -> int:
    """How many values there are in it, itself included."""
    waiting, count = [document], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return count


def _document(text: str) -> Any:
    """The parsed text, within its bounds. Raises Failure."""
    if len(text.encode("utf-8", errors="replace")) > contract.PIPELINE_MAX_BYTES:
        raise Failure(f"pipeline: is larger than {contract.PIPELINE_MAX_BYTES} bytes")
    if not _STRINGS_END.fullmatch(text):
        raise Failure("pipeline: is not JSON: a string has no end")
    document = strict.loads(text, "pipeline", max_depth=MAX_DEPTH)
    if _count(document) > MAX_VALUES:
        raise Failure(f"pipeline: holds more than {MAX_VALUES} values")
    return document


def _rebuilt(description: Any, catalogue: Catalogue) -> Any:
    estimator = rebuild(description, catalogue)
    if not hasattr(estimator, "get_params"):
        raise Failure(f"pipeline: its estimator is a {type(estimator).__name__}, which is no estimator")
    return estimator


def read_text(text: str, catalogue: Catalogue) -> Model:
    """Rebuild the model. Every bound is checked before anything is built.

    Raises Failure; every message begins with ``pipeline``.
    """
    match _document(text):
        case {
            "format": "algoreg-pipeline/1",
            "task": task,
            "seed": int(seed),
            "variable": variable_entry,
            "covariables": [_, *_] as covariable_entries,
            "estimator": {"class": str()} as estimator,
        } if 0 <= seed < 2**32:
            variable = _column(variable_entry)
            return Model(
                task=_check_task(task, variable),
                variable=variable,
                covariables=tuple(_column(entry) for entry in covariable_entries),
                seed=seed,
                estimator=_rebuilt(estimator, catalogue),
            )
    raise Failure(f"pipeline: is not a description of the format {FORMAT}")
