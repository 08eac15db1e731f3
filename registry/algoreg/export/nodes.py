"""Where things stand in a HOCON text: fields, values and includes with their spans; ``syntax`` finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_OVERRIDE = re.compile(r"\$\{\?[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}")


class Kind(Enum):
    """What a piece of a value is."""

    QUOTED = "quoted"
    BLOCK = "block"
    SUBSTITUTION = "substitution"
    BARE = "bare"


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A string, a substitution, or a word without quotes."""

    kind: Kind
    text: str
    """As it is written."""
    start: int

    @property
    def override(self) -> str | None:
        """The variable of ``${?VARIABLE}``; None for any other text."""
        match = _OVERRIDE.fullmatch(self.text) if self.kind is Kind.SUBSTITUTION else None
        return match[1] if match else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Array:
    """A list; nothing that Woken reads of an algorithm is one."""

    values: tuple[Value, ...]
    start: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """What stands behind a key: one part, or several that a reader joins."""

    parts: tuple[Piece | Array | Body, ...]
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A field."""

    path: tuple[str, ...]
    separator: str
    """``=``, ``:``, ``+=``, or nothing before a brace."""
    value: Value
    start: int
    """Where the key begins; the field ends with its value."""

    @property
    def end(self) -> int:
        """Where the value ends."""
        return self.value.end

    @property
    def body(self) -> Body | None:
        """The object, where the value is one and nothing else."""
        (first, *more) = self.value.parts or (None,)
        return first if isinstance(first, Body) and not more else None

    @property
    def override(self) -> str | None:
        """The environment variable that replaces the key, where the field says only that."""
        return self.piece.override if self.piece is not None else None

    @property
    def piece(self) -> Piece | None:
        """The text, where the value is one and nothing else."""
        (first, *more) = self.value.parts or (None,)
        return first if isinstance(first, Piece) and not more else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inclusion:
    """An ``include`` instruction."""

    name: str
    """What stands in its quotes."""
    kind: str
    """``url``, ``file``, ``classpath``, ``package``, or nothing: next to this file."""
    required: bool
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What stands between braces, or in the whole file."""

    items: tuple[Entry | Inclusion, ...]
    start: int
    """Behind the opening brace."""
    end: int
    """Before the closing brace."""
    braced: bool

    def entries(self) -> Iterator[Entry]:
        """The fields, without includes."""
        return (item for item in self.items if isinstance(item, Entry))
