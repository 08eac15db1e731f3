"""Move files into and out of an experiment's volume as tar bytes in memory: nothing is followed or extracted."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, Self, cast

from algoreg import contract
from algoreg.engines.protocol import EXTRA_FILES_KEPT_BYTES, Entry, EntryKind, Snapshot
from algoreg.errors import EngineError

CONTRACT_FILES = (contract.INPUT_TRAINING, contract.INPUT_TEST, contract.PREDICTIONS)
WIRE_MAX_BYTES = contract.VOLUME_MAX_BYTES + 16 * 1024 * 1024
"""Headers and padding of as many entries as the volume's inodes allow, on top of the content."""
PATH_MAX_LENGTH = 3500
"""The engine leaves out, without a word, what lies deeper than the 4,096 bytes a path can have."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Files of mode 0666 and their folders of mode 0777.

    A folder's own entry makes the engine replace a link of that name, instead of writing through it.
    """
    now = int(time.time())
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents} - {"."}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for folder in sorted(folders):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o777, now
            archive.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o666, now
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class _Overflow(Exception):
    """The archive is larger than a volume within the contract's bounds can be."""


class _Wire(io.RawIOBase):
    """Chunks as a file object that refuses to deliver more than the cap."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = memoryview(b"")
        self._delivered = 0

    def read(self, size: int = -1) -> bytes:
        parts = []
        while size > 0:
            if not self._chunk:
                self._chunk = memoryview(next(self._chunks, b""))
                self._delivered += len(self._chunk)
            if not self._chunk:
                break
            if self._delivered > WIRE_MAX_BYTES:
                raise _Overflow
            parts.append(bytes(self._chunk[:size]))
            self._chunk = self._chunk[size:]
            size -= len(parts[-1])
        return b"".join(parts)


def unpack(chunks: Iterable[bytes]) -> Snapshot:
    """The volume's entries, reading no more than the contract's bounds allow. Raises EngineError when cut."""
    entries: list[Entry] = []
    try:
        overflow = _read(chunks, entries)
    except _Overflow:
        overflow = f"more than {WIRE_MAX_BYTES:,} bytes with its names"
    except (tarfile.TarError, EOFError) as problem:
        raise EngineError(f"the engine's copy of the volume is not readable: {problem}") from problem
    return Snapshot(entries=tuple(entries), overflow=overflow)


def _read(chunks: Iterable[bytes], entries: list[Entry]) -> str | None:
    """Fill ``entries``; why reading stopped before the end."""
    total = extra = 0
    for member, source in _members(chunks):
        name = _below_root(member.name)
        if name is None:
            continue
        if len(entries) == contract.VOLUME_MAX_ENTRIES:
            return f"more than {len(entries):,} entries"
        if len(name) > PATH_MAX_LENGTH:
            return f"a path longer than {PATH_MAX_LENGTH:,} characters"
        if member.islnk():  # a second name of what came before
            entries.append(_second_name(name, _below_root(member.linkname), entries))
            continue
        kind = _kind(member)
        size = member.size if kind is EntryKind.FILE else 0
        total += size
        content = None
        if kind is EntryKind.FILE and total <= contract.VOLUME_MAX_BYTES:
            named = name in CONTRACT_FILES
            if named or extra + size <= EXTRA_FILES_KEPT_BYTES:
                content = source.read(size)
                extra += 0 if named else size
        entries.append(Entry(name=name, kind=kind, size=size, content=content))
        if total > contract.VOLUME_MAX_BYTES:
            return f"more than {contract.VOLUME_MAX_BYTES:,} bytes"
    return None


def _members(chunks: Iterable[bytes]) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    closed = False

    class Header(tarfile.TarInfo):
        """Notices the mark at an archive's end: without it the engine stopped half-way, and said nothing."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal closed
            closed = len(buf) == tarfile.BLOCKSIZE and not any(buf)
            return super().frombuf(buf, encoding, errors)

    wire = cast("IO[bytes]", _Wire(chunks))
    # A name that is not UTF-8 must neither raise nor smuggle surrogates into a report.
    with tarfile.open(fileobj=wire, mode="r|", tarinfo=Header, errors="backslashreplace") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isreg() else None
            yield member, source or io.BytesIO()
            # It would remember every member, also of an archive without end.
            archive.members.clear()  # type: ignore[attr-defined]
    if not closed:
        raise EngineError("the engine's copy of the volume was cut")


def _below_root(name: str) -> str | None:
    """The name below the volume; the archive holds the volume itself as its first entry."""
    _, _, below = name.strip("/").partition("/")
    return below or None


def _second_name(name: str, first: str | None, entries: list[Entry]) -> Entry:
    """A hard link is of the same kind as its first name, a regular file as a rule; only names are compared."""
    known = next((entry for entry in entries if entry.name == first), None)
    if known is None:
        raise EngineError("the engine's copy of the volume has a second name of nothing")
    return replace(known, name=name)


def _kind(member: tarfile.TarInfo) -> EntryKind:
    kinds = {
        tarfile.DIRTYPE: EntryKind.DIRECTORY,
        tarfile.SYMTYPE: EntryKind.SYMLINK,
        tarfile.FIFOTYPE: EntryKind.FIFO,
        tarfile.CHRTYPE: EntryKind.DEVICE,
        tarfile.BLKTYPE: EntryKind.DEVICE,
    }
    return kinds.get(member.type, EntryKind.FILE)
