"""Every page leads where it says: links between the project's own pages, to files, and to headings."""

import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_LISTED = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=False)
PAGES = sorted(
    [ROOT / name for name in _LISTED.stdout.decode().split("\0") if name]
    or [ROOT / "README.md", *(ROOT / "plugins").rglob("*.md")]  # a source distribution is no repository
)


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    return tuple(MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")))


def inner(page: Path) -> list[Token]:
    return [child for token in tokens(page) for child in token.children or ()]


def links(page: Path) -> list[str]:
    found = [
        one.attrGet("href") or one.attrGet("src") for one in inner(page) if one.type in ("link_open", "image")
    ]
    return [str(one) for one in found if not re.match(r"[a-z]+:", str(one))]


@cache
def anchors(page: Path) -> set[str]:
    """Headings as GitHub names them."""
    found = set()
    for opened, heading in zip(tokens(page), tokens(page)[1:], strict=False):
        if opened.type == "heading_open":
            words = "".join(child.content for child in heading.children or ()).lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_there_are_links_to_follow() -> None:
    assert sum(len(links(page)) for page in PAGES) > 50
