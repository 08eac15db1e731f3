"""What a word of a Dockerfile becomes: quotes taken away and variables put in, as Docker does it; unknown ones told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<single>'[^']*')|\\(?P<escaped>.)|(?P<quote>\")"
    r"|\$(?:(?P<plain>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<operator>:?[-+?])(?P<other>[^}]*)|[#%/][^}]*)?\})"
    r"|(?P<character>.)",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Use:
    """A variable that has no value where it stands."""

    name: str
    offset: int
    """Where it begins in the raw word."""


@dataclass(frozen=True, kw_only=True)
class Expanded:
    """A word as Docker reads it."""

    text: str
    missing: tuple[Use, ...] = ()
    """Variables in it that nothing gave a value, nor a default; they became nothing."""
    uncertain: bool = False
    """A variable in it is declared, and its value comes with the build."""


def expand(raw: str, known: Mapping[str, str | None]) -> Expanded:
    """``raw`` with the variables of ``known``; None stands for one whose value nobody knows yet."""
    parts: list[str] = []
    missing: list[Use] = []
    uncertain = quoted = False
    position = 0
    while match := _TOKEN.match(raw, position):
        position = match.end()
        if match["quote"]:
            quoted = not quoted
        elif match["single"] and quoted:
            parts.append("'")
            position = match.start() + 1
        elif match["single"]:
            parts.append(match["single"][1:-1])
        elif (name := match["plain"] or match["braced"]) is not None:
            value = known.get(name, "")
            uncertain |= value is None
            if name not in known and not match["operator"]:
                missing.append(Use(name=name, offset=match.start()))
            parts.append(_chosen(value, match["operator"] or "", match["other"] or ""))
        else:
            parts.append(match["escaped"] or match["character"])
    return Expanded(text="".join(parts), missing=tuple(missing), uncertain=uncertain)


def _chosen(value: str | None, operator: str, other: str) -> str:
    if operator.endswith("+"):
        return other if value else ""
    return value or (other if operator.endswith("-") else "")
