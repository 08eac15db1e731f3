"""Finds the classifier or regressor of scikit-learn that was meant, and what its documentation says in one sentence."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from algoreg import contract
from algoreg.errors import UsageError

_TASKS = {"classifier": contract.CLASSIFICATION, "regressor": contract.REGRESSION}
_SECTION = re.compile(r"^( *)Parameters\n\1-+\n(.*?)(?=^\1\S[^\n]*\n\1-{3,}\n|\Z)", re.DOTALL | re.MULTILINE)
_ROLE = re.compile(r":[a-z:]+:`~?([^`<]*?)(?:\s*<[^`]*>)?`")
_LONGEST = 160


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """A class of scikit-learn as its author describes it."""

    kind: type
    module: str
    """The public module."""
    task: str
    """``classification`` or ``regression``."""

    @property
    def name(self) -> str:
        """The class's own name."""
        return self.kind.__name__

    @property
    def path(self) -> str:
        """What is imported."""
        return f"{self.module}.{self.name}"

    @cached_property
    def words(self) -> str:
        """The name as words: ``Random forest classifier``."""
        return _spaced(self.name)

    @cached_property
    def summary(self) -> str:
        """The first sentence of the documentation."""
        return sentence(inspect.getdoc(self.kind) or "") or f"{self.words}."

    @cached_property
    def constraints(self) -> Mapping[str, Any]:
        """Parameter -> what scikit-learn accepts; empty where the class declares nothing."""
        return getattr(self.kind, "_parameter_constraints", {})

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """Parameter -> default, ``inspect.Parameter.empty`` for one that must be given."""
        signature = inspect.signature(self.kind)
        return {name: one.default for name, one in signature.parameters.items()}

    @cached_property
    def described(self) -> Mapping[str, str]:
        """Parameter -> the first sentence about it."""
        return _parameters(inspect.getdoc(self.kind) or "")


def find(text: str) -> Estimator:
    """The estimator of a dotted path, or of a bare name. Raises UsageError with what may have been meant."""
    package, _, name = text.rpartition(".")
    known = _known()
    if name not in known:
        raise _unknown(text, name, known)
    found = known[name]
    if package and not _leads_to(text, found.kind):
        raise UsageError(f"--estimator: there is no {text[:100]!a}", hint=f"Did you mean {found.path}?")
    return found


def _known() -> dict[str, Estimator]:
    return {one.name: one for one in everything()}


def everything() -> list[Estimator]:
    """All classifiers, then all regressors of the installed scikit-learn, by name."""
    from sklearn.utils import all_estimators

    return [
        Estimator(kind=kind, module=_public(kind), task=task)
        for filter_, task in _TASKS.items()
        for _, kind in all_estimators(type_filter=filter_)
    ]


def _public(kind: type) -> str:
    """The module that is documented: everything in front of the first private name."""
    return kind.__module__.partition("._")[0]


def _leads_to(path: str, kind: type) -> bool:
    module, _, name = path.rpartition(".")
    if module.partition(".")[0] != "sklearn":
        return False
    try:
        return getattr(importlib.import_module(module), name, None) is kind
    except ImportError:
        return False


def _unknown(text: str, name: str, known: Mapping[str, Estimator]) -> UsageError:
    from sklearn.utils import all_estimators

    if name in dict(all_estimators()):
        return UsageError(
            f"--estimator: {text[:100]!a} is neither a classifier nor a regressor",
            hint="Name what predicts; what prepares the columns goes in front of it, in program.py.",
        )
    if "." in text and not text.startswith("sklearn."):
        return UsageError(
            f"--estimator: {text[:100]!a} is not one of scikit-learn's",
            hint="Draft with a near one, then name your own class in program.py, and in ESTIMATORS there; its library "
            "goes into requirements.txt",
        )
    lower = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return UsageError(
        f"--estimator: scikit-learn has no classifier or regressor {text[:100]!a}",
        hint=f"Did you mean {known[lower[close[0]]].path}?"
        if close
        else "Name one such as sklearn.ensemble.RandomForestClassifier",
    )


def _spaced(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])


def sentence(text: str) -> str:
    """The first sentence as plain text on one line, without markup; empty where there is none."""
    paragraph = text.strip().partition("\n\n")[0].partition("\n.. ")[0].partition("\n- ")[0]
    plain = " ".join(_ROLE.sub(r"\1", paragraph).replace("`", "").replace("*", "").split())
    first = re.split(r"(?<=[.!?:])\s(?=[A-Z`\"])|:\s*$", plain)[0].rstrip(" :.")
    if len(first) > _LONGEST:
        return f"{first[:_LONGEST].rpartition(' ')[0]} ..."
    return f"{first}." if first else ""


def _parameters(documentation: str) -> dict[str, str]:
    section = _SECTION.search(documentation)
    if not section:
        return {}
    entries = re.split(r"^(\*{0,2}\w+)\s*:[^\n]*\n", inspect.cleandoc(section[2]), flags=re.MULTILINE)
    return {
        name: sentence(inspect.cleandoc(body))
        for name, body in zip(entries[1::2], entries[2::2], strict=True)
    }
