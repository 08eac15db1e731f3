"""Writes a file whole or not at all, and reads one that may be anything."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from algoreg.errors import UsageError


def read(path: Path, *, most: int) -> bytes:
    """The content of a file of at most ``most`` bytes. Raises UsageError."""
    data = beginning(path, most + 1)
    if len(data) > most:
        raise UsageError(f"{path} is too large: more than {most:,} bytes are not read")
    return data


def read_regular(path: Path, *, most: int) -> bytes:
    """The same of a regular file: a pipe that nobody writes to would be waited for. Raises UsageError."""
    if not path.is_file():
        raise UsageError(f"cannot read {path}: {_no_file(path)}", hint="Name a file.")
    return read(path, most=most)


def beginning(path: Path, length: int) -> bytes:
    """The first ``length`` bytes of a file, or all that it has. Raises UsageError."""
    try:
        with path.open("rb") as stream:
            return stream.read(length)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", hint="Name a readable file."
        ) from error


def _no_file(path: Path) -> str:
    if path.is_dir():
        return "it is a directory"
    if path.exists():
        return "it is no regular file"
    return "it is a link to nothing" if path.is_symlink() else "no such file"


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


def replace(path: Path, text: str) -> None:
    """Replace the text of a file that is there; its owner and mode stay, and no one reads what they could not before.

    Raises UsageError, with nothing changed, for a read-only file, one of several names, and another's that cannot
    stay theirs.
    """
    ensure_writable(path)
    try:
        before = path.stat()
        _refuse_protected(path, before)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", newline="", delete=False
        ) as stream:
            temporary = Path(stream.name)
            try:
                stream.write(text)
                stream.flush()
                _own(stream.fileno(), before)
                os.fsync(stream.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}; nothing was changed",
            hint="Run it as the owner of the file.",
        ) from error


def _refuse_protected(path: Path, status: os.stat_result) -> None:
    if not status.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise UsageError(
            f"cannot write {path}: it is read-only; nothing was changed", hint="Make it writable, or copy it."
        )
    if status.st_nlink > 1:
        raise UsageError(
            f"cannot write {path}: it has {status.st_nlink} names (hard links), of which one would change",
            hint="Replace the links by symbolic ones, or by copies.",
        )


def _own(descriptor: int, status: os.stat_result) -> None:
    """The owner first: changing it takes bits of the mode away."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


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
    temporary = f"{path.parent}/.{path.name}.{secrets.token_hex(4)}"
    try:
        # What the person's umask leaves of the mode, which a temporary file of the library would not have
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, 0o600 if private else 0o666)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(text.encode())
                stream.flush()
                if durable:
                    os.fsync(descriptor)
            os.replace(temporary, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
