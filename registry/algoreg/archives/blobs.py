"""The documents inside an archive, by name: of a tar file, read where they lie, or of a folder."""

from __future__ import annotations

import io
import os
import posixpath
import stat
import struct
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from algoreg.errors import UsageError

_MAX_MEMBERS = 100_000
_MAX_READ = 1024 * 1024
"""Headers are shorter; what tarfile wants to read at once beyond it is no header."""
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_BROKEN = (
    tarfile.TarError,
    ValueError,
    OverflowError,
    EOFError,
    RecursionError,
    struct.error,
    zlib.error,
)


def refusal(what: str) -> UsageError:
    """An archive that no one should load."""
    return UsageError(
        what, hint="Save it again: docker save IMAGE:TAG --output FILE, and look where it comes from."
    )


class Blobs(Protocol):
    """Files by name; ``/`` as separator."""

    def size(self, name: str) -> int | None:
        """How long a regular file is; None where there is none of this name."""

    def is_link(self, name: str) -> bool:
        """Whether a link has this name; it is never followed."""

    def read(self, name: str, limit: int) -> bytes:
        """All of it. Raises UsageError when it is absent or longer than ``limit``."""


@dataclass(frozen=True, kw_only=True)
class _Span:
    offset: int
    size: int


class TarBlobs:
    """A tar file: where each member's content begins is learnt once, seeking over it."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream = stream
        self._path = path
        self._spans, self._links = _index(stream, path)

    def size(self, name: str) -> int | None:
        """By the member's header."""
        span = self._spans.get(name)
        return None if span is None else span.size

    def is_link(self, name: str) -> bool:
        """By the member's kind."""
        return name in self._links

    def read(self, name: str, limit: int) -> bytes:
        """From the place where it lies."""
        span = self._spans.get(name)
        _ensure(self._path, name, None if span is None else span.size, limit)
        assert span is not None
        self._stream.seek(span.offset)
        data = self._stream.read(span.size)
        if len(data) != span.size:
            raise refusal(f"{self._path}: {name[:100]} ends too early; the file is cut off")
        return data


class _Headers(io.RawIOBase):
    """What tarfile reads from: never much at a time, whatever a header claims."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Raises ValueError for more than any header needs."""
        if not 0 <= size <= _MAX_READ:
            raise ValueError(f"a header of {size:,} bytes")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _index(stream: IO[bytes], path: Path) -> tuple[Mapping[str, _Span], frozenset[str]]:
    """Regular files, and the names of links."""
    spans: dict[str, _Span] = {}
    links: set[str] = set()
    for member in _members(stream, path):
        name = posixpath.normpath(member.name)
        if name.startswith(("/", "../")) or name == "..":
            raise refusal(f"{path}: the name {member.name[:100]!r} leads out of the archive")
        if member.issym() or member.islnk():
            links.add(name)
        if not member.isreg() or member.issparse():
            continue
        if name in spans:
            raise refusal(f"{path}: {name[:100]!r} occurs twice; readers differ in which they take")
        spans[name] = _Span(offset=member.offset_data, size=member.size)
    return spans, frozenset(links)


def _members(stream: IO[bytes], path: Path) -> Iterator[tarfile.TarInfo]:
    """Every member, in their order, forwards only."""
    last = -1
    try:
        with tarfile.open(fileobj=_Headers(stream), mode="r:") as tar:
            for count, member in enumerate(iter(tar.next, None)):
                tar.members = []  # type: ignore[attr-defined]  # tarfile remembers each of them
                if count >= _MAX_MEMBERS:
                    raise refusal(f"{path}: more than {_MAX_MEMBERS:,} members are no image")
                if member.size < 0 or member.offset_data <= last:
                    raise refusal(f"{path}: a member lies before the one that precedes it")
                last = member.offset_data
                yield member
    except _BROKEN as error:
        raise refusal(
            f"{path}: no readable tar archive: {str(error)[:100] or type(error).__name__}"
        ) from error


def _ensure(path: Path, name: str, size: int | None, limit: int) -> None:
    if size is None:
        raise refusal(f"{path}: {name[:100]!r} is named and not there; the archive is incomplete")
    if size > limit:
        raise refusal(f"{path}: {name[:100]!r} has {size:,} bytes, at most {limit:,} are read")


@dataclass(frozen=True, kw_only=True)
class FolderBlobs:
    """A folder, of which links are no part."""

    root: Path

    def _status(self, name: str) -> os.stat_result | None:
        path = self.root
        for part in posixpath.normpath(name).split("/"):
            path = path / part
            try:
                status = path.lstat()
            except (OSError, ValueError):
                return None
            if part == ".." or stat.S_ISLNK(status.st_mode):
                return None
        return status if stat.S_ISREG(status.st_mode) else None

    def size(self, name: str) -> int | None:
        """None for a link, too."""
        status = self._status(name)
        return None if status is None else status.st_size

    def is_link(self, name: str) -> bool:
        """A folder's links are no part of it."""
        return False

    def read(self, name: str, limit: int) -> bytes:
        """Without following a link that took the file's place."""
        _ensure(self.root, name, self.size(name), limit)
        try:
            descriptor = os.open(self.root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(descriptor, "rb") as stream:
                return stream.read(limit + 1)
        except OSError as error:
            raise refusal(f"{self.root}: {name[:100]!r} cannot be read: {error.strerror}") from error


@contextmanager
def opened(path: Path) -> Iterator[Blobs]:
    """The documents of a tar file or a folder. Raises UsageError for what is neither."""
    if path.is_dir():
        yield FolderBlobs(root=path)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", hint="Name a readable file."
        ) from error
    with stream:
        _refuse_compressed(stream.read(8), path)
        stream.seek(0)
        yield TarBlobs(stream, path)


def _refuse_compressed(start: bytes, path: Path) -> None:
    for magic, name in _COMPRESSED.items():
        if start.startswith(magic):
            raise UsageError(
                f"{path} is compressed ({name}), and only a plain tar file is read",
                hint=f"Decompress it first, as in {name} --decompress --keep FILE.",
            )
