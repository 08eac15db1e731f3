"""What a round of the inner loop tells: a line for each stage, and in full only what turned since the last time."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from rich.text import Text

from algoreg.formats import told
from algoreg.formats.terminal import console, trouble
from algoreg.report import CheckResult, Outcome, TargetReport

_STYLES = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.ERROR: "magenta", Outcome.SKIP: "dim"}
_NAMED = 6


def stage(name: str, judged: Iterable[CheckResult], duration_s: float | None = None) -> str:
    """``base case: 22 PASS in 3.1 s``."""
    counts = Counter(one.outcome for one in judged)
    found = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    took = "" if duration_s is None else f" in {duration_s:.1f} s"
    return f"{name}: {found or 'nothing to judge'}{took}"


def change(
    before: Outcome | None,
    after: CheckResult,
    *,
    fresh: frozenset[str | None],
    reproduce: str | None = None,
    color: bool = False,
) -> str:
    """``neg.exit-code PASS -> FAIL``, and below it the cases that had not failed before.

    ``reproduce``: the line that leads to them, instead of one that names what is gone.
    """
    buffer = io.StringIO()
    drawn = console(buffer, color=color)
    turned = Text.assemble("  ", (after.id, "bold"), " ", _outcome(before), " -> ", _outcome(after.outcome))
    drawn.print(turned, soft_wrap=True)
    if after.outcome in (Outcome.FAIL, Outcome.ERROR):
        for line in list(trouble(_only(after, fresh, reproduce)))[2:]:  # its id was said
            drawn.print(line, soft_wrap=True)
    return buffer.getvalue()


def _outcome(outcome: Outcome | None) -> tuple[str, str]:
    return ("new", "dim") if outcome is None else (outcome.value, _STYLES[outcome])


def _only(result: CheckResult, fresh: frozenset[str | None], reproduce: str | None) -> CheckResult:
    known = (one for one in result.findings if one.outcome is not Outcome.FAIL or one.case in fresh)
    return replace(result, findings=tuple(replace(one, reproduce=reproduce) for one in known))


def summary(number: int, target: TargetReport) -> str:
    """``round 2: checks: 58 passed, 1 failed, 10 skipped in 41.0 s; failing: neg.exit-code``."""
    bad = [one.id for one in target.checks if one.outcome in (Outcome.FAIL, Outcome.ERROR)]
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    failing = f"; failing: {', '.join(bad[:_NAMED])}{more}" if bad else ""
    return f"round {number}: {told.counts(target)} in {target.duration_s:.1f} s{failing}"
