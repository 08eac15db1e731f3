"""The results database (OUT_*): the one row that a computation leaves, and the rows that an aggregation reads.

The role may only INSERT and SELECT there (contract section 4), so there is no upsert and no second try.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from algoreg import contract
from algoreg.runtime import strict
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import ParameterValue
from algoreg.runtime.postgresql import Access, cause, connect
from algoreg.runtime.postgresql import read_access as access_of

PART_MAX_BYTES: Final = 16 * 1024 * 1024
"""Largest intermediate result that is read."""

_INSERT: Final = (
    "INSERT INTO job_result (job_id, node, data, error, shape, function, parameters, result_name) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, '')"
)
_SELECT: Final = (
    "SELECT job_id, shape, error, CASE WHEN octet_length(data) <= %s THEN data END "
    "FROM job_result WHERE job_id = ANY(%s) ORDER BY job_id, node, shape, result_name"
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Under which names a row is stored."""

    job_id: str
    node: str
    function: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is stored under an identity: exactly one of ``data`` and ``error``."""

    shape: str
    data: str | None = None
    error: str | None = None
    parameters: Mapping[str, ParameterValue] | None = None
    """None where they could not be understood."""


def _text(environ: Mapping[str, str], name: str, longest: int) -> str:
    value = environ.get(name, "")
    if not value:
        raise Failure(f"{name} is absent from the environment, or empty: no row can be stored without it")
    if len(value) > longest:
        raise Failure(f"{name}: has {len(value)} characters, at most {longest} can be stored")
    if not _is_storable(value):
        raise Failure(f"{name}: is not UTF-8 text")
    return value


def _is_storable(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def read_identity(environ: Mapping[str, str], code: str) -> Identity:
    """Read JOB_ID, NODE and FUNCTION (else the algorithm's code). Raises Failure naming the variable."""
    return Identity(
        job_id=_text(environ, "JOB_ID", contract.JOB_ID_MAX),
        node=_text(environ, "NODE", contract.NODE_MAX),
        function=_text({"FUNCTION": environ.get("FUNCTION") or code}, "FUNCTION", contract.FUNCTION_MAX),
    )


def read_access(environ: Mapping[str, str]) -> Access:
    """Where the results database is. Raises Failure naming the OUT_* variable that is absent or wrong."""
    return access_of(environ, "OUT", "results database")


def store(access: Access, identity: Identity, row: Row) -> None:
    """Insert the row in one transaction. Raises Failure: no connection, or a refused row."""
    import psycopg

    parameters = None if row.parameters is None else strict.dumps(dict(row.parameters))
    # What PostgreSQL's text cannot hold can come in by an environment variable that a message quotes.
    error = row.error and row.error.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    names = (identity.job_id, identity.node, row.data, error, row.shape, identity.function, parameters)
    try:
        with connect(access) as connection:
            connection.execute(_INSERT, names)
    except psycopg.Error as problem:
        raise Failure(f"OUT_*: the results database refused the row: {cause(problem)}") from None


def fetch_parts(access: Access, job_ids: Sequence[str]) -> list[str]:
    """The data of exactly these jobs' intermediate results, in the order of the ids; nothing else is read.

    Raises Failure naming the job: an id given twice, no row or several, an error row, another shape, too large.
    """
    import psycopg

    for position, job_id in enumerate(job_ids):
        if job_id in job_ids[:position]:
            raise Failure(f"--job-ids: job {job_id!a} is given twice, its rows would count twice")
    try:
        with connect(access) as connection:
            connection.read_only = True
            rows = connection.execute(_SELECT, (PART_MAX_BYTES, list(job_ids))).fetchall()
    except (psycopg.Error, UnicodeEncodeError) as problem:
        told = cause(problem) if isinstance(problem, psycopg.Error) else "a job id is not UTF-8 text"
        raise Failure(f"--job-ids: the results database refused to read the parts: {told}") from None
    return [_data(job_id, [row for row in rows if row[0] == job_id]) for job_id in job_ids]


def _data(job_id: str, rows: Sequence[tuple[Any, ...]]) -> str:
    if len(rows) != 1:
        raise Failure(f"--job-ids: job {job_id!a} has {len(rows)} rows in job_result, expected one")
    _, shape, error, data = rows[0]
    if error or shape in contract.ERROR_SHAPES:
        raise Failure(f"--job-ids: job {job_id!a} failed, its row holds an error instead of a part")
    if shape not in contract.JSON_SHAPES:
        raise Failure(f"--job-ids: job {job_id!a} has the shape {shape[:60]!a}, expected application/json")
    if not isinstance(data, str):
        raise Failure(f"--job-ids: job {job_id!a} holds no data, or more than {PART_MAX_BYTES} bytes")
    return data
