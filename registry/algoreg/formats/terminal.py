"""Report to text for a person: the verdict first, then each failure with what it takes to mend it."""

from __future__ import annotations

import io
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from algoreg import kept
from algoreg.formats import told
from algoreg.formats.escape import safe_lines
from algoreg.formats.told import brief, engine
from algoreg.report import (
    LEFT_OUT,
    CheckResult,
    Finding,
    Outcome,
    Report,
    Severity,
    TargetReport,
    Verdict,
    Waived,
)

_STYLES = {
    Verdict.PASS: "bold green",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.PARTIAL: "bold yellow",
}
_LABEL_WIDTH = 10
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_CASES_IN_FULL = 1
_MAX_LINE = 4000


def render(report: Report, *, color: bool = False, width: int = 100) -> str:
    """The whole report; ``color`` adds escape sequences of ours, never any of an image's."""
    buffer = io.StringIO()
    drawn = console(buffer, color=color, width=width)
    if any(_has_gaps(finding) for target in report.targets for finding in _findings(target)):
        hint = (
            f"To run a `reproduce` line, repeat the validation with --seed {report.seed} --keep: then database and "
            "volumes stay,\nand the report has the line with their names. `algoreg reap` removes them.\n"
        )
        drawn.print(hint, soft_wrap=True)
    with_what = engine(report.engine.name, report.engine.version)
    drawn.print(Text(f"{with_what}, seed {report.seed}", style="dim"), soft_wrap=True)
    return targets(report.targets, color=color, width=width) + buffer.getvalue()


def targets(reports: Iterable[TargetReport], *, color: bool = False, width: int = 100) -> str:
    """What was found about each target, without what they have in common."""
    buffer = io.StringIO()
    drawn = console(buffer, color=color, width=width)
    for target in reports:
        for line in _target(target):
            drawn.print(line, soft_wrap=True)
    return buffer.getvalue()


def console(buffer: io.StringIO, *, color: bool, width: int = 100) -> Console:
    """Writes our styles, where wanted, and interprets nothing of a text."""
    return Console(
        file=buffer,
        force_terminal=color,
        no_color=not color,
        width=width,
        highlight=False,
        markup=False,
        legacy_windows=False,
        emoji=False,
    )


def _findings(target: TargetReport) -> Iterator[Finding]:
    return (finding for check in target.checks for finding in check.findings)


def _has_gaps(finding: Finding) -> bool:
    """Whether its line names a folder, and a database, that are gone."""
    line = finding.reproduce or ""
    return line.startswith("env -i ") or (line.startswith("docker run ") and " -e " in line)


def _target(target: TargetReport) -> Iterator[Text]:
    yield Text.assemble(
        (brief(target.target), "bold"),
        " ",
        (target.verdict.value, _STYLES[target.verdict]),
        f"  {_counts(target)}",
    )
    for check in target.checks:
        if check.outcome in (Outcome.FAIL, Outcome.ERROR):
            yield from trouble(check)
            yield from (_covered(one) for one in target.waived or () if one.id == check.id)
    yield from _not_judged(target)
    yield Text()


def _counts(target: TargetReport) -> str:
    """``31 checks passed, 1 failed, 2 skipped, 84 cases in 41.2 s``."""
    counts = Counter(check.outcome for check in target.checks)
    warnings = sum(1 for c in target.checks if c.outcome is Outcome.FAIL and c.severity is Severity.WARNING)
    cases = sum(
        1
        for check in target.checks
        for finding in check.findings
        if finding.outcome in (Outcome.PASS, Outcome.FAIL)
    )
    parts = [
        f"{counts[Outcome.PASS]} checks passed",
        f"{counts[Outcome.FAIL] - warnings} failed",
        *([f"{warnings} warned"] if warnings else []),
        *([f"{len(target.waived)} cases waived"] if target.waived else []),
        *([f"{counts[Outcome.ERROR]} not judged for an error"] if counts[Outcome.ERROR] else []),
        f"{counts[Outcome.SKIP]} skipped",
        f"{cases} cases in {target.duration_s:.1f} s",
    ]
    return ", ".join(parts)


