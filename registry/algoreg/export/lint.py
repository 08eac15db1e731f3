"""What is wrong with the algorithms that an application.conf declares, said as Woken's own reader would act on it.

Rules about the text itself (includes, overrides, quotes) are ``lint_text``'s, those about the catalogue
``catalogue_lint``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from algoreg.export import lint_text
from algoreg.export.configuration import MARKED
from algoreg.export.dialects import DEFAULT_PLAN, ENGINES, PLANS, Dialect
from algoreg.export.installation import Declared, Installation
from algoreg.export.names import job_name_survives, woken_job_name
from algoreg.export.nodes import Kind, Piece
from algoreg.export.remarks import Remark, Severity
from algoreg.model import ImageRef

_CODE = re.compile(r"[\w-]+")
_TRUTHS = ("true", "false", "yes", "no", "on", "off")
"""What the library takes for a truth value, in quotes or not, in this letter case only."""


def lint(installation: Installation) -> tuple[Remark, ...]:
    """Everything that is wrong, or not what it seems, in the order of the text."""
    found = [
        *lint_text.lint(installation.sources),
        *(
            one
            for declared in installation.algorithms.values()
            for one in _algorithm(declared, installation.dialect)
        ),
    ]
    return tuple(dict.fromkeys(found))


def _algorithm(declared: Declared, dialect: Dialect) -> Iterator[Remark]:
    yield from _code(declared, dialect)
    yield from _missing(declared, dialect)
    for key in declared.values:
        yield from _key(declared, key, dialect)
    yield from _override(declared, dialect)


def _code(declared: Declared, dialect: Dialect) -> Iterator[Remark]:
    if not _CODE.fullmatch(declared.code):
        yield Remark(
            id="conf.code",
            severity=Severity.ERROR,
            where=declared.where,
            message=f"the code {declared.code!r} holds a character that has a meaning in a path",
            consequence=f"Woken looks for {'.'.join(dialect.path)}.{declared.code} without quotes and never finds it.",
            fix="Use a letter, then letters, digits, underscores and hyphens.",
        )


def _missing(declared: Declared, dialect: Dialect) -> Iterator[Remark]:
    for key in dialect.required:
        if declared.values.get(key) is None:
            old = dialect.name == "woken-2017"
            yield Remark(
                id="conf.missing-key",
                severity=Severity.ERROR,
                where=declared.where,
                message=f"{declared.code} has no {key}",
                consequence=f"The first request for {declared.code} fails with "
                + ("a ConfigException." if old else f'"Could not find key: {key}"; the start shows nothing.'),
                fix=f"Add {key}, unless a file that Woken reads with this one has it: then check both in one, "
                "by a file that includes them.",
            )


def _key(declared: Declared, key: str, dialect: Dialect) -> Iterator[Remark]:
    value = declared.values[key]
    if value is None:
        return
    if key not in dialect.read:
        if key not in dialect.unread or not _is_ours(declared, key):
            yield _ignored(declared, key, dialect)
    elif key == dialect.image:
        yield from _image(declared, value, key)
    elif key in dialect.flags:
        yield from _flag(declared, key, value)
    elif key == "engine" and value not in ENGINES:
        yield Remark(
            id="conf.engine",
            severity=Severity.ERROR,
            where=declared.place(key),
            message=f"engine is {value!r}",
            consequence=f"Woken throws an exception when {declared.code} is asked for.",
            fix=f"Write {' or '.join(ENGINES)}.",
        )
    elif key == "distributedExecutionPlan" and value not in PLANS:
        yield Remark(
            id="conf.plan",
            severity=Severity.ERROR,
            where=declared.place(key),
            message=f"distributedExecutionPlan is {value!r}",
            consequence=f"Woken knows no such plan and silently takes {DEFAULT_PLAN}.",
            fix=f"Write {', '.join(PLANS)}.",
        )


def _is_ours(declared: Declared, key: str) -> bool:
    """Whether an export wrote it, for people: then nobody needs to be told that no reader looks at it."""
    own = [one for one in declared.assignments if one.path[-1] == key]
    return bool(own) and all(one.source.text.lstrip().startswith(MARKED) for one in own)


def _ignored(declared: Declared, key: str, dialect: Dialect) -> Remark:
    return Remark(
        id="conf.ignored-key",
        severity=Severity.WARNING,
        where=declared.place(key),
        message=f"{declared.code} has {key}",
        consequence=f"No reader of {dialect.name} looks at it.",
        fix=f"It does no harm; the keys that are read are {', '.join(dialect.read)}.",
    )


def _image(declared: Declared, value: Any, key: str) -> Iterator[Remark]:
    where = declared.place(key)
    if not isinstance(value, str):
        broken = isinstance(value, list | dict)
        yield Remark(
            id="conf.type",
            severity=Severity.ERROR,
            where=where,
            message=f"{key} is no text",
            consequence="The request ends in an exception that nothing catches (ConfigException.WrongType)."
            if broken
            else f"Woken takes its text, {value!r}, for the name of an image.",
            fix=f'Write {key} = "repository:tag".',
        )
        return
    parsed = ImageRef.parse(value)
    if parsed is None or parsed.repository is None:
        yield Remark(
            id="conf.image",
            severity=Severity.ERROR,
            where=where,
            message=f"{value!r} is not the name of an image",
            consequence="The scheduler accepts the job, and no engine can start it.",
            fix="Write repository:tag.",
        )
    elif not job_name_survives(value):
        yield Remark(
            id="conf.job-name",
            severity=Severity.ERROR,
            where=where,
            message=f"{value!r} gives jobs the name {woken_job_name(value, 'ID')!r}",
            consequence="Chronos refuses the name (status 400): the algorithm never runs.",
            fix="Write repository:tag@sha256:..., which is cut before the digest.",
        )
    elif parsed.digest is None and parsed.tag in (None, "latest"):
        yield Remark(
            id="conf.image-tag",
            severity=Severity.WARNING,
            where=where,
            message=f"{value!r} names no version",
            consequence="Which image runs depends on what each machine happened to pull last.",
            fix="Write repository:tag with the version.",
        )


def _flag(declared: Declared, key: str, value: Any) -> Iterator[Remark]:
    piece = _piece(declared, key)
    text = _written(piece) if piece is not None else str(value).lower() if isinstance(value, bool) else value
    if text not in _TRUTHS:
        yield Remark(
            id="conf.type",
            severity=Severity.ERROR,
            where=declared.place(key),
            message=f"{key} is {text!r}",
            consequence=f'The first request for {declared.code} fails with "Invalid type for key: {key}, expected an '
            'integer value" (which means a truth value).',
            fix="Write true or false, in small letters.",
        )


def _override(declared: Declared, dialect: Dialect) -> Iterator[Remark]:
    """The image without an environment variable that replaces it: lost, or never there."""
    if dialect.image in declared.variables or not isinstance(declared.values.get(dialect.image), str):
        return
    own = [one for one in declared.assignments if one.path[-1] == dialect.image]
    lost = [variable for one in own if (variable := one.entry.override) is not None]
    yield Remark(
        id="conf.override-lost" if lost else "conf.no-override",
        severity=Severity.ERROR if lost else Severity.WARNING,
        where=declared.place(dialect.image),
        message=f"a literal {dialect.image} follows ${{?{lost[0]}}}"
        if lost
        else f"no environment variable replaces the {dialect.image} of {declared.code}",
        consequence=f"Setting {lost[0]} has no effect."
        if lost
        else "The variable of Woken's own algorithms.conf, where there is one, has no effect any more.",
        fix=f"Write {dialect.image} = ${{?VARIABLE}} on a line of its own behind the literal.",
    )


def _piece(declared: Declared, key: str) -> Piece | None:
    """The text that gives the key its value."""
    pieces = [one.entry.piece for one in declared.assignments if one.path[-1] == key]
    literal = [one for one in pieces if one is not None and one.kind is not Kind.SUBSTITUTION]
    return literal[-1] if literal and pieces[-1] is not None else None


def _written(piece: Piece) -> str:
    return {Kind.QUOTED: piece.text[1:-1], Kind.BLOCK: piece.text[3:-3]}.get(piece.kind, piece.text)
