"""Report to one HTML page that needs nothing else: no network, no script, readable with a keyboard and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from algoreg.formats import told
from algoreg.formats.escape import safe_lines
from algoreg.formats.html_page import page
from algoreg.formats.html_predictions import predicted
from algoreg.formats.markup import Markup, element, joined, lines
from algoreg.formats.told import Case, Weight
from algoreg.report import CheckResult, Outcome, Report, Severity, TargetReport, Timing

_OPEN = 2
"""So many cases of a check are unfolded."""
_BARS = 15
_CLOSED = (Weight.WARN, Weight.WAIVED)


def render(report: Report, *, back: tuple[str, str] | None = None) -> str:
    """The page; ``safe`` and the escaping of HTML stand between it and every text of the report.

    ``back``: a link, its words and its address, to the page that this one belongs to.
    """
    verdict = report.verdict.value
    engine = told.engine(report.engine.name, report.engine.version)
    targets = f"{len(report.targets)} target{'' if len(report.targets) == 1 else 's'}"
    return page(
        element("nav", element("a", back[0], href=back[1]), aria_label="Up") if back else None,
        element(
            "header",
            element("h1", "Conformance: ", mark(verdict)),
            element("p", f"{targets}, {engine}, seed {report.seed}", class_="soft"),
        ),
        _contents(report) if len(report.targets) > 1 else None,
        element("main", *(_target(one, f"t{n}") for n, one in enumerate(report.targets)), id="main"),
        title=f"{verdict}: {_names(report)} (algoreg)",
        skip="Skip to the findings",
    )


def _names(report: Report) -> str:
    return told.brief(", ".join(target.target for target in report.targets), 120)


def mark(word: str) -> Markup:
    """A verdict or outcome, told by its word and not by its colour alone."""
    return element("span", word, class_=f"mark {word}")


def _contents(report: Report) -> Markup:
    links = [
        element(
            "li", mark(one.verdict.value), " ", element("a", told.brief(one.target, 200), href=f"#t{number}")
        )
        for number, one in enumerate(report.targets)
    ]
    return element("nav", element("ul", *links), aria_label="Targets")


def _target(target: TargetReport, anchor: str) -> Markup:
    facts = {
        "algorithm": target.code,
        "image": target.image_id,
        "digest": target.digest,
        "took": f"{target.duration_s:.1f} s",
        "result": told.counts(target).removeprefix("checks: "),
    }
    return element(
        "section",
        element("h2", mark(target.verdict.value), " ", told.brief(target.target, 200), id=f"{anchor}-name"),
        _list(facts),
        *_findings(target),
        predicted(target.predicted),
        _timings(target.timings),
        _checks(target),
        id=anchor,
        aria_labelledby=f"{anchor}-name",
    )


def _list(facts: dict[str, str | None]) -> Markup | None:
    if not any(facts.values()):
        return None
    return element(
        "dl",
        *(
            joined(element("dt", name), element("dd", told.brief(value)))
            for name, value in facts.items()
            if value
        ),
    )


def _findings(target: TargetReport) -> Iterator[Markup]:
    found = told.troubles(target)
    if unseen := told.unseen(target):
        yield element("p", unseen)
    elif not found:
        yield element("p", "Nothing failed.", class_="soft")
    for weight, cases in groupby(found, lambda case: case.weight):
        yield element("h3", _HEADINGS[weight])
        for _, of_check in groupby(cases, lambda case: case.check.id):
            yield _finding(list(of_check))


_HEADINGS = {
    Weight.FAIL: "What failed",
    Weight.ERROR: "What could not be judged",
    Weight.WARN: "Warnings",
    Weight.WAIVED: "Failures that are waived",
}


def _finding(cases: list[Case]) -> Markup:
    check, weight = cases[0].check, cases[0].weight
    word = weight.value.upper()
    failed = weight is not Weight.ERROR
    fixes = dict.fromkeys(case.finding.fix for case in cases if case.finding.fix)
    return element(
        "article",
        element("h4", mark(word), " ", element("code", check.id), f" {told.brief(check.title)}"),
        element("p", element("strong", "Why: "), told.brief(check.why)) if failed and check.why else None,
        *(element("p", element("strong", "Fix: "), told.brief(fix)) for fix in fixes),
        *(_case(case, unfolded=number < _OPEN) for number, case in enumerate(cases)),
        class_=f"finding is-{word}",
    )


def _case(case: Case, *, unfolded: bool) -> Markup:
    finding = case.finding
    message = told.brief(finding.message or case.check.title)
    facts = {
        "waived": told.waived(case.waiver) if case.waiver else None,
        "expected": finding.expected,
        "got": finding.got,
    }
    return element(
        "details",
        element("summary", f"{told.brief(finding.case)}: {message}" if finding.case else message),
        _list(facts),
        _log(finding.evidence),
        _line_to_reproduce(finding.reproduce),
        open=unfolded and case.weight not in _CLOSED,
    )


def _line_to_reproduce(line: str | None) -> Markup | None:
    """Folded: it is long, and read by a shell."""
    if not line:
        return None
    shown = element("pre", element("code", told.brief(line, 4000)))
    return element("details", element("summary", "How to reproduce it"), shown)


def _log(evidence: str | None) -> Markup | None:
    if not evidence:
        return None
    return element("pre", element("code", lines([f"| {line}" for line in safe_lines(evidence)])))


def _timings(timings: tuple[Timing, ...]) -> Markup | None:
    """The longest experiments as bars; the numbers beside them are what a screen reader reads."""
    if not timings:
        return None
    slowest = sorted(timings, key=lambda one: (-one.duration_s, one.case))
    longest = slowest[0].duration_s or 1.0
    rest = slowest[_BARS:]
    note = f" ({len(rest)} shorter ones took {sum(one.duration_s for one in rest):.1f} s)" if rest else ""
    rows = [
        element(
            "tr",
            element("th", told.brief(one.case, 120), scope="row"),
            element("td", _bar(one.duration_s / longest), class_="bar"),
            element("td", f"{one.duration_s:.1f} s", class_="number"),
        )
        for one in slowest[:_BARS]
    ]
    head = element(
        "tr",
        element("th", "experiment", scope="col"),
        Markup('<td aria-hidden="true"></td>'),
        element("th", "time", scope="col", class_="number"),
    )
    caption = element("caption", f"{len(timings)} experiments, some side by side{note}")
    table = element("table", caption, element("thead", head), element("tbody", *rows), class_="chart")
    return joined(element("h3", "Where the time went"), table)


def _bar(share: float) -> Markup:
    bar = element("rect", width=f"{max(share, 0.005) * 100:.1f}", height="10", rx="0.5")
    return element("svg", bar, viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")


def _checks(target: TargetReport) -> Markup:
    head = element("tr", *(element("th", name, scope="col") for name in ("check", "outcome")))
    rows = [_row(check) for check in target.checks]
    table = element(
        "table",
        element("caption", "Every check, those that were skipped too"),
        element("thead", head),
        element("tbody", *rows),
    )
    return element("details", element("summary", f"All {len(rows)} checks"), table)


def _row(check: CheckResult) -> Markup:
    warned = check.outcome is Outcome.FAIL and check.severity is Severity.WARNING
    reason = check.findings[0].message if check.outcome is Outcome.SKIP and check.findings else ""
    judged = sum(1 for finding in check.findings if finding.outcome in (Outcome.PASS, Outcome.FAIL))
    about = reason or f"fails when {check.title}" if check.title or reason else ""
    return element(
        "tr",
        element(
            "th",
            element("code", check.id),
            element("div", told.brief(about), class_="soft") if about else None,
            scope="row",
        ),
        element(
            "td",
            mark("WARN" if warned else check.outcome.value),
            element("div", f"{judged} case{'' if judged == 1 else 's'}", class_="soft") if judged else None,
        ),
    )
