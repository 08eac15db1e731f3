"""Remove what a run left behind: its own at its end, and those of runs whose process is gone."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algoreg.engines.docker.api import Api
from algoreg.engines.docker.identity import KEEP_LABEL, KEPT, NAME_PREFIX, PREFIX, RUN_LABEL, Identity
from algoreg.errors import EngineError

_ATTEMPTS = 5
_NOTE = "run.json"
_LONGEST_SOCKET_PATH = 60
"""A directory's; the kernel allows 107 bytes for a socket in it."""


@dataclass(frozen=True, kw_only=True)
class Reaped:
    """How much was removed."""

    containers: int = 0
    volumes: int = 0
    directories: int = 0

    def __bool__(self) -> bool:
        return bool(self.containers or self.volumes or self.directories)


def new_directory(identity: Identity) -> Path:
    """A private directory of this run, with a note by which another process can tell whose it was."""
    base = tempfile.gettempdir()
    if len(base) > _LONGEST_SOCKET_PATH:
        base = "/tmp"
    directory = Path(base) / identity.prefix
    directory.mkdir(mode=0o700)
    (directory / _NOTE).write_text(json.dumps(asdict(identity)), encoding="utf-8")
    return directory


def remove_directory(directory: Path) -> None:
    """Remove this run's own directory."""
    shutil.rmtree(directory, ignore_errors=True)


def remove_run(api: Api, run: str) -> None:
    """Remove everything of one run that still lives. Raises EngineError when it does not go."""
    label = f"{RUN_LABEL}={run}"
    for attempt in range(_ATTEMPTS):
        try:
            if not _remove(api, lambda identity: identity.run == run, label):
                return
        except EngineError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            time.sleep(0.1 * attempt)
    raise EngineError("the engine did not remove everything that this run created", hint="algoreg reap")


def sweep(api: Api, *, kept: bool = False) -> Reaped:
    """Remove everything of runs whose process is certainly gone; a live sibling is never touched.

    With ``kept`` also what a person asked to keep.
    """
    found = _remove(api, lambda identity: identity.is_dead(), RUN_LABEL, kept=kept)
    return Reaped(containers=found.containers, volumes=found.volumes, directories=_remove_directories())


def _remove(api: Api, doomed: Callable[[Identity], bool], label: str, *, kept: bool = True) -> Reaped:
    containers = volumes = 0
    for found in api.containers(label):
        if named(found) and _is(doomed, found, kept):
            api.remove(str(found["Id"]))
            containers += 1
    for found in api.volumes(label):
        if _is(doomed, found, kept):
            volumes += 1
            api.remove_volume(str(found["Name"]))
    return Reaped(containers=containers, volumes=volumes)


def named(container: Mapping[str, Any]) -> bool:
    """Whether a container is ours.

    An image can carry any label, and its containers inherit it; their names are given by us alone.
    """
    labels = container.get("Labels") or {}
    prefix = f"/{NAME_PREFIX}{labels.get(PREFIX + 'run')}-"
    return any(str(name).startswith(prefix) for name in container.get("Names") or ())


def _is(doomed: Callable[[Identity], bool], found: Mapping[str, Any], kept: bool) -> bool:
    if not kept and (found.get("Labels") or {}).get(KEEP_LABEL) == KEPT:
        return False
    identity = Identity.from_labels(found.get("Labels"))
    return identity is not None and doomed(identity)


def _remove_directories() -> int:
    removed = 0
    for base in {tempfile.gettempdir(), "/tmp"}:
        for directory in Path(base).glob(f"{NAME_PREFIX}*/{_NOTE}"):
            removed += _remove_directory(directory.parent)
    return removed


def _remove_directory(directory: Path) -> int:
    """Only our own user's, for everybody can write here, and only when its note says so."""
    try:
        if directory.is_symlink() or directory.stat().st_uid != os.getuid():
            return 0
        note = json.loads((directory / _NOTE).read_text(encoding="utf-8"))
        identity = Identity(**{name: str(note[name]) for name in Identity.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    if not identity.is_dead() or directory.name != identity.prefix:
        return 0
    shutil.rmtree(directory, ignore_errors=True)
    return 1
