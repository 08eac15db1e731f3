"""Builds images and validates them, as `algoreg build` and `algoreg validate` would, inside a test's process."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from typing import Any

from algoreg import conformance, registry, validation
from algoreg.engines.docker import DockerEngine
from algoreg.report import Outcome, Report, Severity

EXECUTABLE_SUFFIX = ".sh"


class Silent:
    """Progress of single experiments is of no interest in a test."""

    def case_started(self, case: str) -> None: ...
    def case_ended(self, case: str) -> None: ...
    def check_ended(self, check: str, outcome: str) -> None: ...


def judge(engine: DockerEngine, reference: str, *, seed: int, skip: tuple[str, ...] = ()) -> Report:
    """The report of one image."""
    known = registry.load()
    return validation.validate(
        [validation.resolve(reference, known)],
        engine=engine,
        open_subject=lambda target: engine.subject(target.image()),
        registry=known,
        settings=validation.Settings(
            seed=seed,
            jobs=validation.default_jobs(),
            timeout_s=None,
            given=None,
            examination=conformance.Examination(
                checks=conformance.catalogue(),
                selection=conformance.Selection(skip=skip),
                fail_on=Severity.ERROR,
            ),
        ),
        progress=Silent(),
    )


def reproaches(report: Report) -> list[str]:
    """What was found wrong or could not be judged, a line each; empty for a clean pass."""
    return [
        f"{finding.outcome} {check.id} [{finding.case}] {finding.message} "
        f"(expected {finding.expected}, got {finding.got}) {finding.evidence or ''}".rstrip()
        for target in report.targets
        for check in target.checks
        for finding in check.findings
        if finding.outcome in {Outcome.FAIL, Outcome.ERROR}
    ]


def context(files: Mapping[str, bytes]) -> bytes:
    """A build context as a tar archive: the same bytes for the same files, so that the engine's cache holds."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755 if name.endswith(EXECUTABLE_SUFFIX) else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def merged(document: Any, patch: Any) -> Any:
    """JSON merge patch: null takes a key away."""
    if not isinstance(patch, dict) or not isinstance(document, dict):
        return patch
    changed = {key: merged(document.get(key), value) for key, value in patch.items() if value is not None}
    return {key: value for key, value in {**document, **changed}.items() if patch.get(key, ...) is not None}
