"""What an experiment needs of its two databases, science (read) and results (written), wherever they run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from algoreg.samples.sample import Sample

JOB_RESULT = """
CREATE TABLE job_result (
  job_id varchar(128) NOT NULL,
  node varchar(32) NOT NULL,
  timestamp timestamp DEFAULT now(),
  data text,
  error text,
  shape varchar(256) NOT NULL,
  function varchar(256),
  parameters jsonb,
  result_name varchar(32) NOT NULL DEFAULT '',
  result_title varchar(256),
  PRIMARY KEY (job_id, shape, result_name, node)
)
"""
"""Woken's DDL 1.2 (contract section 4)."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How the algorithm logs in to one database; host and port are the pod's."""

    database: str
    user: str
    password: str = field(repr=False)


DATA_MAX_BYTES = 16 * 1024 * 1024
"""Longest ``data`` or ``error`` that is read; of a longer one only the size."""


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """One row of ``job_result`` (contract section 4); every text is untrusted."""

    job_id: str
    node: str
    shape: str
    function: str | None = None
    data: str | None = field(default=None, repr=False)
    error: str | None = field(default=None, repr=False)
    result_name: str = ""
    parameters: str | None = field(default=None, repr=False)
    """The JSON of this column as text."""
    result_title: str | None = field(default=None, repr=False)
    data_bytes: int | None = None
    """Size of ``data`` in the database; None where it is NULL."""
    error_bytes: int | None = None
    data_digest: str | None = None
    """SHA-256 of ``data``, which stays when the data themselves are forgotten."""

    @classmethod
    def written(cls, *, job_id: str, node: str, shape: str, data: str) -> ResultRow:
        """A row as an image would have left it."""
        content = data.encode()
        digest = hashlib.sha256(content).hexdigest()
        return cls(
            job_id=job_id,
            node=node,
            shape=shape,
            data=data,
            data_bytes=len(content),
            data_digest=digest,
        )

    def without_content(self) -> ResultRow:
        """The same without its data: a validation remembers all its runs."""
        return replace(self, data=None, parameters=None)


class Role(StrEnum):
    """As whom an algorithm logs in."""

    SCIENCE = "science"
    RESULTS = "results"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement that PostgreSQL noted: one that is no mere reading, or one that it denied."""

    role: Role
    text: str = field(repr=False)
    """As it was sent, cut; untrusted."""
    denied: str | None = None
    """PostgreSQL's words when it refused for want of a privilege; None when it was carried out."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What the algorithm's runs did to its two databases."""

    rows: tuple[ResultRow, ...] = ()
    """All rows of ``job_result`` that were not there before."""
    statements: tuple[Statement, ...] = ()


class ExperimentDatabases(Protocol):
    """A fresh pair of databases, of one experiment only."""

    @property
    def science(self) -> Access:
        """The patients' data; this role can only SELECT."""

    @property
    def results(self) -> Access:
        """``job_result``; this role can only INSERT and SELECT."""

    @property
    def canaries(self) -> Sequence[str]:
        """Values of other patients, which no algorithm was given."""

    @property
    def foreign_result(self) -> str:
        """The result of another job."""

    def store(self, rows: Sequence[ResultRow]) -> None:
        """Put results of other jobs, which this one will be given, into ``job_result``."""

    def audit(self) -> Audit:
        """What was done until now. Raises DatabaseError when it can no longer be told."""

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
