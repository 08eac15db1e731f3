"""``algoreg reap``: removes what killed runs left in the engine."""

from __future__ import annotations

from algoreg.cli import output

EPILOG = "Example: algoreg reap"


def reap() -> None:
    """Remove the containers, volumes and files that a killed run of algoreg left behind.

    Runs that are still alive are not touched.
    """
    from algoreg.engines import docker

    removed = docker.reap(output.note)
    output.write(
        f"removed {removed.containers} containers, {removed.volumes} volumes, {removed.directories} directories"
    )
