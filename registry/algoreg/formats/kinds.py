"""The formats of a report by name: the one table that ``validate --report`` and ``report --format`` read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from algoreg.formats.told import Locate
from algoreg.report import Report

Renderer = Callable[[Report, Locate], str]


class Kind(StrEnum):
    """What a report can be written as."""

    TERMINAL = "terminal"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    HTML = "html"
    ANNOTATIONS = "annotations"
    BADGE = "badge"


def renderers() -> Mapping[Kind, Renderer]:
    """Kind -> how it is written. The formats are loaded here: who only shows the names needs none of them."""
    from algoreg.formats import annotations, badge, html, json, junit, markdown, sarif, terminal

    return {
        Kind.TERMINAL: lambda report, _: terminal.render(report),
        Kind.JSON: lambda report, _: json.render(report),
        Kind.JUNIT: lambda report, _: junit.render(report),
        Kind.SARIF: lambda report, locate: sarif.render(report, locate=locate),
        Kind.MARKDOWN: lambda report, _: markdown.render(report),
        Kind.HTML: lambda report, _: html.render(report),
        Kind.ANNOTATIONS: lambda report, locate: annotations.render(report, locate=locate),
        Kind.BADGE: lambda report, _: badge.render(report),
    }
