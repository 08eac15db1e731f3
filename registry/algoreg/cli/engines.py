"""Opens the engine that a person asked for; what every command that runs something shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from algoreg.cli.output import note

if TYPE_CHECKING:
    from algoreg.cli.progress import Display
    from algoreg.engines.chronos import Cluster
    from algoreg.engines.protocol import Engine, Subject
    from algoreg.validation import Target


class EngineName(StrEnum):
    """Engines to choose from."""

    DOCKER = "docker"
    PROCESS = "process"


class RunEngine(StrEnum):
    """Engines that make experiments: Chronos does not tell what a validation has to see."""

    DOCKER = "docker"
    PROCESS = "process"
    CHRONOS = "chronos"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of an engine."""

    engine: EngineName | RunEngine
    seed: int
    database_image: str | None = None
    pull: bool = False
    keep: bool = False
    cluster: Cluster | None = None


def warn(text: str) -> None:
    """What a person must know, whether or not the display shows anything."""
    from algoreg.formats.escape import safe

    note(f"algoreg: {safe(text)}")


Opened = Iterator[tuple["Engine", "Callable[[Target], Subject]"]]


@contextmanager
def opened(asked: Asked, display: Display) -> Opened:
    """The engine, and how a target becomes a subject of it; everything that it started is gone afterwards."""
    if asked.engine == RunEngine.DOCKER:
        from algoreg.engines.docker import open_docker

        with open_docker(
            database_image=asked.database_image, progress=display.note, seed=asked.seed, keep=asked.keep
        ) as engine:
            yield engine, lambda target: engine.subject(target.image(), pull=asked.pull)
        return
    if asked.cluster is not None:
        from algoreg.engines.chronos import open_chronos

        with open_chronos(asked.cluster, progress=display.note, warn=warn) as jobs:
            yield jobs, lambda target: jobs.subject(target.text, target.image())
        return
    from algoreg.engines.process import open_process

    with open_process(progress=display.note, seed=asked.seed, keep=asked.keep) as processes:
        yield processes, lambda target: processes.subject(target.text, target.metadata_file().parent)
