"""What the index and the page of an algorithm show in the same way: badges, names and values, the verdict in brief."""

from __future__ import annotations

from collections.abc import Mapping

import algoreg
from algoreg.formats import told
from algoreg.formats.html import mark
from algoreg.formats.markup import Markup, element, joined
from algoreg.model import Algorithm, Maturity
from algoreg.site.judgements import Judgement, Standing

ALGORITHMS, REPORTS = "algorithms", "reports"
"""Folders of the site: no code is the name of a page beside them."""
INDEX = "index.html"


def algorithm_page(code: str) -> str:
    """The path of an algorithm's page; codes differ in more than letter case."""
    return f"{ALGORITHMS}/{code}.html"


def report_page(code: str) -> str:
    """The path of the report that is shown of an algorithm."""
    return f"{REPORTS}/{code}.html"


def prose(text: str) -> str:
    """Text of several lines as one that the page breaks as it likes."""
    return " ".join(text.split())


def called(algorithm: Algorithm) -> str:
    """What people call it; a label may be blank."""
    return prose(algorithm.label) or algorithm.code


def badges(algorithm: Algorithm) -> Markup:
    """What decides whether an algorithm comes into question, as a list of words."""
    words = {
        algorithm.maturity.value: f"badge is-{algorithm.maturity.value}",
        **({"predictive": "badge"} if algorithm.predictive else {}),
        **({"interactive": "badge"} if algorithm.interactive else {}),
        **({"federated": "badge"} if algorithm.federated else {}),
    }
    items = (element("li", word, class_=looks) for word, looks in words.items())
    return element("ul", *items, class_="badges", aria_label="Properties")


def names_and_values(values: Mapping[str, str | Markup | None]) -> Markup:
    """Of each thing its name and its value; without one it is left out."""
    pairs = (
        joined(element("dt", name), element("dd", value if isinstance(value, Markup) else told.brief(value)))
        for name, value in values.items()
        if value
    )
    return element("dl", *pairs)


def verdict(judgement: Judgement | None) -> Markup:
    """The verdict in a line: of what, since when."""
    if judgement is None:
        return element("span", "not judged yet", class_="mark SKIP")
    target = judgement.target
    waived = len(target.waived or ())
    remarks = (
        "" if judgement.current else f"of {subject(judgement)}",
        judgement.day or "",
        f"{waived} failure{'s' * (waived != 1)} waived" if target.unaided is not target.verdict else "",
    )
    said = ", ".join(filter(None, remarks))
    return joined(mark(target.verdict.value), element("span", f" {said}", class_="soft") if said else None)


def subject(judgement: Judgement) -> str:
    """What was judged, where it is not the image that the registry names."""
    target = told.brief(judgement.target.target, 80)
    return f"the program {target}, without an image" if judgement.standing is Standing.PROGRAM else target


def deprecated(algorithm: Algorithm) -> Markup | None:
    """A warning to whom it concerns."""
    if algorithm.maturity is not Maturity.DEPRECATED:
        return None
    return element("p", "Deprecated: choose another one for new work.", class_="note")


def footer() -> Markup:
    """Who made the page."""
    return element(
        "footer", element("p", f"Made from the registry by algoreg {algoreg.__version__}.", class_="soft")
    )
