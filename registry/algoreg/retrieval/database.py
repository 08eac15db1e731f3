"""What compute of a scheduler leaves in the results database: one row, judged as a validation judges it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from algoreg import contract, rows, shapes, strictjson
from algoreg.databases import given
from algoreg.databases.protocol import ResultRow
from algoreg.errors import DatabaseError, UsageError
from algoreg.export.jobs import address
from algoreg.export.jobs.request import Request
from algoreg.job import RESULTS, Connection
from algoreg.outputs import Defect
from algoreg.retrieval import Retrieved, told
from algoreg.rows import Expectation

JOB_RESULT = "job_result.json"


@dataclass(frozen=True, kw_only=True)
class DatabaseOutlet:
    """The results database, in which compute stores one row."""

    connection: Connection
    wanted: Expectation

    @classmethod
    def opened(cls, request: Request, *, secrets: Mapping[str, str]) -> DatabaseOutlet:
        """Raises DatabaseError where nobody could look, UsageError without a password or where there is a row."""
        results = request.results
        if results is None:
            raise UsageError("there is no database to fetch a row from", hint="Name it with --out.")
        connection = results.connection(address.secret(RESULTS, results.password, secrets))
        outlet = cls(connection=connection, wanted=_expectation(request))
        try:
            there = given.rows_of_job(connection, request.job_id)
        except DatabaseError as error:
            raise DatabaseError(
                error.message,
                hint="Nothing was submitted. For --fetch, --out must name a host that works from here, too.",
            ) from error
        if there:
            raise UsageError(
                f"job_result has a row of the job {request.job_id} already, which would pass for what this job leaves",
                hint="Give this one another --job-id, or none: a fresh one is made.",
            )
        return outlet

    def fetch(self, *, succeeded: bool) -> Retrieved | None:
        """The row, and whether it is what is due. Raises DatabaseError."""
        try:
            left = given.rows_of_job(self.connection, self.wanted.job_id)
        except DatabaseError as error:
            raise DatabaseError(
                error.message,
                hint=f"The job may have left a row: look for job_id {self.wanted.job_id} in job_result",
            ) from error
        judge = rows.result_defect if succeeded else rows.failure_defect
        files = {JOB_RESULT: _document(left)} if left else {}
        said = left[0].error if len(left) == 1 else None
        try:
            defect = judge(left, self.wanted) or self._unevaluated(left, succeeded=succeeded)
        except strictjson.TooLarge as large:
            trouble = f"its row cannot be judged: {large.message}"
            return Retrieved(files=files, error=said, trouble=trouble, unread=True)
        return Retrieved(files=files, error=said, trouble=None if defect is None else told(defect))

    def _unevaluated(self, left: Sequence[ResultRow], *, succeeded: bool) -> Defect | None:
        """Nobody evaluates a PFA document here; Woken asks no more than this of it either."""
        if not succeeded or left[0].data is None:
            return None
        return shapes.unevaluated_defect(self.wanted.result, left[0].data)


def _expectation(request: Request) -> Expectation:
    """The image's FUNCTION is not known here, and not judged."""
    part = request.mode == contract.INTERMEDIATE
    return Expectation(
        job_id=request.job_id,
        node=request.node,
        function=None,
        result="json" if part else request.algorithm.result or "",
    )


def _document(left: Sequence[ResultRow]) -> bytes:
    return (json.dumps([asdict(row) for row in left], indent=1) + "\n").encode()
