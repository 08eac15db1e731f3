"""What a Dockerfile says of its algorithm: names in ENV and LABEL, the parent, the entrypoint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from algoreg.adoption.evidence import About, Clue, Evidence, Trap
from algoreg.adoption.variables import PARAMETER
from algoreg.linting import dockerfile, stages, variables
from algoreg.linting.context import Source
from algoreg.linting.rules import Place
from algoreg.linting.stages import Step
from algoreg.model import ImageRef

_LANGUAGES = {"python": "Python", "r": "R", "java": "Java"}
_FAMILY = re.compile(r"(?:^|/)(python|r|java)(?=[-:@]|$)")
_LABELS: Mapping[str, About] = {
    "org.label-schema.description": About.DESCRIPTION,
    "org.opencontainers.image.description": About.DESCRIPTION,
    "org.label-schema.version": About.VERSION,
    "org.opencontainers.image.version": About.VERSION,
    "eu.humanbrainproject.function": About.CODE,
    "eu.humanbrainproject.function.version": About.VERSION,
}


def of_dockerfile(source: Source) -> Iterator[Evidence]:
    """What the last stage, and those that it stands on, say."""
    read = dockerfile.read(source.content, source.name)
    lineage, base = stages.lineage(read)
    for step in stages.steps(read):
        if any(step.stage is stage for stage in lineage) and step.instruction.kind in ("env", "label"):
            yield from _pairs(step)
    if base is not None:
        place = _line(base.stage.parent.place)
        own = any(stage.last("entrypoint") for stage in lineage)
        yield from _of_parent(base.text, place, own_entrypoint=own)


def entrypoint(source: Source) -> tuple[str, ...]:
    """The words of the entrypoint that counts; none where it is inherited."""
    lineage, _base = stages.lineage(dockerfile.read(source.content, source.name))
    found = next((one for stage in reversed(lineage) if (one := stage.last("entrypoint"))), None)
    if found is None:
        return ()
    return found.array if found.array is not None else tuple(found.script.raw.split() if found.script else ())


def _pairs(step: Step) -> Iterator[Evidence]:
    for pair in step.instruction.pairs:
        value = variables.expand(pair.value.raw, step.values) if pair.value else None
        if value is not None and value.text and not value.uncertain:
            place = _line(pair.name.place)
            yield from _pair(step.instruction.kind, pair.name.raw.strip("\"'"), value.text, place)


def _line(place: Place) -> Place:
    return replace(place, column=None)


def _pair(kind: str, name: str, value: str, place: Place) -> Iterator[Evidence]:
    how = f"{kind.upper()} {name}"
    if kind == "label":
        if name == "org.label-schema.name":
            yield from of_image(value, place, how)
        elif name in _LABELS:
            yield Clue(about=_LABELS[name], value=value, place=place, how=how)
    elif name == "FUNCTION":
        yield Clue(about=About.CODE, value=value, place=place, how=how)
    elif name == "DOCKER_IMAGE":
        yield from of_image(value, place, how)
    elif PARAMETER.fullmatch(name):
        yield Trap(
            id="adopt.parameter-in-image",
            place=place,
            message=f"the image sets {name} to {value} for itself; a caller who passes it changes what the image is",
            advice="Write the value into the program, or declare it as a parameter.",
        )


def of_image(text: str, place: Place, how: str) -> Iterator[Clue]:
    """The repository of a reference, and the version that its tag is."""
    reference = ImageRef.parse(text)
    if reference is None or reference.repository is None:
        return
    yield Clue(about=About.IMAGE, value=reference.repository, place=place, how=how)
    if reference.tag not in (None, "latest"):
        yield Clue(about=About.VERSION, value=str(reference.tag), place=place, how=how)


def _of_parent(parent: str, place: Place, *, own_entrypoint: bool) -> Iterator[Evidence]:
    family = _FAMILY.search(parent)
    if family:
        yield Clue(about=About.ENVIRONMENT, value=_LANGUAGES[family[1]], place=place, how=f"FROM {parent}")
    if family and parent.startswith("hbpmip/") and not own_entrypoint:
        yield Trap(
            id="adopt.inherited-entrypoint",
            place=place,
            message=f"the entrypoint is that of {parent}, whose script does nothing and ends with 0 "
            "for a command that it does not know",
            advice="Write an ENTRYPOINT that ends with 2 there, usage on stderr (algoreg explain cli.unknown-command).",
        )
