"""Every page of the site by its path: the same registry and the same reports give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping

from algoreg.errors import UsageError
from algoreg.formats import html
from algoreg.registry import Registry
from algoreg.site import algorithm, index
from algoreg.site.judgements import Judgement
from algoreg.site.parts import INDEX, algorithm_page, called, report_page

TITLE = "Algorithms"
"""What the site is called where nobody says otherwise."""


def pages(registry: Registry, judgements: Mapping[str, Judgement], *, title: str = TITLE) -> dict[str, str]:
    """Path -> text of the page, ``/`` between folders. Raises UsageError for a blank title."""
    if not title.strip():
        raise UsageError("the site's title is blank", hint="Leave --title out, or write one.")
    entries = registry.entries
    every = [entry.algorithm for entry in entries.values()]
    return {
        INDEX: index.render(every, judgements, title=title),
        **{
            algorithm_page(code): algorithm.render(entry, judgements.get(code), registry, title=title)
            for code, entry in entries.items()
        },
        **{
            report_page(code): html.render(judgement.report, back=_back(registry, code))
            for code, judgement in sorted(judgements.items())
        },
    }


def _back(registry: Registry, code: str) -> tuple[str, str]:
    return f"Back to {called(registry.entries[code].algorithm)}", f"../{algorithm_page(code)}"
