"""Which parameters a draft declares: those that the program reads, or for lack of any, those that the tests pass."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg.adoption.evidence import About, Clue, Trap
from algoreg.adoption.fields import Clues, Field, Trust, line

_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15})(?:[eE][+-]?[0-9]{1,2})?")
_MOST = 64


def parameters(clues: Clues) -> Iterator[Field]:
    """Type and default of each, in the order in which they were found."""
    seen = clues.about(About.PARAMETER) or clues.about(About.TRIED)
    codes = [code for code in dict.fromkeys(one.value for one in seen) if _CODE.fullmatch(code)]
    for code in codes[:_MOST]:
        yield from _fields(code, [one for one in (*seen, *clues.about(About.TRIED)) if one.value == code])


def _fields(code: str, clues: list[Clue]) -> Iterator[Field]:
    first = clues[0]
    known = next((one for one in clues if one.default is not None), None)
    kind, value = _typed(known.default or "") if known else ("string", "")
    why = known.how if known else "no default was found"
    yield _field((code, "code"), code, first, is_read=first.about is About.PARAMETER)
    yield Field(
        path=_path(code, "type"), value=kind, trust=Trust.GUESS, why="by the default" if known else why
    )
    if known:
        yield _field((code, "default_value"), value, known, is_read=known.about is About.PARAMETER)
    else:
        yield Field(path=_path(code, "default_value"), value=value, trust=Trust.GUESS, why=why)


def _field(at: tuple[str, str], value: object, clue: Clue, *, is_read: bool) -> Field:
    trust = Trust.READ if is_read else Trust.GUESS
    return Field(path=_path(*at), value=value, trust=trust, why=line(clue.how), clue=clue)


def _path(code: str, key: str) -> tuple[str, str, str]:
    return "parameters", code, key


def _typed(text: str) -> tuple[str, int | float | bool | str]:
    """The type of which a text is, and its value."""
    if text.lower() in ("true", "false"):
        return "boolean", text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return "integer", int(text)
    return ("number", float(text)) if _NUMBER.fullmatch(text) else ("string", line(text, 1000))


def unread(clues: Clues) -> Iterator[Trap]:
    """Parameters that tests or the README name, and that no source reads, where any could be seen to be read."""
    known = {one.value for one in clues.about(About.PARAMETER)}
    if not known:
        return
    told: dict[str, Clue] = {}
    for clue in (*clues.about(About.TRIED), *clues.about(About.TOLD)):
        if clue.value not in known:
            told.setdefault(clue.value, clue)
    for code, clue in told.items():
        yield Trap(
            id="adopt.parameter-unread",
            place=clue.place,
            message=f"{clue.how}, and the program was not seen to read {code}",
            advice=f"It reads {', '.join(sorted(known)[:10])}: correct the one or the other.",
        )
