"""How much of the corpus runs: all of it where someone asks for this folder or everything, a sample in a wider run.

ALGOREG_MUTANTS=sample, usual, heads or whole decides otherwise:

sample  one mutant for each check, judged by that check and by what the base case shows, and the twin by all families
usual   every image, judged as in the sample; a good one by the checks that it comes near
heads   one mutant for each check, and every good image, by all families
whole   every image by all families, and each check disabled once
"""

from __future__ import annotations

import os
from concurrent.futures import Future
from pathlib import Path

import pytest

from algoreg import conformance
from mutants.cases import Case, load
from mutants.runner import Result, Runner
from support.scope import asked_for

HERE = Path(__file__).parent
SCOPES = ("sample", "usual", "heads", "whole")
TWIN = "good-stub"
OTHER_TWINS = {"cap.federated": "good-summary", "cap.wait": "good-waiting"}
"""Check -> the good image that is judged by it, where that is not the twin."""
PLATFORM = "platform-"


def scope_of(config: pytest.Config) -> str:
    """How much is to run."""
    asked = os.environ.get("ALGOREG_MUTANTS")
    if asked is not None and asked not in SCOPES:
        raise pytest.UsageError(f"ALGOREG_MUTANTS is one of {', '.join(SCOPES)}, not {asked!r}")
    return asked or ("usual" if asked_for(config, HERE / "test_mutants.py") else "sample")


def owners() -> dict[str, Case]:
    """Check -> the mutant that stands for it, and fails on nothing else."""
    found: dict[str, Case] = {}
    # The platform's own defects are stories; where a mutant was made for the check, it is the plainer one
    for case in sorted(load(), key=lambda case: case.name.startswith(PLATFORM)):
        if len(case.failed) == 1:
            found.setdefault(case.failed[0], case)
    return found


def chosen(config: pytest.Config) -> list[Case]:
    """The images of this run."""
    if scope_of(config) == "sample":
        # The twins take longest, so they begin first
        return [*load([TWIN, *OTHER_TWINS.values()]), *owners().values()]
    if scope_of(config) == "heads":
        return [*(case for case in load() if not case.failed), *owners().values()]
    return list(load())


def waiting_for(id: str) -> tuple[str, ...]:
    """A check and all that are judged only after it passed."""
    found = {id}
    for check in conformance.catalogue().checks:
        if found & set(check.needs):
            found.add(check.id)
    return tuple(sorted(found))


class Verdicts:
    """Results as they come: everything that this run wants is begun at once, two images at a time."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.results: list[Result] = []
        self._waiting: dict[tuple[str, str | None], Future[Result]] = {}

    def begin(self, case: Case, *, whole: bool, without: str | None = None) -> None:
        """Validate a case when its turn comes."""
        skip = () if whole else self.runner.elsewhere(case)
        if without is not None:
            skip = waiting_for(without)
        self._waiting[case.name, without] = self.runner.submit(case, skip)

    def of(self, case: Case, without: str | None = None) -> Result:
        """Wait for a result."""
        result = self._waiting[case.name, without].result()
        if without is None and result not in self.results:
            self.results.append(result)
        return result
