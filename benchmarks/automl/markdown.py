"""Tables and figures as the document has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NONE = "–"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Markdown; so many columns of words stand to the left, those of figures to the right."""
    marks = [*("---" for _ in headers[:words]), *("---:" for _ in headers[words:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headers, marks, *rows))


def figure(value: float | None, digits: int = 3, *, signed: bool = False) -> str:
    """With so many decimals; a dash where there is none."""
    if value is None:
        return NONE
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def chance(value: float | None) -> str:
    """A p value; a dash where no test was made."""
    return NONE if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
