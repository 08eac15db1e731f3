"""Every image of the corpus gets the verdict it deserves, for exactly the reasons it deserves it."""

from __future__ import annotations

import pytest

from algoreg import conformance
from algoreg.formats import json
from algoreg.report import Outcome, Severity
from mutants.cases import CORPUS, Case, load
from mutants.runner import words
from mutants.scope import OTHER_TWINS, TWIN, Verdicts, chosen, owners, scope_of
from support.shown_faults import unshown

CHECKS = {check.id: check for check in conformance.catalogue().checks}


def test_every_check_has_a_mutant_that_fails_on_it_alone() -> None:
    assert sorted(CHECKS.keys() - owners().keys()) == []


def test_expectations_name_checks_that_exist_and_verdicts_that_follow_from_them() -> None:
    for case in load():
        assert set(case.failed) <= CHECKS.keys(), case.name
        errors = [id for id in case.failed if CHECKS[id].severity is Severity.ERROR]
        assert case.verdict == ("FAIL" if errors else "PASS"), case.name
        assert bool(case.near) == (not case.failed and case.name != TWIN), case.name
        assert set(case.near) <= CHECKS.keys(), case.name
        assert case.why.endswith("."), case.name


def test_the_run_covers_the_folders_on_disk(request: pytest.FixtureRequest) -> None:
    folders = {path.name for path in CORPUS.iterdir() if path.is_dir()}
    run = {case.name for case in chosen(request.config)}
    if scope_of(request.config) in ("sample", "heads"):
        assert run <= folders
        assert {id for case in load(run) for id in case.failed} == set(CHECKS)
    else:
        assert run == folders


@pytest.mark.engine
def test_image(case: Case, verdicts: Verdicts) -> None:
    result = verdicts.of(case)
    got = words(result.verdict, result.failed)
    assert got == words(result.expected_verdict, case.failed), "\n".join((case.why, *result.troubles))
    assert not result.troubles


@pytest.mark.engine
def test_the_twin_passes_every_check(verdicts: Verdicts) -> None:
    (twin,) = load([TWIN])
    outcomes = {check.id: check.outcome for check in verdicts.of(twin).report.targets[0].checks}
    unjudged = [id for id, outcome in outcomes.items() if outcome is not Outcome.PASS]
    # No plugin of this name is installed, so that nothing can disagree with it
    assert unjudged == sorted(["meta.match", *OTHER_TWINS])
    assert outcomes.keys() == CHECKS.keys()


@pytest.mark.engine
def test_the_twin_is_shown_to_fail_well(verdicts: Verdicts) -> None:
    (twin,) = load([TWIN])
    assert unshown(json.document(verdicts.of(twin).report), "k is no integer") == []


@pytest.mark.engine
@pytest.mark.parametrize(("id", "name"), OTHER_TWINS.items())
def test_another_twin_passes_what_the_twin_is_not_asked(id: str, name: str, verdicts: Verdicts) -> None:
    (twin,) = load([name])
    outcomes = {check.id: check.outcome for check in verdicts.of(twin).report.targets[0].checks}
    assert outcomes[id] is Outcome.PASS


@pytest.mark.engine
@pytest.mark.slow
def test_nothing_else_catches_it(without: str, case: Case, verdicts: Verdicts) -> None:
    """Without its check, and without those that wait for it, a mutant survives."""
    result = verdicts.of(case, without)
    assert (result.failed, result.verdict == "FAIL") == ((), False)
