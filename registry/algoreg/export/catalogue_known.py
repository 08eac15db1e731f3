"""Compares a configuration, and a catalogue beside it, with what the images say of themselves.

The third source: metadata of the algorithms, and tags that exist, as far as ``known`` has them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from algoreg.export.catalogue import entry as told_by
from algoreg.export.catalogue_rules import Breach, Breaches, Coded, coded, parameters, part
from algoreg.export.installation import Declared, Installation
from algoreg.export.known import Known
from algoreg.export.remarks import Remark
from algoreg.model import Algorithm, ImageRef
from algoreg.schemas import shown

_MAP_REDUCE = "map-reduce"
_PLAN = "distributedExecutionPlan"
_COUNTED = ("covariables", "groupings")


def remarks(installation: Installation, known: Known) -> tuple[Remark, ...]:
    """Where the configuration says of images what the images do not; of another repository nothing is known."""
    return tuple(breach.remark(installation.origin) for breach in _of_configuration(installation, known))


def _of_configuration(installation: Installation, known: Known) -> Breaches:
    for declared in installation.algorithms.values():
        yield from _tag(declared, known.tags)
        algorithm = known.of(declared.code, declared.image)
        if algorithm is not None:
            yield from _declared(declared, algorithm, plans=_PLAN in installation.dialect.read)


def breaches(entries: Sequence[Coded], known: Known) -> Breaches:
    """The same of the catalogue."""
    for one in entries:
        algorithm = known.of(one.code, one.data.get("docker_image"))
        if algorithm is not None:
            yield from _told(one, algorithm)


def _tag(declared: Declared, tags: Mapping[str, Collection[str]]) -> Breaches:
    image = ImageRef.parse(declared.image or "")
    existing = tags.get(image.repository or "") if image is not None and image.digest is None else None
    if image is not None and existing is not None and image.tag is not None and image.tag not in existing:
        there = ", ".join(sorted(existing)) or "none"
        yield Breach(
            rule="image.unknown-tag",
            at=declared.where,
            message=f"of {image.repository} no tag {shown(image.tag)} is known",
            fix=f"write one that exists ({there})",
        )


def _declared(declared: Declared, algorithm: Algorithm, *, plans: bool) -> Breaches:
    """The configuration and the metadata of the same code."""
    if (declared.image or "").partition("@")[0] != algorithm.reference:
        yield Breach(
            rule="image.other",
            at=declared.where,
            message=f"{shown(declared.image)} is configured, the metadata are those of {algorithm.reference}",
            fix=f"write {shown(algorithm.reference)}, or compare with the metadata of the other image",
        )
    reduces = declared.values.get(_PLAN) == _MAP_REDUCE
    if plans and algorithm.federated and not reduces:
        yield Breach(
            rule="plan.scatter-gather",
            at=declared.where,
            message=f"{declared.code} can aggregate the results of nodes, and its plan does not ask for it",
            fix=f'write {_PLAN} = "{_MAP_REDUCE}"',
        )
    if plans and reduces and not algorithm.federated:
        yield Breach(
            rule="plan.map-reduce",
            at=declared.where,
            message=f"{declared.code} cannot aggregate the results of nodes, and its plan asks for it",
            fix=f"remove {_PLAN}",
        )


def _told(entry: Coded, algorithm: Algorithm) -> Breaches:
    """The catalogue and the metadata of the same code, through what the registry would tell of it."""
    wanted = told_by(algorithm)
    label = entry.data.get("label")
    if label != wanted["label"]:
        yield Breach(
            rule="catalogue.label",
            at=(*entry.at, "label"),
            message=f"{shown(label)} is called {shown(wanted['label'])} by its metadata",
            fix=f"write {shown(wanted['label'])}",
        )
    yield from _wider(entry, wanted["constraints"])
    yield from _parameters(entry, wanted)


def _wider(entry: Coded, taken: Mapping[str, Any]) -> Breaches:
    """Data that the catalogue allows and the image refuses."""
    told = entry.data.get("constraints")
    allowed = [
        *(("variable", kind) for kind, accepted in taken["variable"].items() if not accepted),
        *(() if taken["mixed"] else (("mixed",),)),
    ]
    for at in allowed:
        if part(told, *at) is True:
            yield _too_wide(entry, at, "true", "false")
    for what in _COUNTED:
        bounds = taken[what]
        if not isinstance(part(told, what), dict):
            continue
        for end, wider in _outside(part(told, what), bounds, "min_count", "max_count"):
            yield _too_wide(entry, (what, end), shown(wider), shown(bounds[end]))


def _too_wide(entry: Coded, at: tuple[str, ...], told: str, taken: str) -> Breach:
    return Breach(
        rule="constraints.wider",
        at=(*entry.at, "constraints", *at),
        message=f"{told} is allowed, the image takes {taken}",
        fix=f"write {taken}",
    )


def _outside(
    told: Mapping[str, Any], taken: Mapping[str, Any], low: str, high: str
) -> list[tuple[str, float | None]]:
    """The ends of ``told``, absent as good as null, that lie outside those of ``taken``."""
    found = []
    for end, sign in ((low, 1), (high, -1)):
        value, bound = told.get(end), taken[end]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if bound is not None and (value is None or (is_number and sign * (value - bound) < 0)):
            found.append((end, value))
    return found


def _parameters(entry: Coded, wanted: Mapping[str, Any]) -> Breaches:
    told = {one.code: one for one in parameters(entry)}
    read = {one.code: one.data for one in coded((), wanted["parameters"])}
    for code, one in told.items():
        if code not in read:
            yield Breach(
                rule="parameter.unknown",
                at=(*one.at, "code"),
                message=f"the image reads no parameter {shown(code)}",
                fix=f"write one that it reads ({', '.join(read) or 'none'}), or remove it",
            )
    for code in read:
        if code not in told:
            yield Breach(
                rule="parameter.undeclared",
                at=(*entry.at, "parameters"),
                message=f"the image reads {shown(code)}, which is not offered",
                fix=f"add {shown(code)}",
            )
    common = [(told[code], read[code]) for code in told if code in read]
    yield from chain.from_iterable(_parameter(one, image) for one, image in common)


def _parameter(told: Coded, image: Mapping[str, Any]) -> Breaches:
    """One parameter as the catalogue and the image have it; of another type nothing else compares."""
    if told.data.get("type") != image["type"]:
        yield _differs("parameter.type", told, ("type",), image["type"])
        return
    if told.data.get("default_value") != image["default_value"]:
        yield _differs("parameter.default", told, ("default_value",), image["default_value"])
    values = told.data.get("values")
    offered = values if isinstance(values, list) else []
    extra = [one for one in offered if one not in image.get("values", ())]
    if extra:
        yield Breach(
            rule="parameter.values",
            at=(*told.at, "values"),
            message=f"the image does not take {', '.join(map(shown, extra))}",
            fix=f"write {', '.join(map(shown, image.get('values', ()))) or 'no values'}",
        )
    if "constraints" in image:
        bounds = part(told.data, "constraints")
        for end, _ in _outside(
            bounds if isinstance(bounds, dict) else {}, image["constraints"], "min", "max"
        ):
            yield _differs("parameter.range", told, ("constraints", end), image["constraints"][end])


def _differs(rule: str, told: Coded, at: tuple[str, ...], right: Any) -> Breach:
    value = part(told.data, *at)
    return Breach(
        rule=rule,
        at=(*told.at, *at),
        message=f"{'.'.join(at)} of {shown(told.code)} is {shown(value)}, the image has {shown(right)}",
        fix=f"write {shown(right)}",
    )
