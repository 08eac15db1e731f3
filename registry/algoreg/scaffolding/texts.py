"""Fills the texts of ``templates/``, where each language has its folder; which ones, the writers know."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

_TEMPLATES: Final = Path(__file__).parent / "templates"
_SUFFIX: Final = ".txt"
"""Templates are no program texts yet: no tool shall take them for such."""


def filled(template: str, /, **values: str) -> str:
    """The text ``template`` (``python/README.md``) with ``$words`` replaced; one without a value is a KeyError."""
    return Template(verbatim(template)).substitute(values)


def verbatim(name: str) -> str:
    """A text as it stands: a program, whose own ``$words`` nobody shall touch."""
    return (_TEMPLATES / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
