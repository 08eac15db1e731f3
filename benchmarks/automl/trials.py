"""Makes the trials that are missing, some at a time, and keeps each as soon as it is over."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchmarks.automl import disk, records
from benchmarks.automl.command import TrialError, run
from benchmarks.automl.contenders import Contender
from benchmarks.automl.disk import Table
from benchmarks.automl.records import Kept, Trial
from benchmarks.automl.tables import DataSet

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Round:
    """How trials are made."""

    folds: int
    seed: int
    jobs: int
    """Trials at a time; the folds of one are made one after the other."""
    output: Path


def trial(table: Table, contender: Contender, how: Round) -> Trial:
    """The question that a contender is asked."""
    n_train = table.rows * (how.folds - 1) // how.folds
    return Trial(
        data_set=table.data_set.name,
        contender=contender.name,
        code=contender.code,
        parameters=dict(contender.typed(n_train)),
        folds=how.folds,
        seed=how.seed,
        sha256=table.sha256,
    )


def make(data_sets: Iterable[DataSet], contenders: Iterable[Contender], how: Round, tell: Tell) -> int:
    """All trials that are not kept yet, each contender on every data set before the next one; how many broke.

    Raises UsageError for a file that is no record to go on with, before anything is run.
    """
    how.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="automl-") as place:
        tables = [disk.write(one, Path(place)) for one in data_sets]
        wanted = [
            (table, trial(table, contender, how))
            for contender in contenders
            for table in tables
            if table.data_set.task in contender.tasks
        ]
        missing = [(table, one) for table, one in wanted if records.kept(how.output, one) is None]
        tell(f"{len(wanted)} trials, {len(wanted) - len(missing)} of them kept already")
        return sum(_all(missing, how, tell))


def _all(missing: list[tuple[Table, Trial]], how: Round, tell: Tell) -> Iterator[bool]:
    """Whether each broke, in the order in which they end."""
    with ThreadPoolExecutor(how.jobs) as threads:
        try:
            running = {threads.submit(run, table, one): one for table, one in missing}
            for number, future in enumerate(as_completed(running), 1):
                yield _ended(running[future], future.result, f"{number}/{len(missing)}", how, tell)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _ended(one: Trial, result: Callable[[], Kept], place: str, how: Round, tell: Tell) -> bool:
    name = f"{place} {one.data_set}, {one.contender}"
    try:
        kept = result()
    except TrialError as error:
        tell(f"{name}: BROKE: {error.message}")
        return True
    kept.write(how.output)
    word = "" if kept.experiment["ok"] else ", with FAILED folds"
    tell(f"{name}: {kept.cost.wall_s:.0f} s, {kept.cost.cpu_s:.0f} s of processor{word}")
    return False
