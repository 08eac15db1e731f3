"""A field of the draft with where it comes from, and the clues that fields are chosen from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from algoreg.adoption.evidence import About, Clue, Evidence
from algoreg.formats.escape import safe


class Trust(StrEnum):
    """How far a field of the draft can be relied upon."""

    READ = "read"
    GUESS = "guess"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of the draft."""

    path: tuple[str, ...]
    """``("version",)``, ``("parameters", "k", "default_value")``."""
    value: Any
    trust: Trust
    why: str
    """Where it comes from, or what is not known; one printable line."""
    clue: Clue | None = None

    @property
    def origin(self) -> str:
        """What a comment says beside it."""
        where = f"{safe(self.clue.place.text)}: " if self.clue else ""
        return f"{where}{self.why}" if self.trust is Trust.READ else f"guess: {where}{self.why}"


def read(path: str, clue: Clue, value: Any = None) -> Field:
    """A field that a line of the folder settles."""
    settled = line(clue.value) if value is None else value
    return Field(path=(path,), value=settled, trust=Trust.READ, why=line(clue.how), clue=clue)


def guess(path: str, value: Any, why: str, clue: Clue | None = None) -> Field:
    """A field that nothing settles."""
    return Field(path=(path,), value=value, trust=Trust.GUESS, why=line(why), clue=clue)


def line(text: str, most: int = 200) -> str:
    """Text of a file as one printable line."""
    return safe(" ".join(text[: 10 * most].split())[:most])[:most]


@dataclass(frozen=True, kw_only=True)
class Clues:
    """What was found, the readers' order kept: the Dockerfile's word goes before the README's."""

    found: Sequence[Evidence]

    def about(self, about: About) -> tuple[Clue, ...]:
        """The clues to one thing."""
        return tuple(one for one in self.found if isinstance(one, Clue) and one.about is about)

    def first(self, about: About, form: re.Pattern[str] | None = None) -> Clue | None:
        """The first clue whose value has this form."""
        return next((one for one in self.about(about) if form is None or form.fullmatch(one.value)), None)
