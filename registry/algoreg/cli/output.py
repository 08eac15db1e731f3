"""The one place that writes: results to standard output, everything else to standard error, escaped.

Colours appear only on a terminal, and never when NO_COLOR is set.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import IO, Any

from algoreg.errors import AlgoregError


class Format(StrEnum):
    """How a command prints what it found."""

    TERMINAL = "terminal"
    JSON = "json"


_STYLES = {"red": "\x1b[31m", "yellow": "\x1b[33m", "bold": "\x1b[1m"}
_RESET = "\x1b[0m"


def write(text: str) -> None:
    """Print a line of a result."""
    output_text(f"{text}\n")


def output_text(text: str) -> None:
    """Print a result as it is."""
    if sys.stdout is None:
        raise AlgoregError("standard output is closed", hint="Redirect it to a file.")
    with _deliverable():
        sys.stdout.write(text)


def flush() -> None:
    """Hand what was printed to the system."""
    if sys.stdout is not None:
        with _deliverable():
            sys.stdout.flush()


@contextmanager
def _deliverable() -> Iterator[None]:
    """A full disk is said in one line; a closed pipe passes through."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AlgoregError(f"cannot write to standard output: {error.strerror or error}") from error


def write_json(value: Any) -> None:
    """Print a result as one JSON document, ASCII only."""
    import json

    write(json.dumps(value, indent=1))


def note(text: str) -> None:
    """Tell a person something that is not the result; that nobody hears it stops no work, and no cleaning up."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{text}\n")


def ask(question: str) -> str:
    """What a person answers on standard input; empty where they end it. Nothing of it touches a result."""
    if sys.stderr is not None:
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
    return sys.stdin.readline().strip()


def colored(stream: IO[str] | None) -> bool:
    """Whether colours may be written to ``stream``."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def color_wanted() -> bool:
    """Whether a result may be coloured."""
    return colored(sys.stdout)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person reads ``stream``."""
    return stream is not None and not stream.closed and stream.isatty()


def styled(text: str, style: str, stream: IO[str] | None) -> str:
    """``text`` in a style, where ``stream`` may show one."""
    return f"{_STYLES[style]}{text}{_RESET}" if colored(stream) else text


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: drawn on a terminal, aligned plain lines (never cut) elsewhere."""
    from algoreg.formats.escape import safe

    cells = [[safe(cell) for cell in row] for row in rows]
    if is_terminal(sys.stdout):
        _drawn(headers, cells)
        return
    lines = [list(headers), *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    for line in lines:
        write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _drawn(headers: Sequence[str], cells: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*headers, header_style="bold")
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(no_color=not colored(sys.stdout)).print(drawn)


def fields(values: Mapping[str, str]) -> None:
    """Print names and values, one pair per line."""
    from algoreg.formats.escape import safe

    width = max(map(len, values), default=0)
    for name, value in values.items():
        write(f"{styled(name.ljust(width), 'bold', sys.stdout)}  {safe(value)}")


@contextmanager
def activity(title: str) -> Iterator[Callable[[str], None]]:
    """A function that tells what is going on: one line that changes on a terminal, plain lines elsewhere."""
    from algoreg.formats.escape import safe

    if not is_terminal(sys.stderr):
        yield lambda step: note(safe(step))
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True, no_color=not colored(sys.stderr)).status(escape(safe(title))) as status:
        yield lambda step: status.update(escape(safe(f"{title}: {step}")))
