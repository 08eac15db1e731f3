"""Judges an image by its configuration, wherever that was read: the static checks, and its entrypoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from algoreg import candidate
from algoreg.archives import reading
from algoreg.candidate import Candidate
from algoreg.documents import Document
from algoreg.engines.protocol import Engine, ImageInfo, Subject
from algoreg.linting import entrypoints, static
from algoreg.linting.report import Kind, Linted
from algoreg.linting.rules import EXIT_CODE_LOST, NO_ARGUMENTS, NO_EXEC, Place
from algoreg.model import ImageRef
from algoreg.registry import Entry

_RULES = (EXIT_CODE_LOST, NO_ARGUMENTS, NO_EXEC)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What images are compared with."""

    given: Document | None = None
    """The metadata of --metadata."""
    installed: tuple[Entry, ...] = ()


def of_engine(subject: Subject, engine: Engine, known: Known) -> Linted:
    """An image that an engine has; the engine is asked who its user is, and what platform it runs."""
    if subject.image is None:
        raise AssertionError("an engine without images")
    found = _candidate(subject.target, subject.image, known)
    return _linted(subject.target, Kind.ENGINE, found, subject=subject, engine=engine)


def of_configuration(
    target: str, kind: Kind, image: ImageInfo, reference: ImageRef | None, known: Known
) -> Linted:
    """An image that nobody runs; ``reference`` is the name whose tag is judged."""
    found = _candidate(reference.text if reference is not None else image.id, image, known)
    subject = static.StillImage(target=target, image=image)
    return _linted(target, kind, found, subject=subject, engine=static.NoEngine())


def of_archive(path: Path, target: str, known: Known) -> Iterator[Linted]:
    """Every image in an archive, each under each of its names and for each platform."""
    for one in reading.images(path):
        platform = f"{one.image.os}/{one.image.architecture}"
        name = f"{one.reference.text}, {platform}" if one.reference is not None else platform
        yield of_configuration(f"{target} ({name})", Kind.ARCHIVE, one.image, one.reference, known)


def _candidate(target: str, image: ImageInfo, known: Known) -> Candidate:
    return candidate.of_image(target, image, given=known.given, installed=known.installed)


def _linted(target: str, kind: Kind, found: Candidate, *, subject: Subject, engine: Engine) -> Linted:
    image = found.image
    assert image is not None
    words = image.entrypoint or image.cmd
    place = Place(file=f"the configuration of {target}")
    return Linted(
        target=target,
        kind=kind,
        rules=_RULES,
        remarks=tuple(entrypoints.of_words(words, place, lambda _: None)),
        checks=static.judge(found, subject=subject, engine=engine),
        image_id=image.id,
        digest=image.digest,
        code=_code(found),
    )


def _code(found: Candidate) -> str | None:
    data = found.document.data if found.document is not None else None
    code = data.get("code") if isinstance(data, dict) else None
    return code if isinstance(code, str) else None
