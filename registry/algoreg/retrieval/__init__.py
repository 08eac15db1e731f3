"""What a job of a scheduler leaves: a file in its experiment's directory, or its row of job_result.

How a job is written down is left to ``export.jobs``, how it is followed to ``schedulers``, and what a result must look
like to ``outputs`` and ``rows``. What an image left is untrusted: it is read within the contract's bounds, judged, and
kept under names of ours. What was there before the job is refused: it would pass for the job's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from algoreg.errors import EXIT_ERROR, EXIT_FAIL, EXIT_PASS, AlgoregError
from algoreg.outputs import Defect
from algoreg.volumes import Volume


@dataclass(frozen=True, kw_only=True)
class Retrieved:
    """What a job left."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Under names of ours."""
    error: str | None = None
    """What a failed compute wrote into its row; untrusted."""
    trouble: str | None = None
    """Why a result is none, or not there."""
    unread: bool = False
    """It could not be looked at: nothing can be said of it."""


class Outlet(Protocol):
    """Where a job leaves what is due; made before the job is submitted, when nothing of it is there."""

    def fetch(self, *, succeeded: bool) -> Retrieved | None:
        """What is there after the end of the job; None where nobody waits for anything. Raises AlgoregError."""


def fetched(outlet: Outlet, into: Volume, *, succeeded: bool) -> Retrieved | None:
    """What the job left, kept in ``into``; that it cannot be had is no reason to forget how the job ended."""
    try:
        found = outlet.fetch(succeeded=succeeded)
        for name, content in ({} if found is None else found.files).items():
            into.write(name, content)
    except AlgoregError as error:
        return Retrieved(
            trouble=f"{error.message}; {error.hint}" if error.hint else error.message, unread=True
        )
    return found


def exit_code(found: Retrieved | None, *, succeeded: bool) -> int:
    """How a command ends that submitted a job and wanted what it left."""
    if found is not None and found.unread:
        return EXIT_ERROR
    return EXIT_PASS if succeeded and (found is None or found.trouble is None) else EXIT_FAIL


def told(defect: Defect) -> str:
    """A defect in one sentence."""
    return f"{defect.message}; expected {defect.expected}; got {defect.got}"
