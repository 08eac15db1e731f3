"""Puts an inner loop together: the plugin, the process engine with a PostgreSQL that stays up, rounds and lint."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from algoreg import build, conformance, validation
from algoreg.check import Check
from algoreg.conformance import Examination, Selection
from algoreg.development.loop import Loop, Place, Teller
from algoreg.development.rounds import Rounds, Show
from algoreg.engines.process import ProcessEngine, open_process
from algoreg.linting import sources
from algoreg.probe import Probe
from algoreg.registry import Registry
from algoreg.report import CheckResult, Report, Severity, TargetReport
from algoreg.validation import Target
from algoreg.worlds import Progress

_OF_CHECKS = ("meta",)
"""Families that lint shares with the checks, which every round judges."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person asked for."""

    target: str
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    jobs: int | None = None
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An inner loop whose engine runs."""

    place: Place
    rounds: Rounds
    seed: int
    checks: tuple[Check, ...]
    process: ProcessEngine

    @property
    def engine(self) -> str:
        """Name and version."""
        return f"{self.process.info.name} {self.process.info.version}"

    def loop(self, teller: Teller) -> Loop:
        """The loop, which tells ``teller``."""
        return Loop(
            place=self.place,
            rounds=self.rounds,
            checks=self.checks,
            engine=self.process,
            lint=lambda: _linted(self.place.package),
            teller=teller,
        )

    def concluded(self, report: TargetReport) -> int:
        """The exit code that a validation would have."""
        return Report(seed=self.seed, engine=self.process.info, targets=(report,)).exit_code


@contextmanager
def opened(asked: Asked, *, registry: Registry, show: Show, note: Callable[[str], None]) -> Iterator[Opened]:
    """Everything that the rounds share; it is gone when the context ends. Raises UsageError."""
    target = validation.resolve(asked.target, registry)
    place = place_of(target)
    examination = _examination(asked, registry)
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    with open_process(progress=note, seed=seed) as engine:
        subject = engine.subject(target.text, place.package)
        with engine.laboratory(subject) as laboratory:

            def open_probe(progress: Progress) -> Probe:
                return Probe(
                    candidate=validation.candidate_of(target, subject, given=None, registry=registry),
                    subject=subject,
                    engine=engine,
                    laboratory=laboratory,
                    seed=seed,
                    jobs=asked.jobs or validation.default_jobs(),
                    timeout_s=None,
                    progress=progress,
                )

            rounds = Rounds(examination, open_probe=open_probe, show=show)
            yield Opened(
                place=place, rounds=rounds, seed=seed, checks=tuple(examination.checks), process=engine
            )


def place_of(target: Target) -> Place:
    """What to watch: the folder that was named; of a code its package, or where its Dockerfile lies beside it."""
    package = target.metadata_file().parent.resolve()
    named = Path(target.text)
    if target.package is not None and named.is_dir() and package.is_relative_to(named.resolve()):
        return Place(root=named.resolve(), package=package)
    recipe = build.own_file(package, build.DOCKERFILE)
    return Place(root=package if recipe is None else recipe.parent.resolve(), package=package)


def _examination(asked: Asked, registry: Registry) -> Examination:
    catalogue = conformance.catalogue(registry.plugins)
    selection = Selection(only=asked.only, skip=asked.skip)
    selection.validate(catalogue.checks)
    return Examination(
        checks=catalogue.checks,
        selection=selection,
        fail_on=Severity.ERROR,
        broken=(*registry.broken, *catalogue.broken),
    )


def _linted(package: Path) -> tuple[CheckResult, ...]:
    found = sources.of_plugin(package).results()
    return tuple(one for one in found if one.id.partition(".")[0] not in _OF_CHECKS)
