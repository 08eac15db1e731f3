"""The HTML report in a real browser: nothing asked for, nothing said, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from report_samples import FAILING, HOSTILE, LONG, check, failed, hostile, report, target

from algoreg.formats import html
from algoreg.report import Report, Timing, passed
from support import chromium

BROWSER = chromium.program()
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium is here: scripts/browser.sh installs one, ALGOREG_CHROMIUM names one"
)

PAGES = {
    "failing": FAILING,
    "hostile": hostile(HOSTILE),
    "long": hostile(LONG),
    "many": report(
        *(
            target(
                *(check(f"neg.c{chr(97 + n)}", failed("w" * 300, "x" * 5000), passed()) for n in range(26)),
                name=f"registry.example.org/{'a-long-name' * 8}:{number}",
                timings=tuple(Timing(case=f"case {n}", duration_s=n) for n in range(40)),
            )
            for number in range(3)
        )
    ),
}
OVERFLOW = """
[...document.querySelectorAll('body *')].filter(one => !one.closest('svg') && !one.matches('.skip') &&
 one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(one => one.outerHTML.slice(0, 80))
"""
HIDDEN = """
[...document.querySelectorAll('details:not([open]) > :not(summary)')].filter(
 one => !one.checkVisibility()).length
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    assert BROWSER is not None
    with chromium.browser(BROWSER, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def shown(page: chromium.Page, one: Report, folder: Path, *, width: int = 1280, dark: bool = False) -> str:
    path = folder / "report.html"
    path.write_text(html.render(one), encoding="utf-8")
    page.open(path.as_uri(), width=width, dark=dark)
    return path.as_uri()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("one", PAGES.values(), ids=PAGES)
def test_a_page_asks_for_nothing_and_fits(
    one: Report, width: int, dark: bool, page: chromium.Page, tmp_path: Path
) -> None:
    address = shown(page, one, tmp_path, width=width, dark=dark)
    page.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.value("innerWidth") == width
    assert page.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.value(OVERFLOW) == []
    assert page.requests() == [address]
    assert page.troubles() == []
    assert page.value("document.querySelectorAll('section').length") == len(one.targets)
    assert page.value("document.scripts.length") == 0


def test_the_instrument_sees_what_it_looks_for(page: chromium.Page, tmp_path: Path) -> None:
    """A page that does everything wrong is told so."""
    path = tmp_path / "wrong.html"
    text = html.render(FAILING).replace(
        "</main>",
        '<img src="http://x.invalid/a.png" alt=""><p style="width:3000px">wide</p><script>alert(1)</script></main>',
    )
    path.write_text(text)
    page.open(path.as_uri(), width=400)
    assert any("Content Security Policy" in one for one in page.troubles())
    bare = text.replace("Content-Security-Policy", "Nothing").replace(
        "<script>alert(1)", "<script>console.log(1)"
    )
    path.write_text(bare)
    page.open(path.as_uri(), width=400)
    assert "http://x.invalid/a.png" in page.requests()
    assert page.troubles()
    assert page.value(OVERFLOW) != []
    assert not page.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_keyboard_is_enough(page: chromium.Page, tmp_path: Path) -> None:
    shown(page, FAILING, tmp_path)
    stops = page.value(
        "[...document.querySelectorAll('a, summary')].filter(one => one.checkVisibility())"
        ".map((one, n) => one.dataset.stop = n).length"
    )
    reached = []
    for _ in range(stops):
        page.press("Tab")
        reached.append(page.value("document.activeElement.dataset.stop"))
    assert stops > 6
    assert reached == [str(number) for number in range(stops)]
    page.value("[...document.querySelectorAll('summary')].find(one => !one.parentElement.open).focus()")
    page.press("Enter")
    assert page.value("document.activeElement.parentElement.open")


def test_a_screen_reader_finds_headings_tables_and_words(page: chromium.Page, tmp_path: Path) -> None:
    shown(page, FAILING, tmp_path)
    page.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    told = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]
    assert ("heading", "Conformance: FAIL") in told
    assert ("heading", "FAIL algoreg/knn:0.1.0") in told
    assert {"main", "navigation", "banner", "region", "article", "table", "columnheader", "rowheader"} <= {
        role for role, _ in told
    }
    assert not [role for role, _ in told if role in ("SvgRoot", "image", "graphics-document")]


def test_paper_shows_what_is_folded(page: chromium.Page, tmp_path: Path) -> None:
    shown(page, FAILING, tmp_path)
    assert page.value(HIDDEN) > 0
    page.on_paper()
    assert page.value(HIDDEN) == 0
    assert page.value("getComputedStyle(document.querySelector('nav')).display") == "none"


CONTRAST = """
(() => {
  const light = color => {
    const [r, g, b] = color.match(/[0-9.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = one => {
    for (; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (color !== 'rgba(0, 0, 0, 0)') return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('main *, header *, nav *')].filter(one => one.innerText).map(one => {
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }).reduce((a, b) => Math.min(a, b), 99);
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_letters_stand_out(dark: bool, page: chromium.Page, tmp_path: Path) -> None:
    shown(page, FAILING, tmp_path, dark=dark)
    page.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert 4.5 <= page.value(CONTRAST) < 21
