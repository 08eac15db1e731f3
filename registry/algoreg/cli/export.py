"""``algoreg export-conf`` and ``algoreg import-conf``: Woken's application.conf, written and read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import completion, gate, output
from algoreg.cli.output import Format
from algoreg.cli.registry import warn_of_broken
from algoreg.errors import EXIT_FAIL, UsageError

if TYPE_CHECKING:
    from algoreg.export.configuration import Configuration
    from algoreg.export.drift import Difference
    from algoreg.export.pinning import Known
    from algoreg.export.store import Stored

EXPORT_EPILOG = """Examples:

algoreg export-conf

algoreg export-conf --check

algoreg export-conf knn linreg --dialect woken-2018-01 --stdout

algoreg export-conf --merge /opt/woken/config/application.conf

algoreg export-conf --pin --require-conformant certificates

With CODEs, the files of other algorithms in the folder stay, and stay included. A file that export-conf did not
write is not overwritten.

Exit codes: 0 written, or nothing differs; 1 something differs, or is not shown to conform; 2 wrong usage, or a
file that cannot be merged, must not be overwritten, or is no certificate; 3 no engine, the engine has no digest, or
a plugin cannot be used and its algorithms would be taken for gone."""

IMPORT_EPILOG = """Examples:

algoreg import-conf /opt/woken/config/application.conf

algoreg import-conf application.conf.d

algoreg import-conf application.conf --catalogue algorithms.json --metadata metadata/ --format json

Exit codes: 0 nothing worse than warnings, 1 an error was found, 2 wrong usage, or a file that cannot be read."""


DIALECTS = "woken-2019, woken-2018-03, woken-2018-01, woken-2017-12 or woken-2017"
FOLDER = Path("application.conf.d")
PIN = "--pin"


def export_conf(
    codes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CODE", help="Algorithms, by code.", show_default="all", autocompletion=completion.codes
        ),
    ] = None,
    dialect: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"The generation of Woken that reads it: {DIALECTS}.",
            autocompletion=completion.dialects,
        ),
    ] = "woken-2019",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="DIR", help="The folder for one file per algorithm.", show_default=str(FOLDER)
        ),
    ] = None,
    single: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one file instead of a folder.")
    ] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print one file instead of writing.")] = False,
    merge: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Update the algorithms of this file, and not a byte besides."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; tell how what is there differs.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that export-conf did not write, too.")
    ] = False,
    pin: Annotated[
        bool, typer.Option(PIN, help="Name images by the digest that the local engine knows, too.")
    ] = False,
    require_conformant: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Only algorithms whose present image has a certificate in this folder that counts; else nothing.",
        ),
    ] = None,
    allowed_signers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only certificates that one of these signed (SSH).")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How the outcome is told.")] = Format.TERMINAL,
) -> None:
    """Write Woken's application.conf from the registry, check that it is what the registry says, or merge into one."""
    _refuse_two({"--output": folder, "--single": single, "--stdout": stdout or None, "--merge": merge})
    _refuse_two({"--stdout": stdout or None, "--check": check or None, "--force": force or None})
    _refuse_two({"--merge": merge, "--force": force or None})
    required = gate.requirement(require_conformant, allowed_signers, pinned=pin)
    options = _options({"--output": folder, "--single": single, "--merge": merge}, stdout=stdout, pin=pin)
    wanted = _wanted(codes or [], dialect, options)
    if pin or required is not None:
        images = gate.images(wanted)
        gate.require(required, wanted, images, format)
        wanted = _pinned(wanted, images) if pin else wanted
    if stdout:
        _print(wanted)
    elif merge is not None:
        _merge(merge, wanted, check, format)
    elif check:
        found = _differences(single, folder or FOLDER, wanted)
        _tell(found, (difference.text() for difference in found), wanted.command, format)
    else:
        done(_stored(single, folder or FOLDER, wanted, force), format)


