"""Which values a Dockerfile's variables have, instruction by instruction, and what its last stage comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from algoreg.linting import variables
from algoreg.linting.dockerfile import Dockerfile, Instruction, Stage

_PLATFORM = tuple(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "ARCH", "VARIANT", "STAGE")
)
_PROXIES = tuple(f"{kind}_PROXY" for kind in ("HTTP", "HTTPS", "FTP", "NO", "ALL"))
_ALWAYS: Mapping[str, str | None] = dict.fromkeys(("PATH", *_PROXIES, *(name.lower() for name in _PROXIES)))
"""Declared by nobody, and there when the build is given them; the builder gives every image a PATH."""
Values = Mapping[str, str | None]
"""Variable -> value; None where the build, or a parent from elsewhere, gives it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """An instruction, with the variables that it sees."""

    instruction: Instruction
    values: Values
    stage: Stage
    foreign: bool
    """It stands on an image from elsewhere, which can have set other variables, too."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a stage begins with."""

    stage: Stage
    text: str
    """The parent with its variables put in."""
    uncertain: bool
    """The build decides which it is."""
    earlier: int | None
    """The position of the stage that it is; None for an image from elsewhere."""


def global_values(dockerfile: Dockerfile) -> dict[str, str | None]:
    """What ARG before the first FROM gives, and the platforms."""
    values: dict[str, str | None] = dict.fromkeys(_PLATFORM)
    for instruction in dockerfile.arguments:
        for pair in instruction.pairs:
            values[pair.name.raw] = variables.expand(pair.value.raw, values).text if pair.value else None
    return values


def bases(dockerfile: Dockerfile) -> list[Base]:
    """The parent of each stage."""
    values = global_values(dockerfile)
    aliases: dict[str, int] = {}
    found = []
    for position, stage in enumerate(dockerfile.stages):
        parent = variables.expand(stage.parent.raw, values)
        earlier = aliases.get(parent.text.lower())
        found.append(Base(stage=stage, text=parent.text, uncertain=parent.uncertain, earlier=earlier))
        if stage.alias is not None:
            aliases[stage.alias] = position
    return found


def steps(dockerfile: Dockerfile) -> Iterator[Step]:
    """Every instruction of every stage, in their order."""
    shared = global_values(dockerfile)
    at_end: list[dict[str, str | None]] = []
    foreign: list[bool] = []
    for base in bases(dockerfile):
        known = base.text == "scratch" and not base.uncertain
        foreign.append(not known if base.earlier is None else foreign[base.earlier])
        kept = dict(at_end[base.earlier]) if base.earlier is not None else {}
        values: dict[str, str | None] = {**_ALWAYS, **kept}
        for instruction in base.stage.instructions:
            yield Step(instruction=instruction, values=dict(values), stage=base.stage, foreign=foreign[-1])
            if instruction.kind in ("arg", "env"):
                given = _given(instruction, values, shared)
                values |= given
                kept |= given if instruction.kind == "env" else {}
        at_end.append(kept)


def _given(instruction: Instruction, values: Values, shared: Values) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for pair in instruction.pairs:
        name = pair.name.raw
        if pair.value is not None:
            expanded = variables.expand(pair.value.raw, values)
            found[name] = None if expanded.uncertain else expanded.text
        elif name in values and name not in _ALWAYS:
            found[name] = values[name]
        else:
            found[name] = shared.get(name)
    return found


def lineage(dockerfile: Dockerfile) -> tuple[list[Stage], Base | None]:
    """The last stage and the stages that it stands on, eldest first; and what the eldest begins with."""
    every = bases(dockerfile)
    if not every:
        return [], None
    base, found = every[-1], [every[-1].stage]
    while base.earlier is not None:
        base = every[base.earlier]
        found.insert(0, base.stage)
    return found, base
