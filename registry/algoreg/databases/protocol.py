"""What an experiment needs of its two databases, science (read) and results (written), wherever they run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from algoreg.samples.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Access:
    """How the algorithm logs in to one database; host and port are the pod's."""

    database: str
    user: str
    password: str = field(repr=False)


class ExperimentDatabases(Protocol):
    """A fresh pair of databases, of one experiment only."""

    @property
    def science(self) -> Access:
        """The patients' data; this role can only SELECT."""

    @property
    def results(self) -> Access:
        """``job_result``; this role can only INSERT and SELECT."""

    def lock_science(self) -> AbstractContextManager[None]:
        """Hold the sample's table so that every SELECT on it waits until the context ends."""

    def blocked_sessions(self) -> int:
        """How many sessions wait for that lock now."""


class DatabaseServer(Protocol):
    """One running PostgreSQL."""

    def experiment(self, sample: Sample) -> AbstractContextManager[ExperimentDatabases]:
        """A fresh pair of databases holding ``sample``; both are dropped when the context ends.

        Raises DatabaseError.
        """
