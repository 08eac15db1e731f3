"""What can be wrong with a catalogue: each rule once, with its severity and what Woken makes of a breach.

Finding the breaches is the business of ``catalogue_lint`` and ``catalogue_known``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from algoreg.export.remarks import Remark, Severity
from algoreg.schemas import Path_, json_path

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

RULES: Final[Mapping[str, tuple[Severity, str]]] = {
    "catalogue.schema": (
        _ERROR,
        "Woken hands the catalogue on without looking at it; what reads it meets a value that it does not expect.",
    ),
    "catalogue.duplicate": (_ERROR, "Woken hands both on; which of them people see is up to the reader."),
    "catalogue.absent": (_WARNING, "Woken runs it for whoever knows the code, and shows it to nobody."),
    "catalogue.unrunnable": (
        _ERROR,
        "Woken offers it, and answers that it cannot find the key when it is chosen.",
    ),
    "catalogue.disabled": (_WARNING, "Woken runs it, but people are told that it is only a placeholder."),
    "catalogue.image": (_ERROR, "Woken runs what its configuration says, and tells people of another image."),
    "catalogue.maturity": (
        _WARNING,
        "Woken reads neither; people trust the algorithm more, or less, than is meant.",
    ),
    "catalogue.environment": (
        _WARNING,
        "Woken hands both spellings on; a list grouped by them has two groups.",
    ),
    "catalogue.label": (_WARNING, "People choose the algorithm by a name that its image does not go by."),
    "constraints.wider": (_ERROR, "Woken sends such a query, and the image refuses it."),
    "image.unknown-tag": (_ERROR, "The scheduler cannot pull the image: every job of the algorithm fails."),
    "image.other": (_WARNING, "Woken runs an image of which the metadata at hand say nothing."),
    "parameter.code": (
        _WARNING,
        "Woken passes it on under this name, which looks like a value in the wrong place.",
    ),
    "parameter.unknown": (
        _ERROR,
        "Woken passes it on, the image never reads it: the choice changes nothing.",
    ),
    "parameter.undeclared": (_WARNING, "Nobody is offered it: the image always takes its default."),
    "parameter.default": (
        _WARNING,
        "Nothing is passed unless it is chosen: the image takes its own default.",
    ),
    "parameter.type": (
        _ERROR,
        "The image reads the text as another type, and refuses it or takes another value.",
    ),
    "parameter.range": (
        _ERROR,
        "Woken does not look at the value, and the image refuses what people were offered.",
    ),
    "parameter.values": (
        _ERROR,
        "Woken does not look at the value, and the image refuses what people were offered.",
    ),
    "parameter.refused": (
        _ERROR,
        "The image starts, and scikit-learn refuses the value that people were offered.",
    ),
    "parameter.not-looked-at": (_WARNING, "Values that scikit-learn refuses may be offered."),
    "plan.scatter-gather": (
        _WARNING,
        "Each node's result stands by itself; Woken never asks for their aggregate.",
    ),
    "plan.map-reduce": (
        _ERROR,
        "Woken starts it with --mode, which the image does not know, and every job fails.",
    ),
    "validation.code": (_ERROR, "Woken accepts kfold alone: a query with another validation is refused."),
    "validation.parameter": (_ERROR, "Woken looks for k alone: without it the query ends in an exception."),
    "metric.code": (_ERROR, "Woken's answer has no such key: the figure stays empty."),
    "metric.absent": (_WARNING, "Woken computes the figure, and nobody is shown it."),
    "metric.label": (_ERROR, "People read a figure under the name of another."),
}
"""Id -> severity, and the consequence of a breach."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A rule that is broken somewhere in a catalogue, or in the configuration beside it."""

    rule: str
    at: Path_ | str
    """Steps from the root of the catalogue; text where it is a place of the configuration."""
    message: str
    fix: str

    def remark(self, origin: str) -> Remark:
        """The breach as a remark about the catalogue ``origin``."""
        severity, consequence = RULES[self.rule]
        where = self.at if isinstance(self.at, str) else f"{origin}: {json_path(self.at)}"
        return Remark(
            id=self.rule,
            severity=severity,
            where=where,
            message=self.message,
            consequence=consequence,
            fix=f"{self.fix[:1].upper()}{self.fix[1:]}.",
        )


Breaches = Iterator[Breach]


@dataclass(frozen=True, kw_only=True)
class Coded:
    """An object with a code, and where it stands."""

    at: Path_
    code: str
    data: Mapping[str, Any]


def coded(at: Path_, value: Any) -> tuple[Coded, ...]:
    """The objects of a list that have a code; what else is in it breaks the schema, and is told so there."""
    found = enumerate(value) if isinstance(value, list) else ()
    return tuple(
        Coded(at=(*at, number), code=one["code"], data=one)
        for number, one in found
        if isinstance(one, dict) and isinstance(one.get("code"), str)
    )


def parameters(algorithm: Coded) -> tuple[Coded, ...]:
    """The parameters of an algorithm or of a validation."""
    return coded((*algorithm.at, "parameters"), algorithm.data.get("parameters"))


def part(data: Any, *keys: str) -> Any:
    """What stands below ``keys``; None where nothing does."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
