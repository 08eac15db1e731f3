"""The frame of every HTML page that we write: its head, what it may load and run, the link that skips to what matters.

What stands in the page is the business of who makes it.
"""

from __future__ import annotations

from algoreg.formats.html_style import STYLE, policy
from algoreg.formats.markup import Markup, element


def page(*content: str | None, title: str, skip: str, style: str = "", script: str = "") -> str:
    """A whole page with ``content``, which has an element ``main`` of this id; ``skip`` names the link to it.

    ``style`` is added to the style of all pages; ``script`` is ours, never anybody else's text, and runs at the end.
    """
    whole = f"{STYLE}{style}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy(whole, script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        Markup(f"<style>{whole}</style>"),
    )
    body = element(
        "body",
        element("a", skip, class_="skip", href="#main"),
        *content,
        Markup(f"<script>{script}</script>") if script else None,
    )
    return f'<!doctype html>\n<html lang="en">{head}{body}</html>\n'
