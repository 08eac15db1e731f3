"""What a fault is, and what evidence of it must be found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from algoreg.faults.setting import Setting

_STYLE = re.compile(r"\x1b\[[0-9;:]*m")
"""Colours, which would join a name to the letter m."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A token that names the cause."""

    token: str
    whole: bool = False
    """Only as a name on its own: ``k`` must not be found in ``Traceback``."""
    prefix: bool = False
    """The beginning of a name: ``IN_``."""

    def found_in(self, text: str) -> bool:
        """Whether the token stands in ``text``, in any letter case."""
        before = r"(?<![A-Za-z0-9])" if self.whole or self.prefix else ""
        after = r"(?![A-Za-z0-9])" if self.whole else ""
        return re.search(f"{before}{re.escape(self.token)}{after}", text, re.IGNORECASE) is not None


@dataclass(frozen=True, kw_only=True)
class Data:
    """Which data an experiment is made on; all defaults: the base case's."""

    variable_type: str | None = None
    """A variable of this type."""
    mixing: bool = False
    """Nominal and continuous covariables together."""
    unknown: bool = False
    """The variable is NULL in every row."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault in one command."""

    name: str
    """What a person reads: ``input_training.json absent``."""
    command: str
    check: str
    """The id that fails when the image takes no notice."""
    inject: Callable[[Setting], Setting]
    evidence: Callable[[Setting], tuple[Evidence, ...]]
    """Of these, one must appear in the logs, and for compute in its row; none where contract 5 asks for none."""
    data: Data = field(default_factory=Data)
    """What it is asked on."""

    @property
    def case(self) -> str:
        """The case's name in the report."""
        return f"{self.command}: {self.name}"

    def shown_in(self, text: str, setting: Setting) -> bool:
        """Whether ``text`` names the injected cause."""
        plain = _STYLE.sub("", text)
        wanted = self.evidence(setting)
        return not wanted or any(one.found_in(plain) for one in wanted)
