"""Pins images by the digest that an engine knows, in the one form that Woken can make a job name of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from algoreg.engines.protocol import ImageInfo, Subject
from algoreg.errors import EngineError, UsageError
from algoreg.export.names import job_name_survives, woken_job_name
from algoreg.model import Algorithm, ImageRef


class Images(Protocol):
    """What is asked of an engine."""

    def has_image(self, reference: str) -> bool:
        """Whether it has an image of this name."""

    def subject(self, target: str) -> Subject:
        """The image of this name."""


Known = Mapping[str, ImageInfo | None]
"""Code -> the image that the engine has under the algorithm's name; None where it has none."""


def known(algorithms: Iterable[Algorithm], engine: Images) -> Known:
    """The local images, each looked up once: what is judged of one is what is pinned. Nothing is pulled."""
    return {one.code: _image(one.reference, engine) for one in algorithms}


def pinned(algorithms: Iterable[Algorithm], images: Known) -> dict[str, str]:
    """Code -> ``repository:tag@sha256:...`` of these images."""
    return {one.code: pin(one.reference, _digest(images[one.code])) for one in algorithms}


def pin(reference: str, digest: str | None) -> str:
    """``reference`` with its ``repository@sha256:...``. Raises EngineError without one, UsageError for no job name."""
    repository, _, digits = (digest or "").partition("@")
    parsed = ImageRef.parse(f"{reference}@{digits}")
    if parsed is None or parsed.digest is None or parsed.repository != repository:
        known = f"only as {digest}" if digest else "without a digest, or not at all"
        raise EngineError(
            f"the engine knows {reference} {known}",
            hint=f"An image has a digest once a registry has it: docker push {reference}, or docker pull {reference}.",
        )
    if not job_name_survives(parsed.text):
        raise UsageError(
            f"Woken would call the job of {parsed.text} {woken_job_name(parsed.text, 'ID')!r}, a name that Chronos "
            "refuses",
            hint="Write repository:tag@sha256:...; Woken cuts the text at the first colon behind the first slash.",
        )
    return parsed.text


def _image(reference: str, engine: Images) -> ImageInfo | None:
    return engine.subject(reference).image if engine.has_image(reference) else None


def _digest(image: ImageInfo | None) -> str | None:
    return image.digest if image is not None else None
