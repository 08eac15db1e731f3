"""The options of validate that keep known failures from being counted, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import output

if TYPE_CHECKING:
    from algoreg.baseline import Baseline
    from algoreg.check import Check
    from algoreg.report import Report
    from algoreg.waivers import Excused, Waiver

WaiversOption = Annotated[
    Path | None,
    typer.Option(
        "--waivers", metavar="FILE", help="Failures that are tolerated for a while: shown, and not counted."
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline", metavar="REPORT", help="A JSON report: failures that it has already are not counted."
    ),
]


@dataclass(frozen=True, kw_only=True)
class Excuses:
    """What the files of the options say."""

    waivers: tuple[Waiver, ...] | None
    baseline: Baseline | None


def read(waivers: Path | None, baseline: Path | None, checks: Iterable[Check]) -> Excuses:
    """Read the files, before long work. Raises UsageError."""
    from algoreg import baseline as baselines
    from algoreg import waivers as tolerated

    ids = {check.id for check in checks}
    return Excuses(
        waivers=tolerated.read(waivers, checks=ids, day=tolerated.today()) if waivers is not None else None,
        baseline=baselines.read(baseline) if baseline is not None else None,
    )


def marked(report: Report, excuses: Excuses) -> Excused:
    """The report with what is excused marked."""
    from algoreg import baseline

    return baseline.excuse(report, waivers=excuses.waivers, baseline=excuses.baseline)


def tell(excused: Excused) -> None:
    """Say on standard error what else is to be known: what fails no longer, which waiver covers nothing."""
    from algoreg.formats.escape import safe

    for text in excused.notes:
        output.note(f"algoreg: {safe(text)}")
