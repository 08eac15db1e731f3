"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from algoreg.errors import UsageError


def ensure_writable(path: Path) -> None:
    """Raises UsageError, before long work, when ``path`` could not be written afterwards."""
    if path.is_dir():
        raise UsageError(f"cannot write {path}: it is a directory", hint="Name a file.")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}", hint="Name a file in a folder that exists."
        ) from error


def write(path: Path, text: str, *, private: bool = False, durable: bool = True) -> None:
    """Write under a temporary name, flush to the disk, rename: a reader never sees half of it.

    A private file is for this person only (0600), at every moment, and a new one: no file that was there before
    is replaced. One of many that are made again at any time need
    not be durable: it may be empty where the machine itself stops in the next seconds.
    """
    if durable:
        ensure_writable(path)
    if private and (path.is_symlink() or path.exists()):
        raise UsageError(f"cannot write {path}: it is there already", hint="Name a new file, or remove it.")
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
        ) as stream:
            temporary = Path(stream.name)
            try:
                stream.write(text)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
                if not private:
                    # A temporary file is 0600; what was asked for is an ordinary one
                    umask = os.umask(0)
                    os.umask(umask)
                    temporary.chmod(0o666 & ~umask)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