def import_conf(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="An application.conf, or the folder of one; its includes are read, too."
        ),
    ],
    dialect: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="As of export-conf; auto tells it from the keys.",
            autocompletion=completion.dialects,
        ),
    ] = "auto",
    catalogue: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The algorithms.json that is shown to people, compared with it."),
    ] = None,
    metadata: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Metadata of images, beside those of the installed plugins: an algorithm.yaml of each version that "
            "exists, or a folder of such files (repeatable).",
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="For people, or JSON.")] = Format.TERMINAL,
) -> None:
    """List the algorithms that a Woken installation declares, and what is wrong with their declaration."""
    from algoreg import registry
    from algoreg.export import declarations
    from algoreg.export.known import known

    declared = declarations.read(
        file,
        dialect=None if dialect == "auto" else dialect,
        catalogue=catalogue,
        known=known(registry.load(), metadata or ()),
    )
    if format is Format.JSON:
        output.write_json(declared.json())
    else:
        output.table(declarations.HEADERS, declared.rows())
        _lines(declared.lines())
    for text in declared.notes:
        _note(text)
    if declared.wrong:
        raise typer.Exit(EXIT_FAIL)


def _refuse_two(given: dict[str, object]) -> None:
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise UsageError(f"{' and '.join(names)} exclude each other", hint="Use one of them.")


def _options(places: dict[str, Path | None], *, stdout: bool, pin: bool) -> tuple[str, ...]:
    """What a command that writes the same must be given, too; the usual folder needs no word."""
    given = {name: path for name, path in places.items() if path is not None}
    if given.get("--output") == FOLDER:
        del given["--output"]
    named = tuple(word for name, path in given.items() for word in (name, str(path)))
    return (*named, *(("--stdout",) if stdout else ()), *((PIN,) if pin else ()))


def _wanted(codes: list[str], dialect: str, options: tuple[str, ...]) -> Configuration:
    from algoreg import registry
    from algoreg.export import dialects
    from algoreg.export.configuration import configuration

    known = registry.load()
    warn_of_broken(known)
    if not codes:
        known.ensure_whole()
    return configuration(known, dialect=dialects.named(dialect), codes=codes, options=options)


def _pinned(wanted: Configuration, images: Known) -> Configuration:
    from algoreg.export import pinning

    return wanted.with_images(pinning.pinned((one.algorithm for one in wanted.algorithms.values()), images))


def _print(wanted: Configuration) -> None:
    from algoreg.export import configuration

    output.output_text(configuration.single(wanted))


def _differences(single: Path | None, folder: Path, wanted: Configuration) -> tuple[Difference, ...]:
    from algoreg.export import drift

    return drift.folder(folder, wanted) if single is None else drift.single(single, wanted)


def _tell(differences: tuple[Difference, ...], texts: Iterable[str], command: str, format: Format) -> None:
    from algoreg.export import drift

    if format is Format.JSON:
        output.write_json(drift.document(differences))
    else:
        _lines(texts)
    conclude(bool(differences), command)


def conclude(differs: bool, command: str) -> None:
    """End a check: say on standard error that nothing differs, or what to do where something does."""
    _note(f"To write it again: {command}" if differs else "nothing differs")
    if differs:
        raise typer.Exit(EXIT_FAIL)


def _stored(single: Path | None, folder: Path, wanted: Configuration, force: bool) -> Stored:
    from algoreg.export import configuration, store

    if single is None:
        return store.export(folder, wanted, force=force)
    if not force:
        store.refuse_foreign([single])
    return store.store_one(single, configuration.single(wanted))


def _merge(file: Path, wanted: Configuration, check: bool, format: Format) -> None:
    from algoreg.export import merge, store

    merged = merge.merge(file, wanted)
    if check:
        _tell(merge.differences(merged), merge.diff(merged), wanted.command, format)
    else:
        done(store.store_one(file, merged.text), format)


def done(stored: Stored, format: Format) -> None:
    """Tell what became of files."""
    if format is Format.JSON:
        output.write_json(stored.json())
    else:
        _lines(stored.lines())


def _note(text: str) -> None:
    from algoreg.formats.escape import safe

    output.note(safe(text))


def _lines(texts: Iterable[str]) -> None:
    from algoreg.formats.escape import safe

    output.output_text("".join(f"{safe(text)}\n" for text in texts))
