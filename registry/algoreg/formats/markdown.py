"""Report to Markdown for a comment of a pull request: a short table, the details folded, no longer than GitHub takes.

Text of unknown origin stands in code elements, and each of its punctuation marks is a character reference: it can
neither end the element, nor mention a person, nor link to anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg.formats import told
from algoreg.formats.escape import safe_lines
from algoreg.formats.told import Case, Weight
from algoreg.report import Report, TargetReport

MAX_BYTES = 65_000
"""GitHub refuses a comment of more than 65,536 characters."""
_RESERVE = 300
_SHORT = 300
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_WORDS = {Weight.FAIL: "FAIL", Weight.ERROR: "ERROR", Weight.WARN: "WARN", Weight.WAIVED: "WAIVED"}
_SIGNS = {"PASS": "✅", "FAIL": "❌", "ERROR": "💥", "PARTIAL": "⚠️"}


def render(report: Report) -> str:
    """Whole blocks as long as there is room; what is left out is counted."""
    parts = list(_parts(report))
    written: list[str] = []
    room = MAX_BYTES - _RESERVE
    for position, part in enumerate(parts):
        room -= len(part.encode("utf-8"))
        if room < 0:
            left = len(parts) - position
            written.append(f"\n_{left} more parts do not fit; `--report html=FILE` has all of them._\n")
            break
        written.append(part)
    return "".join(written)


def _parts(report: Report) -> Iterator[str]:
    verdict = report.verdict.value
    yield f"### {_SIGNS[verdict]} algoreg: {verdict}\n\n"
    yield "| target | verdict | checks | time |\n|---|---|---|---|\n"
    for target in report.targets:
        yield _row(target)
    for target in report.targets:
        if unseen := told.unseen(target):
            yield f"\n{code(target.target)}: {unseen}\n"
        found = told.troubles(target)
        if found:
            yield f"\n#### {code(target.target)}\n\n| | check | case | what was seen |\n|---|---|---|---|\n"
            yield from map(_line, found)
            yield "\n"
            yield from map(_folded, found)
    engine = told.engine(report.engine.name, report.engine.version)
    yield f"\n<sub>{prose(engine)}, seed {report.seed}</sub>\n"


def _row(target: TargetReport) -> str:
    verdict = target.verdict.value
    return (
        f"| {code(target.target)} | {_SIGNS[verdict]} {verdict} | "
        f"{told.counts(target).removeprefix('checks: ')} | {target.duration_s:.1f} s |\n"
    )


def _line(case: Case) -> str:
    finding = case.finding
    cells = (
        _WORDS[case.weight],
        code(case.check.id),
        code(finding.case),
        code(finding.got or finding.message),
    )
    return f"| {' | '.join(cells)} |\n"


def _folded(case: Case) -> str:
    """In HTML, since Markdown within a summary is read differently from one reader to the next."""
    finding, check = case.finding, case.check
    heading = f"{_WORDS[case.weight]} {code(check.id)} {prose(finding.case or check.title)}"
    rows = {
        "waived": prose(told.waived(case.waiver)) if case.waiver else "",
        "fails when": prose(check.title),
        "seen": code(finding.message),
        "expected": code(finding.expected),
        "got": code(finding.got),
        "why": prose(check.why),
        "fix": prose(finding.fix),
        "reproduce": code(finding.reproduce, 4000),
    }
    listed = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in rows.items() if value)
    return f"<details><summary>{heading}</summary>\n<dl>{listed}</dl>\n{_log(finding.evidence)}</details>\n"


def _log(evidence: str | None) -> str:
    """No blank line: it would end the HTML around it."""
    if not evidence:
        return ""
    lines = "\n".join(f"| {line}" for line in safe_lines(evidence))
    return f"<pre><code>{_referenced(lines)}</code></pre>\n"


def code(text: str | None, limit: int = _SHORT) -> str:
    """Text of unknown origin."""
    return f"<code>{_referenced(told.brief(text, limit))}</code>" if text else ""


def prose(text: str | None) -> str:
    """A sentence; after @ and # a space that nobody sees, lest it mentions or links."""
    if not text:
        return ""
    return _referenced(told.brief(text)).replace("&#64;", "&#64;&#8203;").replace("&#35;", "&#35;&#8203;")


def _referenced(text: str) -> str:
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", text)
