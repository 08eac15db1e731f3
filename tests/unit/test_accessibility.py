"""What axe finds in our HTML pages: nothing that keeps anybody out, on a telephone, a wide screen, light and dark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_samples import FAILING, HOSTILE, hostile
from site_samples import JUDGED, WHOLE

from algoreg.formats import html
from algoreg.site import pages
from support import axe, chromium

BROWSER = chromium.program()
pytestmark = [
    pytest.mark.skipif(
        BROWSER is None,
        reason="no Chromium is here: scripts/browser.sh installs one, ALGOREG_CHROMIUM names one",
    ),
    pytest.mark.skipif(not axe.PROGRAM.is_file(), reason=axe.MISSING),
]
SITE = pages.pages(WHOLE, JUDGED)
PAGES = {
    "index": SITE["index.html"],
    "never judged": SITE["algorithms/index.html"],
    "failed": SITE["algorithms/knn.html"],
    "hostile": SITE["algorithms/script.html"],
    "report of the site": SITE["reports/knn.html"],
    "report": html.render(FAILING),
    "hostile report": html.render(hostile(HOSTILE)),
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    assert BROWSER is not None
    with chromium.browser(BROWSER, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def shown(page: chromium.Page, text: str, folder: Path, *, width: int, dark: bool) -> None:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    page.open(path.as_uri(), width=width, dark=dark)
    page.value("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize(("width", "dark"), [(400, True), (1280, False)], ids=["phone, dark", "wide, light"])
@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing(text: str, width: int, dark: bool, page: chromium.Page, tmp_path: Path) -> None:
    shown(page, text, tmp_path, width=width, dark=dark)
    found = axe.violations(page)
    assert found == [], json.dumps(found, indent=1)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("<main", '<img src="data:,"/><main'), "image-alt"),
        (('<html lang="en">', "<html>"), "html-has-lang"),
        ((' for="search"', ""), "label"),
        (("--soft:#57606a", "--soft:#d0d0d0"), "color-contrast"),
    ],
)
def test_axe_sees_what_is_wrong(
    change: tuple[str, str], rule: str, page: chromium.Page, tmp_path: Path
) -> None:
    wrong = PAGES["index"].replace("Content-Security-Policy", "Nothing").replace(*change)
    shown(page, wrong, tmp_path, width=1280, dark=False)
    assert rule in {one["id"] for one in axe.violations(page)}
