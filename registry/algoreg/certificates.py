"""Certificates that an image was seen to keep the contract: in-toto statements, made of a report and judged later.

A certificate is bound to one image by its id, and to one report by its digest; it says what was seen and until when
it counts. Who wrote it is told by a signature only (``signatures``); where files and images come from is the
caller's business.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import algoreg
from algoreg import contract, files, schemas, strictjson
from algoreg.errors import UsageError
from algoreg.formats import json as reports
from algoreg.report import SCHEMA, CheckResult, Outcome, Report, Severity, TargetReport, Verdict

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "io.algoreg:conformance/v1"
DAYS = 90
"""How long a certificate counts unless something else is asked for."""
MOST_DAYS = 3650
_SKEW = timedelta(minutes=5)
"""By so much clocks may differ."""
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_HINT = "Name a file that `algoreg validate --certify` has written."


class Standing(StrEnum):
    """What a certificate is worth at a moment."""

    VALID = "valid"
    EXPIRED = "expired"
    TO_COME = "of the future"
    OTHER_CONTRACT = "of another contract"
    FAILED = "no pass"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One certificate, as it was read."""

    origin: str
    """The file."""
    reference: str
    """The image as it was named; untrusted, like every other text of the file."""
    image_id: str
    """``sha256:...``: what the certificate is bound to."""
    digest: str | None
    """``repository@sha256:...`` of the image at that time."""
    code: str
    report_sha256: str
    finished: datetime
    expires: datetime
    predicate: Mapping[str, Any] = field(repr=False)
    content: bytes = field(repr=False)
    """The file as it was read: what a signature signs."""

    @property
    def verdict(self) -> str:
        """What it says of the image."""
        return str(self.predicate["verdict"])

    def standing(self, now: datetime) -> Standing:
        """Whether it says that the image passed, and counts."""
        outcomes = {one["outcome"] for one in self.predicate["checks"] if one["severity"] == Severity.ERROR}
        if self.predicate["contract"] != contract.CONTRACT_VERSION:
            return Standing.OTHER_CONTRACT
        if self.verdict != Verdict.PASS or not Outcome.PASS in outcomes <= {Outcome.PASS, Outcome.SKIP}:
            return Standing.FAILED
        if self.finished > now + _SKEW:
            return Standing.TO_COME
        return Standing.VALID if now < self.expires else Standing.EXPIRED

    def told(self, standing: Standing) -> str:
        """What a standing means of this one, in words that follow its name."""
        match standing:
            case Standing.FAILED:
                return f"says {self.verdict}, or lists a check that failed, or none that passed"
            case Standing.OTHER_CONTRACT:
                version = self.predicate["contract"]
                return f"is of version {version} of the contract, and this is version {contract.CONTRACT_VERSION}"
            case Standing.TO_COME:
                return f"was finished at {self.predicate['finished']}, which is yet to come"
            case Standing.EXPIRED:
                return f"expired at {self.predicate['expires']}"
            case Standing.VALID:
                return f"says {self.verdict}, until {self.predicate['expires']}"


def now() -> datetime:
    """The present moment, as certificates have it."""
    return datetime.now(UTC).replace(microsecond=0)


def refusal(report: Report) -> str | None:
    """Why a report certifies nothing; None where it does."""
    if len(report.targets) != 1:
        return f"a certificate is for one image, and the report has {len(report.targets)} targets"
    (target,) = report.targets
    if target.verdict is not Verdict.PASS:
        return f"the verdict is {target.verdict}"
    if target.unaided is not Verdict.PASS:
        count = len(target.waived or ())
        return f"it passed only because {count} failed case(s) are waived; mend them"
    if target.image_id is None or target.code is None:
        return f"the engine {report.engine.name} runs no image that could be certified"
    return None


