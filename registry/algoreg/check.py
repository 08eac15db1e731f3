"""What a check is: a named function that asks a probe and yields findings, and the decorator that builds one.

The rule of a check is written once, in its docstring: ``explain``, the documentation and every finding's fix
are taken from there. Running checks and deciding which are skipped is ``conformance``'s work.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from algoreg.report import Finding, Severity

if TYPE_CHECKING:
    from algoreg.probe import Probe

Judge = Callable[["Probe"], Iterable[Finding]]

_ID = re.compile(r"^[a-z]+\.[a-z][a-z-]*$")
_SECTION = re.compile(r"^(Why|Fix): ", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule of the contract."""

    id: str
    """``family.name``; never changes its meaning."""
    title: str
    """Completes the sentence "fails when ..."."""
    severity: Severity
    needs: tuple[str, ...]
    """Ids that must have passed, or not apply, before this one is judged."""
    needs_image: bool
    """Whether it asks something that only an image in an engine can answer."""
    command: str | None
    """Asked only of an image that has this command; None: of every one."""
    judge: Judge
    explanation: str
    """The docstring, unindented: what, then ``Why:``, then ``Fix:``."""

    @property
    def family(self) -> str:
        """The part before the dot."""
        return self.id.partition(".")[0]

    def _section(self, name: str) -> str:
        parts = _SECTION.split(self.explanation)
        sections = dict(zip(parts[1::2], parts[2::2], strict=True))
        return " ".join(sections.get(name, "").split())

    @property
    def why(self) -> str:
        """Why it matters in Woken."""
        return self._section("Why")

    @property
    def fix(self) -> str:
        """How an author mends it."""
        return self._section("Fix")


def check(
    id: str,
    title: str,
    *,
    needs: tuple[str, ...] = (),
    severity: Severity = Severity.ERROR,
    needs_image: bool = False,
    command: str | None = None,
) -> Callable[[Judge], Check]:
    """Turn a function into a ``Check``; its docstring must say what, ``Why:`` and ``Fix:``.

    Raises ValueError at import when the id or the docstring is not of that form: a check that cannot explain
    itself is a programming error.
    """

    def build(judge: Judge) -> Check:
        explanation = inspect.cleandoc(judge.__doc__ or "")
        if not _ID.match(id) or len(_SECTION.findall(explanation)) != 2:
            raise ValueError(f"check {id}: needs an id family.name and a docstring with Why: and Fix:")
        return Check(
            id=id,
            title=title,
            severity=severity,
            needs=needs,
            needs_image=needs_image,
            command=command,
            judge=judge,
            explanation=explanation,
        )

    return build
