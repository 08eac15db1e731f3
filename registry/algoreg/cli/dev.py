"""``algoreg dev``: opens the process engine once, and tells of round after round what turned."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import completion
from algoreg.cli.output import color_wanted, flush, output_text, styled, write
from algoreg.cli.selecting import JobsOption, OnlyOption, SkipOption

if TYPE_CHECKING:
    from algoreg.cli.progress import Display
    from algoreg.development.rounds import Stage
    from algoreg.development.session import Opened
    from algoreg.errors import AlgoregError
    from algoreg.report import CheckResult, TargetReport

EPILOG = """Examples:

algoreg dev plugins/knn

algoreg dev plugins/knn --only neg --only cli

algoreg dev plugins/knn --once --seed 7

What a save affects: program and requirements everything, algorithm.yaml what depends on the values that changed,
Dockerfile, README and tests nothing that runs here (lint looks at them).

Exit codes: 130 after Ctrl-C; 2 wrong usage, or the folder is gone; with --once those of `algoreg validate`."""

_SUSPICIOUS = 3
"""Rounds in a row that a person hardly stops."""


def dev(
    plugin: Annotated[
        str,
        typer.Argument(
            metavar="PLUGIN", help="A plugin's folder or code.", autocompletion=completion.codes_and_folders
        ),
    ],
    only: OnlyOption = None,
    skip: SkipOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="Make one round and end with the exit code of validate.")
    ] = False,
    jobs: JobsOption = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="Seed of data, names and passwords; all rounds share it.", show_default="random"
        ),
    ] = None,
) -> None:
    """Watch a plugin's folder, and judge its program after each save, on this machine and without isolation.

    What failed before comes first, then the base case, then the rest; a save during a round begins it anew. What is
    shown is what turned. The image is judged by `algoreg validate`.
    """
    from algoreg import registry
    from algoreg.development import session
    from algoreg.development.watching import watching

    known = registry.load()
    asked = session.Asked(target=plugin, only=tuple(only or ()), skip=tuple(skip or ()), jobs=jobs, seed=seed)
    teller = _Teller(plugin)
    with session.opened(asked, registry=known, show=_shown, note=_note) as opened:
        teller.opened(opened, once=once)
        if once:
            report = opened.rounds.judge(teller)
            teller.round_ended(report)
            raise typer.Exit(opened.concluded(report))
        with watching(opened.place.root) as watch:
            opened.loop(teller).run(watch)


@contextmanager
def _shown(checks: int) -> Iterator[Display]:
    """A display of its own for each stage, and gone when its results are printed."""
    from algoreg.cli.progress import display

    with display(checks=checks) as shown:
        yield shown


def _note(text: str) -> None:
    """PostgreSQL's start is short, and the display of the first stage shows more."""


class _Teller:
    """Prints what happens (``algoreg.development.loop.Teller``)."""

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin
        self._rounds = 0
        self._linted: dict[str, CheckResult] = {}
        self._seed = 0

    def opened(self, session: Opened, *, once: bool) -> None:
        """What is watched, and what repeats it."""
        from algoreg.formats.escape import safe

        self._seed = session.seed
        end = "" if once else "; Ctrl-C ends"
        write(f"{safe(self._plugin)}: {session.engine}, seed {session.seed}{end}")
        flush()

    def _say(self, text: str) -> None:
        from algoreg.formats.escape import safe

        write(f"[{time.strftime('%H:%M:%S')}] {safe(text)}")
        flush()

    def saved(self, paths: Collection[str], *, due: int) -> None:
        """Name the files."""
        from algoreg.development.changes import named

        what = f"{due} checks are due" if due else "no check depends on it"
        self._say(f"saved {named(paths)}: {what}")

    def stopped(self, times: int) -> None:
        """Say that a round will not be concluded, and what may be the matter where it goes on like that."""
        self._say("a file was saved: the round is stopped")
        if times == _SUSPICIOUS:
            self._say("if nobody saved it, the program writes into its own folder: let it write to /tmp")

    def stage_ended(self, stage: Stage) -> None:
        """One line, and what turned."""
        from algoreg.formats import rounds

        if stage.judged:
            self._say(rounds.stage(stage.name, stage.judged, stage.duration_s))
        for one in stage.changes:
            before = None if one.before is None else one.before.outcome
            line = self._reproduce(one.after.id)
            output_text(
                rounds.change(before, one.after, fresh=one.fresh, reproduce=line, color=color_wanted())
            )
        flush()

    def _reproduce(self, id: str) -> str:
        import shlex

        where = ("--engine", "process", self._plugin)
        return shlex.join(["algoreg", "validate", *where, "--only", id, "--seed", str(self._seed), "--keep"])

    def round_ended(self, report: TargetReport) -> None:
        """The round in one line."""
        from algoreg.formats import rounds

        self._rounds += 1
        self._say(rounds.summary(self._rounds, report))

    def metadata_invalid(self, error: AlgoregError) -> None:
        """Where, and what to write instead."""
        from algoreg.errors import MetadataError
        from algoreg.formats.escape import safe

        self._say("the metadata are not valid; they are read again when they are saved")
        problems = error.problems if isinstance(error, MetadataError) and error.problems else (error.message,)
        for problem in problems:
            write(f"  {styled('FAIL', 'red', sys.stdout)} {safe(problem)}")
        flush()

    def linted(self, results: Iterable[CheckResult]) -> None:
        """What lint objects to now, and what it does not any more."""
        from algoreg.development.rounds import Change
        from algoreg.formats import rounds

        now = {one.id: one for one in results}
        changes = [Change(before=self._linted.get(id), after=one) for id, one in now.items()]
        self._say(rounds.stage("lint", now.values()))
        for one in changes:
            if one.turned:
                before = None if one.before is None else one.before.outcome
                output_text(rounds.change(before, one.after, fresh=one.fresh, color=color_wanted()))
        self._linted = now
        flush()

    def unreadable(self, error: AlgoregError) -> None:
        """Which file, and why."""
        self._say(f"lint: {error.message}")