def trouble(check: CheckResult) -> Iterator[Text]:
    """A check that failed or could not be judged: its cases, and what it takes to mend it."""
    style = "red" if check.severity is Severity.ERROR else "yellow"
    word = check.outcome.value if check.severity is Severity.ERROR else "WARN"
    if check.outcome is Outcome.ERROR:
        word, style = "ERROR", "magenta"
    yield Text()
    yield Text.assemble("  ", (word, style), " ", (check.id, "bold"), f"  {brief(check.title)}")
    shown = [finding for finding in check.findings if finding.outcome is check.outcome]
    for finding in shown[:_CASES_IN_FULL]:
        yield from _finding(finding)
    for finding in shown[_CASES_IN_FULL:]:
        yield _line("also", f"{finding.case or finding.message}: {finding.got or finding.message}")
    if check.outcome is Outcome.FAIL:
        yield _line("why", check.why)
        for fix in dict.fromkeys(f.fix for f in shown if f.fix):
            yield _line("fix", fix)


def _covered(one: Waived) -> Text:
    """Why a failure that is shown is not counted."""
    case = f"{one.case}: " if one.case else ""
    return _line("waived", f"{case}{told.waived(one)}")


def _finding(finding: Finding) -> Iterator[Text]:
    yield _line("case", f"{finding.case}: {finding.message}" if finding.case else finding.message)
    for label, value in (("expected", finding.expected), ("got", finding.got)):
        if value:
            yield _line(label, value)
    for number, line in enumerate(safe_lines(finding.evidence) if finding.evidence else ()):
        yield Text.assemble(_label("" if number else "log"), ("| ", "dim"), line)
    if finding.outcome is Outcome.ERROR and finding.fix:
        yield _line("next", finding.fix)
    if finding.reproduce:
        yield _line("reproduce", _without_variables(finding.reproduce))
        if (run := kept.run_of(finding.reproduce)) is not None:
            yield _line("shell", shlex.join(["algoreg", "shell", run]))


def _without_variables(line: str) -> str:
    """A line without its two score of variables, which fill a screen; JSON has them."""
    if " -e " not in line and not line.startswith("env "):
        return line
    kept: list[str] = []
    left_out = 0
    try:
        words = shlex.split(line)
    except ValueError:  # a saved report's own: a quotation mark without its twin
        return line
    for word in words:
        if word != "-e" and not _VARIABLE.match(word):
            kept.append(shlex.quote(word))
        left_out += bool(_VARIABLE.match(word))
    return " ".join(kept) + (f"  ({left_out} variables: --format json)" if left_out else "")


def _label(name: str) -> tuple[str, str]:
    return (f"      {name:<{_LABEL_WIDTH}}", "dim")


def _line(label: str, text: str) -> Text:
    return Text.assemble(_label(label), brief(text, _MAX_LINE))


def _skipped(target: TargetReport) -> dict[str, list[str]]:
    """Reason -> the checks that do not apply for it; a gate's reader must see what was not looked at."""
    reasons: dict[str, list[str]] = {}
    for check in target.checks:
        if check.outcome is Outcome.SKIP and not any(f.blocking for f in check.findings):
            reasons.setdefault(check.findings[0].message, []).append(check.id)
    return reasons


def _not_judged(target: TargetReport) -> Iterator[Text]:
    """Which checks wait for a failed one: named once, so that nobody takes silence for a pass."""
    for reason, ids in _skipped(target).items():
        which = f"{len(ids)} checks" if reason == LEFT_OUT else ", ".join(ids)
        yield Text.assemble(("  skipped ", "dim"), brief(f"{which}: {reason}"))
    waiting = [c.id for c in target.checks if any(f.blocking for f in c.findings)]
    if waiting:
        yield Text()
        yield Text.assemble(
            ("  not judged ", "dim"),
            f"{len(waiting)} checks wait for the above to pass: ",
            (", ".join(waiting), "dim"),
        )
