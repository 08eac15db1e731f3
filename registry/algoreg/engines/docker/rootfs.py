"""Which path of a writable root file system a run changed: what its author has to move to /tmp or to the volume."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

_BYTECODE = "__pycache__"
_INIT = "docker-init"
"""The engine's own init, mounted over a file that it makes for it."""


def first_change(paths: Iterable[str], mounted: Iterable[str]) -> str | None:
    """The first of the changed paths that is the run's doing; None where there is none.

    ``mounted`` are the places of the profile: what the engine makes for them is no change. Folders above a change
    are listed with it, and interpreters write their bytecode wherever they may: both are told only if nothing else is.
    """
    listed, own = list(paths), {posixpath.normpath(path) for path in mounted}
    above = {folder for path in listed for folder in _folders(path)}
    changed = [
        path
        for path in listed
        if path not in above and posixpath.basename(path) != _INIT and not own & {path, *_folders(path)}
    ]
    return next((path for path in changed if _BYTECODE not in path), changed[0] if changed else None)


def _folders(path: str) -> Iterator[str]:
    """Every folder above a path."""
    while (path := posixpath.dirname(path)) not in ("", "/"):
        yield path
