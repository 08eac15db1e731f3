"""Finds out what a person asked to lint, and has it judged: a plugin, a Dockerfile, an archive, or an image."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from algoreg.archives import reading
from algoreg.errors import UsageError
from algoreg.linting import images, sources
from algoreg.linting.images import Known
from algoreg.linting.report import Linted
from algoreg.model import ImageRef
from algoreg.registry import METADATA_FILE, Registry, document_in

LookUp = Callable[[str, Known], Linted]
"""Judges an image by its name, wherever it is to be had."""
_TAR_MAGIC = (257, b"ustar")


def lint(texts: Iterable[str], *, registry: Registry, known: Known, look_up: LookUp) -> tuple[Linted, ...]:
    """Judge every target. Raises UsageError for what is none, EngineError where an image cannot be had."""
    judged = [one for text in texts for one in _timed(_one(text, registry, known, look_up))]
    return tuple(judged)


def _timed(found: Iterator[Linted]) -> Iterator[Linted]:
    started = time.monotonic()
    for one in found:
        yield replace(one, duration_s=time.monotonic() - started)
        started = time.monotonic()


def _one(text: str, registry: Registry, known: Known, look_up: LookUp) -> Iterator[Linted]:
    path = Path(text)
    if text in registry.entries:
        yield sources.of_plugin(registry.entries[text].folder)
    elif path.is_dir():
        yield from _folder(path, text, known)
    elif path.exists():
        yield from _file(path, text, known)
    else:
        yield _image(text, registry, known, look_up)


def _folder(path: Path, text: str, known: Known) -> Iterator[Linted]:
    if reading.is_layout(path):
        yield from images.of_archive(path, text, known)
        return
    recipes = sorted(one for one in path.iterdir() if sources.is_dockerfile(one))
    has_metadata = (path / METADATA_FILE).is_file() or any(path.glob(f"*/{METADATA_FILE}"))
    if recipes and not has_metadata:
        yield from map(sources.of_dockerfile, recipes)
    else:
        yield sources.of_plugin(document_in(path).parent)


def _file(path: Path, text: str, known: Known) -> Iterator[Linted]:
    if path.name == METADATA_FILE:
        yield sources.of_plugin(path.resolve().parent)
    elif sources.is_dockerfile(path):
        yield sources.of_dockerfile(path)
    else:
        yield from images.of_archive(path, text, known)


def _image(text: str, registry: Registry, known: Known, look_up: LookUp) -> Linted:
    registry.ensure_no_misspelling(text)
    if ImageRef.parse(text) is None:
        raise UsageError(
            f"{text!r} is no file, no folder, no installed plugin and no image",
            hint="Name a Dockerfile, a plugin's folder, an archive of docker save, or repository:tag.",
        )
    return look_up(text, known)
