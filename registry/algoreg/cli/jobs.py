"""``algoreg job``: one run of an algorithm as a scheduler's document, and what Chronos would make of others'."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from algoreg.cli import completion, output, submitting
from algoreg.cli.output import Format
from algoreg.cli.submitting import Errand
from algoreg.errors import EXIT_FAIL, UsageError
from algoreg.export.jobs.model import ChronosVersion, Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from algoreg.export.jobs.address import DatabaseAddress
    from algoreg.export.remarks import Remark

_DEFAULT, _LINT = "document", "lint"
_OURS = ("-h", "--help")

DOCUMENT_EPILOG = """Examples:

algoreg job knn train --variable dx --covariables age,iq --meta variables.json --volume /srv/algoreg
--in postgresql://reader@db/science --out postgresql://writer@db/results --query 'SELECT ...' --network mip

algoreg job linreg compute --target compose --variable iq --covariables age --meta variables.json

algoreg job knn compute ... --in postgresql://reader@db/science --out postgresql://writer@db/results
--submit http://chronos:4400 --fetch results

Exit codes: 0 the document is written, or the job that was submitted succeeded, 1 it did not, or left no result to
fetch, 2 wrong usage, a job that the target would misread, or something that would pass for its result is there already,
3 Chronos or a database did not answer, Chronos lost the job, or what it left could not be looked at."""

LINT_EPILOG = """Example: algoreg job lint job.json --target chronos-2.5

