"""Puts a draft on the disk: the whole folder at once or nothing, and never over what a person has there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from algoreg import files
from algoreg.errors import UsageError


def ensure_free(folder: Path) -> None:
    """Raises UsageError, before long work, where ``folder`` holds something or could not be made."""
    try:
        if folder.is_symlink() or folder.exists():
            if not folder.is_dir() or any(folder.iterdir()):
                raise UsageError(
                    f"{folder} is there already, and not empty: nothing was written",
                    hint="Name another folder with --output, or remove it yourself.",
                )
        elif not folder.parent.is_dir():
            raise UsageError(
                f"cannot make {folder}: {folder.parent} is no folder",
                hint="Make it, or name another --output.",
            )
    except OSError as error:
        raise _refused(folder, error) from error


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Make ``folder`` with these files; it appears whole. Raises UsageError, with nothing left behind."""
    with appearing(folder) as made:
        write_texts(made, texts)


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder to fill, that becomes ``folder`` when all went well. Raises UsageError, with nothing left behind."""
    ensure_free(folder)
    try:
        made = Path(tempfile.mkdtemp(dir=folder.absolute().parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        yield made
        _move(made, folder)
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Put these files into a folder that is being filled."""
    for name, text in texts.items():
        _write(folder / name, text)


def _move(made: Path, folder: Path) -> None:
    """At once where there is no folder yet; into one that is there, whose owner and mode stay."""
    if not folder.exists():
        made.chmod(0o777 & ~_umask())
        os.rename(made, folder)
        return
    moved: list[Path] = []
    try:
        for child in sorted(made.iterdir()):
            os.rename(child, folder / child.name)
            moved.append(folder / child.name)
    except BaseException:
        for child in moved:
            os.rename(child, made / child.name)
        raise


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, text, durable=False)
    if text.startswith("#!"):
        path.chmod(path.stat().st_mode | (path.stat().st_mode & 0o444) >> 2)


def _umask() -> int:
    """What this person's files are kept from; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _refused(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot make {folder}: {error.strerror or error}", hint="Name another folder with --output."
    )
