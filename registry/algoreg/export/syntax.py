"""Finds where things stand in a HOCON text: fields, values, includes, each with its span; values stay text.

pyhocon tells what a text means and forgets where it was said. Merging needs the place of every byte, a lint needs
lines, and neither may guess: what this reader does not know for certain is ``Unsure``, with its place.
"""

from __future__ import annotations

import re
from typing import Never

from algoreg.errors import UsageError
from algoreg.export.nodes import Array, Body, Entry, Inclusion, Kind, Piece, Value

MAX_DEPTH = 64
MAX_PARTS = 64
"""Of one value, whose parts a reader joins: texts, words and substitutions."""

_BLANK = r"[^\S\n]|\ufeff|[\x1c-\x1f]"
_QUOTED = r'"(?:[^"\\\n]|\\[^\n])*"'
_TOKEN = re.compile(
    rf"""(?P<blank>(?:{_BLANK})+)
    |(?P<newline>\n)
    |(?P<comment>(?://|\#)[^\n]*)
    |(?P<block>\"\"\"[\s\S]*?\"\"\"+)
    |(?P<quoted>{_QUOTED})
    |(?P<substitution>\$\{{(?:[^{{}}"\n]|{_QUOTED})+\}})
    |(?P<add>\+=)
    |(?P<sign>[{{}}\[\],=:])
    |(?P<bare>(?:(?!//)[^$"{{}}\[\]:=,+\#`^?!@*&\\\s\ufeff])+)""",
    re.VERBOSE,
)
_INCLUDE = re.compile(
    rf"""include[ \t]*(?P<required>required[ \t]*\([ \t]*)?(?P<kind>(?:url|file|classpath|package)[ \t]*\([ \t]*)?
    (?P<name>{_QUOTED})(?P<close>(?:[ \t]*\))*)""",
    re.VERBOSE,
)
_TRIVIA = ("blank", "newline", "comment")


class Unsure(UsageError):
    """The text is no HOCON, or HOCON of a form that is not read for certain."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parse(text: str) -> Body:
    """The body of a file. Raises Unsure."""
    return _Parser(text).file()


def line_of(text: str, offset: int) -> int:
    """The line of a place, counted from 1."""
    return text.count("\n", 0, offset) + 1


class _Parser:
    """Recursive descent over one text; ``self._at`` is the next token's place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._kind: str | None = None
        self._token = ""
        self._depth = 0
        self._look()

    def _look(self) -> None:
        match = _TOKEN.match(self._text, self._at)
        if match is not None:
            self._kind, self._token = match.lastgroup, match[0]
        elif self._at == len(self._text):
            self._kind, self._token = None, ""
        else:
            self._refuse("a character that must stand in quotes, or a string without its end")

    def _next(self) -> None:
        self._at += len(self._token)
        self._look()

    def _jump(self, to: int) -> None:
        self._at = to
        self._look()

    def _refuse(self, what: str) -> Never:
        raise Unsure(what, self._at)

    def _skip(self, kinds: tuple[str, ...] = _TRIVIA) -> None:
        while self._kind in kinds:
            self._next()

    def _is(self, sign: str) -> bool:
        return self._token == sign and self._kind == "sign"

    def file(self) -> Body:
        self._skip()
        if self._is("["):
            self._refuse("the file is a list; a configuration is an object")
        if not self._is("{"):
            return self._items(0, closing=False)
        body = self._body()
        self._skip()
        if self._kind is not None:
            self._refuse("something follows the closing brace of the file")
        return body

    def _body(self) -> Body:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH} levels")
        self._next()
        body = self._items(self._at, closing=True)
        self._next()
        self._depth -= 1
        return body

    def _items(self, start: int, *, closing: bool) -> Body:
        items: list[Entry | Inclusion] = []
        while True:
            self._skip()
            if self._kind is None or self._is("}"):
                break
            items.append(
                self._inclusion() if self._token == "include" and self._kind == "bare" else self._entry()
            )
            self._separate()
        if closing is (self._kind is None):
            self._refuse("a brace is not closed" if closing else "a brace is closed that was not opened")
        return Body(items=tuple(items), start=start, end=self._at, braced=closing)

    def _separate(self) -> None:
        """Fields are apart by a line's end or by one comma."""
        self._skip(("blank", "comment"))
        if self._kind is None or self._is("}"):
            return
        if self._kind != "newline" and not self._is(","):
            self._refuse("two fields on one line without a comma")
        self._skip()
        if self._is(","):
            self._next()

    def _inclusion(self) -> Inclusion:
        match = _INCLUDE.match(self._text, self._at)
        opened = 0 if match is None else (match["required"] is not None) + (match["kind"] is not None)
        if match is None or match["close"].count(")") != opened:
            self._refuse("include wants one file name in quotes")
        found = Inclusion(
            name=match["name"][1:-1],
            kind=(match["kind"] or "").rstrip("( \t"),
            required=match["required"] is not None,
            start=self._at,
            end=match.end(),
        )
        self._jump(match.end())
        return found

    def _entry(self) -> Entry:
        start = self._at
        path = self._path()
        separator = ""
        if not self._is("{"):
            if not (self._is("=") or self._is(":") or self._kind == "add"):
                self._refuse("a key without a value")
            separator = self._token
            self._next()
            self._skip()
        return Entry(path=path, separator=separator, value=self._value(), start=start)

    def _path(self) -> tuple[str, ...]:
        """Keys joined by dots; blanks between words belong to a key, those around it do not."""
        keys = [""]
        gap = ""
        while self._kind in ("blank", "quoted", "bare"):
            if self._kind == "blank":
                gap = self._token
            elif self._kind == "quoted":
                keys[-1] += gap * bool(keys[-1]) + self._unquoted(self._token)
                gap = ""
            else:
                first, *more = self._token.split(".")
                keys[-1] += gap * bool(keys[-1] and first) + first
                keys += more
                gap = ""
            self._next()
        if self._kind == "newline" or not all(keys):
            self._refuse("a key is empty, or not followed by its value")
        return tuple(keys)

    def _unquoted(self, token: str) -> str:
        if "\\" in token:
            self._refuse("a key with an escape")
        return token[1:-1]

    def _value(self) -> Value:
        start = end = self._at
        parts: list[Piece | Array | Body] = []
        while True:
            if self._is("{"):
                parts.append(self._body())
            elif self._is("["):
                parts.append(self._array())
            elif self._kind in ("quoted", "block", "substitution", "bare"):
                parts.append(Piece(kind=Kind(self._kind), text=self._token, start=self._at))
                self._next()
            elif self._kind == "blank":
                self._next()
                continue
            else:
                break
            end = self._at
            if len(parts) > MAX_PARTS:
                self._refuse(
                    f"a value of more than {MAX_PARTS} parts; a text is one part when it stands in quotes"
                )
        if not parts:
            self._refuse("a key without a value")
        if self._kind == "add" or self._is("=") or self._is(":"):
            self._refuse("a second value, or a character that must stand in quotes")
        return Value(parts=tuple(parts), start=start, end=end)

    def _array(self) -> Array:
        start = self._at
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH} levels")
        self._next()
        values = []
        self._skip()
        while not self._is("]"):
            values.append(self._value())
            self._skip()
            if self._is(","):
                self._next()
                self._skip()
        self._next()
        self._depth -= 1
        return Array(values=tuple(values), start=start)
