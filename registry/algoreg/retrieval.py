"""What a job of a scheduler is given here, and what it leaves: its experiment's directory, its row of job_result.

How a job is written down is left to ``export.jobs``, how it is followed to ``schedulers``. What an image left is
untrusted: it is read within the contract's bounds, and kept under names of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from algoreg import contract, outputs, schemas, strictjson
from algoreg.databases import given
from algoreg.databases.protocol import ResultRow
from algoreg.engines.directory import Directory
from algoreg.engines.keeper import remove_tree
from algoreg.errors import DatabaseError, UsageError
from algoreg.export.jobs import address
from algoreg.export.jobs.address import DatabaseAddress
from algoreg.job import RESULTS

JOB_RESULT = "job_result.json"
_LEFT = {contract.TRAIN: contract.INPUT_TEST, contract.TEST: contract.PREDICTIONS}


@dataclass(frozen=True, kw_only=True)
class Retrieved:
    """What a job left."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Under names of ours."""
    error: str | None = None
    """What a failed compute wrote into its row; untrusted."""
    trouble: str | None = None
    """Why a result is none, or not there."""


@contextmanager
def prepared(folder: Path, input_file: Path, *, warn: Callable[[str], None]) -> Iterator[None]:
    """An experiment's directory with train's input in it; it goes again where the work in it is not finished.

    Raises UsageError for an input that no train would take, and for a directory that cannot be made here.
    """
    content = _training_input(input_file)
    try:
        volume = Directory.create(folder)
    except OSError as error:
        raise UsageError(
            f"cannot make the experiment's directory {folder}: {error.strerror or error}",
            hint="With --input, --volume is a folder of this machine that the agents have under the same name.",
        ) from error
    try:
        volume.put(contract.INPUT_TRAINING, content)
        yield
    except BaseException:
        remove_tree(folder)
        if folder.exists():
            warn(f"{folder} is left: another user owns what is in it")
        raise


def _training_input(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(strictjson.MAX_BYTES + 1)
        document = strictjson.parse(content)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except strictjson.NotStrictJson as error:
        raise UsageError(f"{path} is not strict JSON: {error}") from error
    if problem := schemas.first_problem("input_training", document):
        raise UsageError(
            f"{path} is no {contract.INPUT_TRAINING}, at {problem.path}: "
            f"expected {problem.expected}, got {problem.got}",
            hint="docs/contract.md, section 3, tells what train reads.",
        )
    return content


def ensure_seen(folder: Path) -> None:
    """Raises UsageError for an experiment's directory that nothing could be fetched from."""
    if not folder.is_dir():
        raise UsageError(
            f"there is no experiment's directory {folder} on this machine, to fetch from",
            hint="Name with --volume a folder that this machine has under the same name as the agents, or leave "
            "--fetch out.",
        )


def from_directory(folder: Path, command: str) -> Retrieved:
    """What ``train`` or ``test`` left in the experiment's directory. Raises EngineError where it cannot be read."""
    name = _LEFT[command]
    snapshot = Directory(path=folder).read()
    entry = snapshot.get(name)
    defect = outputs.read_output(snapshot, name).defect
    if defect is not None or entry is None or entry.content is None:
        return Retrieved(trouble=None if defect is None else f"{defect.message}; {defect.got}")
    return Retrieved(files={name: entry.content})


def from_database(results: DatabaseAddress, job_id: str, *, secrets: Mapping[str, str]) -> Retrieved:
    """What ``compute`` stored. Raises DatabaseError where that cannot be told, UsageError without a password."""
    connection = results.connection(address.secret(RESULTS, results.password, secrets))
    try:
        rows = given.rows_of_job(connection, job_id)
    except DatabaseError as error:
        raise DatabaseError(
            error.message,
            hint=f"The job came to its end, and its row is there: look for job_id {job_id}. "
            "--out must name a host that works from here, too.",
        ) from error
    return Retrieved(
        files={JOB_RESULT: _document(rows)} if rows else {},
        error=rows[0].error if len(rows) == 1 else None,
        trouble=_trouble(rows),
    )


def _document(rows: Sequence[ResultRow]) -> bytes:
    return (json.dumps([asdict(row) for row in rows], indent=1) + "\n").encode()


def _trouble(rows: Sequence[ResultRow]) -> str | None:
    if len(rows) != 1:
        return f"it left {len(rows) or 'no'} rows in job_result, where one is due"
    (row,) = rows
    if row.data_bytes is not None and row.data is None:
        return f"its data have {row.data_bytes:,} bytes, which is too much to be kept here"
    return None
