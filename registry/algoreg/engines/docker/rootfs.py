"""Which path of a writable root file system a run changed: what its author has to move to /tmp or to the volume."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

_BYTECODE = "__pycache__"
_INIT = "docker-init"
"""The engine's own init, mounted over a file that it makes for it."""


def first_change(paths: Iterable[str], mounted: Iterable[str]) -> str | None:
    """The first of the changed paths that is the run's doing; None where there is none.

    ``mounted`` are the places of the profile: what the engine makes for them is no change. Folders above a change
    are listed with it, and interpreters write their bytecode wherever they may: both are told only if nothing else is.
    """
    own = {posixpath.normpath(path) for path in mounted}
    listed = [
        path
        for path in paths
        if posixpath.basename(path) != _INIT and not any(_is_in(path, place) for place in own)
    ]
    every = [*listed, *own]
    leaves = [path for path in listed if not any(other != path and _is_in(other, path) for other in every)]
    leaves = [path for path in leaves if not _holds_init(path)]
    return next((path for path in leaves if _BYTECODE not in path), leaves[0] if leaves else None)
