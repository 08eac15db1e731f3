"""``algoreg export-catalogue``: writes Woken's algorithms.json from the registry, or tells where one has drifted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from algoreg.cli import completion, output
from algoreg.cli.export import conclude, done
from algoreg.cli.output import Format
from algoreg.cli.registry import warn_of_broken
from algoreg.errors import UsageError

if TYPE_CHECKING:
    from algoreg.export.catalogue import Difference

EPILOG = """Examples:

algoreg export-catalogue --output algorithms.json

algoreg export-catalogue --check algorithms.json

Exit codes: 0 written, or nothing drifted; 1 the file is not what the registry would write; 2 wrong usage, or a
file that is no catalogue and must not be overwritten; 3 a plugin cannot be used, whose algorithms would be
taken for gone."""


def export_catalogue(
    codes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CODE", help="Algorithms, by code.", show_default="all", autocompletion=completion.codes
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write to a file, not to standard output.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Write nothing: compare this file.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a file that is no catalogue, too.")
    ] = False,
    format: Annotated[
        Format,
        typer.Option("--format", help="How --check and --output tell what came of it: for people, or JSON."),
    ] = Format.TERMINAL,
) -> None:
    """Write the catalogue of algorithms that Woken shows to people, from the same metadata as its configuration."""
    from algoreg import registry
    from algoreg.export import catalogue

    _refuse_both(file, check)
    known = registry.load()
    warn_of_broken(known)
    if not codes and (file or check):
        known.ensure_whole()
    algorithms = catalogue.chosen(known, codes or ())
    if check is not None:
        found = catalogue.differences(catalogue.read(check), algorithms)
        _report(check, found, catalogue.command(codes or (), check), format)
    elif file is not None:
        done(catalogue.write(file, algorithms, force=force), format)
    else:
        output.output_text(catalogue.render(algorithms))


def _refuse_both(file: Path | None, check: Path | None) -> None:
    if file is not None and check is not None:
        raise UsageError("--output writes a file, and --check only compares one", hint="Use one of them.")


def _report(file: Path, found: Sequence[Difference], command: str, format: Format) -> None:
    from algoreg.formats.escape import safe

    if format is Format.JSON:
        output.write_json(_document(file, found))
    elif found:
        output.write("\n".join(safe(difference.text()) for difference in found))
    conclude(bool(found), command)


def _document(file: Path, found: Sequence[Difference]) -> dict[str, Any]:
    return {
        "schema": "algoreg-catalogue-check/1",
        "file": str(file),
        "ok": not found,
        "differences": [difference.json() for difference in found],
    }
