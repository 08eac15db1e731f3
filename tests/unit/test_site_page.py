"""The site in a real browser: it asks for nothing, fits every screen, and is searched and filtered by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_samples import FAILING
from site_samples import JUDGED, SMALL, WHOLE, judged

from algoreg.site import store
from algoreg.site.pages import pages
from support import chromium

BROWSER = chromium.program()
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium is here: scripts/browser.sh installs one, ALGOREG_CHROMIUM names one"
)
OVERFLOW = """
[...document.querySelectorAll('body *')].filter(one => !one.closest('svg') && !one.matches('.skip') &&
 one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
 .map(one => one.outerHTML.slice(0, 80))
"""
SHOWN = (
    "[...document.querySelectorAll('#algorithms > li')].filter(one => one.checkVisibility())"
    ".map(one => one.querySelector('dd').textContent)"
)
COUNT = "document.getElementById('count').textContent"
FOCUSED = "document.activeElement.id || document.activeElement.textContent"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    assert BROWSER is not None
    with chromium.browser(BROWSER, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    store.write(folder, pages(WHOLE, JUDGED))
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    store.write(folder, pages(SMALL, judged(FAILING, SMALL)))
    return folder


@pytest.fixture
def index(small: Path, page: chromium.Page) -> chromium.Page:
    return opened(page, small)


def opened(page: chromium.Page, folder: Path, *, asked: str = "", width: int = 1280) -> chromium.Page:
    """The index, as after following a link to it."""
    page.open("about:blank", width=width)
    page.open(f"{(folder / 'index.html').as_uri()}{asked}", width=width)
    return page


def select(page: chromium.Page, name: str, value: str) -> None:
    page.value(
        f"(one => {{ one.value = '{value}'; one.dispatchEvent(new Event('input', {{bubbles: true}})) }})"
        f"(document.getElementById('{name}'))"
    )


PATHS = ("index.html", "algorithms/tpot.html", "algorithms/script.html", f"algorithms/{'L' * 64}.html")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 850, 1280])
@pytest.mark.parametrize("path", PATHS, ids=["index", "many", "hostile", "long"])
def test_a_page_asks_for_nothing_and_fits(
    path: str, width: int, dark: bool, page: chromium.Page, whole: Path
) -> None:
    page.open((whole / path).as_uri(), width=width, dark=dark)
    assert page.value("innerWidth") == width
    assert page.value(OVERFLOW) == []
    assert page.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.requests() == [(whole / path).as_uri()]
    assert page.troubles() == []


def test_a_search_finds_in_any_letters_and_order_and_says_how_many(index: chromium.Page) -> None:
    assert index.value(COUNT) == "3 algorithms"
    index.value("document.getElementById('search').focus()")
    for typed, found in (
        ("trees UBERLEGTE", ["Trees"]),
        ("algoreg/knn", ["knn"]),
        ("nothing like it", []),
        ("  ", ["knn", "index", "Trees"]),
        ("(", []),
        ("classification", ["knn", "Trees"]),
    ):
        index.value("document.getElementById('search').value = ''")
        index.type(typed)
        assert index.value(SHOWN) == found
        assert index.value(COUNT) == ("3 algorithms" if len(found) == 3 else f"{len(found)} of 3 algorithms")
    assert index.troubles() == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("task", "regression", ["knn", "index"]),
        ("task", "classification", ["knn", "Trees"]),
        ("maturity", "beta", ["Trees"]),
        ("maturity", "deprecated", ["index"]),
    ],
)
def test_a_filter_leaves_what_fits(name: str, value: str, found: list[str], index: chromium.Page) -> None:
    select(index, name, value)
    assert index.value(SHOWN) == found
    select(index, name, "")
    assert len(index.value(SHOWN)) == 3


def test_the_keyboard_alone_searches_filters_and_opens(index: chromium.Page) -> None:
    index.press("Tab")
    assert index.value(FOCUSED) == "Skip to the algorithms"
    for stop in ("search", "task", "maturity", "predictive"):
        index.press("Tab")
        assert index.value(FOCUSED) == stop
    index.press(" ")
    assert index.value(SHOWN) == ["knn", "Trees"]
    assert index.value("location.hash") == "#predictive=yes"
    index.press("Tab")
    assert index.value(FOCUSED) == "interactive"
    index.press("Tab")
    assert index.value(FOCUSED) == "all"
    assert index.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    index.press("Enter")
    assert len(index.value(SHOWN)) == 3
    assert index.value(FOCUSED) == "search"
    index.type("trees")
    for _ in range(6):
        index.press("Tab")
    assert index.value(FOCUSED) == "Überlegte trees"
    index.press("Enter")
    assert wait_for(index, "document.querySelector('h1')?.textContent", "Überlegte trees")


def wait_for(page: chromium.Page, expression: str, value: Any) -> bool:
    return any(page.value(expression) == value for _ in range(2000))


def test_enter_in_the_search_does_nothing_else(index: chromium.Page) -> None:
    index.value("document.getElementById('search').focus()")
    index.type("trees")
    index.press("Enter")
    assert index.value(SHOWN) == ["Trees"]
    assert index.troubles() == []


def test_the_address_keeps_what_was_asked_for(page: chromium.Page, small: Path) -> None:
    first = opened(page, small)
    select(first, "task", "classification")
    first.value("document.getElementById('search').focus()")
    first.type("é & <b>=#")
    asked = first.value("location.hash")
    assert first.value(SHOWN) == []
    again = opened(page, small, asked=asked)
    assert again.value("document.getElementById('search').value") == "é & <b>=#"
    assert again.value("document.getElementById('task').value") == "classification"
    assert again.value(SHOWN) == []
    assert opened(page, small, asked="#maturity=beta").value(SHOWN) == ["Trees"]


@pytest.mark.parametrize(
    "asked", ["#", "#main", "#task=%22%3E", "#task=none", "#x=1&__proto__=2", "#%", "#q="]
)
def test_an_address_that_asks_for_nothing_known_lists_all(
    asked: str, page: chromium.Page, small: Path
) -> None:
    assert len(opened(page, small, asked=asked).value(SHOWN)) == 3
    assert page.value("document.getElementById('task').selectedIndex") == 0
    assert page.troubles() == []


def test_skipping_to_the_algorithms_keeps_what_was_asked_for(page: chromium.Page, small: Path) -> None:
    opened(page, small, asked="#maturity=beta")
    page.value("addEventListener('hashchange', () => { window.followed = true; })")
    page.press("Tab")
    page.press("Enter")
    assert wait_for(page, "window.followed", True)
    assert page.value("location.hash") == "#main"
    assert page.value(SHOWN) == ["Trees"]
    page.value("location.hash = '#maturity=deprecated'")
    assert wait_for(page, f"{SHOWN}.join()", "index")


def test_without_scripts_everything_is_there_and_nothing_asks(page: chromium.Page, small: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        opened(page, small)
        assert len(page.value(SHOWN)) == 3
        assert not page.value("document.getElementById('filters').checkVisibility()")
        assert page.troubles() == []
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_screen_reader_is_told_names_roles_and_the_count(index: chromium.Page) -> None:
    told = roles(index)
    assert ("searchbox", "Search") in told
    assert ("combobox", "Task") in told
    assert ("checkbox", "predictive") in told
    assert ("heading", "k-nearest neighbours") in told
    assert ("list", "Algorithms") in told
    assert {"banner", "main", "search", "status", "contentinfo"} <= {role for role, _ in told}


def roles(page: chromium.Page) -> set[tuple[str, str]]:
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    return {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    }


@pytest.mark.parametrize("width", [400, 1280])
def test_parameters_are_a_table_to_a_screen_reader_at_every_width(
    width: int, page: chromium.Page, whole: Path
) -> None:
    page.open((whole / "algorithms" / "tpot.html").as_uri(), width=width)
    told = roles(page)
    assert ("table", "Parameters") in told
    assert ("columnheader", "default") in told
    assert ("rowheader", "generations Generations") in told
    assert page.value("getComputedStyle(document.querySelector('.stacks tr')).display") == (
        "block" if width == 400 else "table-row"
    )


def test_every_link_of_the_small_site_leads_somewhere(page: chromium.Page, small: Path) -> None:
    for path in sorted(small.rglob("*.html")):
        page.open(path.as_uri(), width=1280)
        for link in page.value("[...document.querySelectorAll('a')].map(one => one.href)"):
            address, _, place = link.removeprefix("file://").partition("#")
            text = Path(address).read_text(encoding="utf-8")
            assert not place or f'id="{place}"' in text


def test_paper_has_no_controls_and_everything_that_is_read(index: chromium.Page) -> None:
    index.on_paper()
    assert not index.value("document.getElementById('filters').checkVisibility()")
    assert len(index.value(SHOWN)) == 3
    assert index.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
