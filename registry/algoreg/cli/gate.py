"""What ``export-conf --require-conformant`` asks before anything is written: images, certificates, signatures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from algoreg.cli import output
from algoreg.cli.output import Format
from algoreg.errors import EXIT_FAIL, UsageError

if TYPE_CHECKING:
    from algoreg.certificates import Certificate
    from algoreg.export.configuration import Configuration
    from algoreg.export.gate import Refused
    from algoreg.export.pinning import Known


def images(wanted: Configuration) -> Known:
    """The images that the local engine has of what is exported."""
    from algoreg.engines.docker import open_docker
    from algoreg.export import pinning

    with output.activity("asking the engine") as progress, open_docker(progress=progress) as engine:
        return pinning.known((one.algorithm for one in wanted.algorithms.values()), engine)


def require(
    wanted: Configuration,
    known: Known,
    folder: Path | None,
    allowed: Path | None,
    *,
    pinned: bool,
    format: Format,
) -> None:
    """End the command, with what to do, unless every algorithm has a certificate that counts."""
    if folder is None:
        return
    from algoreg import certificates, signatures
    from algoreg.export.gate import Gate

    def signer(certificate: Certificate) -> str | None:
        beside = Path(certificate.origin + signatures.SUFFIX)
        return signatures.signer(certificate.content, beside, allowed) if allowed is not None else None

    gate = Gate(
        folder=folder,
        certificates=certificates.read_folder(folder),
        now=certificates.now(),
        pinned=pinned,
        signer=None if allowed is None else signer,
    )
    refused = gate.refused((one.algorithm for one in wanted.algorithms.values()), known)
    if refused:
        _tell(refused, format)
        raise typer.Exit(EXIT_FAIL)


def ensure_usable(folder: Path | None, allowed: Path | None) -> None:
    """Raises UsageError for signers without anything that they could have signed."""
    if allowed is None:
        return
    if folder is None:
        raise UsageError(
            "--allowed-signers is for --require-conformant", hint="Name the folder of certificates, too."
        )
    from algoreg import files, signatures

    signatures.ensure_available()
    files.read(allowed, most=signatures.ALLOWED_MAX_BYTES)


def _tell(refused: tuple[Refused, ...], format: Format) -> None:
    """On standard error for people: standard output may be on its way into a configuration file."""
    from algoreg.export import gate
    from algoreg.formats.escape import safe

    if format is Format.JSON:
        output.write_json(gate.document(refused))
    for line in gate.lines(refused):
        output.note(safe(line))
