"""Validates corpus images as a person would, two at a time on one engine session, and says what came out.

By hand: ``PYTHONPATH=tests python -m mutants.runner [NAME...] [--whole] [--seed N] [--skip ID] [--details]``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from algoreg import conformance, registry, validation
from algoreg.check import Check
from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.engines.docker.discovery import connect
from algoreg.formats import terminal
from algoreg.report import Report, Severity
from mutants.cases import Case, load
from mutants.images import Images

SEED = int(os.environ.get("ALGOREG_SEED", "1604"))
AT_ONCE = 2


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was said of one case."""

    case: Case
    skip: tuple[str, ...]
    """Checks that were left out."""
    report: Report
    seconds: float

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return str(self.report.targets[0].verdict)

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids that failed."""
        return self.report.targets[0].failed()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What could not be judged."""
        return tuple(
            f"{check.id}: {finding.message}"
            for check in self.report.targets[0].checks
            for finding in check.findings
            if finding.outcome == "ERROR"
        )

    @property
    def expected_verdict(self) -> str:
        """What leaves a check out can only be PARTIAL where nothing failed."""
        return "PARTIAL" if self.skip and self.case.verdict == "PASS" else self.case.verdict

    @property
    def as_expected(self) -> bool:
        """Verdict and exact set of ids."""
        return (self.verdict, self.failed) == (self.expected_verdict, self.case.failed)


class Silent:
    """Progress of single experiments is of no interest here."""

    def case_started(self, case: str) -> None: ...
    def case_ended(self, case: str) -> None: ...
    def check_ended(self, check: str, outcome: str) -> None: ...


class Runner:
    """One engine session; ``submit`` returns at once."""

    def __init__(self, engine: DockerEngine, images: Images, seed: int) -> None:
        self.seed = seed
        self._engine = engine
        self._images = images
        self._registry = registry.load()
        self._checks = conformance.catalogue().checks
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mutant")

    def elsewhere(self, case: Case) -> tuple[str, ...]:
        """The checks to leave out when only what an image breaks, or seems to, and what the base case shows counts.

        A twin is looked at whole; an image's other families cost a minute and say what its twin's said.
        """
        wanted = {*case.failed, *case.near}
        if not wanted:
            return ()
        return tuple(c.id for c in self._checks if not _seen_in_base_case(c) and c.id not in wanted)

    def submit(self, case: Case, skip: tuple[str, ...] = ()) -> Future[Result]:
        """Build and validate a case when there is room."""
        return self._threads.submit(self.run, case, skip)

    def run(self, case: Case, skip: tuple[str, ...] = ()) -> Result:
        """Build and validate a case now."""
        reference = self._images.build(case)
        started = time.monotonic()
        report = validation.validate(
            [validation.resolve(reference, self._registry)],
            engine=self._engine,
            open_subject=lambda target: self._engine.subject(target.image()),
            registry=self._registry,
            settings=validation.Settings(
                seed=self.seed,
                jobs=validation.default_jobs(),
                timeout_s=None,
                given=None,
                examination=conformance.Examination(
                    checks=self._checks,
                    selection=conformance.Selection(skip=skip),
                    fail_on=Severity.ERROR,
                ),
            ),
            progress=Silent(),
        )
        return Result(case=case, skip=skip, report=report, seconds=time.monotonic() - started)

    def close(self) -> None:
        """Forget what has not begun, end what has."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.cancel()
        self._threads.shutdown(wait=True)


def _seen_in_base_case(check: Check) -> bool:
    return check.family in ("meta", "run", "out", "log") and check.id != "run.sigterm"


@contextmanager
def open_runner(seed: int = SEED) -> Iterator[Runner]:
    """A session on the engine that answers; everything but images is gone afterwards."""
    with connect() as (api, _), open_docker(seed=seed) as engine:
        images = Images(engine, api)
        images.program()
        runner = Runner(engine, images, seed)
        try:
            yield runner
        finally:
            runner.close()


def table(results: Iterable[Result]) -> Iterator[str]:
    """One line per result: name, expected, got, seconds."""
    rows = [
        (
            "ok" if result.as_expected else "WRONG",
            result.case.name,
            words(result.expected_verdict, result.case.failed),
            words(result.verdict, result.failed),
            f"{result.seconds:.1f}",
        )
        for result in results
    ]
    head = ("", "image", "expected", "got", "s")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def words(verdict: str, failed: tuple[str, ...]) -> str:
    """A verdict with its reasons."""
    return " ".join((verdict, *failed))


def main(arguments: list[str]) -> int:
    """Run by hand."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="folders of the corpus; all of them by default"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--skip", action="append", default=[], metavar="ID")
    parser.add_argument("--whole", action="store_true", help="judge every family of every image")
    parser.add_argument("--details", action="store_true", help="print each report")
    asked = parser.parse_args(arguments)
    started = time.monotonic()
    with open_runner(asked.seed) as runner:
        waiting = [
            runner.submit(case, tuple(asked.skip) or (() if asked.whole else runner.elsewhere(case)))
            for case in load(asked.names)
        ]
        results = []
        for future in waiting:
            result = future.result()
            results.append(result)
            _say("\n".join(list(table([result]))[1:]), *result.troubles[:3])
            if asked.details:
                _say(terminal.render(result.report, color=False))
    wrong = [result for result in results if not result.as_expected]
    _say(f"seed {asked.seed}, {len(results)} images, {time.monotonic() - started:.0f} s", *table(wrong))
    return 1 if wrong else 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
