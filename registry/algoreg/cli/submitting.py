"""``algoreg job --submit``: the job's directory, its way through Chronos, and what it left."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from algoreg import contract
from algoreg.cli import engines, output
from algoreg.cli.output import Format

if TYPE_CHECKING:
    from algoreg.export.jobs.model import ScheduledJob
    from algoreg.export.jobs.request import Request
    from algoreg.retrieval import Outlet, Retrieved
    from algoreg.retrieval.inputs import Given
    from algoreg.schedulers.submission import Submission
    from algoreg.volumes import Volume


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One job to be submitted, and what is wanted besides."""

    url: str
    request: Request
    run: ScheduledJob
    given: Given | None
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

    found: Retrieved | None = None
    files: tuple[str, ...] = ()
    if errand.fetch is None:
        done = _submitted(errand)
    else:
        outlet = _outlet(errand)
        kept = volumes.create(errand.fetch, errand.request.algorithm.code, option="--fetch")
        with kept.left_clean():
            done = _submitted(errand)
            found = retrieval.fetched(outlet, kept, succeeded=done.succeeded) if done.ended else None
        files = _files(kept, found)
    _show(errand, done, found, files, format)
    if code := retrieval.exit_code(found, succeeded=done.succeeded):
        raise typer.Exit(code)


def _outlet(errand: Errand) -> Outlet:
    from algoreg.retrieval.database import DatabaseOutlet
    from algoreg.retrieval.directory import DirectoryOutlet

    if errand.request.command == contract.COMPUTE or errand.directory is None:
        return DatabaseOutlet.opened(errand.request, secrets=os.environ)
    return DirectoryOutlet.opened(errand.directory, errand.request, errand.given)


def _submitted(errand: Errand) -> Submission:
    from algoreg.cli.progress import display
    from algoreg.schedulers import address, chronos, submission
    from algoreg.schedulers.following import QUEUE_S, Patience

    run_s = errand.request.algorithm.resources.timeout_s
    patience = Patience(run_s=run_s, queue_s=QUEUE_S if errand.queue_s is None else errand.queue_s)
    with display() as shown:
        connected = chronos.connect(address.given(errand.url))
        with _prepared(errand):
            _tell_directory(errand)
            return submission.submit(connected, errand.run, patience, tell=shown.note, warn=engines.warn)


def _prepared(errand: Errand) -> AbstractContextManager[None]:
    from algoreg.retrieval import inputs

    if errand.given is None or errand.directory is None:
        return nullcontext()
    return inputs.prepared(errand.directory, errand.given, warn=engines.warn)


def _tell_directory(errand: Errand) -> None:
    if errand.directory is None:
        return
    engines.warn(f"the experiment's directory is {errand.directory}")
    if errand.request.command == contract.TRAIN:
        engines.warn(f"its test is asked for with --experiment {errand.directory.name}")


def _files(kept: Volume, found: Retrieved | None) -> tuple[str, ...]:
    """Names of what was kept; a folder in which nothing is does not stay."""
    files = () if found is None else tuple(str(kept.path / name) for name in found.files)
    if not files:
        with suppress(OSError):
            kept.path.rmdir()
    return files


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
