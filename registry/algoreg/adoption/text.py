"""Writes a draft as an algorithm.yaml whose comments tell of each field where it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from algoreg.adoption.fields import Field, line
from algoreg.documents import read_document

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*")
_COMMENTS_AT = 46


def algorithm_yaml(fields: Sequence[Field], folder: str) -> str:
    """The document; it says of itself that it is a draft."""
    head = (
        f"# Drafted by algoreg adopt from {line(folder)}. Behind each value: the file and line it was read from, or",
        '# "guess" where nothing settles it. Check the guesses, then remove these comments.',
    )
    return "\n".join((*head, *_lines(fields), ""))


def _lines(fields: Iterable[Field]) -> Iterator[str]:
    for name, group in groupby(fields, key=lambda field: field.path[0]):
        if name != "parameters":
            yield from (_line(f"{name}: {scalar(one.value)}", one) for one in group)
            continue
        yield "parameters:"
        for _code, parts in groupby(group, key=lambda field: field.path[1]):
            marks = ("- ", "  ", "  ")
            for mark, one in zip(marks, parts, strict=True):
                yield _line(f"  {mark}{one.path[2]}: {scalar(one.value)}", one)


def _line(text: str, field: Field) -> str:
    return f"{text.ljust(_COMMENTS_AT)}  # {field.origin}"


def scalar(value: Any) -> str:
    """A value as every reader of YAML takes it: plain words, else as JSON writes it."""
    if isinstance(value, str):
        return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {scalar(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(scalar, value)) + "]"
    return json.dumps(value)


def _is_plain(text: str) -> bool:
    """Whether the strict reader takes it for this very text without quotes; ``no`` and ``null`` it does not."""
    if not _PLAIN.fullmatch(text) or text.endswith(" ") or len(text) > 100:
        return False
    return text.lower() not in {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def problems(text: str) -> tuple[str, ...]:
    """What the strict reader and the contract say against the draft."""
    from algoreg import metadata

    document = read_document(text, "algorithm.yaml", syntax="yaml")
    return tuple(one.text(document.origin) for one in metadata.problems(document))
