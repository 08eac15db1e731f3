"""The page that lists every algorithm: all of them where no script runs, those that are wanted where one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from unicodedata import normalize

from algoreg.contract import TASKS
from algoreg.formats import told
from algoreg.formats.html_page import page
from algoreg.formats.markup import Markup, element
from algoreg.model import Algorithm, Maturity
from algoreg.site.judgements import Judgement
from algoreg.site.parts import algorithm_page, badges, called, footer, names_and_values, prose, verdict
from algoreg.site.script import SCRIPT
from algoreg.site.style import STYLE


def render(algorithms: Sequence[Algorithm], judgements: Mapping[str, Judgement], *, title: str) -> str:
    """The page of these algorithms, by their labels."""
    cards = (_card(one, judgements.get(one.code)) for one in sorted(algorithms, key=_by_label))
    return page(
        element(
            "header",
            element("h1", title),
            element(
                "p",
                "What each algorithm does, what it takes, how it is run, and how it was judged.",
                class_="soft",
            ),
        ),
        element(
            "main",
            _filters(algorithms),
            element("p", _count(len(algorithms)), id="count", role="status", aria_live="polite"),
            element("ul", *cards, id="algorithms", class_="cards", aria_label="Algorithms"),
            id="main",
        ),
        footer(),
        title=title,
        skip="Skip to the algorithms",
        style=STYLE,
        script=SCRIPT,
    )


def _by_label(algorithm: Algorithm) -> tuple[str, str]:
    return normalize("NFKD", called(algorithm)).casefold(), algorithm.code


def _count(number: int) -> str:
    return f"{number} algorithm{'' if number == 1 else 's'}"


def _filters(algorithms: Iterable[Algorithm]) -> Markup:
    """Hidden until the script shows it; the names are those of the cards' data."""
    given = tuple(algorithms)
    tasks = [task for task in TASKS if any(task in one.tasks for one in given)]
    maturities = [one.value for one in Maturity if any(one is other.maturity for other in given)]
    search = element(
        "p",
        element("label", "Search", for_="search"),
        element("input", type="search", id="search", name="q", autocomplete="off", spellcheck="false"),
        class_="search",
    )
    return element(
        "div",
        search,
        _choice("task", "Task", tasks),
        _choice("maturity", "Maturity", maturities),
        _box("predictive", "predictive"),
        _box("interactive", "interactive"),
        element("p", element("button", "Show all", type="button", id="all")),
        id="filters",
        class_="filters",
        role="search",
        aria_label="Algorithms",
        hidden=True,
    )


def _choice(name: str, label: str, values: Iterable[str]) -> Markup:
    options = (element("option", value, value=value) for value in values)
    return element(
        "p",
        element("label", label, for_=name),
        element("select", element("option", "any", value=""), *options, id=name, name=name),
    )


def _box(name: str, label: str) -> Markup:
    box = element("input", type="checkbox", id=name, name=name, value="yes")
    return element("p", element("label", box, " ", label, for_=name), class_="box")


def _card(algorithm: Algorithm, judgement: Judgement | None) -> Markup:
    facts = {
        "code": element("code", algorithm.code),
        "image": element("code", algorithm.reference),
        "tasks": ", ".join(algorithm.tasks),
        "commands": ", ".join(algorithm.entrypoints),
        "verdict": verdict(judgement),
    }
    return element(
        "li",
        element(
            "article",
            element(
                "h2",
                element("a", told.brief(called(algorithm), 100), href=algorithm_page(algorithm.code)),
            ),
            badges(algorithm),
            element("p", told.brief(prose(algorithm.description), 300), class_="description")
            if algorithm.description
            else None,
            names_and_values(facts),
        ),
        data_task=" ".join(algorithm.tasks),
        data_maturity=algorithm.maturity.value,
        data_predictive=_yes(algorithm.predictive),
        data_interactive=_yes(algorithm.interactive),
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"
