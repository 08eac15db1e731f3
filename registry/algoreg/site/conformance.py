"""What the last report says of an algorithm, in short; the whole report is a page of its own."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import groupby

from algoreg.certificates import Certificate
from algoreg.formats import told
from algoreg.formats.html import mark
from algoreg.formats.markup import Markup, element, joined
from algoreg.formats.told import Case
from algoreg.model import Algorithm
from algoreg.site.judgements import Judgement, Standing
from algoreg.site.parts import names_and_values, report_page, subject, verdict
from algoreg.site.usage import shell

_MOST = 10
"""Findings that are listed; the report has all."""


def conformance(algorithm: Algorithm, judgement: Judgement | None) -> Markup:
    """The part of the page."""
    return joined(*_parts(algorithm, judgement))


def _parts(algorithm: Algorithm, judgement: Judgement | None) -> Iterator[Markup | None]:
    yield element("p", verdict(judgement), class_="verdict")
    if judgement is not None:
        yield _warning(algorithm, judgement)
        yield _facts(judgement)
        yield _findings(judgement)
        yield element("p", element("a", "The whole report", href=f"../{report_page(algorithm.code)}"))
    if judgement is None or not judgement.current:
        yield element("p", f"To judge {algorithm.reference}, and to show it here:")
        yield shell(
            f"algoreg validate {shlex.quote(algorithm.reference)} --report json=reports/{algorithm.code}.json",
            "algoreg site SITE --reports reports",
        )


_WARNINGS = {
    Standing.OTHER_IMAGE: "That is another image than the registry names: it says nothing of this one.",
    Standing.OTHER_VERSION: "That is another version than the registry names: it need not hold of this one.",
    Standing.PROGRAM: "The plugin's program was run without a container: it says nothing of the image.",
    Standing.UNTOLD: "The report names an image without its version: it may be another than the registry names.",
}


def _warning(algorithm: Algorithm, judgement: Judgement) -> Markup | None:
    if judgement.current:
        return None
    said = f"The report is of {subject(judgement)}, and the registry names {algorithm.reference}. "
    return element("p", said, _WARNINGS[judgement.standing], class_="note")


def _facts(judgement: Judgement) -> Markup:
    target, report = judgement.target, judgement.report
    return names_and_values(
        {
            "judged": target.target,
            "image": target.image_id,
            "on": judgement.day,
            "engine": f"{told.engine(report.engine.name, report.engine.version)}, seed {report.seed}",
            "checks": told.counts(target).removeprefix("checks: "),
            "certificate": _certificate(judgement.certificate),
        }
    )


def _certificate(one: Certificate | None) -> str | None:
    """When it ends is told, and not whether it has ended: that depends on the day on which somebody reads it."""
    if one is None:
        return None
    return f"{one.verdict}, counts until {one.expires.date().isoformat()}; not verified for this page"


def _findings(judgement: Judgement) -> Markup | None:
    """The checks that a person must know of, each with its worst case."""
    if unseen := told.unseen(judgement.target):
        return element("p", unseen)
    by_check = [
        list(cases) for _, cases in groupby(told.troubles(judgement.target), lambda case: case.check.id)
    ]
    if not by_check:
        return element("p", "Nothing failed.", class_="soft")
    rest = len(by_check) - _MOST
    more = element("p", f"{rest} more in the report.", class_="soft") if rest > 0 else None
    return joined(element("ul", *map(_finding, by_check[:_MOST]), class_="found"), more)


def _finding(cases: list[Case]) -> Markup:
    case = cases[0]
    where = f"{told.brief(case.finding.case, 120)}: " if case.finding.case else ""
    said = told.brief(case.finding.message or case.check.title, 300)
    others = f" (and {len(cases) - 1} more)" if len(cases) > 1 else ""
    return element(
        "li", mark(case.weight.value.upper()), " ", element("code", case.check.id), f" {where}{said}{others}"
    )
