"""``algoreg site``: writes the registry as static pages, or tells how a folder of them differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import output
from algoreg.cli.output import Format
from algoreg.cli.registry import warn_of_broken
from algoreg.errors import EXIT_FAIL

if TYPE_CHECKING:
    from algoreg.registry import Registry
    from algoreg.site.judgements import Judged
    from algoreg.site.store import Difference

EPILOG = """Examples:

algoreg site public

algoreg validate algoreg/knn:0.1.0 --report json=reports/knn.json --certify certificates/knn.json

algoreg site public --reports reports --reports certificates --title 'Algorithms of our hospital'

algoreg site public --reports reports --title 'Algorithms of our hospital' --check

The pages need no server and fetch nothing: open public/index.html. Reports are shown as they were saved; of several
about the same image the last one is, files of a folder by name.

Exit codes: 0 written, or nothing differs; 1 something differs (--check); 2 wrong usage, a file that is no report, or a
folder that holds files which site did not write: nothing was written."""


def site(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="The folder of the pages; what an earlier run wrote there is replaced."
        ),
    ],
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            "--reports",
            metavar="PATH",
            help="A report that validate saved as JSON, or a folder of such files, with or without the certificates "
            "of the same runs (repeatable).",
        ),
    ] = None,
    title: Annotated[str, typer.Option(metavar="TEXT", help="What the site is called.")] = "Algorithms",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; tell how what is there differs.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How the outcome is told.")] = Format.TERMINAL,
) -> None:
    """Write the registry as static pages: search, filters, and for each algorithm how it is run and was judged."""
    from algoreg import registry
    from algoreg.site import store
    from algoreg.site.pages import pages

    known = registry.load()
    warn_of_broken(known)
    judged = _judged(reports or [], known)
    wanted = pages(known, judged.judgements, title=title)
    if check:
        _tell(store.compare(folder, wanted), format)
    else:
        _done(store.write(folder, wanted), format)


def _judged(paths: list[Path], known: Registry) -> Judged:
    from algoreg import conformance
    from algoreg.formats.escape import safe
    from algoreg.site import judgements

    algorithms = [entry.algorithm for entry in known.entries.values()]
    judged = judgements.read(paths, conformance.catalogue(known.plugins).checks, algorithms)
    for note in judged.notes:
        output.note(safe(f"algoreg: note: {note}"))
    return judged


def _tell(found: Difference, format: Format) -> None:
    from algoreg.formats.escape import safe

    if format is Format.JSON:
        output.write_json(found.json())
    else:
        output.output_text("".join(f"{safe(line)}\n" for line in found.lines()))
    output.note("To write it again, leave --check out" if found.any else "nothing differs")
    if found.any:
        raise typer.Exit(EXIT_FAIL)


def _done(found: Difference, format: Format) -> None:
    from algoreg.formats.escape import safe

    if format is Format.JSON:
        output.write_json(found.json())
    else:
        output.write(safe(found.summary()))
