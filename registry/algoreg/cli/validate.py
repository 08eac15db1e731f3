"""``algoreg validate``: reads the command line, assembles engine and settings, shows the report."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import certifying, completion, engines, excuses
from algoreg.cli.engines import EngineName
from algoreg.cli.output import color_wanted, output_text
from algoreg.cli.report import ReportOption
from algoreg.cli.selecting import JobsOption, OnlyOption, SkipOption
from algoreg.report import Severity

if TYPE_CHECKING:
    from algoreg.registry import Registry
    from algoreg.report import Report
    from algoreg.validation import Settings


class Format(StrEnum):
    """Formats of a report."""

    TERMINAL = "terminal"
    JSON = "json"


EPILOG = """Examples:

algoreg validate algoreg/knn:0.1.0

algoreg validate mine:1.2 --metadata algorithm.yaml --format json --output report.json

algoreg validate --engine process plugins/knn

algoreg validate algoreg/knn:0.1.0 --waivers waivers.yaml --certify certificates/knn.json

algoreg validate algoreg/knn:0.1.0 --report junit=junit.xml --report html=report.html --report json=report.json

ALGOREG_PROGRESS=plain shows a line for each check where no terminal is, as in CI.

Exit codes: 0 every target passed, 1 one failed, 2 wrong usage, 3 one could not be judged."""


def validate(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET...",
            help="image:tag, image@digest, a plugin's code, or a plugin's folder.",
            autocompletion=completion.codes_and_folders,
        ),
    ],
    engine: Annotated[
        EngineName,
        typer.Option(
            help="docker judges images; process runs a plugin's own program here, without isolation."
        ),
    ] = EngineName.DOCKER,
    metadata: Annotated[
        Path | None, typer.Option(help="Judge with this algorithm.yaml: for an image without our label.")
    ] = None,
    format: Annotated[Format, typer.Option(help="Format of the report.")] = Format.TERMINAL,
    output: Annotated[
        Path | None, typer.Option(help="Write the report to this file instead of standard output.")
    ] = None,
    report_files: ReportOption = None,
    waivers: excuses.WaiversOption = None,
    baseline: excuses.BaselineOption = None,
    certify: certifying.CertifyOption = None,
    certificate_days: certifying.DaysOption = 90,
    sign_key: certifying.KeyOption = None,
    only: OnlyOption = None,
    skip: SkipOption = None,
    fail_on: Annotated[
        Severity, typer.Option(help="The least severity that makes a target fail.")
    ] = Severity.ERROR,
    jobs: JobsOption = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=0.1, help="Deadline of each run in seconds, instead of the metadata's timeout_s."),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Leave PostgreSQL, runs and volumes, so that the report's reproduce lines work as they stand, and "
            "`algoreg shell` opens a shell there; `algoreg reap` removes them.",
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of data, names and passwords.", show_default="random, printed"),
    ] = None,
    pull: Annotated[bool, typer.Option("--pull", help="Pull the image even when the engine has it.")] = False,
    database_image: Annotated[
        str | None, typer.Option(help="PostgreSQL image for the science and results databases.")
    ] = None,
) -> None:
    """Run an image against the contract: it must do its work, and it must fail properly.

    Faults are injected on purpose (an absent input, a wrong password, half a pipeline); a passing image has
    proved that it fails with a non-zero code and names the cause.
    """
    from algoreg import files, locating, registry, reporting, validation
    from algoreg.cli.progress import display

    if output is not None:
        reporting.ensure_writable(output)
    wanted = reporting.requests(report_files or (), taken=output)
    wish = certifying.wish(
        certify,
        days=certificate_days,
        key=sign_key,
        targets=len(targets),
        engine=engine,
        options={"--only": only, "--skip": skip, "--metadata": metadata, "--timeout": timeout},
        taken=(output, *(one.path for one in wanted)),
    )
    known = registry.load()
    resolved = [validation.resolve(text, known) for text in targets]
    for target in resolved:  # a wrong one must not be found after the others have taken their minutes
        _ = target.image() if engine is EngineName.DOCKER else target.metadata_file()
    settings = _settings(
        known,
        metadata_file=metadata,
        only=only or (),
        skip=skip or (),
        fail_on=fail_on,
        jobs=jobs,
        timeout=timeout,
        seed=seed,
    )
    tolerated = excuses.read(waivers, baseline, settings.examination.checks)
    with display(checks=len(resolved) * len(settings.examination.checks)) as shown:
        asked = engines.Asked(
            engine=engine, seed=settings.seed, database_image=database_image, pull=pull, keep=keep
        )
        with engines.opened(asked, shown) as (running, open_subject):
            judged = validation.validate(
                resolved,
                engine=running,
                open_subject=open_subject,
                registry=known,
                settings=settings,
                progress=shown,
            )
        excused = excuses.marked(judged, tolerated)
        report = excused.report
        if output is not None:
            files.write(output, _rendered(report, format, color=False))
            shown.note(f"{report.verdict}: the report is in {output}")
    excuses.tell(excused)
    folders = {target.text: target.package for target in resolved if target.package is not None}
    reporting.write(wanted, report, locate=locating.of_plugins(known, folders))
    if output is None:  # not beside a live display
        output_text(_rendered(report, format, color=color_wanted()))
    raise typer.Exit(certifying.concluded(wish, report))


def _settings(
    known: Registry,
    *,
    metadata_file: Path | None,
    only: Sequence[str],
    skip: Sequence[str],
    fail_on: Severity,
    jobs: int | None,
    timeout: float | None,
    seed: int | None,
) -> Settings:
    import secrets

    from algoreg import conformance, metadata
    from algoreg.validation import Settings, default_jobs

    given = metadata.read_file(metadata_file) if metadata_file is not None else None
    if given is not None:
        metadata.parse(given)  # a file that the person names is input of theirs: wrong is a usage error
    catalogue = conformance.catalogue(known.plugins)
    selection = conformance.Selection(only=tuple(only), skip=tuple(skip))
    selection.validate(catalogue.checks)
    return Settings(
        seed=secrets.randbelow(10**6) if seed is None else seed,
        jobs=jobs or default_jobs(),
        timeout_s=timeout,
        given=given,
        examination=conformance.Examination(
            checks=catalogue.checks,
            selection=selection,
            fail_on=fail_on,
            broken=(*known.broken, *catalogue.broken),
        ),
    )


def _rendered(report: Report, format: Format, *, color: bool) -> str:
    if format is Format.JSON:
        from algoreg.formats import json

        return json.render(report)
    from algoreg.formats import terminal

    return terminal.render(report, color=color)
