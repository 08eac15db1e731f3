"""``algoreg reap``: removes what killed runs left in the engine, and what was kept."""

from __future__ import annotations

from typing import Annotated

import typer

from algoreg.cli import output
from algoreg.cli.engines import EngineName

EPILOG = """Examples:

algoreg reap

algoreg reap --engine process"""


def reap(
    engine: Annotated[
        EngineName | None,
        typer.Option(
            help="Only what this engine left: process asks no container engine.", show_default="both"
        ),
    ] = None,
) -> None:
    """Remove the containers, volumes and files that a killed run of algoreg left behind, and what --keep kept.

    Runs that are still alive are not touched.
    """
    from algoreg.engines import docker, keeper

    folders = keeper.reap() if engine is not EngineName.DOCKER else 0
    if engine is EngineName.PROCESS:
        output.write(f"removed the folders of {folders} kept runs")
        return
    if folders:
        output.note(f"removed the folders of {folders} kept runs of the process engine")
    removed = docker.reap(output.note)
    output.write(
        f"removed {removed.containers} containers, {removed.volumes} volumes, {removed.directories} directories"
    )
