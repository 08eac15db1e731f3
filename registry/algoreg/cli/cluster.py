"""The options of ``--engine chronos``; which of them it cannot do without is the engine's business."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli.engines import RunEngine

if TYPE_CHECKING:
    from algoreg.engines.chronos import Cluster

Chronos = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="ALGOREG_CHRONOS",
        help="Chronos, such as http://chronos:4400 or https://USER:PASSWORD@HOST.",
    ),
]
VolumeRoot = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Chronos: a folder that its agents and this machine share."),
]
DatabaseServer = Annotated[
    str | None,
    typer.Option(
        metavar="postgresql://USER@HOST:PORT/",
        envvar="ALGOREG_DATABASE_SERVER",
        help="Chronos: a PostgreSQL that its agents reach; USER may create databases and roles.",
    ),
]
Network = Annotated[
    str | None, typer.Option(metavar="NAME", help="Chronos: the agents' Docker network to join.")
]
Host = Annotated[
    str | None, typer.Option(metavar="HOSTNAME", help="Chronos: the only agent that runs train and test.")
]
Queue = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="S", help="Chronos: how long a job may wait for a machine.", show_default="600"
    ),
]


def cluster_of(
    engine: RunEngine,
    url: str | None,
    volume_root: Path | None,
    database_server: str | None,
    network: str | None,
    host: str | None,
    queue_s: float | None,
) -> Cluster | None:
    """The cluster that was asked for; None for an engine that has none."""
    if engine is not RunEngine.CHRONOS:
        return None
    from algoreg.engines.chronos import Cluster
    from algoreg.schedulers.following import QUEUE_S

    return Cluster(
        url=url,
        volume_root=volume_root,
        database_server=database_server,
        network=network,
        host=host,
        queue_s=QUEUE_S if queue_s is None else queue_s,
    )
