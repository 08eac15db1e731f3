"""``algoreg job --submit``: the job's directory, its way through Chronos, and what it left."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from algoreg import contract
from algoreg.cli import engines, output
from algoreg.cli.output import Format
from algoreg.errors import EXIT_FAIL

if TYPE_CHECKING:
    from algoreg.export.jobs.model import ScheduledJob
    from algoreg.export.jobs.request import Request
    from algoreg.retrieval import Retrieved
    from algoreg.schedulers.submission import Submission


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One job to be submitted, and what is wanted besides."""

    url: str
    request: Request
    run: ScheduledJob
    input: Path | None
    """What its train reads, to be put into a new directory."""
    fetch: Path | None
    """Where a new folder with what it left is made."""
    queue_s: float | None

    @property
    def directory(self) -> Path | None:
        """The experiment's, on the host."""
        return Path(self.run.volumes[0].host_path) if self.run.volumes else None


def submit(errand: Errand, *, format: Format) -> None:
    """Submit a job, follow it, delete it, keep its results, and tell; exits with 1 where there are none."""
    from algoreg import retrieval, volumes

    if errand.fetch is not None and errand.directory is not None and errand.input is None:
        retrieval.ensure_seen(errand.directory)
    kept = None if errand.fetch is None else volumes.create(errand.fetch, errand.request.algorithm.code)
    with nullcontext() if kept is None else kept.left_clean():
        _tell_directory(errand)
        done = _submitted(errand)
        found = None if kept is None else _retrieved(errand, done)
        if kept is not None and found is not None:
            for name, content in found.files.items():
                kept.write(name, content)
    files = () if kept is None or found is None else tuple(str(kept.path / name) for name in found.files)
    if kept is not None and not files:
        kept.path.rmdir()
    _show(errand, done, found, files, format)
    if not done.succeeded or (found is not None and found.trouble is not None):
        raise typer.Exit(EXIT_FAIL)


def _tell_directory(errand: Errand) -> None:
    if errand.directory is None:
        return
    engines.warn(f"the experiment's directory is {errand.directory}")
    if errand.request.command == contract.TRAIN:
        engines.warn(f"its test is asked for with --experiment {errand.directory.name}")


def _submitted(errand: Errand) -> Submission:
    from algoreg.cli.progress import display
    from algoreg.schedulers import address, chronos, submission
    from algoreg.schedulers.following import QUEUE_S, Patience

    run_s = errand.request.algorithm.resources.timeout_s
    patience = Patience(run_s=run_s, queue_s=QUEUE_S if errand.queue_s is None else errand.queue_s)
    with display() as shown:
        connected = chronos.connect(address.given(errand.url))
        with _prepared(errand):
            return submission.submit(connected, errand.run, patience, tell=shown.note, warn=engines.warn)


def _prepared(errand: Errand) -> AbstractContextManager[None]:
    from algoreg import retrieval

    if errand.input is None or errand.directory is None:
        return nullcontext()
    return retrieval.prepared(errand.directory, errand.input, warn=engines.warn)


def _retrieved(errand: Errand, done: Submission) -> Retrieved | None:
    """None where the job left nothing that anybody waits for."""
    from algoreg import retrieval
    from algoreg.schedulers.following import End

    request = errand.request
    if request.command == contract.COMPUTE and request.results is not None and done.end is not End.OVERDUE:
        return retrieval.from_database(request.results, request.job_id, secrets=os.environ)
    if done.succeeded and errand.directory is not None:
        return retrieval.from_directory(errand.directory, request.command)
    return None


def _show(
    errand: Errand, done: Submission, found: Retrieved | None, files: tuple[str, ...], format: Format
) -> None:
    from algoreg.formats.escape import safe, safe_lines

    error, trouble = (None, None) if found is None else (found.error, found.trouble)
    if format is Format.JSON:
        more = {
            "job_id": errand.request.job_id,
            "directory": None if errand.directory is None else str(errand.directory),
            "files": list(files),
            "error": error,
            "trouble": trouble,
        }
        output.write_json({**done.json(), **more})
        return
    lines = [done.text, *(f"kept: {file}" for file in files)]
    if error is not None:
        lines += ["its row of job_result says:", *(f"  {line}" for line in safe_lines(error))]
    if trouble is not None:
        lines.append(f"no result: {trouble}")
    output.output_text("".join(f"{safe(line)}\n" for line in lines))
