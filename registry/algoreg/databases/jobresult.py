"""Reads ``job_result`` (contract section 4) within bounds: every text in it is an image's, and untrusted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from algoreg.databases.protocol import DATA_MAX_BYTES, ResultRow

_ROWS = sql.SQL("""
SELECT job_id, node, shape, function, result_name, octet_length(data), octet_length(error),
       CASE WHEN octet_length(data) <= %(most)s THEN encode(sha256(convert_to(data, 'UTF8')), 'hex') END,
       CASE WHEN octet_length(data) <= %(most)s AND alone THEN data END,
       left(error, 65536),
       CASE WHEN octet_length(parameters::text) <= 65536 THEN parameters::text END, result_title
FROM (
  SELECT *, count(*) OVER () = 1 AS alone FROM job_result WHERE {} ORDER BY timestamp, job_id LIMIT 20
) AS own
""")
"""Of several rows, which are a defect anyway, no data: their number and sizes are the image's choice."""
_OTHERS = sql.SQL("jsonb_build_array(job_id, shape, result_name, node) <> ALL(%(keys)s::jsonb[])")
_OF_JOB = sql.SQL("job_id = %(keys)s")
Key = tuple[str, str, str, str]
"""job_id, shape, result_name, node."""


def rows_but(connection: psycopg.Connection[TupleRow], known: Iterable[Key]) -> tuple[ResultRow, ...]:
    """Up to 20 rows that are none of the ``known`` ones, in the order of time."""
    return _read(connection, _OTHERS, [json.dumps(key) for key in known])


def rows_of(connection: psycopg.Connection[TupleRow], job_id: str) -> tuple[ResultRow, ...]:
    """Up to 20 rows of one job, in the order of time."""
    return _read(connection, _OF_JOB, job_id)


def _read(
    connection: psycopg.Connection[TupleRow], which: sql.SQL, keys: list[str] | str
) -> tuple[ResultRow, ...]:
    query = _ROWS.format(which)
    return tuple(map(_row, connection.execute(query, {"most": DATA_MAX_BYTES, "keys": keys}).fetchall()))


def _row(row: Sequence[Any]) -> ResultRow:
    job_id, node, shape, function, name, data_bytes, error_bytes, digest, data, error, given, title = row
    return ResultRow(
        job_id=job_id,
        node=node,
        shape=shape,
        function=function,
        result_name=name,
        data_bytes=data_bytes,
        error_bytes=error_bytes,
        data_digest=digest,
        data=data,
        error=error,
        parameters=given,
        result_title=title,
    )
