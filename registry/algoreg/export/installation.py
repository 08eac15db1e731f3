"""What a Woken installation declares, as values: the algorithms of an application.conf and where each was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from algoreg.export.dialects import Dialect
from algoreg.export.sources import Assignment, Sources


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One algorithm; every text is untrusted."""

    code: str
    values: Mapping[str, Any]
    """Its keys as they are read while no environment variable is set; empty where the entry is no object."""
    variables: Mapping[str, str]
    """Key -> the environment variable that replaces it, for those keys where one does."""
    assignments: tuple[Assignment, ...]
    """Where its fields are said, in the order in which they apply."""
    image: str | None
    """The image as text; None where there is none, or no text."""
    where: str
    """``file:line`` of its first field; the file alone where it comes out of a substitution."""

    def place(self, key: str) -> str:
        """``file:line`` of what gives a key its value; of the algorithm where the key is not there."""
        own = [one for one in self.assignments if one.path[-1] == key and one.entry.override is None]
        return own[-1].where if own else self.where


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The algorithms of a configuration file and of what it includes, by code, in the order of the text."""

    origin: str
    """The file that was named."""
    dialect: Dialect
    algorithms: Mapping[str, Declared]
    sources: Sources
