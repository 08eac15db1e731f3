"""Goes round after round: wait for a save, find out what it affects, judge that, begin anew when it is saved again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from algoreg import metadata
from algoreg.check import Check
from algoreg.development import affected
from algoreg.development.changes import Effect, effect
from algoreg.development.rounds import Rounds, Stages
from algoreg.development.watching import Watch
from algoreg.errors import AlgoregError, Cancelled, UsageError
from algoreg.model import Algorithm
from algoreg.registry import METADATA_FILE
from algoreg.report import CheckResult, TargetReport


class Teller(Stages, Protocol):
    """Tells a person what happens."""

    def saved(self, paths: Collection[str], *, due: int) -> None:
        """Files changed; so many checks have to be judged."""

    def stopped(self, times: int) -> None:
        """A round was stopped, because it judged what is no longer there; so many in a row."""

    def round_ended(self, report: TargetReport) -> None:
        """A round is over."""

    def metadata_invalid(self, error: AlgoregError) -> None:
        """Nothing is judged until the metadata can be read."""

    def linted(self, results: Iterable[CheckResult]) -> None:
        """What lint says of the folder."""

    def unreadable(self, error: AlgoregError) -> None:
        """Lint could not read a file."""


class Linter(Protocol):
    """Judges the files of a plugin without running them."""

    def __call__(self) -> tuple[CheckResult, ...]:
        """All rules."""


class Restartable(Protocol):
    """What of an engine has to be stopped and set going again."""

    def cancel(self) -> None:
        """Ask every run to stop at once."""

    def go_on(self) -> None:
        """Let runs begin again."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a plugin is watched."""

    root: Path
    """The folder that is watched."""
    package: Path
    """The Python package in it, with algorithm.yaml."""

    def effect(self, path: str) -> Effect:
        """What a file of the folder can affect."""
        return effect(path, package=self.package.relative_to(self.root).as_posix())


class Loop:
    """One plugin's inner loop; it ends by Cancelled, or by UsageError when its folder is gone."""

    def __init__(
        self,
        *,
        place: Place,
        rounds: Rounds,
        checks: Collection[Check],
        engine: Restartable,
        lint: Linter,
        teller: Teller,
    ) -> None:
        self._place = place
        self._rounds = rounds
        self._checks = checks
        self._everything = frozenset(check.id for check in checks)
        self._engine = engine
        self._lint = lint
        self._teller = teller
        self._declared: Algorithm | None = None
        """The last metadata that were valid."""
        self._valid = False
        """Whether those in the file are."""
        self._stops = 0
        """Rounds in a row that a save stopped."""

    def run(self, watch: Watch) -> None:
        """Judge everything, and then whatever a save affects, for ever."""
        self._read()
        due = self._valid
        while True:
            complete = not due or self._round(watch)
            due = self._saved(watch.wait() if complete else watch.poll())

    def _round(self, watch: Watch) -> bool:
        """Whether it came to its end, and was not stopped by a save."""
        try:
            with watch.stopping(self._engine.cancel, when=self._matters):
                report = self._rounds.judge(self._teller)
        except Cancelled:
            if not watch.stale:
                raise
            self._engine.go_on()
            self._stops += 1
            self._teller.stopped(self._stops)
            return False
        except UsageError as error:  # version control took algorithm.yaml away since it was read
            self._valid = False
            self._engine.go_on()
            self._teller.metadata_invalid(error)
            return True
        self._stops = 0
        self._engine.go_on()  # a save that came with the last check's end
        self._teller.round_ended(report)
        return True

    def _matters(self, path: str) -> bool:
        return self._place.effect(path) is not Effect.PAPERWORK

    def _saved(self, paths: Collection[str]) -> bool:
        """Forget what the change makes stale; whether there is something that can be judged."""
        effects = {self._place.effect(path) for path in paths}
        stale = self._everything if Effect.PROGRAM in effects else frozenset()
        if Effect.METADATA in effects or not self._valid:
            stale |= self._read()
        due = self._rounds.forget(stale)
        if self._valid:
            self._teller.saved(paths, due=due)
        if any(self._is_linted(path) for path in paths):
            self._linted()
        return due > 0 and self._valid

    def _linted(self) -> None:
        try:
            self._teller.linted(self._lint())
        except AlgoregError as error:  # a file that lint cannot read is mended as it was broken
            self._teller.unreadable(error)

    def _is_linted(self, path: str) -> bool:
        """What lint looks at, where the checks of the metadata do not say it already."""
        return not self._matters(path) or PurePath(path).name.startswith("requirements")

    def _read(self) -> frozenset[str]:
        """Read the metadata; ids that differ from the last valid ones affect."""
        before = self._declared
        try:
            self._declared = metadata.parse(metadata.read_file(self._place.package / METADATA_FILE))
        except AlgoregError as error:
            self._valid = False
            self._teller.metadata_invalid(error)
            return frozenset()
        self._valid = True
        if before is None:
            return self._everything
        return affected.affected(before.document, self._declared.document, self._checks)
