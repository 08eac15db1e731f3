"""What a plugin's folder holds, and what a change in it can affect: by names and contents, no document is read here."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath

from algoreg.errors import UsageError
from algoreg.registry import METADATA_FILE

MAX_FILES = 5000
"""Beyond this a folder is no plugin's: looking at it after each save would take longer than the checks."""
_HASHED_BYTES = 1 << 20
"""A larger file is known by its size and its time."""
_NOISE_FOLDERS = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        ".idea",
        ".vscode",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        ".tox",
        ".nox",
    )
) | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"}
_NOISE_FILES = re.compile(
    r"""
    .*\.py[cod] | .*~ | \#.*\# | \.\#.* | .*\.(?:swp|swo|swx|swpx|tmp|bak|orig|rej|log)
    | 4913 | \.DS_Store | \.coverage.* | sed[A-Za-z0-9]{6} | .*___jb_(?:tmp|old)___ | \.goutputstream-.*
    """,
    re.VERBOSE,
)
"""What compilers, version control and editors leave beside the files that a person saves."""
_PAPERWORK = re.compile(
    r"README.*|LICEN[CS]E.*|CHANGE.*|.*\.md|.*\.rst|\.gitignore|\.dockerignore|.*[Dd]ockerfile.*"
)
_TESTS = frozenset(("test", "tests"))
_NEEDS = frozenset(("requirements.txt", "constraints.txt"))
"""Beside the package they are its own, too, as ``algoreg build`` takes them."""


class Effect(StrEnum):
    """What a changed file can affect."""

    PROGRAM = "program"
    """Everything that the algorithm does."""
    METADATA = "metadata"
    """What depends on the values that changed."""
    PAPERWORK = "paperwork"
    """Nothing that runs here: the recipe of the image, tests, documentation."""


def effect(path: str, *, package: str) -> Effect:
    """Of a file of the watched folder; ``package`` is the Python package's place in it, ``.`` for the folder itself."""
    own = PurePosixPath(path)
    if package != ".":
        if not own.is_relative_to(package):
            return Effect.PROGRAM if path in _NEEDS else Effect.PAPERWORK
        own = own.relative_to(package)
    if own == PurePosixPath(METADATA_FILE):
        return Effect.METADATA
    if _PAPERWORK.fullmatch(own.name) or _TESTS & set(own.parts[:-1]):
        return Effect.PAPERWORK
    return Effect.PROGRAM


def is_noise(name: str, *, folder: bool) -> bool:
    """Whether nobody means a change of this entry."""
    if folder:
        return name in _NOISE_FOLDERS or name.endswith(".egg-info")
    return _NOISE_FILES.fullmatch(name) is not None


Signature = tuple[int, int, int]
"""Inode, size and time of a file."""


class Folder:
    """A folder's files by content: one that is saved unchanged, or that comes and goes, has not changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, tuple[Signature, str]] = {}

    def files(self) -> Mapping[str, str]:
        """Path -> what tells its content from another. Raises OSError when the folder is gone, UsageError."""
        found = dict(_files(self._root))
        if len(found) > MAX_FILES:
            raise UsageError(
                f"{self._root} holds more than {MAX_FILES:,} files: too many to look at after each save",
                hint="Name the folder of one plugin, and move data out of it.",
            )
        self._read = {path: self._known(path, signature) for path, signature in found.items()}
        return {path: digest for path, (_, digest) in self._read.items()}

    def _known(self, path: str, signature: Signature) -> tuple[Signature, str]:
        seen = self._read.get(path)
        return (
            seen if seen is not None and seen[0] == signature else (signature, self._digest(path, signature))
        )

    def _digest(self, path: str, signature: Signature) -> str:
        if signature[1] > _HASHED_BYTES:
            return repr(signature)
        try:
            return hashlib.sha256((self._root / path).read_bytes()).hexdigest()
        except OSError as error:  # unreadable, or gone since: to the program it is another file, too
            return f"unreadable: {error.errno}"


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> frozenset[str]:
    """The files that were added, removed or changed."""
    return frozenset(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def named(paths: Iterable[str], most: int = 3) -> str:
    """A few of them, for a line."""
    ordered = sorted(paths)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")


def _files(root: Path) -> Iterator[tuple[str, Signature]]:
    """Regular files, up to the bound and one beyond; links to files are followed, links to folders are not."""
    count, waiting = 0, [""]
    os.stat(root)
    while waiting and count <= MAX_FILES:
        folder = waiting.pop()
        for entry in _entries(root / folder, is_root=not folder):
            path = f"{folder}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if not is_noise(entry.name, folder=True):
                    waiting.append(f"{path}/")
            elif not is_noise(entry.name, folder=False) and (found := _signature(entry)) is not None:
                count += 1
                yield path, found


def _entries(folder: Path, *, is_root: bool) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        if is_root:
            raise
        return []  # gone since, or not for us


def _signature(entry: os.DirEntry[str]) -> Signature | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
