"""Where a scheduler is, and as whom it is asked: what of it may be shown, and what never is."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from algoreg.errors import UsageError

VARIABLE = "ALGOREG_CHRONOS"
_FROM_VARIABLE = "-"
_HINT = (
    "Expected http://HOST:PORT or https://USER:PASSWORD@HOST:PORT; write @ : / of a password as %40 %3A %2F."
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """A scheduler's URL, taken apart."""

    base: str
    """Without user, password and trailing slash; may be shown."""
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises UsageError that shows nothing of the URL: where the password begins cannot be told."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise _wrong() from None
        user_and_host = "".join(parts.netloc.split())
        if parts.scheme not in ("http", "https") or not parts.hostname or user_and_host != parts.netloc:
            raise _wrong()
        if port == 0 or parts.query or parts.fragment or "@" in parts.path or parts.netloc.count("@") > 1:
            raise _wrong()
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        netloc = host if port is None else f"{host}:{port}"
        credentials = None
        if parts.username is not None:
            credentials = (unquote(parts.username), unquote(parts.password or ""))
        return cls(base=f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}", credentials=credentials)


def given(text: str) -> str:
    """The URL that a person gives, where ``-`` stands for the variable: a password in it is in nobody's view.

    Raises UsageError where the variable is not set.
    """
    if text != _FROM_VARIABLE:
        return text
    found = os.environ.get(VARIABLE)
    if not found:
        raise UsageError(f"{VARIABLE} is not set", hint=f"Set it to Chronos' URL. {_HINT}")
    return found


def _wrong() -> UsageError:
    return UsageError("the scheduler's address is no URL that can be used", hint=_HINT)
