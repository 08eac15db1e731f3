"""The options of validate that write a certificate, checked before the work and done after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import output
from algoreg.cli.engines import EngineName
from algoreg.errors import EXIT_FAIL, UsageError

if TYPE_CHECKING:
    from algoreg.report import Report

CertifyOption = Annotated[
    Path | None,
    typer.Option("--certify", metavar="FILE", help="Where the image passes, certify so in this file."),
]
DaysOption = Annotated[
    int,
    typer.Option("--certificate-days", min=1, max=3650, metavar="N", help="How long the certificate counts."),
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--sign-key", metavar="KEY", help="Sign the certificate with this SSH key, beside it in FILE.sig."
    ),
]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The certificate that a person asked for."""

    file: Path
    days: int
    key: Path | None
    started: datetime


def wish(
    file: Path | None,
    *,
    days: int,
    key: Path | None,
    targets: int,
    engine: EngineName,
    options: Mapping[str, object],
    taken: Iterable[Path | None] = (),
) -> Wish | None:
    """What was asked for; UsageError where nothing could be certified however the validation ends.

    ``options`` change what is judged, by their names; an image is certified as it is judged without them.
    ``taken`` are files that are written anyhow.
    """
    if file is None:
        if key is not None:
            raise UsageError("--sign-key signs a certificate", hint="Name its file with --certify.")
        return None
    given = [name for name, value in options.items() if value]
    if given:
        raise UsageError(
            f"--certify certifies the whole contract, and {' and '.join(given)} changes what is judged",
            hint="Leave out one of them.",
        )
    if targets != 1:
        raise UsageError(f"--certify is for one target, and there are {targets}", hint="Validate one by one.")
    if engine is EngineName.PROCESS:
        raise UsageError(
            "--certify certifies an image, and --engine process runs none", hint="Leave out one of them."
        )
    if file.resolve() in {path.resolve() for path in taken if path is not None}:
        raise UsageError(f"{file} is named twice", hint="Name a file of its own for the certificate.")
    return _possible(file, days, key)


def _possible(file: Path, days: int, key: Path | None) -> Wish:
    from algoreg import certificates, files, signatures

    files.ensure_writable(file)
    if key is not None:
        signatures.ensure_available()
        files.read(key, most=signatures.KEY_MAX_BYTES)
        files.ensure_writable(signatures.beside(file))
    return Wish(file=file, days=days, key=key, started=certificates.now())


def concluded(wish: Wish | None, report: Report) -> int:
    """Certify what passed; the exit code, which is never 0 where a certificate was asked for and not written."""
    if wish is None:
        return report.exit_code
    from algoreg import certificates, files, signatures

    if (reason := certificates.refusal(report)) is not None:
        output.note(f"algoreg: no certificate is written: {reason}")
        return report.exit_code or EXIT_FAIL
    text = certificates.statement(report, started=wish.started, finished=certificates.now(), days=wish.days)
    signature = signatures.sign(text.encode(), wish.key) if wish.key is not None else None
    files.write(wish.file, text)
    if signature is not None:
        files.write(signatures.beside(wish.file), signature)
    return report.exit_code
