"""Makes text of unknown origin safe to show: no control characters, no hidden ones, nothing at column 0."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that move the cursor, reverse the reading direction, or show nothing."""

_MAX_LINE = 400
_MAX_LINES = 20


def safe(text: str) -> str:
    """``text`` on one line, with every control, format (bidirectional too) and unassigned character spelt out."""
    return "".join(_spelt(character) for character in text)


def _spelt(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe_lines(text: str) -> list[str]:
    """``text`` as safe lines, long ones and many of them cut; tabs become spaces."""
    lines = text.expandtabs(4).replace("\r\n", "\n").split("\n")
    shown = [safe(line[:_MAX_LINE]) + (" ..." if len(line) > _MAX_LINE else "") for line in lines]
    return (
        shown
        if len(shown) <= _MAX_LINES
        else [f"({len(shown) - _MAX_LINES} lines before)", *shown[-_MAX_LINES:]]
    )
