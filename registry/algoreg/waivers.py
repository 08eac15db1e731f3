"""Failures that a person tolerates for a while: reads the file that says so, and marks what it covers in a report.

A waiver hides nothing: the failure stays in every format, with who answers for it and until when. What a waived
failure means for the verdict is ``report``'s business.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from algoreg import metadata
from algoreg.documents import Document, Problem, refusal
from algoreg.errors import MetadataError
from algoreg.model import ImageRef
from algoreg.report import Report, TargetReport, Waived, WaivedBy

SCHEMA = "waivers"
"""The schema of the file."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One entry of the file."""

    id: str
    case: str | None
    """None for every case of the check."""
    image: ImageRef | None
    """Without a tag, for every tag; None where a digest says which image."""
    digest: str | None
    reason: str
    owner: str
    expires: date
    """The last day."""
    where: str
    """``file:line``."""

    def names(self, target: TargetReport) -> bool:
        """Whether this is a waiver for the target."""
        if self.digest is not None:
            known = {target.image_id, (target.digest or "").rpartition("@")[2]}
            return self.digest in known
        named = ImageRef.parse(target.target)
        if self.image is None or named is None or named.repository != self.image.repository:
            return False
        return self.image.tag in (None, named.tag)


@dataclass(frozen=True, kw_only=True)
class Excused:
    """A report whose known failures are marked, and what a person should hear of it."""

    report: Report
    notes: tuple[str, ...] = ()


def today() -> date:
    """The day by which waivers expire, everywhere the same."""
    return datetime.now(UTC).date()


def read(path: Path, *, checks: Collection[str], day: date) -> tuple[Waiver, ...]:
    """The waivers of a file, YAML or JSON.

    Raises MetadataError with every problem and its line: ids that no check has, entries that expired before
    ``day``, and whatever the schema says.
    """
    document = _document(path)
    problems = metadata.form(document, SCHEMA) or tuple(_disagreements(document, checks, day))
    if problems:
        raise refusal(document.origin, problems)
    return tuple(_waiver(document, index) for index in range(len(document.data["waivers"])))


def _document(path: Path) -> Document:
    """JSON is read as YAML, which has lines; where this fails (tabs), as what it is."""
    try:
        return metadata.read_file(path, syntax="yaml")
    except MetadataError:
        if path.suffix == ".json":
            with suppress(MetadataError):
                return metadata.read_file(path, syntax="json")
        raise


def _disagreements(document: Document, checks: Collection[str], day: date) -> Iterator[Problem]:
    for index, entry in enumerate(document.data["waivers"]):
        for key, rule, message, fix in _faults(entry, checks, day):
            at = ("waivers", index, key) if key in entry else ("waivers", index)
            yield document.problem(at, rule=f"waivers.{rule}", message=message, fix=fix)


def _faults(entry: dict[str, Any], checks: Collection[str], day: date) -> Iterator[tuple[str, str, str, str]]:
    """Key, rule, message and fix of everything that the schema cannot say of an entry."""
    if entry["id"] not in checks:
        close = difflib.get_close_matches(entry["id"], checks, n=1)
        fix = f"write {close[0]}" if close else "`algoreg checks` lists them"
        yield "id", "unknown-check", f"there is no check {entry['id']!r}", fix
    if ("image" in entry) == ("digest" in entry):
        yield "digest", "scope", "a waiver is for an image or for a digest", "write one of image and digest"
    if "image" in entry and not _is_name(entry["image"]):
        fix = "write repository or repository:tag; for an id or a digest write digest: sha256:..."
        yield "image", "image", f"{entry['image']!r} is not the name of an image", fix
    expires = _date(entry["expires"])
    if expires is None:
        yield "expires", "date", f"there is no day {entry['expires']}", "write year-month-day"
    elif expires < day:
        fix = "mend the failure and remove the waiver, or decide anew until when it is tolerated"
        yield "expires", "expired", f"the waiver expired on {expires}", fix


def _is_name(text: str) -> bool:
    parsed = ImageRef.parse(text)
    return parsed is not None and parsed.repository is not None and parsed.digest is None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _waiver(document: Document, index: int) -> Waiver:
    entry = document.data["waivers"][index]
    node = document.locate(("waivers", index))
    return Waiver(
        id=entry["id"],
        case=entry.get("case"),
        image=ImageRef.parse(entry["image"]) if "image" in entry else None,
        digest=entry.get("digest"),
        reason=entry["reason"],
        owner=entry["owner"],
        expires=date.fromisoformat(entry["expires"]),
        where=f"{document.origin}:{node.line}" if node else f"{document.origin}: $.waivers[{index}]",
    )


def apply(report: Report, waivers: Iterable[Waiver]) -> Excused:
    """``report`` with its waived failures marked. Told besides: waivers that name no target, or cover nothing."""
    given = tuple(waivers)
    targets = tuple(replace(target, waived=tuple(_covered(target, given))) for target in report.targets)
    used = {one.source for target in targets for one in target.waived or ()}
    notes = (_unused(waiver, report) for waiver in given if waiver.where not in used)
    return Excused(report=replace(report, targets=targets), notes=tuple(notes))


def _covered(target: TargetReport, waivers: tuple[Waiver, ...]) -> Iterator[Waived]:
    """Each failed case once, under the waiver that covers it longest."""
    named = sorted((one for one in waivers if one.names(target)), key=lambda one: one.expires, reverse=True)
    for check, case in target.failed_cases():
        for waiver in named:
            if waiver.id == check and waiver.case in (None, case):
                yield _mark(waiver, case)
                break


def _mark(waiver: Waiver, case: str | None) -> Waived:
    return Waived(
        id=waiver.id,
        case=case,
        by=WaivedBy.WAIVER,
        source=waiver.where,
        reason=waiver.reason,
        owner=waiver.owner,
        expires=waiver.expires.isoformat(),
    )


def _unused(waiver: Waiver, report: Report) -> str:
    if not any(waiver.names(target) for target in report.targets):
        return f"{waiver.where}: the waiver of {waiver.id} names no image of this run"
    case = f" ({waiver.case})" if waiver.case else ""
    failed = {found for target in report.targets if waiver.names(target) for found in target.failed_cases()}
    if any(waiver.id == check and waiver.case in (None, one) for check, one in failed):
        return f"{waiver.where}: {waiver.id}{case} is covered by another entry, which expires later or stands before"
    return f"{waiver.where}: {waiver.id}{case} did not fail; remove the waiver if it is mended"
