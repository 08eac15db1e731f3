"""Whether what an image starts is given the command, and hands its exit code through: of a recipe or of an image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from algoreg.linting import exits, shell, trees
from algoreg.linting.context import Source
from algoreg.linting.rules import EXIT_CODE_LOST, NO_ARGUMENTS, NO_EXEC, Place, Remark

_SHEBANG = re.compile(r"#![^\n]*?\b(sh|bash|dash|ash|ksh|zsh)\b(?P<options>[^\n]*)")
_MAX_SCRIPT = 256 * 1024
Find = Callable[[str], Source | None]
"""A path in the image -> the file there; None where nobody knows."""


def of_shell_form(script: str, place: Place, find: Find) -> Iterator[Remark]:
    """``ENTRYPOINT program``: a shell is started, for which the command is ``$0`` and what follows."""
    yield from _of_text(script, place, find, given=0)


def of_words(words: Sequence[str], place: Place, find: Find) -> Iterator[Remark]:
    """The exec form, or the configuration of an image."""
    if words and _name(words[0]) in ("true", "echo", ":"):
        yield Remark(
            rule=EXIT_CODE_LOST,
            place=place,
            message=f"{words[0][:80]!r} ends with 0 whatever it is asked for",
            expected="a program that does the job",
            got=_joined(words),
        )
        return
    for position, word in enumerate(words[:8]):
        options = words[position + 1 : position + 2]
        if shell.is_shell(word) and options and re.fullmatch(r"-[a-z]*c", options[0]):
            text = words[position + 2] if len(words) > position + 2 else ""
            at = replace(place, column=None)
            yield from _of_text(text, at, find, given=len(words) - position - 3, options=options)
            return
        if not word.startswith("-") and find(word) is not None:
            yield from _of_started(words, find)
            return


def _of_started(words: Sequence[str], find: Find) -> Iterator[Remark]:
    """The script that these words start, where it is known."""
    for position, word in enumerate(words[:8]):
        if not word.startswith("-") and (source := find(word)) is not None:
            before = words[position - 1] if position else ""
            yield from _of_script(source, words[:position], is_shell=shell.is_shell(before))
            return


def _name(word: str) -> str:
    return posixpath.basename(word)


def _joined(words: Sequence[str]) -> str:
    return " ".join(words)[:200]


def _of_text(
    text: str, place: Place, find: Find, *, given: int, options: Sequence[str] = ()
) -> Iterator[Remark]:
    """A program on a command line; ``given`` words follow it there, of which the first is its ``$0``."""
    program = trees.shell(text.encode("utf-8", "replace")[:_MAX_SCRIPT])
    first = frozenset("@*123456789") if given else frozenset("0")
    if not shell.uses_arguments(program, positions=first):
        yield Remark(
            rule=NO_ARGUMENTS,
            place=place,
            message="the shell keeps the command for itself",
            expected='exec PROGRAM "$@"' if given else 'exec PROGRAM "$0" "$@"',
            got=text[:200],
        )
    if not shell.ends_by_exec(program):
        yield Remark(
            rule=NO_EXEC,
            place=place,
            message="a shell stays before the program",
            expected="exec before the last command",
            got=text[:200],
        )
    yield from _lost(program, exits.Options().after(options), place, text)
    yield from _of_started(shell.last_words(program), find)


def _of_script(source: Source, words: Sequence[str], *, is_shell: bool) -> Iterator[Remark]:
    shebang = _SHEBANG.match(source.text)
    if len(source.content) > _MAX_SCRIPT or not (
        shebang or (is_shell and source.name.endswith(("sh", "bash")))
    ):
        return
    options = exits.Options().after([word for word in words if word[:1] in "-+"])
    options = options.after(shebang["options"].split()) if shebang and not is_shell else options
    program = trees.shell(source.content)
    if (last := shell.starts_below(program)) is not None and not program.has_error:
        line, column = last.start_point
        yield Remark(
            rule=NO_EXEC,
            place=Place(file=source.shown, line=line + 1, column=column + 1),
            message="a shell stays before the program",
            expected="exec before the last command",
            got=trees.text(last)[:200],
        )
    yield from _lost(program, options, Place(file=source.shown, line=1, column=1), source.text)


def _lost(program: trees.Node, options: exits.Options, place: Place, text: str) -> Iterator[Remark]:
    if (loss := exits.loss(program, options)) is None:
        return
    line = place.line and place.line + loss.line - 1
    column = place.column and (place.column + loss.column - 1 if loss.line == 1 else loss.column)
    yield Remark(
        rule=EXIT_CODE_LOST,
        place=replace(place, line=line, column=column),
        message=f"the exit code does not get out: {loss.why}",
        expected="the program's own exit code",
        got=text.splitlines()[loss.line - 1].strip()[:200],
    )
