"""Which saved report speaks of which algorithm, and of which image of it: nothing is judged here.

Reports know no date. A certificate of the same run, lying beside them, brings the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from algoreg import certificates, files, strictjson
from algoreg.certificates import Certificate
from algoreg.errors import UsageError
from algoreg.formats import json
from algoreg.formats.json import Rule
from algoreg.model import Algorithm, ImageRef
from algoreg.report import Report, TargetReport

_HINT = "Write one with `algoreg validate IMAGE --report json=FILE`."
_SHOWN = 200
"""Characters of a target's name that a note repeats."""
_PROCESS = "process"
"""The engine that runs a plugin's program and no image."""


class Standing(IntEnum):
    """Of what a report speaks, seen from an algorithm; a higher one is worth more."""

    OTHER_IMAGE = 0
    OTHER_VERSION = 1
    PROGRAM = 2
    """Of the plugin's program, run without an image."""
    UNTOLD = 3
    """Of an image that was named without its version."""
    CURRENT = 4
    """Of the image that the registry names."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a saved report says of an algorithm."""

    code: str
    report: Report
    """Of this one target."""
    origin: str
    """The file."""
    standing: Standing
    certificate: Certificate | None = None
    """Of the same run."""

    @property
    def target(self) -> TargetReport:
        """What was judged."""
        return self.report.targets[0]

    @property
    def current(self) -> bool:
        """Whether it speaks of what the registry declares now."""
        return self.standing is Standing.CURRENT

    @property
    def day(self) -> str | None:
        """When it was judged, where that is known."""
        return None if self.certificate is None else self.certificate.finished.date().isoformat()


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A report as it was read, and its certificate."""

    origin: str
    report: Report
    sha256: str
    certificate: Certificate | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The report that is shown of each algorithm, by code, and what is not shown."""

    judgements: Mapping[str, Judgement]
    notes: tuple[str, ...]
    """What was read and left out, one line each."""


def read(paths: Iterable[Path], rules: Iterable[Rule], algorithms: Iterable[Algorithm]) -> Judged:
    """What the reports in these files, and in the files ``*.json`` of these folders, say of the algorithms.

    Raises UsageError for the first file that is neither a report nor a certificate.
    """
    contents = {
        file: files.read_regular(file, most=strictjson.MAX_BYTES) for path in paths for file in _files(path)
    }
    found = tuple(rules)
    certified, reports = [], []
    for file, data in contents.items():
        if _is_statement(data):
            certified.append(certificates.parse(data, origin=str(file)))
        else:
            reports.append(_saved(data, str(file), found))
    saved, loose = _attached(reports, certified)
    judged = choose(saved, algorithms)
    return replace(judged, notes=(*loose, *judged.notes))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.json"))
    if not found:
        raise UsageError(f"{path} holds no file *.json", hint=_HINT)
    return found


def _is_statement(data: bytes) -> bool:
    """Whether this is meant to be a certificate; what cannot be read is told by the reader of reports."""
    try:
        document = strictjson.parse(data)
    except (strictjson.NotStrictJson, strictjson.TooLarge):
        return False
    return isinstance(document, dict) and document.get("_type") == certificates.STATEMENT


def _saved(data: bytes, origin: str, rules: Iterable[Rule]) -> Saved:
    report = json.parse(data, origin=origin, rules=rules)
    return Saved(origin=origin, report=report, sha256=certificates.sha256(data))


def _attached(
    reports: Sequence[Saved], certified: Iterable[Certificate]
) -> tuple[tuple[Saved, ...], tuple[str, ...]]:
    """Each report with the certificate that was made of it, and what to say of the other certificates."""
    of_report, loose = {}, []
    for one in certified:
        known = (saved for saved in reports if saved.sha256 == one.report_sha256)
        if any(certificates.agrees(one, saved.report) for saved in known):
            of_report[one.report_sha256] = one
        else:
            loose.append(f"{one.origin}: a certificate of none of the reports that were given; left out")
    return tuple(replace(one, certificate=of_report.get(one.sha256)) for one in reports), tuple(loose)


def choose(saved: Sequence[Saved], algorithms: Iterable[Algorithm]) -> Judged:
    """Of each algorithm the report that speaks best of its present image, and of these the last that was given."""
    known = tuple(algorithms)
    chosen: dict[str, Judgement] = {}
    notes = []
    for one in saved:
        for target in one.report.targets:
            algorithm = _algorithm(target, known)
            if algorithm is None:
                notes.append(
                    f"{one.origin}: {target.target[:_SHOWN]} is of no algorithm of the registry, "
                    "whose plugin may have to be installed; left out"
                )
                continue
            found = _judgement(algorithm, one, target)
            before = chosen.get(found.code)
            kept, left = (
                (found, before) if before is None or found.standing >= before.standing else (before, found)
            )
            chosen[found.code] = kept
            if left is not None:
                notes.append(f"{left.origin}: of {left.code}, {kept.origin} is shown instead")
    return Judged(judgements=chosen, notes=tuple(notes))


def _algorithm(target: TargetReport, known: Iterable[Algorithm]) -> Algorithm | None:
    """By the code; what could not even be opened has none, and is known by its image."""
    image = ImageRef.parse(target.target)
    named = image and image.repository
    return next(
        (one for one in known if target.code == one.code or (target.code is None and named == one.image)),
        None,
    )


def _judgement(algorithm: Algorithm, saved: Saved, target: TargetReport) -> Judgement:
    return Judgement(
        code=algorithm.code,
        report=replace(saved.report, targets=(target,)),
        origin=saved.origin,
        standing=_standing(algorithm, saved.report, target),
        certificate=saved.certificate,
    )


def _standing(algorithm: Algorithm, report: Report, target: TargetReport) -> Standing:
    if report.engine.name == _PROCESS:
        return Standing.PROGRAM
    image = ImageRef.parse(target.target)
    if image is None or image.repository not in (None, algorithm.image):
        return Standing.OTHER_IMAGE
    if image.tag is None:
        return Standing.UNTOLD
    return Standing.CURRENT if image.tag == algorithm.version else Standing.OTHER_VERSION
