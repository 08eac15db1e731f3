"""Finds the run that a finding is about, and the command of a shell in its state, whichever engine made it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from algoreg import kept, reporting
from algoreg.engines import rerun
from algoreg.errors import AlgoregError, UsageError
from algoreg.report import Finding

_IGNORED: Final = (signal.SIGPIPE, signal.SIGXFSZ)
"""What Python ignores, and a program that it starts does not; who becomes another program has to give it back."""


def kept_run(report: str, check: str, *, case: str = "") -> str:
    """The kept run of the first failure of ``check`` whose case holds ``case``. Raises UsageError."""
    failures = _failures(report, check)
    found = [one for one in failures if case in (one.case or "")]
    if not found:
        known = ", ".join(repr(one.case) for one in failures if one.case)
        raise UsageError(
            f"{report}: {check} has no failure" + (f" in a case with {case!r}" if case else ""),
            hint=f"Its cases that failed: {known}." if known else "`algoreg report FILE` shows what failed.",
        )
    run = kept.run_of(found[0].reproduce or "")
    if run is None:
        raise UsageError(
            f"{report}: the run of {check} was not kept",
            hint="Validate again with --keep, with the seed of the report.",
        )
    return run


def _failures(report: str, check: str) -> list[Finding]:
    saved = reporting.read(Path(report), ())
    return [
        one
        for target in saved.targets
        for found in target.checks
        if found.id == check
        for one in found.failures
    ]


def shell(run: str, *, terminal: bool, environment: Mapping[str, str]) -> list[str]:
    """The command of a shell in the state of a kept run. Raises UsageError, EngineError."""
    if rerun.is_script(run):
        return rerun.shell(run, environment=environment)
    if not kept.is_container(run):
        raise UsageError(
            f"{run!r} names no kept run",
            hint="With a report, name the check, too: algoreg shell REPORT ID.",
        )
    from algoreg.engines.docker.kept import shell

    return shell(run, terminal=terminal)


def become(arguments: Sequence[str]) -> NoReturn:
    """Go on as this command. Raises AlgoregError where there is none."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(arguments[0], list(arguments))
    except OSError as error:
        raise AlgoregError(
            f"cannot start {arguments[0]}: {error.strerror}",
            hint="Install docker's command line: the engine answers without it, a shell needs it.",
        ) from error
