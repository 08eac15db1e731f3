"""Finds where a catalogue has drifted: from the configuration beside it, from what Woken accepts, from the images.

Woken never compares the two files, so that nobody is told when they part. What the images themselves say is compared
in ``catalogue_known``; what each breach means stands in ``catalogue_rules``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

from algoreg import schemas
from algoreg.export import catalogue_known, estimators
from algoreg.export.catalogue import Catalogue
from algoreg.export.catalogue_rules import Breach, Breaches, Coded, coded, parameters, part
from algoreg.export.installation import Declared, Installation
from algoreg.export.known import Known
from algoreg.export.remarks import Remark
from algoreg.export.woken_scores import FIGURES, FOLDS, K_FOLD, figure_called
from algoreg.schemas import Path_, shown


def lint(catalogue: Catalogue, installation: Installation, known: Known | None = None) -> tuple[Remark, ...]:
    """Everything that is wrong with a catalogue beside an installation; ``known`` tells what the images are."""
    entries = coded(("algorithms",), part(catalogue.data, "algorithms"))
    found = chain(
        _form(catalogue),
        _duplicates(entries),
        _missing(entries, installation),
        chain.from_iterable(_beside(one, installation) for one in entries),
        _environments(entries),
        _validations(catalogue.data),
        _figures(catalogue.data),
        chain.from_iterable(_own_parameters(one) for one in entries),
        _unlooked(entries),
        catalogue_known.breaches(entries, known or Known()),
    )
    return tuple(breach.remark(catalogue.origin) for breach in found)


def _form(catalogue: Catalogue) -> Breaches:
    for violation in schemas.violations("catalogue", catalogue.data):
        if not _told_in_better_words(violation):
            yield Breach(
                rule="catalogue.schema",
                at=violation.at,
                message=f"expected {violation.expected}, got {violation.got}",
                fix=violation.fix,
            )


def _told_in_better_words(violation: schemas.Violation) -> bool:
    """Whether this is a code of a validation or a figure that Woken does not know: text, and another one."""
    unknown = violation.rule in ("schema.const", "schema.enum") and violation.at[-1] == "code"
    return unknown and violation.got.startswith('"')


def _duplicates(entries: tuple[Coded, ...]) -> Breaches:
    count = Counter(one.code for one in entries)
    seen = set()
    for one in entries:
        if count[one.code] > 1 and one.code in seen:
            yield Breach(
                rule="catalogue.duplicate",
                at=one.at,
                message=f"{shown(one.code)} stands here a second time",
                fix="remove one of them",
            )
        seen.add(one.code)


def _missing(entries: tuple[Coded, ...], installation: Installation) -> Breaches:
    told = {one.code for one in entries}
    for code, declared in installation.algorithms.items():
        if code not in told:
            yield Breach(
                rule="catalogue.absent",
                at=declared.where,
                message=f"{shown(code)} is configured and is not in the catalogue",
                fix=f"add {shown(code)} to the catalogue",
            )


def _beside(entry: Coded, installation: Installation) -> Breaches:
    """An entry and what the configuration says of the same code."""
    disabled = entry.data.get("disable") is True
    declared = installation.algorithms.get(entry.code)
    if declared is None:
        if not disabled:
            key = ".".join((*installation.dialect.path, entry.code))
            yield Breach(
                rule="catalogue.unrunnable",
                at=entry.at,
                message=f"{shown(entry.code)} is offered and not configured",
                fix=f"configure {shown(key)}, remove the entry, or disable it",
            )
        return
    if disabled:
        yield Breach(
            rule="catalogue.disabled",
            at=(*entry.at, "disable"),
            message=f"{shown(entry.code)} is disabled here and configured at {declared.where}",
            fix="write false, or remove it from the configuration",
        )
    yield from _image(entry, declared)
    yield from _maturity(entry, declared)


def _image(entry: Coded, declared: Declared) -> Breaches:
    told = entry.data.get("docker_image")
    if declared.image is not None and isinstance(told, str) and not _same_image(told, declared.image):
        yield Breach(
            rule="catalogue.image",
            at=(*entry.at, "docker_image"),
            message=f"{shown(told)} is advertised, {shown(declared.image)} runs ({declared.where})",
            fix=f"write {shown(declared.image)} where it is the right one",
        )


def _same_image(one: str, other: str) -> bool:
    """Equal; a digest that only one of them names does not count."""
    if "@" in one and "@" in other:
        return one == other
    return one.partition("@")[0] == other.partition("@")[0]


def _maturity(entry: Coded, declared: Declared) -> Breaches:
    marked, told = declared.values.get("maturity"), entry.data.get("maturity")
    if marked is not None and marked != told:
        yield Breach(
            rule="catalogue.maturity",
            at=(*entry.at, *(("maturity",) if told is not None else ())),
            message=f"the maturity is {shown(told)}, and {shown(marked)} in the configuration ({declared.where})",
            fix=f'write "maturity": {shown(marked)} where it is the right one',
        )


def _environments(entries: tuple[Coded, ...]) -> Breaches:
    """Spellings that differ in letter case alone; the one that most entries have is right."""
    names = [(one, one.data.get("environment")) for one in entries]
    count = Counter(name for _, name in names if isinstance(name, str))
    usual: dict[str, str] = {}
    for spelling, _ in count.most_common():
        usual.setdefault(spelling.casefold(), spelling)
    for one, name in names:
        if isinstance(name, str) and name != usual[name.casefold()]:
            yield Breach(
                rule="catalogue.environment",
                at=(*one.at, "environment"),
                message=f"{shown(name)} is {shown(usual[name.casefold()])} elsewhere",
                fix=f"write {shown(usual[name.casefold()])}",
            )


def _validations(data: Any) -> Breaches:
    for one in coded(("validations",), part(data, "validations")):
        if one.code != K_FOLD:
            yield Breach(
                rule="validation.code",
                at=(*one.at, "code"),
                message=f"{shown(one.code)} is no validation of Woken's",
                fix=f'write "{K_FOLD}"',
            )
        for parameter in parameters(one):
            if parameter.code != FOLDS:
                yield Breach(
                    rule="validation.parameter",
                    at=(*parameter.at, "code"),
                    message=f"{shown(parameter.code)} is not the parameter that Woken looks for",
                    fix=f'write "{FOLDS}"',
                )


def _figures(data: Any) -> Breaches:
    for kind, figures in FIGURES.items():
        at: Path_ = ("metrics", kind)
        told = coded(at, part(data, *map(str, at)))
        meant = {one.code: figure_called(one.code) for one in told}
        for one in told:
            yield from _figure(one, {figure.code for figure in figures})
        for figure in figures:
            if not any(figure in called for called in meant.values()):
                yield Breach(
                    rule="metric.absent",
                    at=at,
                    message=f"{shown(figure.code)} is not in the list",
                    fix=f"add {shown(figure.code)}",
                )


def _figure(told: Coded, codes: set[str]) -> Breaches:
    right = next((figure.code for figure in figure_called(told.code) if figure.code in codes), None)
    if told.code not in codes:
        yield Breach(
            rule="metric.code",
            at=(*told.at, "code"),
            message=f"{shown(told.code)} is no key of Woken's answer",
            fix=f"write {shown(right)}" if right else f"remove it; keys are {', '.join(sorted(codes))}",
        )
    label = told.data.get("label")
    others = [figure.code for figure in figure_called(label)] if isinstance(label, str) else []
    if others and right not in others:
        yield Breach(
            rule="metric.label",
            at=(*told.at, "label"),
            message=f"{shown(label)} is the name of {shown(others[0])}",
            fix=f"write {shown(right or told.code)}",
        )


def _own_parameters(entry: Coded) -> Breaches:
    """What can be told of parameters without their image: a code that is a number, numbers that are refused."""
    for one in parameters(entry):
        if _is_number(one.code):
            yield Breach(
                rule="parameter.code",
                at=(*one.at, "code"),
                message=f"{shown(one.code)} is a number, as a value would be",
                fix="write the name that the image reads",
            )
        if estimators.wraps(entry.code) and estimators.installed():
            yield from _refused(entry, one)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refused(entry: Coded, parameter: Coded) -> Breaches:
    """Ends of the range, and the default, that scikit-learn does not take."""
    bounds = part(parameter.data, "constraints") or {}
    offered: Mapping[Path_, Any] = {
        ("constraints", "min"): part(bounds, "min"),
        ("constraints", "max"): part(bounds, "max"),
        ("default_value",): parameter.data.get("default_value"),
    }
    real = parameter.data.get("type") == "number"
    for at, value in offered.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        said = estimators.refusal(entry.code, parameter.code, float(value) if real else value)
        if said is not None:
            yield Breach(
                rule="parameter.refused",
                at=(*parameter.at, *at),
                message=f"{shown(parameter.code)} can be {shown(value)}, but {said}",
                fix="write a value that is taken",
            )


def _unlooked(entries: tuple[Coded, ...]) -> Breaches:
    codes = [one.code for one in entries if estimators.wraps(one.code)]
    if codes and not estimators.installed():
        yield Breach(
            rule="parameter.not-looked-at",
            at=("algorithms",),
            message=f"scikit-learn is not installed: the ranges of {', '.join(codes)} were not looked at",
            fix="install it (pip install 'algoreg[knn]') and look again",
        )
