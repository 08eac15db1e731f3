"""One job from its submission to its removal: linted before it leaves, followed, and told in words.

Whose job it is, its directory and its databases are left to whoever submits it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from algoreg.errors import SchedulerError, UsageError
from algoreg.export.jobs import chronos as documents
from algoreg.export.jobs.model import ChronosVersion, ScheduledJob, Target
from algoreg.schedulers.chronos import Chronos
from algoreg.schedulers.following import End, Patience, Tell, follow, submitted


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What became of a job."""

    name: str
    place: str
    """The scheduler's address, without user and password."""
    version: str
    end: End
    duration_s: float

    @property
    def succeeded(self) -> bool:
        """Whether the scheduler counted a success."""
        return self.end is End.SUCCEEDED

    @property
    def ended(self) -> bool:
        """Whether it came to an end of its own, after which something of it may be there."""
        return self.end is not End.OVERDUE

    @property
    def text(self) -> str:
        """One sentence."""
        took = f"after {self.duration_s:.0f} s"
        match self.end:
            case End.SUCCEEDED:
                return f"{self.name} succeeded {took}"
            case End.FAILED:
                return f"{self.name} failed {took}; its exit code and its logs are in its task's sandbox in Mesos"
            case _:
                return (
                    f"{self.name} came to no end that was counted {took}: it waited for a machine, was killed, or "
                    "went on; it is killed and deleted now"
                )

    def json(self) -> dict[str, object]:
        """The same as a JSON document."""
        return {
            "schema": "algoreg-submission/1",
            "name": self.name,
            "scheduler": self.place,
            "version": self.version,
            "end": self.end.value,
            "duration_s": round(self.duration_s, 3),
        }


def ensure_chronos(target: Target, *, written: bool) -> None:
    """Raises UsageError for a job that was asked for in another scheduler's words, or to be ``written``, too."""
    if written:
        raise UsageError(
            "--submit writes no document, and --output names a file for one",
            hint="Leave --output out, or --submit.",
        )
    if target not in tuple(Target(version) for version in ChronosVersion):
        raise UsageError(
            f"--submit sends jobs to Chronos, and {target} is none",
            hint="Leave --target out: which Chronos it is is found out.",
        )


def submit(
    chronos: Chronos,
    job: ScheduledJob,
    patience: Patience,
    *,
    tell: Tell,
    warn: Tell,
    stop: threading.Event | None = None,
) -> Submission:
    """Submit, follow and delete; ``warn`` hears of a job that could not be deleted.

    Raises UsageError for a job that Chronos would misread, SchedulerError also where Chronos lost it, Cancelled.
    """
    version = chronos.dialect.version
    document = documents.document(job, version)
    begun = time.monotonic()
    with submitted(chronos, document, warn=warn):
        tell(f"submitted to Chronos as {job.name}")
        end = follow(chronos, job.name, patience, tell=tell, stop=stop)
        if end is End.LOST:
            raise SchedulerError(
                f"Chronos lost track of the job {job.name}: it is neither done nor there",
                hint="Somebody deleted it, or Chronos lost its state; try again.",
            )
    return Submission(
        name=job.name,
        place=chronos.place,
        version=version.value,
        end=end,
        duration_s=time.monotonic() - begun,
    )
