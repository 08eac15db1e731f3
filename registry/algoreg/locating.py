"""Says which line of an author's files a finding speaks of, where the plugin is at hand; formats write it down.

A line is a courtesy: where none fits, it is the first of the file that the check is about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from algoreg import metadata
from algoreg.documents import Document
from algoreg.errors import AlgoregError, UsageError
from algoreg.formats.told import Locate, Place
from algoreg.registry import Registry, document_in
from algoreg.report import CheckResult, Finding, TargetReport

_T = TypeVar("_T")

_DOCKERFILE = "Dockerfile"
_MAX_DOCKERFILE = 1024 * 1024

_INSTRUCTIONS: Mapping[str, str] = {
    "meta.labels": "LABEL|FROM",
    "meta.oci": "LABEL|FROM",
    "meta.arch": "FROM",
    "meta.entrypoint": "ENTRYPOINT|CMD|FROM",
    "meta.workdir": "WORKDIR",
    "meta.root": "USER|FROM",
    "sec.baked-env": "ENV|ARG",
    "run.start": "ENTRYPOINT|CMD",
    "run.exit-code": "ENTRYPOINT|CMD",
    "run.signal": "ENTRYPOINT|CMD",
    "run.sigterm": "ENTRYPOINT|CMD",
    "cli.": "ENTRYPOINT|CMD",
    "neg.": "ENTRYPOINT|CMD",
}
"""Check, or family -> the instruction of the Dockerfile that it speaks of, the last one of them."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "meta.version": ("version",),
    "meta.match": ("image",),
    "run.oom": ("resources", "memory_mb"),
    "run.timeout": ("resources", "timeout_s"),
    "cap.task": ("tasks",),
    "cap.param-ignored": ("parameters",),
    "cap.param-range": ("parameters",),
    "cap.null": ("variables_can_be_null",),
    "cap.constraints": ("constraints",),
    "cap.federated": ("federated",),
    "cap.wait": ("entrypoints",),
    "det.": ("deterministic",),
    "db.shape": ("result",),
    "pfa.": ("result",),
    "sem.uses-model": ("parameters",),
}
"""Check, or family -> the key of algorithm.yaml that it speaks of."""


def of_plugins(registry: Registry, named: Mapping[str, Path], *, given: Path | None = None) -> Locate:
    """Places in the folder that holds a target's plugin, by the target's text or by its algorithm's code.

    ``given``: the folder of every target. A plugin outside the working directory is not at hand: its lines would
    name the machine, and no pull request. Raises UsageError for a ``given`` one that is there, or holds none.
    """
    if given is not None:
        _ensure_inside(document_in(given))
    sources: dict[Path, _Sources | None] = {}

    def locate(target: TargetReport, check: CheckResult, finding: Finding) -> Place | None:
        entry = registry.entries.get(target.code or "")
        folder = given or named.get(target.target) or (entry.folder if entry else None)
        if folder is None:
            return None
        if folder not in sources:
            sources[folder] = _sources(folder)
        found = sources[folder]
        return found.place(check.id, finding) if found else None

    return locate


def _ensure_inside(path: Path) -> None:
    if _uri(path) is None:
        raise UsageError(
            f"{path} lies outside the working directory, so that no pull request knows its lines",
            hint="Run the command at the top of the repository that holds the plugin.",
        )


@dataclass(frozen=True, kw_only=True)
class _Sources:
    """A plugin's two files."""

    document: Document | None
    metadata: str
    dockerfile: str | None
    instructions: Mapping[str, int]
    """Instruction -> the line where the last of its name begins."""

    def place(self, id: str, finding: Finding) -> Place:
        """Where the cause of a finding of this check stands."""
        if self.dockerfile is not None and (names := _of(_INSTRUCTIONS, id)):
            lines = [self.instructions[name] for name in names.split("|") if name in self.instructions]
            return Place(uri=self.dockerfile, line=lines[0] if lines else 1)
        line, column = self._in_metadata(id, finding)
        return Place(uri=self.metadata, line=line, column=column)

    def _in_metadata(self, id: str, finding: Finding) -> tuple[int, int]:
        if self.document is None:
            return 1, 1
        if id == "meta.schema":
            return _problem(self.document, finding)
        node = self.document.locate(_of(_KEYS, id) or ())
        return (node.line, node.column) if node else (1, 1)


def _of(table: Mapping[str, _T], id: str) -> _T | None:
    return table.get(id) or table.get(f"{id.partition('.')[0]}.")


def _problem(document: Document, finding: Finding) -> tuple[int, int]:
    """The problem that the finding tells, found again in the file."""
    for problem in metadata.problems(document):
        if finding.message == f"{problem.path}: {problem.message}":
            return problem.line or 1, problem.column or 1
    return 1, 1


def _sources(folder: Path) -> _Sources | None:
    """None for a folder that holds no plugin, or lies outside the working directory."""
    try:
        path = document_in(folder)
    except AlgoregError:
        return None
    uri = _uri(path)
    if uri is None:
        return None
    dockerfile = next((one for one in _beside(path, _DOCKERFILE) if one.is_file()), None)
    return _Sources(
        document=_document(path),
        metadata=uri,
        dockerfile=_uri(dockerfile) if dockerfile else None,
        instructions=_instructions(dockerfile) if dockerfile else {},
    )


def _beside(path: Path, name: str) -> tuple[Path, ...]:
    return path.with_name(name), path.parent.with_name(name)


def _uri(path: Path) -> str | None:
    """Relative to the working directory, as the tools of a pull request want it."""
    relative = os.path.relpath(path.resolve(), Path.cwd())
    return None if relative.startswith("..") else quote(Path(relative).as_posix())


def _document(path: Path) -> Document | None:
    try:
        return metadata.read_file(path)
    except AlgoregError:
        return None


def _instructions(path: Path) -> dict[str, int]:
    """Where the last instruction of each name begins; what cannot be read has none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(_MAX_DOCKERFILE)
    except OSError:
        return {}
    found = {}
    continued = False
    for number, line in enumerate(text.splitlines(), 1):
        begun = re.match(r"\s*([A-Za-z]+)\s", line)
        if begun and not continued:
            found[begun[1].upper()] = number
        if not line.lstrip().startswith("#"):
            continued = line.rstrip().endswith("\\")
    return found
