"""Report to GitHub workflow commands: printed in a step, they become annotations of the files of a pull request."""

from __future__ import annotations

from algoreg.formats import told
from algoreg.formats.escape import safe_lines
from algoreg.formats.told import Case, Locate, Weight
from algoreg.report import Report, TargetReport, Verdict

_COMMANDS = {Weight.FAIL: "error", Weight.ERROR: "error", Weight.WARN: "warning", Weight.WAIVED: "notice"}
_VERDICTS = {Verdict.PASS: "notice", Verdict.PARTIAL: "warning"}


def render(report: Report, *, locate: Locate = told.nowhere) -> str:
    """A line for each finding that a person must see, and one for each verdict.

    A verdict comes first: GitHub shows ten errors of a step, and as many warnings.
    """
    lines = []
    for target in report.targets:
        lines.append(_verdict(target))
        lines += [_finding(case, locate) for case in told.troubles(target)]
    return "".join(f"{line}\n" for line in lines)


def _verdict(target: TargetReport) -> str:
    text = f"{told.brief(target.target)} {target.verdict.value}: {told.counts(target)}"
    return _command(
        _VERDICTS.get(target.verdict, "error"), {"title": f"algoreg {target.verdict.value}"}, text
    )


def _finding(case: Case, locate: Locate) -> str:
    place = locate(case.target, case.check, case.finding)
    where = {} if place is None else {"file": place.uri, "line": str(place.line), "col": str(place.column)}
    prefix = "cannot be judged: " if case.weight is Weight.ERROR else ""
    title = f"{prefix}{case.check.id}: {case.check.title}" if case.check.title else f"{prefix}{case.check.id}"
    return _command(_COMMANDS[case.weight], {**where, "title": told.brief(title, 200)}, _text(case))


def _text(case: Case) -> str:
    finding = case.finding
    first = f"{finding.case}: {finding.message}" if finding.case else finding.message
    lines = [told.brief(f"{case.target.target}: {first}")]
    named = {"expected": finding.expected, "got": finding.got, "fix": finding.fix}
    lines += [f"{label}: {told.brief(value)}" for label, value in named.items() if value]
    if case.waiver is not None:
        lines.append(f"waived: {told.waived(case.waiver)}")
    lines += [f"log | {line}" for line in safe_lines(finding.evidence or "")[-5:] if finding.evidence]
    return "\n".join(lines)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    """Escaped as the runner unescapes it; nothing in it can begin a command of its own."""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_message(message)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
