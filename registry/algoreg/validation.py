"""Validates targets one after the other on one engine, and puts their reports together.

Decides nothing about images (``conformance`` does); knows which target is an image, a plugin or a folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from algoreg import candidate, conformance, metadata
from algoreg.candidate import Candidate
from algoreg.conformance import Examination
from algoreg.documents import Document
from algoreg.engines.protocol import Engine, Laboratory, Subject
from algoreg.errors import AlgoregError, Cancelled, MetadataError, UsageError
from algoreg.model import ImageRef
from algoreg.probe import Probe
from algoreg.registry import METADATA_FILE, Registry, document_in
from algoreg.report import CheckResult, Finding, Outcome, Report, Severity, TargetReport
from algoreg.timing import Stopwatch
from algoreg.worlds import Progress


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a person asked to validate."""

    text: str
    package: Path | None
    """The folder of algorithm.yaml, for a plugin's code or folder."""

    def metadata_file(self) -> Path:
        """The plugin's document. Raises UsageError for an image."""
        if self.package is None:
            raise UsageError(
                f"{self.text} is no installed plugin and no plugin folder",
                hint="--engine process takes a plugin's code or its folder; images need a container engine.",
            )
        return self.package / METADATA_FILE

    def image(self) -> str:
        """The image to run: the one that is named, or the one that the plugin declares."""
        if self.package is not None:
            return metadata.parse(metadata.read_file(self.metadata_file())).reference
        if ImageRef.parse(self.text) is None:
            raise UsageError(
                f"{self.text!r} is no image reference, no installed plugin and no plugin folder",
                hint="Write repository:tag, as docker run does; `algoreg list` shows the plugins.",
            )
        return self.text


def resolve(text: str, registry: Registry) -> Target:
    """Plugin code, folder or image reference, in this order.

    Raises UsageError for a folder without a plugin, and for a code that is misspelt or could mean a folder.
    """
    registry.ensure_no_misspelling(text)
    if (entry := registry.meant(text)) is not None:
        return Target(text=text, package=entry.folder)
    if Path(text).is_dir():
        return Target(text=text, package=document_in(Path(text)).parent)
    return Target(text=text, package=None)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How targets are run."""

    seed: int
    jobs: int
    timeout_s: float | None
    given: Document | None
    """The metadata of --metadata."""
    examination: Examination


def default_jobs() -> int:
    """Two experiments for each processor: most declare half a processor, and all of them wait a while."""
    return max(2, 2 * (os.cpu_count() or 1))


def validate(
    targets: Iterable[Target],
    *,
    engine: Engine,
    open_subject: Callable[[Target], Subject],
    registry: Registry,
    settings: Settings,
    progress: Progress,
) -> Report:
    """Judge every target. What cannot be judged is an ERROR of that target; the others go on.

    Raises Cancelled, and UsageError for a target that is none.
    """
    session = _Session(
        engine=engine, open_subject=open_subject, registry=registry, settings=settings, progress=progress
    )
    reports = tuple(session.judge(target) for target in targets)
    return Report(seed=settings.seed, engine=engine.info, targets=reports)


@dataclass(frozen=True, kw_only=True)
class _Session:
    """What all targets of one run share."""

    engine: Engine
    open_subject: Callable[[Target], Subject]
    registry: Registry
    settings: Settings
    progress: Progress

    def judge(self, target: Target) -> TargetReport:
        started = time.monotonic()
        stopwatch = Stopwatch(self.progress)
        try:
            subject = self.open_subject(target)
            with self.engine.laboratory(subject) as laboratory:
                probe = self._probe(target, subject, laboratory, stopwatch)
                examined = conformance.examine(probe, self.settings.examination)
                return replace(examined, timings=stopwatch.timings())
        except (Cancelled, UsageError):
            raise
        except AlgoregError as error:
            return _unjudged(target, error, time.monotonic() - started)

    def _probe(self, target: Target, subject: Subject, laboratory: Laboratory, progress: Progress) -> Probe:
        return Probe(
            candidate=candidate_of(target, subject, given=self.settings.given, registry=self.registry),
            subject=subject,
            engine=self.engine,
            laboratory=laboratory,
            seed=self.settings.seed,
            jobs=self.settings.jobs,
            timeout_s=self.settings.timeout_s,
            progress=progress,
        )


def candidate_of(
    target: Target, subject: Subject, *, given: Document | None, registry: Registry
) -> Candidate:
    """What is known of a target: by its label, its plugin's file, or the file that the person named (``given``)."""
    if subject.image is not None:
        installed = tuple(registry.entries.values())
        return candidate.of_image(subject.target, subject.image, given=given, installed=installed)
    document, unreadable = given, None
    if document is None:
        try:
            document = metadata.read_file(target.metadata_file())
        except MetadataError as error:
            unreadable = error
    return Candidate(
        target=target.text,
        reference=None,
        image=None,
        document=document,
        unreadable=unreadable,
        given=given is not None,
    )


def _unjudged(target: Target, error: AlgoregError, duration_s: float) -> TargetReport:
    """A target that could not be looked at: nothing of it was judged."""
    finding = Finding(outcome=Outcome.ERROR, message=error.message, fix=error.hint or None)
    result = CheckResult(
        id="run.start", severity=Severity.ERROR, findings=(finding,), title="it could not be started"
    )
    return TargetReport(
        target=target.text,
        image_id=None,
        digest=None,
        code=None,
        duration_s=duration_s,
        checks=(result,),
    )
