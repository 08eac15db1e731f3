"""A plain directory as an experiment's volume, filled and read without following a link or trusting a size.

The same promises as the docker engine's volume, except that nothing bounds what a running program writes.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from algoreg import contract
from algoreg.engines.keeper import remove_tree
from algoreg.engines.protocol import EXTRA_FILES_KEPT_BYTES, Entry, EntryKind, Snapshot
from algoreg.errors import EngineError

CONTRACT_FILES = frozenset({contract.INPUT_TRAINING, contract.INPUT_TEST, contract.PREDICTIONS})
_KINDS = {
    stat.S_IFREG: EntryKind.FILE,
    stat.S_IFDIR: EntryKind.DIRECTORY,
    stat.S_IFLNK: EntryKind.SYMLINK,
    stat.S_IFIFO: EntryKind.FIFO,
    stat.S_IFSOCK: EntryKind.SOCKET,
}


@dataclass(frozen=True, kw_only=True)
class Directory:
    """One experiment's volume."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Directory:
        """A new, empty volume that everybody may write to."""
        path.mkdir()
        path.chmod(0o777)
        return cls(path=path)

    def put(self, name: str, content: bytes) -> None:
        """Write a file of mode 0666 in the place of whatever holds its name."""
        with _translated("written"):
            *folders, last = PurePosixPath(name).parts
            file = self._folder(folders) / last
            _remove(file)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with open(os.open(file, flags), "wb") as stream:
                os.fchmod(stream.fileno(), 0o666)
                stream.write(content)

    def _folder(self, parts: Sequence[str]) -> Path:
        folder = self.path
        for part in parts:
            folder = folder / part
            if not _is_directory(folder):
                _remove(folder)
                folder.mkdir()
                folder.chmod(0o777)
        return folder

    def remove(self, name: str) -> None:
        """Remove an entry of the top level, whatever it is; absent is fine."""
        with _translated("cleared"):
            _remove(self.path / name)

    def read(self) -> Snapshot:
        """Every entry, up to the bounds of the contract and one beyond."""
        entries: list[Entry] = []
        with _translated("read"):
            overflow = self._read_into(entries)
        return Snapshot(entries=tuple(entries), overflow=overflow)

    def _read_into(self, entries: list[Entry]) -> str | None:
        """Why reading stopped before the end."""
        budget = _Budget()
        try:
            for found in _walk(self.path):
                if len(entries) > contract.VOLUME_MAX_ENTRIES:
                    return f"more than {contract.VOLUME_MAX_ENTRIES:,} entries"
                entries.append(budget.entry(self.path, found))
                if budget.bytes_seen > contract.VOLUME_MAX_BYTES:
                    return f"{budget.bytes_seen / 1e6:.0f} MB"
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # folders in folders: the program's doing, not ours
                return "a path too long to be read"
            raise
        return None


@contextmanager
def _translated(done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"the experiment's volume cannot be {done}: {error}",
            hint="Is there room in the temporary folder?",
        ) from error


class _Budget:
    """What has been seen of a volume so far, so that reading it stays bounded."""

    def __init__(self) -> None:
        self.bytes_seen = 0
        self._extra_left = EXTRA_FILES_KEPT_BYTES
        self._inodes: set[tuple[int, int]] = set()

    def entry(self, root: Path, found: os.DirEntry[str]) -> Entry:
        status = found.stat(follow_symlinks=False)
        name = os.fsencode(os.path.relpath(found.path, root)).decode(errors="backslashreplace")
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), EntryKind.DEVICE)
        content = None
        if kind is EntryKind.FILE:
            self.bytes_seen += self._new_bytes(status)
            content = self._content(name, found.path, status.st_size)
        return Entry(name=name, kind=kind, size=status.st_size, content=content)

    def _new_bytes(self, status: os.stat_result) -> int:
        """A file's second name takes no more room."""
        inode = (status.st_dev, status.st_ino)
        seen = inode in self._inodes
        self._inodes.add(inode)
        return 0 if seen else status.st_size

    def _content(self, name: str, path: str, size: int) -> bytes | None:
        if self.bytes_seen > contract.VOLUME_MAX_BYTES:
            return None
        if name not in CONTRACT_FILES:
            if size > self._extra_left:
                return None
            self._extra_left -= size
        with suppress(OSError):  # unreadable for us, or gone: then it has no content
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            with open(os.open(path, flags), "rb") as stream:
                return stream.read(size)
        return None


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every entry below ``folder``, directories before what they hold; a folder that cannot be read is empty."""
    waiting = [str(folder)]
    while waiting:
        with suppress(PermissionError, FileNotFoundError), os.scandir(waiting.pop(0)) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _remove(path: Path) -> None:
    if _is_directory(path):
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)
