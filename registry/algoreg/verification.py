"""Judges one certificate: does it say PASS, does it still count, and is it of this report, this image, this signer?

Pure: files, images and signatures are brought by the caller. What was not brought is told as not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from algoreg import certificates, errors
from algoreg.certificates import Certificate, Standing
from algoreg.engines.protocol import ImageInfo
from algoreg.errors import UsageError
from algoreg.formats import json as reports
from algoreg.report import Outcome

SCHEMA = "algoreg-verification/1"
_AGAIN = "Validate the image again with --certify."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one question."""

    id: str
    outcome: Outcome
    """SKIP where it was not asked, ERROR where it cannot be answered."""
    message: str
    fix: str | None = None


@dataclass(frozen=True, kw_only=True)
class SavedReport:
    """A report's file."""

    origin: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Present:
    """The image that an engine has under a name."""

    reference: str
    image: ImageInfo | None
    """None where it has none."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signed the certificate."""

    origin: str
    """The file of the signature."""
    allowed: str
    """The file of those who may sign."""
    signer: str | None
    """None where nobody of them did."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Everything that was asked of a certificate."""

    certificate: Certificate
    answers: tuple[Answer, ...]

    @property
    def exit_code(self) -> int:
        """0 everything that was asked is so, 1 something is not, 3 something cannot be told."""
        outcomes = {answer.outcome for answer in self.answers}
        if Outcome.FAIL in outcomes:
            return errors.EXIT_FAIL
        return errors.EXIT_ERROR if Outcome.ERROR in outcomes else errors.EXIT_PASS

    @property
    def verdict(self) -> Outcome:
        """The exit code in a word."""
        words = {errors.EXIT_PASS: Outcome.PASS, errors.EXIT_FAIL: Outcome.FAIL}
        return words.get(self.exit_code, Outcome.ERROR)

    def json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "certificate": self.certificate.origin,
            "algorithm": {"code": self.certificate.code},
            "image": dict(self.certificate.predicate["image"]),
            "expires": self.certificate.predicate["expires"],
            "checks": [asdict(answer) for answer in self.answers],
        }

    def lines(self) -> tuple[str, ...]:
        """All of it for people."""
        image = self.certificate.image_id
        head = f"{self.certificate.origin} {self.verdict}: {self.certificate.reference} ({image})"
        return (head, *(line for answer in self.answers for line in _lines(answer)))


def _lines(answer: Answer) -> Iterator[str]:
    word = "not looked at" if answer.outcome is Outcome.SKIP else answer.outcome.value
    yield f"  {word} {answer.id}: {answer.message}"
    if answer.fix:
        yield f"      fix: {answer.fix}"


def verify(
    certificate: Certificate,
    *,
    now: datetime,
    report: SavedReport | None = None,
    present: Present | None = None,
    signature: Signature | None = None,
) -> Verification:
    """Ask everything that can be asked with what was brought."""
    answers = (
        _standing(certificate, now),
        _report(certificate, report),
        _image(certificate, present),
        _signature(signature),
    )
    return Verification(certificate=certificate, answers=answers)


def _standing(certificate: Certificate, now: datetime) -> Answer:
    standing = certificate.standing(now)
    said = f"it {certificate.told(standing)}"
    if standing is Standing.VALID:
        return Answer(id="standing", outcome=Outcome.PASS, message=said)
    return Answer(id="standing", outcome=Outcome.FAIL, message=said, fix=_AGAIN)


def _report(certificate: Certificate, report: SavedReport | None) -> Answer:
    if report is None:
        return Answer(id="report", outcome=Outcome.SKIP, message="name the saved report with --report")
    found = certificates.sha256(report.content)
    if found != certificate.report_sha256:
        return Answer(
            id="report",
            outcome=Outcome.FAIL,
            message=f"{report.origin} has the SHA-256 {found}, and the certificate is of {certificate.report_sha256}",
            fix="Name the JSON report of the same run, byte for byte.",
        )
    if not _says_the_same(certificate, report):
        return Answer(
            id="report",
            outcome=Outcome.FAIL,
            message=f"{report.origin} does not say what the certificate repeats of it",
            fix=_AGAIN,
        )
    return Answer(id="report", outcome=Outcome.PASS, message=f"it is of {report.origin}")


def _says_the_same(certificate: Certificate, report: SavedReport) -> bool:
    try:
        return certificates.agrees(certificate, reports.parse(report.content, origin=report.origin))
    except UsageError:
        return False


def _image(certificate: Certificate, present: Present | None) -> Answer:
    if present is None:
        return Answer(id="image", outcome=Outcome.SKIP, message="name the image with --image")
    if present.image is None:
        return Answer(
            id="image",
            outcome=Outcome.ERROR,
            message=f"the engine has no image {present.reference}",
            fix=f"docker pull {present.reference}, or name the one that it has.",
        )
    if present.image.id != certificate.image_id:
        return Answer(
            id="image",
            outcome=Outcome.FAIL,
            message=f"{present.reference} is {present.image.id} now, another image than the certified one",
            fix=f"{_AGAIN} Or tag the certified image so again.",
        )
    return Answer(id="image", outcome=Outcome.PASS, message=f"{present.reference} is the certified image")


def _signature(signature: Signature | None) -> Answer:
    if signature is None:
        return Answer(
            id="signature", outcome=Outcome.SKIP, message="name who may sign with --allowed-signers"
        )
    if signature.signer is None:
        return Answer(
            id="signature",
            outcome=Outcome.FAIL,
            message=f"{signature.origin} is no signature of it by anybody in {signature.allowed}",
            fix="Sign it with a key of that file (--sign-key), or add the signer to the file.",
        )
    return Answer(id="signature", outcome=Outcome.PASS, message=f"signed by {signature.signer}")
