"""Puts the pages into a folder as a whole: the old site stays until the new one is there, and nothing else is touched.

A folder is a site of ours when it holds our list of what we wrote; one with any other file is refused.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algoreg import files, strictjson
from algoreg.errors import UsageError

SCHEMA = "algoreg-site/1"
LIST = "algoreg-site.json"
"""The file that says what we wrote: a folder that has it may be replaced."""
_LISTED = "algoreg-site-files/1"
_HINT = "Name a new or empty folder, or one that algoreg site has made."


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a folder differs from the site that the registry gives; paths in it, sorted."""

    folder: Path
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]
    """Written by an earlier run, and of nothing any more."""
    unchanged: tuple[str, ...]
    foreign: tuple[str, ...]
    """Not written by us."""

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.missing or self.changed or self.stale or self.foreign)

    def json(self) -> dict[str, Any]:
        """All of it as one JSON document."""
        return {"schema": SCHEMA, **asdict(self), "folder": str(self.folder)}

    def lines(self) -> Iterator[str]:
        """What differs, for people."""
        words = {
            "missing": self.missing,
            "differs": self.changed,
            "is of nothing any more": self.stale,
            "is not of the site": self.foreign,
        }
        for word, names in words.items():
            yield from (f"{self.folder / name}: {word}" for name in names)

    def summary(self) -> str:
        """What writing does, in a line."""
        pages = len(self.missing) + len(self.changed) + len(self.unchanged)
        done = {
            "new": self.missing,
            "changed": self.changed,
            "removed": self.stale,
            "as before": self.unchanged,
        }
        counts = ", ".join(f"{len(names)} {word}" for word, names in done.items() if names)
        return f"{self.folder / 'index.html'}: {pages} files ({counts})"


def compare(folder: Path, pages: Mapping[str, str]) -> Difference:
    """How the folder differs from these pages. Raises UsageError for one that cannot be read."""
    wanted = _whole(pages)
    try:
        there = dict(_walk(_place(folder))) if _exists(folder) else {}
        listed = _listed(there.get(LIST))
        same = {
            name
            for name, path in there.items()
            if path is not None and name in wanted and _is(path, wanted[name])
        }
    except OSError as error:
        raise UsageError(f"cannot read {folder}: {error.strerror or error}", hint=_HINT) from error
    ours = {name for name, path in there.items() if path is not None and name in listed}
    return Difference(
        folder=folder,
        missing=tuple(sorted(wanted.keys() - there.keys())),
        changed=tuple(sorted((wanted.keys() & ours) - same)),
        stale=tuple(sorted(ours - wanted.keys())),
        unchanged=tuple(sorted(same & ours)),
        foreign=tuple(sorted(there.keys() - ours)),
    )


def write(folder: Path, pages: Mapping[str, str]) -> Difference:
    """Make the folder hold these pages and nothing else; tells what was different.

    Raises UsageError, with nothing changed, where it holds a file that we did not write.
    """
    found = compare(folder, pages)
    if found.foreign:
        raise UsageError(
            f"{folder / found.foreign[0]} was not written by algoreg site, and would be lost; nothing was written",
            hint=_HINT,
        )
    if found.any:
        _refuse_unmovable(folder)
        try:
            _replace(_place(folder), _whole(pages))
        except OSError as error:
            raise UsageError(f"cannot write {folder}: {error.strerror or error}", hint=_HINT) from error
    return found


def _refuse_unmovable(folder: Path) -> None:
    """Raises UsageError for a folder whose place another cannot take: who is in it would be nowhere."""
    place = _place(folder)
    why = "a mount point" if place.is_mount() else "where you are" if _is_here(place) else None
    if why is not None:
        raise UsageError(
            f"{folder} is {why}, and the site is replaced as a whole; nothing was written",
            hint=f"Name a folder in it, such as {folder / 'site'}.",
        )


def _place(folder: Path) -> Path:
    """Where it is, links followed; a loop of links is an error of who opens it."""
    return Path(os.path.realpath(folder))


def _is_here(place: Path) -> bool:
    try:
        return Path.cwd().is_relative_to(place)
    except FileNotFoundError:
        return False  # who stands in a folder that is gone stands nowhere


def _whole(pages: Mapping[str, str]) -> dict[str, str]:
    """The pages, and the list of them."""
    listed = json.dumps({"schema": _LISTED, "files": sorted(pages)}, indent=1)
    return {**pages, LIST: f"{listed}\n"}


def _exists(folder: Path) -> bool:
    if folder.is_symlink() and not folder.exists():
        raise UsageError(f"{folder} is a link to nothing", hint=_HINT)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint=_HINT)
    return folder.is_dir()


def _walk(root: Path) -> Iterator[tuple[str, Path | None]]:
    """Every entry but folders by its path in ``root``; None for what is no plain file."""

    def refuse(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(root, onerror=refuse):
        for path in (Path(folder, name) for name in (*folders, *names)):
            if path.is_symlink() or not path.is_dir():
                plain = path.is_file() and not path.is_symlink()
                yield path.relative_to(root).as_posix(), path if plain else None


def _listed(path: Path | None) -> set[str]:
    """What our list names, itself too; nothing where there is none that is ours."""
    if path is None:
        return set()
    try:
        document = strictjson.parse(files.read(path, most=strictjson.MAX_BYTES))
    except (strictjson.NotStrictJson, strictjson.TooLarge, UsageError):
        return set()
    if not isinstance(document, dict) or document.get("schema") != _LISTED:
        return set()
    names = document.get("files")
    return {LIST, *(one for one in names if isinstance(one, str))} if isinstance(names, list) else set()


def _is(path: Path, text: str) -> bool:
    data = text.encode()
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _replace(folder: Path, texts: Mapping[str, str]) -> None:
    """Write all beside the folder, then change names; on any way out nothing of it stays beside."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    fresh, old = (folder.with_name(f".{folder.name}.{word}.{token}") for word in ("new", "old"))
    try:
        _fill(fresh, texts)
        if folder.is_dir():
            _keep_owner(fresh, folder.stat())
            shutil.copymode(folder, fresh)
            folder.rename(old)
        try:
            fresh.rename(folder)
        except BaseException:
            if old.is_dir():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _keep_owner(fresh: Path, before: os.stat_result) -> None:
    """Where root writes the site anew, it stays the person's whose it was."""
    if os.geteuid() == 0:
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, before.st_uid, before.st_gid, follow_symlinks=False)


def _fill(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        files.write(path, text, durable=False)
