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
    from algoreg.export.gate import Gate, Refused, Signer
    from algoreg.export.pinning import Known


def images(wanted: Configuration) -> Known:
    """The images that the local engine has of what is exported."""
    from algoreg.engines.docker import open_docker
    from algoreg.export import pinning

    with output.activity("asking the engine") as progress, open_docker(progress=progress) as engine:
        return pinning.known((one.algorithm for one in wanted.algorithms.values()), engine)


def requirement(folder: Path | None, allowed: Path | None, *, pinned: bool) -> Gate | None:
    """What the options ask for, their files read. Raises UsageError, before the engine is asked."""
    if folder is None and allowed is not None:
        raise UsageError(
            "--allowed-signers is for --require-conformant", hint="Name the folder of certificates, too."
        )
    if folder is None:
        return None
    from algoreg import certificates
    from algoreg.export.gate import Gate

    return Gate(
        folder=folder,
        certificates=certificates.read_folder(folder),
        now=certificates.now(),
        pinned=pinned,
        signer=_signer(allowed) if allowed is not None else None,
    )


def _signer(allowed: Path) -> Signer:
    from algoreg import signatures

    signatures.ensure_checkable(allowed)

    def signer(certificate: Certificate) -> str | None:
        return signatures.signer(certificate.content, signatures.beside(certificate.origin), allowed)

    return signer


def require(required: Gate | None, wanted: Configuration, known: Known, format: Format) -> None:
    """End the command, with what to do, unless every algorithm has a certificate that counts."""
    if required is None:
        return
    refused = required.refused((one.algorithm for one in wanted.algorithms.values()), known)
    if refused:
        _tell(refused, format)
        raise typer.Exit(EXIT_FAIL)


def _tell(refused: tuple[Refused, ...], format: Format) -> None:
    """On standard error for people: standard output may be on its way into a configuration file."""
    from algoreg.export import gate
    from algoreg.formats.escape import safe

    if format is Format.JSON:
        output.write_json(gate.document(refused))
    for line in gate.lines(refused):
        output.note(safe(line))
