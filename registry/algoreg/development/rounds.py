"""Judges one target again and again in one open laboratory: only what is not known any more, the basics first.

Which results a change of files makes stale is said from outside; how checks are judged is ``conformance``'s work.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from algoreg import conformance
from algoreg.check import Check
from algoreg.checks.order import BASE
from algoreg.conformance import Examination, Selection
from algoreg.probe import Probe
from algoreg.report import CheckResult, Finding, Outcome, TargetReport
from algoreg.worlds import Progress

_BAD = (Outcome.FAIL, Outcome.ERROR)
_NUMBERS = re.compile(r"\b[0-9a-f]{6,}\b|\d+")

OpenProbe = Callable[[Progress], Probe]
"""A probe of the plugin as its files are now."""
Show = Callable[[int], AbstractContextManager[Progress]]
"""A display for so many checks, while it lasts."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a check says now, and what it said when it was last judged."""

    before: CheckResult | None
    after: CheckResult

    @property
    def turned(self) -> bool:
        """Whether a person has to hear of it: another outcome than before, or a case that had not failed so."""
        if self.before is None:
            return self.after.outcome in _BAD
        return self.after.outcome is not self.before.outcome or bool(self.fresh)

    @property
    def fresh(self) -> frozenset[str | None]:
        """The cases that fail now, and did not before or did so for another reason."""
        known = frozenset(map(_cause, self.before.failures)) if self.before else frozenset()
        return frozenset(one.case for one in self.after.failures if _cause(one) not in known)


def _cause(failure: Finding) -> tuple[str | None, ...]:
    """A failed case, what it says, and the log's last line but for its numbers, which differ from run to run."""
    *_, last = (failure.evidence or "").strip().splitlines() or [""]
    return failure.case, failure.message, failure.got, _NUMBERS.sub("#", last)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A part of a round that is over."""

    name: str
    judged: tuple[CheckResult, ...]
    """What was looked at; what waits for another check to pass was not."""
    changes: tuple[Change, ...]
    duration_s: float


class Stages(Protocol):
    """Hears how a round goes on."""

    def stage_ended(self, stage: Stage) -> None:
        """A part of it is over."""


class Rounds:
    """What is known of a target, kept from round to round."""

    def __init__(self, examination: Examination, *, open_probe: OpenProbe, show: Show) -> None:
        self._examination = examination
        self._open_probe = open_probe
        self._show = show
        left_out = examination.selection.left_out(examination.checks)
        self._wanted = {check.id for check in examination.checks} - left_out
        self._base = needed_by(BASE, examination.checks)
        self._results: dict[str, CheckResult] = {}
        """What holds for the files as they are."""
        self._last: dict[str, CheckResult] = {}
        """What each check said when it was last judged, whatever has changed since."""

    def forget(self, ids: Collection[str]) -> int:
        """These results do not hold any more; how many are to be judged now."""
        self._results = {id: one for id, one in self._results.items() if id not in ids}
        return len(self._wanted - self._results.keys())

    def judge(self, listener: Stages) -> TargetReport:
        """Judge what is not known, stage by stage. Raises Cancelled; the stages that were over still count."""
        started = time.monotonic()
        relay = _Relay()
        probe = self._open_probe(relay)
        try:
            for name, ids, assumed in self._stages():
                listener.stage_ended(self._stage(probe, relay, name, ids, assumed))
            order = (
                self._results[check.id] for check in self._examination.checks if check.id in self._results
            )
            report = conformance.concluded(
                probe, self._examination, order, duration_s=time.monotonic() - started
            )
        finally:
            probe.close()
        # What waited for another one, or could not be judged, is asked again next time
        again = [id for id, one in self._results.items() if _waits(one) or one.outcome is Outcome.ERROR]
        self.forget(again)
        return report

    def _stages(self) -> Iterator[tuple[str, frozenset[str], dict[str, CheckResult]]]:
        """Name, what to judge, and what is taken for granted meanwhile; evaluated as the round goes on."""
        failed = {id for id, one in self._last.items() if one.outcome in _BAD}
        if ids := self._missing(failed):
            # Their prerequisites beyond the base case are supposed to be as they were; the last stage finds out
            yield (
                "failed before",
                ids,
                {id: one for id, one in self._last.items() if id not in ids | self._base},
            )
        if ids := self._missing(self._base):
            yield "base case", ids, {}
        if self._missing(self._wanted):
            # All of them: one that was judged on a supposition may have to wait after all
            yield "the rest", frozenset(self._wanted), {}

    def _missing(self, ids: Collection[str]) -> frozenset[str]:
        return frozenset((self._wanted & set(ids)) - self._results.keys())

    def _stage(
        self, probe: Probe, relay: _Relay, name: str, ids: frozenset[str], assumed: dict[str, CheckResult]
    ) -> Stage:
        started = time.monotonic()
        selection = replace(self._examination.selection, only=tuple(sorted(ids)))
        examination = replace(self._examination, selection=selection)
        left_out = selection.left_out(examination.checks)
        known = {**assumed, **self._results}
        with self._show(len(ids - known.keys())) as shown:
            relay.listener = shown
            found = conformance.judge(probe, examination, known=known)
        judged = [one for one in found if one.id not in left_out and one is not known.get(one.id)]
        self._results |= {one.id: one for one in judged}
        seen = tuple(one for one in judged if not _waits(one))
        changes = (Change(before=self._last.get(one.id), after=one) for one in seen)
        stage = Stage(
            name=name,
            judged=seen,
            changes=tuple(change for change in changes if change.turned),
            duration_s=time.monotonic() - started,
        )
        self._last |= {one.id: one for one in seen}
        return stage


class _Relay:
    """Passes on what the probe of a round says to the display of the stage."""

    listener: Progress

    def case_started(self, case: str) -> None:
        """Pass it on."""
        self.listener.case_started(case)

    def case_ended(self, case: str) -> None:
        """Pass it on."""
        self.listener.case_ended(case)

    def check_ended(self, check: str, outcome: str) -> None:
        """Pass it on."""
        self.listener.check_ended(check, outcome)


def needed_by(ids: Collection[str], checks: Sequence[Check]) -> frozenset[str]:
    """These checks and everything that they wait for."""
    left_out = Selection(only=tuple(ids)).left_out(checks)
    return frozenset(check.id for check in checks if check.id not in left_out)


def _waits(result: CheckResult) -> bool:
    return any(finding.blocking for finding in result.findings)
