"""What every scheduler must be told of one run of an image; how it is written down is each scheduler's own file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from algoreg import contract
from algoreg.errors import UsageError
from algoreg.model import Resources


class ChronosVersion(StrEnum):
    """The two lines of Chronos, which read the same document differently."""

    V3 = "chronos-3"
    V2_5 = "chronos-2.5"


class Target(StrEnum):
    """Who will run the job."""

    CHRONOS_3 = "chronos-3"
    CHRONOS_2_5 = "chronos-2.5"
    KUBERNETES = "kubernetes"
    COMPOSE = "compose"


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A directory that the container sees."""

    host_path: str
    """On the host; below the root of the claim where there is one."""
    claim: str | None = None
    """A persistent volume claim of Kubernetes that holds it."""
    path: str = contract.VOLUME
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """One command of one image, run once."""

    name: str
    """The scheduler's key: submitting the same name again replaces the job."""
    image: str
    command: str
    arguments: tuple[str, ...] = ()
    """What follows the command."""
    environment: Mapping[str, str] = field(repr=False)
    """Everything that the image is told; may hold passwords."""
    resources: Resources
    volumes: tuple[Volume, ...] = ()
    network: str | None = None
    """A Docker network to join; None: the scheduler's default."""
    owner: str = ""
    run_as_user: str | None = None
    host: str | None = None
    """The only host that may run it: train and test share a directory, which one host has."""


def experiment_directory(root: str, experiment: UUID | None = None) -> str:
    """The directory of one experiment below ``root``: a fresh UUID, so that two at once never meet.

    ``test`` names the experiment that its ``train`` was given. Raises UsageError for a root that no container
    engine would take for a directory.
    """
    path = PurePosixPath(root)
    if not path.is_absolute() or ".." in path.parts or not root.isprintable() or ":" in root:
        raise UsageError(
            f"{root!a} is no directory of the host",
            hint="Name an absolute path without '..' and ':', such as /srv/algoreg.",
        )
    return str(path / str(experiment or uuid4()))
