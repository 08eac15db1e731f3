"""Finds out what a person asked to lint, and has it judged: a plugin, a Dockerfile, an archive, or an image."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from algoreg.archives import reading
from algoreg.errors import AlgoregError, Cancelled, UsageError
from algoreg.linting import images, sources
from algoreg.linting.images import Known
from algoreg.linting.report import Kind, Linted
from algoreg.model import ImageRef
from algoreg.registry import METADATA_FILE, Registry, document_in
from algoreg.report import CheckResult, Finding, Outcome, Severity

LookUp = Callable[[str, Known], Linted]
"""Judges an image by its name, wherever it is to be had."""
_OF_FILES = (".tar", ".gz", ".tgz", ".yaml", ".yml", ".json")
"""How names of files end; an image could be called so, and is not."""


def lint(texts: Iterable[str], *, registry: Registry, known: Known, look_up: LookUp) -> tuple[Linted, ...]:
    """Judge every target; an image that cannot be had is an ERROR of its own, and the others go on.

    Raises UsageError for what is no target, and for an archive that cannot be trusted.
    """
    return tuple(one for text in texts for one in _timed(text, _one(text, registry, known, look_up)))


def _timed(text: str, found: Iterator[Linted]) -> Iterator[Linted]:
    started = time.monotonic()
    try:
        for one in found:
            yield replace(one, duration_s=time.monotonic() - started)
            started = time.monotonic()
    except (Cancelled, UsageError):
        raise
    except AlgoregError as error:
        yield replace(_unjudged(text, error), duration_s=time.monotonic() - started)


def _unjudged(text: str, error: AlgoregError) -> Linted:
    finding = Finding(outcome=Outcome.ERROR, message=error.message, fix=error.hint or None)
    result = CheckResult(
        id="lint.target", severity=Severity.ERROR, findings=(finding,), title="it could not be looked at"
    )
    return Linted(target=text, kind=Kind.REGISTRY, rules=(), checks=(result,))


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
    if Path(text).suffix in _OF_FILES or sources.is_dockerfile(Path(text)):
        raise UsageError(f"there is no file {text!r}", hint="Look at its name, and at the folder you are in.")
    registry.ensure_no_misspelling(text)
    if ImageRef.parse(text) is None:
        raise UsageError(
            f"{text!r} is no file, no folder, no installed plugin and no image",
            hint="Name a Dockerfile, a plugin's folder, an archive of docker save, or repository:tag.",
        )
    return look_up(text, known)
