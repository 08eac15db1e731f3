"""The page of one algorithm: how it was judged and is run, what it takes, and what it gives."""

from __future__ import annotations

from collections.abc import Iterable

from algoreg.export import configuration, dialects
from algoreg.formats import told
from algoreg.formats.html_page import page
from algoreg.formats.markup import Markup, element, joined
from algoreg.model import Algorithm, CountRange, Parameter
from algoreg.registry import Entry, Registry
from algoreg.site.conformance import conformance
from algoreg.site.judgements import Judgement
from algoreg.site.parts import INDEX, badges, called, deprecated, footer, names_and_values, prose
from algoreg.site.style import STYLE
from algoreg.site.usage import usage


def render(entry: Entry, judgement: Judgement | None, registry: Registry, *, title: str) -> str:
    """The page of this algorithm on the site of this title."""
    algorithm = entry.algorithm
    sections = {
        "Conformance": conformance(algorithm, judgement),
        "How to run it": usage(algorithm, _entry(registry, algorithm)),
        "Parameters": _parameters(algorithm.parameters),
        "What it takes": _constraints(algorithm),
        "What it gives, and needs": _facts(entry),
    }
    return page(
        element("nav", element("a", f"Back to {title}", href=f"../{INDEX}"), aria_label="Up"),
        _header(algorithm),
        _contents(sections),
        element("main", *(_section(name, content) for name, content in sections.items()), id="main"),
        footer(),
        title=f"{called(algorithm)} - {title}",
        skip="Skip to the details",
        style=STYLE,
    )


def _header(algorithm: Algorithm) -> Markup:
    identity = (element("code", algorithm.code), " \u00b7 ", element("code", algorithm.reference))
    return element(
        "header",
        element("h1", called(algorithm)),
        element("p", *identity, class_="soft"),
        badges(algorithm),
        deprecated(algorithm),
        element("p", prose(algorithm.description), class_="lead") if algorithm.description else None,
    )


def _contents(names: Iterable[str]) -> Markup:
    links = (element("li", element("a", name, href=f"#{_anchor(name)}")) for name in names)
    return element("nav", element("ul", *links), class_="contents", aria_label="On this page")


def _section(name: str, content: Markup) -> Markup:
    """A part of the page, named by its heading."""
    anchor = _anchor(name)
    heading = element("h2", name, id=f"{anchor}-title")
    return element("section", heading, content, id=anchor, aria_labelledby=f"{anchor}-title")


def _anchor(name: str) -> str:
    return "-".join(name.lower().replace(",", "").split())


def _entry(registry: Registry, algorithm: Algorithm) -> str:
    """What Woken's application.conf says of it."""
    wanted = configuration.configuration(
        registry, dialect=dialects.named(dialects.DEFAULT), codes=(algorithm.code,)
    )
    return configuration.entries(wanted)


_COLUMNS = ("parameter", "type", "default", "accepted", "what it does")


def _parameters(parameters: Iterable[Parameter]) -> Markup:
    """A table that a telephone shows as a list: the roles say what it still is."""
    rows = list(map(_parameter, parameters))
    if not rows:
        return element("p", "It has none.", class_="soft")
    head = (element("th", name, scope="col", role="columnheader") for name in _COLUMNS)
    return element(
        "table",
        element("thead", element("tr", *head, role="row"), role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        class_="stacks",
        role="table",
        aria_label="Parameters",
    )


def _parameter(one: Parameter) -> Markup:
    default = one.text(one.default_value)
    cells = (
        one.type.value,
        element("code", told.brief(default)) if default else "(empty)",
        told.brief(one.domain),
        told.brief(prose(one.description)),
    )
    name = joined(element("code", one.code), _label(one))
    return element(
        "tr",
        element("th", name, scope="row", role="rowheader"),
        *(
            element("td", cell, role="cell", data_label=label)
            for label, cell in zip(_COLUMNS[1:], cells, strict=True)
        ),
        role="row",
    )


def _label(one: Parameter) -> Markup | None:
    """Where it says more than the code."""
    label = prose(one.label)
    return element("div", label, class_="soft") if label not in ("", one.code) else None


def _constraints(algorithm: Algorithm) -> Markup:
    taken = algorithm.constraints
    null = {True: "accepted", False: "not accepted: Woken asks for rows without them"}
    rows = {
        "variable, accepted": ", ".join(kind for kind, accepted in taken.variable.items() if accepted)
        or "none",
        "variable, refused": ", ".join(kind for kind, accepted in taken.variable.items() if not accepted),
        "covariables": _count(taken.covariables),
        "groupings": _count(taken.groupings),
        "nominal and continuous covariables together": "accepted" if taken.mixed else "refused",
        "NULL in the variable": null[algorithm.variables_can_be_null],
        "NULL in covariables": null[algorithm.covariables_can_be_null],
    }
    body = (
        element("tr", element("th", name, scope="row"), element("td", value))
        for name, value in rows.items()
        if value
    )
    return element("table", element("tbody", *body), class_="facts", aria_label="What it takes")


def _count(taken: CountRange) -> str:
    low, high = taken.min_count, taken.max_count
    if high is None:
        return f"at least {low}" if low else "any number"
    if low == high:
        return str(low) if low else "none"
    return f"{low} to {high}" if low else f"at most {high}"


def _facts(entry: Entry) -> Markup:
    algorithm = entry.algorithm
    needs = algorithm.resources
    federated = "compute --mode intermediate on each node, then compute --mode aggregate --job-ids ID..."
    return names_and_values(
        {
            "result of compute": algorithm.result,
            "federated": federated if algorithm.federated else "no",
            "deterministic": "the same input and seed give the same output"
            if algorithm.deterministic
            else "no",
            "resources": f"CPUs: {needs.cpus:g}, memory: {needs.memory_mb} MB, time: at most {needs.timeout_s:g} s",
            "environment": algorithm.environment,
            "type": ", ".join(algorithm.type),
            "contract": f"version {algorithm.contract}",
            "comes from": f"{entry.plugin.distribution} {entry.plugin.version}" if entry.plugin else None,
        }
    )
