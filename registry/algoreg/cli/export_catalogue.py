"""``algoreg export-catalogue``: writes Woken's algorithms.json from the registry, or tells where one has drifted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from algoreg.cli import output
from algoreg.cli.output import Format
from algoreg.cli.registry import warn_of_broken
from algoreg.errors import EXIT_FAIL, UsageError

if TYPE_CHECKING:
    from algoreg.export.catalogue import Difference

EPILOG = """Examples:

algoreg export-catalogue --output algorithms.json

algoreg export-catalogue --check algorithms.json

Exit codes: 0 written, or nothing drifted; 1 the file is not what the registry would write; 2 wrong usage."""


def export_catalogue(
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="CODE", help="Algorithms, by code.", show_default="all")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write to a file, not to standard output.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Write nothing: compare this file.")
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="How --check tells differences: for people, or JSON.")
    ] = Format.TERMINAL,
) -> None:
    """Write the catalogue of algorithms that Woken shows to people, from the same metadata as its configuration."""
    from algoreg import files, registry
    from algoreg.export import catalogue

    _refuse_both(file, check)
    known = registry.load()
    warn_of_broken(known)
    algorithms = catalogue.chosen(known, codes or ())
    if check is not None:
        _report(check, catalogue.differences(catalogue.read(check), algorithms), format)
    elif file is not None:
        files.write(file, catalogue.render(algorithms))
    else:
        output.output_text(catalogue.render(algorithms))


def _refuse_both(file: Path | None, check: Path | None) -> None:
    if file is not None and check is not None:
        raise UsageError("--output writes a file, and --check only compares one", hint="Use one of them.")


def _report(file: Path, found: Sequence[Difference], format: Format) -> None:
    from algoreg.formats.escape import safe

    if format is Format.JSON:
        output.write_json(_document(file, found))
    elif found:
        output.write("\n".join(safe(difference.text()) for difference in found))
    if found:
        raise typer.Exit(EXIT_FAIL)


def _document(file: Path, found: Sequence[Difference]) -> dict[str, Any]:
    return {
        "schema": "algoreg-catalogue-check/1",
        "file": str(file),
        "ok": not found,
        "differences": [difference.json() for difference in found],
    }