Exit codes: 0 Chronos reads what is written (warnings aside), 1 it would make something else of it, 2 wrong usage."""


class Mode(StrEnum):
    """Steps of a federated compute."""

    INTERMEDIATE = "intermediate"
    AGGREGATE = "aggregate"


class _Group(TyperGroup):
    """What is no command of the group is what the default one is about: ``algoreg job knn train``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before anything else."""
        if args and args[0] not in (*self.commands, *_OURS):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


def group() -> typer.Typer:
    """The commands of ``algoreg job``."""
    jobs = typer.Typer(
        cls=_Group,
        no_args_is_help=True,
        help="Write one run of an algorithm as a scheduler's document, or lint documents from elsewhere. "
        "`algoreg job CODE COMMAND` and `algoreg job document CODE COMMAND` are one.",
        epilog="Example: algoreg job knn train --help",
    )
    jobs.command(_DEFAULT, epilog=DOCUMENT_EPILOG)(document)
    jobs.command(_LINT, epilog=LINT_EPILOG)(lint)
    return jobs


def document(
    ctx: typer.Context,
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE", help="The algorithm's code, as listed.", autocompletion=completion.codes
        ),
    ],
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="train, test or compute.")],
    variable: Annotated[
        str | None, typer.Option(metavar="NAME", help="The variable to predict, by its code. Needed.")
    ] = None,
    meta: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="YAML or JSON that describes the variables, as PARAM_meta does. Needed."
        ),
    ] = None,
    covariables: Annotated[
        str | None, typer.Option(metavar="NAMES", help="The covariables' codes, separated by commas.")
    ] = None,
    target: Annotated[Target, typer.Option(help="Who will run it.")] = Target.CHRONOS_3,
    query: Annotated[
        str | None, typer.Option(metavar="SQL", help="The SELECT of these columns. Needed, but for compose.")
    ] = None,
    science: Annotated[
        str | None,
        typer.Option(
            "--in",
            metavar="URL",
            help="The science database: postgresql://USER@HOST:PORT/NAME. Needed, but for compose.",
        ),
    ] = None,
    results: Annotated[
        str | None, typer.Option("--out", metavar="URL", help="The results database, likewise.")
    ] = None,
    with_passwords: Annotated[
        bool,
        typer.Option(
            "--with-passwords",
            help="Write the passwords of the URLs, else of IN_PASSWORD and OUT_PASSWORD; needs --output.",
        ),
    ] = False,
    parameter: Annotated[
        list[str] | None, typer.Option(metavar="CODE=VALUE", help="A parameter (repeatable).")
    ] = None,
    mode: Annotated[
        Mode | None,
        typer.Option(help="The step of a federated compute.", show_default="all in one"),
    ] = None,
    job_ids: Annotated[
        str | None,
        typer.Option(metavar="IDS", help="Jobs that an aggregate puts together, separated by commas."),
    ] = None,
    job_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The job's id.", show_default="a fresh UUID")
    ] = None,
    node: Annotated[str, typer.Option(metavar="NAME", help="Name of the node.")] = "local",
    volume: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Root of the experiments' directories, on the host (train, test)."),
    ] = None,
    claim: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A persistent volume claim that holds them (kubernetes)."),
    ] = None,
    experiment: Annotated[
        str | None,
        typer.Option(metavar="UUID", help="Its directory: test names train's.", show_default="a fresh one"),
    ] = None,
    network: Annotated[
        str | None, typer.Option(metavar="NAME", help="A Docker network to join (chronos).")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(metavar="HOSTNAME", help="The only host that may run it: train and test share one."),
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="MAIL", help="Who is told of failures.")] = None,
    run_as_user: Annotated[str | None, typer.Option(metavar="USER", help="Who runs the container.")] = None,
    file: Annotated[
        str | None, typer.Option("--output", metavar="FILE", help="Write to a file, not to standard output.")
    ] = None,
    submit: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Send it, passwords included, to this Chronos (-: ALGOREG_CHRONOS), follow it, delete it.",
        ),
    ] = None,
    input: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Its input_training.json: --submit makes the directory with it, below --volume (train).",
        ),
    ] = None,
    fetch: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Keep in a new folder below what the job left: file, or row (--submit)."
        ),
    ] = None,
    queue: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="S", help="How long it may wait for a machine (--submit).", show_default="600"
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="How --submit tells what became of it.")] = Format.TERMINAL,
) -> None:
    """Write one run of an algorithm as the document that a scheduler reads; nothing in it is left to a default."""
    import os
    import uuid

    from algoreg import files, job, registry
    from algoreg.export.jobs import options, targets
    from algoreg.export.jobs.question import Asked
    from algoreg.export.jobs.request import Request, scheduled
    from algoreg.formats.escape import safe
    from algoreg.retrieval import inputs
    from algoreg.schedulers import submission

    if submit is not None:
        submission.ensure_chronos(target, written=file is not None)
    algorithm = registry.load().get(code, words=(_DEFAULT, _LINT)).algorithm
    options.ensure(algorithm, command, target, _given(ctx))
    content = None if input is None else inputs.training_input(Path(input))
    request = Request(
        algorithm=algorithm,
        target=target,
        command=command,
        asked=Asked.read(variable or "", _names(covariables), meta=Path(meta or ""), query=query),
        job_id=job_id or str(uuid.uuid4()),
        node=node,
        mode=mode,
        job_ids=_names(job_ids),
        parameters=dict(map(job.parameter, parameter or ())),
        science=_address(science, "--in"),
        results=_address(results, "--out"),
        secrets=os.environ if with_passwords or submit is not None else None,
        volume=volume,
        claim=claim,
        experiment=_uuid(experiment),
        network=network,
        owner=owner or "",
        run_as_user=run_as_user,
        host=host,
    )
    run = scheduled(request)
    if submit is not None:
        errand = Errand(
            url=submit, request=request, run=run, given=content, fetch=_path(fetch), queue_s=queue
        )
        submitting.submit(errand, format=format)
        return
    text = targets.text(request, run)
    if file is None:
        output.output_text(text)
    else:
        files.write(Path(file), text, private=with_passwords)
    output.note("\n".join(f"algoreg: {safe(note)}" for note in targets.notes(request, run)))


def _given(ctx: typer.Context) -> dict[str, str | None]:
    """Option -> its text; None where it was not given, whatever its default is."""
    options = (one for one in ctx.command.params if one.opts[0][:1] == "-")
    return {
        one.opts[0]: str(ctx.params[str(one.name)]) if _is_given(ctx, str(one.name)) else None
        for one in options
    }


def _is_given(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _uuid(text: str | None) -> UUID | None:
    import uuid

    try:
        return None if text is None else uuid.UUID(text)
    except ValueError:
        raise UsageError(
            f"--experiment {text!a} is no UUID", hint="Name the directory that the job of train was given."
        ) from None


def _address(url: str | None, option: str) -> DatabaseAddress | None:
    from algoreg.export.jobs.address import DatabaseAddress

    return None if url is None else DatabaseAddress.parse(url, option=option)


def lint(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A job document (JSON).")],
    target: Annotated[
        ChronosVersion, typer.Option(help="The version that would read it.")
    ] = ChronosVersion.V3,
    format: Annotated[Format, typer.Option("--format", help="For people, or JSON.")] = Format.TERMINAL,
) -> None:
    """Tell what Chronos would silently replace, drop or refuse in a job document."""
    from algoreg.export import remarks
    from algoreg.export.jobs import lint as linting

    found = linting.file_remarks(file, target)
    if format is Format.JSON:
        output.write_json(
            {
                "schema": "algoreg-job-lint/1",
                "file": str(file),
                "target": target,
                "ok": not remarks.errors(found),
                "remarks": [remark.json() for remark in found],
            }
        )
    else:
        _print(found)
    if remarks.errors(found):
        raise typer.Exit(EXIT_FAIL)


def _print(found: Sequence[Remark]) -> None:
    from algoreg.formats.escape import safe

    lines = [line for remark in found for line in remark.text().splitlines()]
    output.output_text("".join(f"{safe(line)}\n" for line in lines))
