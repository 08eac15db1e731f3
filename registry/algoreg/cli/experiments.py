"""``algoreg run`` and ``algoreg compare``: read the command line, make the experiments, show what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import completion, engines
from algoreg.cli.cluster import Chronos, DatabaseServer, Host, Network, Queue, VolumeRoot, cluster_of
from algoreg.cli.engines import EngineName, RunEngine
from algoreg.cli.output import Format, color_wanted, note, output_text
from algoreg.errors import EXIT_FAIL

if TYPE_CHECKING:
    from algoreg.campaign import Hands, Question
    from algoreg.record import ComparisonRecord
    from algoreg.volumes import Volume


class ComparisonFormat(StrEnum):
    """Formats of a comparison."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


_DATA = "A CSV or Parquet file, or a database's URL (postgresql://..., sqlite:///...) with --query."
Data = Annotated[str, typer.Option(metavar="FILE|URL", help=_DATA)]
Query = Annotated[str | None, typer.Option(metavar="SQL", help="The SELECT to read from a database.")]
Variable = Annotated[str, typer.Option(metavar="NAME", help="The column to predict.")]
Covariables = Annotated[
    str, typer.Option(metavar="NAMES", help="The columns to predict it from, separated by commas.")
]
Variables = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="YAML or JSON with the types and codes of columns, where they are not inferred."
    ),
]
HeldOut = Annotated[
    float, typer.Option(min=0.01, max=0.99, help="Share of the rows that is held out, without --folds.")
]
EngineOption = Annotated[
    EngineName,
    typer.Option(help="docker runs images; process runs a plugin's own program here, without isolation."),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the folds and of every algorithm's own choices.")]
Jobs = Annotated[
    int | None, typer.Option(min=1, max=64, help="Folds at a time.", show_default="from the processors")
]
Timeout = Annotated[
    float | None,
    typer.Option(min=0.1, help="Deadline of each run in seconds, instead of the metadata's timeout_s."),
]
DatabaseImage = Annotated[
    str | None, typer.Option(help="PostgreSQL image for the science and results databases.")
]
Output = Annotated[
    Path, typer.Option(metavar="DIR", help="Where a new directory with everything of the experiment is made.")
]

RUN_EPILOG = """Examples:

algoreg run tpot --data diabetes.csv --variable progression --covariables age,sex,bmi --folds 3

algoreg run knn --data postgresql://me@host/study --query 'SELECT * FROM visits' --variable diagnosis
--covariables age,hippocampus --parameter k=7

algoreg run knn --engine chronos --chronos http://chronos:4400 --volume-root /srv/algoreg
--database-server postgresql://admin@db:5432/ --data study.csv --variable diagnosis --covariables age

Exit codes: 0 every fold has a result, 1 one has none, 2 wrong usage or data, 3 the engine, Chronos or a database
failed."""

COMPARE_EPILOG = """Examples:

algoreg compare tpot knn linreg --data diabetes.csv --variable progression --covariables age,sex,bmi

algoreg compare knn linreg --data study.parquet --variable diagnosis --covariables age,iq
--parameter knn.k=7 --format html > comparison.html"""


def run(
    target: Annotated[
        str,
        typer.Argument(
            metavar="CODE|IMAGE|FOLDER",
            help="A plugin's code, image:tag, or a plugin's folder.",
            autocompletion=completion.codes_and_folders,
        ),
    ],
    data: Data,
    variable: Variable,
    covariables: Covariables,
    query: Query = None,
    variables: Variables = None,
    folds: Annotated[
        int | None, typer.Option(min=2, max=100, help="Cross-validate with so many folds.")
    ] = None,
    held_out: HeldOut = 0.25,
    parameter: Annotated[
        list[str] | None, typer.Option(metavar="CODE=VALUE", help="A parameter (repeatable).")
    ] = None,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Compute a model of all rows, too, as Woken does.")
    ] = True,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="Let the algorithm search on this Dask cluster."),
    ] = None,
    engine: Annotated[
        RunEngine,
        typer.Option(
            help="docker runs images here; process a plugin's own program; chronos submits jobs to a cluster."
        ),
    ] = RunEngine.DOCKER,
    chronos: Chronos = None,
    volume_root: VolumeRoot = None,
    database_server: DatabaseServer = None,
    network: Network = None,
    host: Host = None,
    queue: Queue = None,
    output: Output = Path("algoreg-runs"),
    format: Annotated[Format, typer.Option(help="Format of the record.")] = Format.TERMINAL,
    seed: Seed = 42,
    jobs: Jobs = None,
    timeout: Timeout = None,
    database_image: DatabaseImage = None,
) -> None:
    """Train an algorithm on a table and test it on held-out rows, as Woken's interactive flow does.

    Prints the metrics, and keeps predictions, pipeline, logs, a plot and the answer for Woken in a new directory.
    """
    from algoreg import campaign
    from algoreg.formats import experiments as formats

    question = _question(
        data=data,
        query=query,
        variables=variables,
        variable=variable,
        covariables=covariables,
        folds=folds,
        held_out=held_out,
        seed=seed,
        jobs=jobs,
        timeout=timeout,
        model=model,
    )
    asked = engines.Asked(
        engine=engine,
        seed=seed,
        database_image=database_image,
        cluster=cluster_of(engine, chronos, volume_root, database_server, network, host, queue),
    )
    with _hands(asked, [target]) as hands:
        contender = campaign.contender(target, parameter or (), cluster=cluster, hands=hands)
        record, _ = campaign.run(question, contender, hands=hands, folder=output)
    if format is Format.JSON:
        output_text(formats.as_json(record.json()))
    else:
        output_text(formats.experiment_text(record, color=color_wanted()))
    if record.troubles:
        raise typer.Exit(EXIT_FAIL)


