"""Report to a small SVG with the verdict, for a page that tells of an algorithm; nothing else of a report fits it."""

from __future__ import annotations

from html import escape

from algoreg.formats import told
from algoreg.report import Report, Verdict

_COLORS = {
    Verdict.PASS: "#1a7f37",
    Verdict.FAIL: "#b3261e",
    Verdict.ERROR: "#8250a8",
    Verdict.PARTIAL: "#8a5a00",
}
"""Each dark enough for white letters."""
_LETTER = 7
_PADDING = 12
_MAX_LABEL = 40


def render(report: Report) -> str:
    """The name of the one algorithm, or ``algoreg``, and the worst verdict."""
    label, verdict = escape(_label(report)), report.verdict
    left = _LETTER * len(_label(report)) + _PADDING
    right = _LETTER * len(verdict.value) + _PADDING
    named = ", ".join(f"{told.brief(one.target, 80)} {one.verdict.value}" for one in report.targets[:10])
    title = escape(f"algoreg: {named or verdict.value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLORS[verdict]}"/></g>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">\n'
        f"{_text(left / 2, left, label)}\n{_text(left + right / 2, right, verdict.value)}\n</g>\n</svg>\n"
    )


def _label(report: Report) -> str:
    codes = {target.code for target in report.targets}
    code = codes.pop() if len(codes) == 1 else None
    return told.brief(code or "algoreg", _MAX_LABEL)


def _text(middle: float, width: int, text: str) -> str:
    """As wide as the box whatever the font."""
    return f'<text x="{middle:g}" y="14" textLength="{width - _PADDING}">{text}</text>'
