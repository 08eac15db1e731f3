"""An experiment's directory: unique, bounded, and with nothing in it that the contract does not name.

What an image left is untrusted: files are written under names of ours, from bytes that were read within the
contract's bounds, and logs without control characters. Nothing is written over.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from algoreg import contract
from algoreg.errors import AlgoregError, UsageError
from algoreg.formats.escape import safe
from algoreg.observation import Experiment, Step

KEPT = (contract.INPUT_TRAINING, contract.INPUT_TEST, contract.PREDICTIONS)
MAX_BYTES = 1 << 30
"""Of one directory: folds times the volume's bound could fill a disk."""


class Volume:
    """One experiment's directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bytes = 0

    def keep(self, name: str, experiment: Experiment) -> None:
        """A folder ``name`` with the input, what train and test wrote, and their logs."""
        folder = f"fold-{name}"
        (self.path / folder).mkdir(mode=0o700)
        for step in experiment.steps:
            command = step.request.arguments[0]
            for file, content in _files(step).items():
                self.write(f"{folder}/{file}", content)
            self.write(f"{folder}/{command}.log", _log(step))

    @contextmanager
    def left_clean(self) -> Iterator[None]:
        """Work that may be interrupted: a directory in which nothing is yet does not stay."""
        try:
            yield
        except BaseException:
            with suppress(OSError):  # something is in it
                self.path.rmdir()
            raise

    def below(self, name: str) -> Volume:
        """A directory of its own in this one."""
        path = self.path / name
        path.mkdir(mode=0o700)
        return Volume(path)

    def write(self, name: str, content: bytes) -> None:
        """A file of ours. Raises AlgoregError when the directory would grow over its bound, or cannot be written."""
        self._bytes += len(content)
        if self._bytes > MAX_BYTES:
            raise AlgoregError(
                f"{self.path} would grow over {MAX_BYTES >> 20} MiB", hint="Use fewer folds, or fewer rows."
            )
        try:
            (self.path / name).write_bytes(content)
        except OSError as error:
            raise AlgoregError(f"cannot write {self.path / name}: {error.strerror or error}") from error


def _files(step: Step) -> Mapping[str, bytes]:
    after = step.snapshot.files()
    found = {name: after.get(name, step.before.get(name)) for name in KEPT}
    return {name: content for name, content in found.items() if content is not None}


def _log(step: Step) -> bytes:
    lines = step.redacted(step.log).expandtabs().splitlines()
    return "".join(f"{safe(line)}\n" for line in lines).encode("utf-8", "replace")


def create(parent: Path, code: str, *, option: str = "--output") -> Volume:
    """A new directory below ``parent``, which ``option`` named, for this person only.

    Raises UsageError where that cannot be.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = parent / f"{code}-{stamp}-{secrets.token_hex(3)}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
    except OSError as error:
        raise UsageError(
            f"cannot make the folder {path}: {error.strerror or error}",
            hint=f"Name a folder that can be written with {option}.",
        ) from error
    return Volume(path)
