"""The engine session that all images share, the tests of this run, and the table at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from algoreg import conformance
from mutants.cases import Case
from mutants.runner import open_runner, table
from mutants.scope import Verdicts, chosen, owners, scope_of

RESULTS = pytest.StashKey[Verdicts]()


@pytest.fixture(scope="session")
def verdicts(request: pytest.FixtureRequest) -> Iterator[Verdicts]:
    """One engine session for every image that the selected tests ask for."""
    scope = scope_of(request.config)
    with open_runner() as runner:
        answers = Verdicts(runner)
        for item in request.session.items:
            case = getattr(item, "callspec", None) and item.callspec.params.get("case")
            if isinstance(case, Case):
                whole = scope in ("heads", "whole")
                without = item.callspec.params.get("without")
                answers.begin(case, whole=whole, without=without)
        request.config.stash[RESULTS] = answers
        yield answers


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per image; where each check is disabled once, one per check."""
    if "without" in metafunc.fixturenames:
        pairs = list(owners().items())
        known = [check.id for check in conformance.catalogue().checks]
        pairs.sort(key=lambda pair: known.index(pair[0]))
        metafunc.parametrize(("without", "case"), pairs, ids=[f"{without}" for without, _ in pairs])
    elif "case" in metafunc.fixturenames:
        cases = chosen(metafunc.config)
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Checks are disabled only where everything was asked for."""
    if scope_of(config) != "whole":
        disabling = [item for item in items if "without" in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if item not in disabling]
        config.hook.pytest_deselected(items=disabling)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table: what was expected, what came, how long it took."""
    answers = terminalreporter.config.stash.get(RESULTS, None)
    if answers is not None:
        right = sum(result.as_expected for result in answers.results)
        seed = answers.runner.seed
        terminalreporter.section(f"mutants: {right} of {len(answers.results)} as expected, seed {seed}")
        for line in table(answers.results):
            terminalreporter.write_line(line)
