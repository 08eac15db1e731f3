"""Another reader of HTML than lxml: what a browser would find in a page."""

from __future__ import annotations

import html.parser


class Reader(html.parser.HTMLParser):
    """The elements, and what is asked for from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
