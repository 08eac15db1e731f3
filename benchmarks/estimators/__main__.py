"""The one entry: ``run`` and ``images`` make what is missing of the records, ``report`` turns them into the page."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks.estimators import page, records, trials
from benchmarks.estimators.records import Record

from algoreg import files
from algoreg.cli import errors
from algoreg.errors import EXIT_FAIL, AlgoregError, UsageError
from algoreg.scaffolding.python import estimators
from algoreg.scaffolding.python.estimators import Estimator

ROOT = Path(__file__).parents[2]
RECORDS = Path(__file__).parent / "records"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.estimators",
        description=sys.modules["benchmarks.estimators"].__doc__,
        epilog="Exit codes: 0 done, 1 something could not be judged (the rest is kept), 2 wrong usage.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--records", type=Path, default=RECORDS, metavar="DIR", help="where records are kept")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="of the checks, and of the draw")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="judge, on the process engine, those that have no record yet")
    run.add_argument("--only", default="", metavar="NAMES", help="classes, separated by commas")
    run.add_argument("--again", action="store_true", help="also those that have a record")
    run.add_argument("--jobs", type=int, default=2, metavar="N", help="experiments at a time")
    images = commands.add_parser("images", help="build and judge a random few of those that pass as images")
    images.add_argument("--count", type=int, default=6, metavar="N")
    report = commands.add_parser("report", help="write the page")
    report.add_argument("--document", type=Path, default=ROOT / "docs" / "estimators.md", metavar="FILE")
    return parser


def main() -> None:
    """Read the command line and do it. Raises UsageError."""
    asked = _parser().parse_args()
    {"run": _run, "images": _images, "report": _report}[asked.command](asked)


def _run(asked: argparse.Namespace) -> None:
    asked.records.mkdir(parents=True, exist_ok=True)
    known = {one.name for one in records.read_all(asked.records)}

    def judge(one: Estimator, place: Path) -> None:
        trials.on_processes(one, place, seed=asked.seed, jobs=asked.jobs).write(asked.records)

    _each((one for one in _named(asked.only) if asked.again or one.name not in known), judge)


def _images(asked: argparse.Namespace) -> None:
    kept = {one.name: one for one in records.read_all(asked.records)}
    drawn = page.drawn(list(kept.values()), seed=asked.seed, count=asked.count)
    wanted = _named(",".join(drawn)) if drawn else []

    def judge(one: Estimator, place: Path) -> None:
        record: Record = kept[one.name]
        judged = trials.as_image(one, place, seed=asked.seed)
        replace(record, image=judged).write(asked.records)

    _each((one for one in wanted if kept[one.name].image is None), judge)


def _report(asked: argparse.Namespace) -> None:
    files.write(asked.document, page.page(records.read_all(asked.records), tasks=_tasks()))


def _tasks() -> list[str]:
    return [one.task for one in estimators.everything()]


def _named(text: str) -> list[Estimator]:
    """Those that are named, all where nothing is; the ones with few parameters first: they are judged soonest."""
    everything = {one.name: one for one in estimators.everything()}
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in everything:
            raise UsageError(f"scikit-learn has no classifier or regressor {name!a}")
    chosen = names or sorted(everything, key=lambda name: (len(everything[name].defaults), name))
    return [everything[name] for name in chosen]


def _each(wanted: Iterable[Estimator], judge: Callable[[Estimator, Path], None]) -> None:
    """One after the other; what could not be judged is told, and the others go on."""
    broken = False
    every = list(wanted)
    for number, one in enumerate(every, 1):
        print(f"{number}/{len(every)} {one.path}", file=sys.stderr, flush=True)
        try:
            with tempfile.TemporaryDirectory(prefix="estimators-") as place:
                judge(one, Path(place))
        except AlgoregError as error:
            broken = True
            print(f"  {error.message}", file=sys.stderr, flush=True)
    if broken:
        sys.exit(EXIT_FAIL)


if __name__ == "__main__":
    sys.exit(errors.run(main))
