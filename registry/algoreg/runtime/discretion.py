"""What may be said aloud: tracebacks and warnings reach the logs without passwords and without patients' values.

An unexpected exception keeps its frames, its type and the words of its message; numbers become ``#``, texts of
the table become ``***``, because libraries quote the value they stumbled over.
"""

from __future__ import annotations

import re
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, TextIO

_NUMBER = re.compile(r"(?<![\w.])[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
_HIDDEN = "***"


class Discretion:
    """Knows what must not be told, and tells everything else to standard error."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._passwords = sorted(
            {value for name, value in environ.items() if name.endswith("PASSWORD") and value},
            key=len,
            reverse=True,
        )
        self._texts: list[str] = []

    def protect(self, rows: Iterable[Iterable[Any]]) -> None:
        """Remember the texts of these rows; numbers are hidden anyway."""
        found = {value for row in rows for value in row if isinstance(value, str) and value}
        self._texts = sorted(found.union(self._texts), key=len, reverse=True)

    def without_passwords(self, text: str) -> str:
        """``text`` as far as our own messages need it: their numbers are ports and positions."""
        for password in self._passwords:
            text = text.replace(password, _HIDDEN)
        return text

    def masked(self, text: str) -> str:
        """``text`` of a library: no password, no number, no text of a patient's row."""
        text = self.without_passwords(text)
        for value in self._texts:
            if value in text:
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda _: _HIDDEN, text)
        return _NUMBER.sub("#", text)

    def install(self) -> None:
        """Become the way in which uncaught exceptions and warnings are shown."""
        sys.excepthook = self._show_exception
        warnings.showwarning = self._show_warning

    def traceback_of(self, error: BaseException, frames: TracebackType | None) -> str:
        """Everything about an unexpected exception that may be said, its causes first."""
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        before = "" if cause is None else f"{self.traceback_of(cause, cause.__traceback__)}\n\nThen:\n\n"
        if isinstance(error, SyntaxError):  # it quotes the author's program, never a row
            return before + "".join(traceback.format_exception_only(error)).rstrip("\n")
        told = "".join(["Traceback (most recent call last):\n", *traceback.format_tb(frames)])
        return f"{before}{told}{type(error).__name__}: {self.masked(str(error))}"

    def _show_exception(
        self, kind: type[BaseException], error: BaseException, frames: TracebackType | None
    ) -> None:
        print(self.traceback_of(error, frames), file=sys.stderr)  # noqa: T201 - the program's own stream

    def _show_warning(  # noqa: PLR0917 - the signature is Python's
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        print(f"{category.__name__}: {self.masked(str(message))}", file=file or sys.stderr)
