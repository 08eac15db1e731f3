"""``algoreg verify``: reads a certificate and what it is compared with, and tells what it is worth now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import output
from algoreg.cli.output import Format
from algoreg.errors import UsageError

if TYPE_CHECKING:
    from algoreg.certificates import Certificate
    from algoreg.verification import Present, SavedReport, Signature

EPILOG = """Examples:

algoreg verify certificates/knn.json

algoreg verify certificates/knn.json --report report.json --image algoreg/knn:0.1.0

algoreg verify certificates/knn.json --allowed-signers allowed_signers

What is not named is not looked at, and said so. Without a signature, a certificate is worth what the place is worth
from which it was taken.

Exit codes: 0 all that was asked is so; 1 something is not; 2 the file is no certificate, or wrong usage; 3 no engine
or image to compare it with."""


def verify(
    certificate: Annotated[Path, typer.Argument(metavar="CERTIFICATE", help="A file that --certify wrote.")],
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The JSON report of the same run.")
    ] = None,
    image: Annotated[
        str | None, typer.Option(metavar="REF", help="Is what the engine has under this name the image?")
    ] = None,
    allowed_signers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Did one of these sign it (ssh-keygen's format)?")
    ] = None,
    signature: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The signature.", show_default="CERTIFICATE.sig"),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="For people, or JSON.")] = Format.TERMINAL,
) -> None:
    """Tell whether a certificate still counts, and whether it is of this report, this image and this signer."""
    from algoreg import certificates, verification
    from algoreg.formats.escape import safe

    if signature is not None and allowed_signers is None:
        raise UsageError("--signature needs to know who may sign", hint="Name --allowed-signers FILE, too.")
    read = certificates.read(certificate)
    found = verification.verify(
        read,
        now=certificates.now(),
        report=_saved(report),
        present=_present(image),
        signature=_signature(read, signature, allowed_signers),
    )
    if format is Format.JSON:
        output.write_json(found.json())
    else:
        output.output_text("".join(f"{safe(line)}\n" for line in found.lines()))
    raise typer.Exit(found.exit_code)


def _saved(report: Path | None) -> SavedReport | None:
    from algoreg import files, strictjson
    from algoreg.verification import SavedReport

    if report is None:
        return None
    return SavedReport(origin=str(report), content=files.read(report, most=strictjson.MAX_BYTES))


def _present(reference: str | None) -> Present | None:
    if reference is None:
        return None
    from algoreg.engines.docker import open_docker
    from algoreg.verification import Present

    with output.activity("asking the engine") as progress, open_docker(progress=progress) as engine:
        known = engine.has_image(reference)
        return Present(reference=reference, image=engine.subject(reference).image if known else None)


def _signature(certificate: Certificate, file: Path | None, allowed: Path | None) -> Signature | None:
    from algoreg import signatures
    from algoreg.verification import Signature

    if allowed is None:
        return None
    signatures.ensure_checkable(allowed)
    beside = file or signatures.beside(certificate.origin)
    signer = signatures.signer(certificate.content, beside, allowed)
    return Signature(origin=str(beside), allowed=str(allowed), signer=signer)
