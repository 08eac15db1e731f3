"""``algoreg lint``: judges images, archives, Dockerfiles and plugins' folders without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli.output import Format, color_wanted, note, output_text
from algoreg.report import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from algoreg.linting.images import Known
    from algoreg.linting.report import Linted
    from algoreg.registry import Registry

EPILOG = """Examples:

algoreg lint plugins/knn

algoreg lint Dockerfile --fail-on warning

docker save mine:1.2 --output mine.tar && algoreg lint mine.tar

algoreg lint registry.example:5000/mine:1.2 --format json --output lint.json

A lint proves nothing about what an image does: `algoreg validate` does.

Exit codes: 0 nothing to object to, 1 something is wrong, 2 wrong usage, or a file that cannot be trusted, 3 an image
cannot be had."""


def lint(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET...",
            help="A plugin's folder or code, a Dockerfile, an archive of docker save, an OCI layout (tar or "
            "folder), or image:tag.",
        ),
    ],
    metadata: Annotated[
        Path | None, typer.Option(help="Judge images with this algorithm.yaml: for one without our label.")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to tell what was found.")] = Format.TERMINAL,
    output: Annotated[
        Path | None, typer.Option(help="Write it to this file instead of standard output.")
    ] = None,
    fail_on: Annotated[
        Severity, typer.Option(help="The least severity that makes a target fail.")
    ] = Severity.ERROR,
) -> None:
    """Judge what can be judged in seconds and without an engine: metadata, labels, recipe, entrypoint, pins.

    An image is looked at by its configuration: from an archive, from the engine that answers, else from its registry.
    Its checks are those that validate judges first; the rules on Dockerfiles are a lint's own.
    """
    from algoreg import files, registry
    from algoreg.linting import targets as linting
    from algoreg.linting.report import report

    if output is not None:
        files.ensure_writable(output)
    known = registry.load()
    found = linting.lint(targets, registry=known, known=_known(metadata, known), look_up=_look_up)
    whole = report(found, fail_on)
    if output is not None:
        files.write(output, _rendered(found, fail_on, format, color=False))
        note(f"{whole.verdict}: the lint is in {output}")
    else:
        output_text(_rendered(found, fail_on, format, color=color_wanted()))
    raise typer.Exit(whole.exit_code)


def _known(metadata_file: Path | None, registry: Registry) -> Known:
    from algoreg import metadata
    from algoreg.linting.images import Known

    given = metadata.read_file(metadata_file) if metadata_file is not None else None
    if given is not None:
        metadata.parse(given)  # a file that the person names is input of theirs: wrong is a usage error
    return Known(given=given, installed=tuple(registry.entries.values()))


def _look_up(text: str, known: Known) -> Linted:
    """Late: whoever lints a file needs neither an engine's client nor a registry's."""
    from algoreg.linting.lookup import look_up

    return look_up(text, known)


def _rendered(found: Sequence[Linted], fail_on: Severity, format: Format, *, color: bool) -> str:
    from algoreg.formats import terminal
    from algoreg.linting.report import render_json, report

    if format is Format.JSON:
        return render_json(found, fail_on)
    return terminal.targets(report(found, fail_on).targets, color=color)
