"""What train or test of a scheduler leaves in its experiment's directory: one file, judged without the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from algoreg import contract, outputs
from algoreg.engines.directory import Directory
from algoreg.errors import UsageError
from algoreg.export.jobs.request import Request
from algoreg.outputs import Defect
from algoreg.retrieval import Retrieved, told
from algoreg.retrieval.inputs import Given
from algoreg.samples.sample import Sample

_READ = {contract.TRAIN: contract.INPUT_TRAINING, contract.TEST: contract.INPUT_TEST}
_LEFT = {contract.TRAIN: contract.INPUT_TEST, contract.TEST: contract.PREDICTIONS}


@dataclass(frozen=True, kw_only=True)
class DirectoryOutlet:
    """The experiment's directory, in which train or test writes one file."""

    folder: Path
    command: str
    sample: Sample
    """The question; no rows."""
    given: Mapping[str, Any] = field(repr=False)
    """What it reads."""

    @classmethod
    def opened(cls, folder: Path, request: Request, content: Given | None) -> DirectoryOutlet:
        """Of a job that is given ``content`` in a new directory, else what lies in the one that is there.

        Raises UsageError where the job could not begin, or its output is there already.
        """
        found = _lying(folder, request.command) if content is None else content
        return cls(folder=folder, command=request.command, sample=request.asked.sample, given=found.document)

    def fetch(self, *, succeeded: bool) -> Retrieved | None:
        """The file, where it is what the contract asks for. Raises EngineError where it cannot be read."""
        if not succeeded:
            return None
        name = _LEFT[self.command]
        snapshot = Directory(path=self.folder).read()
        read = outputs.read_output(snapshot, name)
        defect = read.defect or self._defect(read.document)
        entry = snapshot.get(name)
        if defect is not None or entry is None or entry.content is None:
            return Retrieved(trouble=None if defect is None else told(defect))
        return Retrieved(files={name: entry.content})

    def _defect(self, document: Any) -> Defect | None:
        if self.command == contract.TEST:
            return outputs.predictions_form_defect(self.sample, self.given["test_rows"], document)
        return outputs.training_document_defect(self.given, document) or outputs.pipeline_defect(
            document["pipeline"]
        )


def _lying(folder: Path, command: str) -> Given:
    """What the job will read in a directory that is there."""
    if not folder.is_dir():
        raise UsageError(
            f"there is no experiment's directory {folder} on this machine, to fetch from",
            hint="Name with --volume a folder that this machine has under the same name as the agents, or leave "
            "--fetch out.",
        )
    snapshot = Directory(path=folder).read()
    due, name = _LEFT[command], _READ[command]
    if snapshot.get(due) is not None:
        raise UsageError(
            f"{folder / due} is there already, and would pass for what this job leaves",
            hint="Move it away, or name another experiment.",
        )
    entry = snapshot.get(name)
    if entry is None or entry.content is None:
        raise UsageError(
            f"there is no {name} in {folder} that can be read, and {command} reads it",
            hint="Name with --experiment the directory of a train that succeeded."
            if command == contract.TEST
            else "Name it with --input, without --experiment.",
        )
    return Given.parsed(entry.content, name, origin=str(folder / name))