def statement(report: Report, *, started: datetime, finished: datetime, days: int = DAYS) -> str:
    """The certificate of a report, as the text of its file. Raises UsageError where ``refusal`` has a reason."""
    if (reason := refusal(report)) is not None:
        raise UsageError(f"no certificate: {reason}")
    (target,) = report.targets
    document = {
        "_type": STATEMENT,
        "subject": _subjects(target),
        "predicateType": PREDICATE,
        "predicate": {
            **_found(report),
            "contract": contract.CONTRACT_VERSION,
            "algoreg": algoreg.__version__,
            "started": started.strftime(_STAMP),
            "finished": finished.strftime(_STAMP),
            "expires": (finished + timedelta(days=days)).strftime(_STAMP),
            "report": {"schema": SCHEMA, "digest": {"sha256": sha256(reports.render(report).encode())}},
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _subjects(target: TargetReport) -> list[dict[str, Any]]:
    """What identifies the image: its id, and where a registry has it, its digest there."""
    named = {target.target: target.image_id or ""} | ({target.digest: target.digest} if target.digest else {})
    return [
        {"name": name, "digest": {"sha256": digest.rpartition("sha256:")[2]}}
        for name, digest in named.items()
    ]


def _found(report: Report) -> dict[str, Any]:
    """What a certificate repeats of its report."""
    (target,) = report.targets
    return {
        "verdict": target.verdict.value,
        "image": {"reference": target.target, "id": target.image_id, "digest": target.digest},
        "algorithm": {"code": target.code},
        "engine": {"name": report.engine.name, "version": report.engine.version},
        "seed": report.seed,
        "checks": [_check(check) for check in target.checks],
    }


def _check(check: CheckResult) -> dict[str, Any]:
    judged = (Outcome.PASS, Outcome.FAIL)
    return {
        "id": check.id,
        "severity": check.severity.value,
        "outcome": check.outcome.value,
        "cases": sum(finding.outcome in judged for finding in check.findings),
    }


def sha256(data: bytes) -> str:
    """The digest of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes, *, origin: str) -> Certificate:
    """The certificate in a file. Raises UsageError, which names the place, for anything else."""
    try:
        document = strictjson.parse(data)
    except (strictjson.NotStrictJson, strictjson.TooLarge) as error:
        raise UsageError(f"{origin} is no certificate: {error}", hint=_HINT) from error
    if (broken := schemas.first_problem("certificate", document)) is not None:
        said = f"expected {broken.expected}, got {broken.got}"
        raise UsageError(f"{origin} is no certificate: {broken.path}: {said}", hint=_HINT)
    predicate = document["predicate"]
    identity = document["subject"][0]["digest"]["sha256"]
    if predicate["image"]["id"] != f"sha256:{identity}":
        raise UsageError(
            f"{origin} contradicts itself: its first subject is not the image of its predicate", hint=_HINT
        )
    finished, expires = (_moment(predicate[key], origin) for key in ("finished", "expires"))
    if _moment(predicate["started"], origin) > finished or expires > finished + timedelta(days=MOST_DAYS):
        raise UsageError(
            f"{origin} contradicts itself: it was finished before it was started, or counts for more than "
            f"{MOST_DAYS} days",
            hint=_HINT,
        )
    return Certificate(
        origin=origin,
        reference=predicate["image"]["reference"],
        image_id=predicate["image"]["id"],
        digest=predicate["image"]["digest"],
        code=predicate["algorithm"]["code"],
        report_sha256=predicate["report"]["digest"]["sha256"],
        finished=finished,
        expires=expires,
        predicate=predicate,
        content=data,
    )


def read(path: Path) -> Certificate:
    """The certificate in a file. Raises UsageError."""
    return parse(files.read(path, most=strictjson.MAX_BYTES), origin=str(path))


def read_folder(folder: Path) -> tuple[Certificate, ...]:
    """The certificates in the files ``*.json`` of a folder, by name. Raises UsageError for the first that is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="Name the folder of the certificates.")
    return tuple(read(path) for path in sorted(folder.glob("*.json")))


def _moment(text: str, origin: str) -> datetime:
    try:
        return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(f"{origin} is no certificate: there is no moment {text}", hint=_HINT) from error


def agrees(certificate: Certificate, report: Report) -> bool:
    """Whether a report says what the certificate repeats of it."""
    if len(report.targets) != 1:
        return False
    found = _found(report)
    return all(strictjson.equal(found[key], certificate.predicate[key]) for key in found)
