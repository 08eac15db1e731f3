"""Finds an image by its name: in the engine, where one answers and has it, else in the image's registry."""

from __future__ import annotations

from algoreg.engines.docker import open_docker
from algoreg.errors import EngineUnavailable
from algoreg.linting import images, remote
from algoreg.linting.images import Known
from algoreg.linting.report import Kind, Linted
from algoreg.model import ImageRef


def look_up(text: str, known: Known) -> Linted:
    """Judge an image. Nothing is pulled and nothing is started. Raises ImageNotFound, EngineError."""
    try:
        with open_docker(seed=0) as engine:
            if engine.has_image(text):
                return images.of_engine(engine.subject(text), engine, known)
    except EngineUnavailable:
        pass  # a lint needs none
    reference = ImageRef.parse(text)
    assert reference is not None  # of targets: nothing else is looked up
    image = remote.image(reference)
    return images.of_configuration(text, Kind.REGISTRY, image, reference, known)