def compare(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE...",
            help="Plugins' codes, image:tags, or plugins' folders: two or more.",
            autocompletion=completion.codes_and_folders,
        ),
    ],
    data: Data,
    variable: Variable,
    covariables: Covariables,
    query: Query = None,
    variables: Variables = None,
    folds: Annotated[int, typer.Option(min=2, max=100, help="Folds of the cross-validation.")] = 5,
    parameter: Annotated[
        list[str] | None,
        typer.Option(metavar="ALGORITHM.CODE=VALUE", help="A parameter of one algorithm (repeatable)."),
    ] = None,
    engine: EngineOption = EngineName.DOCKER,
    output: Output = Path("algoreg-runs"),
    format: Annotated[
        ComparisonFormat, typer.Option(help="Format of the comparison.")
    ] = ComparisonFormat.TERMINAL,
    seed: Seed = 42,
    jobs: Jobs = None,
    timeout: Timeout = None,
    database_image: DatabaseImage = None,
) -> None:
    """Cross-validate several algorithms on the same folds: means and spread, a paired test, and a plot."""
    from algoreg import campaign

    question = _question(
        data=data,
        query=query,
        variables=variables,
        variable=variable,
        covariables=covariables,
        folds=folds,
        seed=seed,
        jobs=jobs,
        timeout=timeout,
    )
    asked = engines.Asked(engine=engine, seed=seed, database_image=database_image)
    with _hands(asked, targets) as hands:
        contenders = campaign.contenders(targets, parameter or (), hands=hands)
        record, volume = campaign.compare(question, contenders, hands=hands, folder=output)
    note(f"files and plot: {volume.path}")
    output_text(_compared(record, volume, format))
    if record.troubles:
        raise typer.Exit(EXIT_FAIL)


def _compared(record: ComparisonRecord, volume: Volume, format: ComparisonFormat) -> str:
    from algoreg.campaign import COMPARED
    from algoreg.formats import experiments as formats

    match format:
        case ComparisonFormat.JSON:
            return formats.as_json(record.json())
        case ComparisonFormat.MARKDOWN:
            return formats.comparison_markdown(record)
        case ComparisonFormat.HTML:
            return formats.comparison_html(record, plot=(volume.path / COMPARED).read_text(encoding="utf-8"))
        case _:
            return formats.comparison_text(record, color=color_wanted())


@contextmanager
def _hands(asked: engines.Asked, targets: Sequence[str]) -> Iterator[Hands]:
    """The registry, the engine, and a display; an engine is asked only where the targets can be meant."""
    from algoreg import campaign, registry
    from algoreg.cli.progress import display

    known = registry.load()
    known.ensure_no_misspelling(*targets)
    with display() as shown, engines.opened(asked, shown) as (running, open_subject):
        yield campaign.Hands(
            engine=running, open_subject=open_subject, registry=known, progress=shown, tell=shown.note
        )


def _question(
    *,
    data: str,
    query: str | None,
    variables: Path | None,
    variable: str,
    covariables: str,
    folds: int | None,
    seed: int,
    jobs: int | None,
    timeout: float | None,
    held_out: float = 0.25,
    model: bool = False,
) -> Question:
    from algoreg.campaign import Question
    from algoreg.validation import default_jobs

    return Question(
        data=data,
        query=query,
        described=variables,
        variable=variable,
        covariables=tuple(name.strip() for name in covariables.split(",") if name.strip()),
        folds=folds,
        held_out=held_out,
        seed=seed,
        jobs=jobs or default_jobs(),
        timeout_s=timeout,
        model=model,
    )
