"""The one entry: ``run`` makes what is missing of the records, ``report`` turns records into the document."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.automl import trials
from benchmarks.automl.contenders import CONTENDERS
from benchmarks.automl.tables import DATA_SETS

from algoreg.cli import errors
from algoreg.errors import EXIT_FAIL, UsageError

ROOT = Path(__file__).parents[2]
RECORDS = Path(__file__).parent / "records"
_T = TypeVar("_T")

_EPILOG = f"""data sets: {", ".join(DATA_SETS)}
contenders: {", ".join(CONTENDERS)}

Exit codes: 0 done, 1 a trial broke (the others are kept), 2 wrong usage or a file that is no record."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.automl",
        description=sys.modules["benchmarks.automl"].__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="make the trials that are not kept yet")
    run.add_argument("--output", type=Path, default=RECORDS, metavar="DIR", help="where records are kept")
    run.add_argument("--data-sets", default=",".join(DATA_SETS), metavar="NAMES", help="separated by commas")
    run.add_argument(
        "--contenders", default=",".join(CONTENDERS), metavar="NAMES", help="separated by commas"
    )
    run.add_argument("--folds", type=int, default=5, metavar="N")
    run.add_argument("--seed", type=int, default=7, metavar="N")
    run.add_argument("--jobs", type=int, default=2, metavar="N", help="trials at a time")
    report = commands.add_parser("report", help="write the tables and plots of the document")
    report.add_argument("--records", type=Path, default=RECORDS, metavar="DIR", help="where records are kept")
    report.add_argument("--document", type=Path, default=ROOT / "docs" / "automl.md", metavar="FILE")
    return parser


def main() -> None:
    """Read the command line and do it. Raises UsageError."""
    asked = _parser().parse_args()
    {"run": _run, "report": _report}[asked.command](asked)


def _run(asked: argparse.Namespace) -> None:
    broken = trials.make(
        _named(asked.data_sets, DATA_SETS, "data set"),
        _named(asked.contenders, CONTENDERS, "contender"),
        trials.Round(folds=asked.folds, seed=asked.seed, jobs=asked.jobs, output=asked.output),
        partial(print, file=sys.stderr, flush=True),
    )
    if broken:
        sys.exit(EXIT_FAIL)


def _report(asked: argparse.Namespace) -> None:
    from benchmarks.automl import document

    document.write(asked.records, asked.document)


def _named(text: str, known: Mapping[str, _T], what: str) -> Sequence[_T]:
    """Those that are named, in the order of ``known``. Raises UsageError for another."""
    names = {name.strip() for name in text.split(",")}
    if unknown := sorted(names - known.keys()):
        raise UsageError(f"there is no {what} {unknown[0]!r}", hint=f"There are: {', '.join(known)}")
    return [one for name, one in known.items() if name in names]


if __name__ == "__main__":
    sys.exit(errors.run(main))
