"""``algoreg new --language``: what it writes is built and passes, with a program that has nothing of ours.

Where this file is asked for, it is judged whole; a wider run looks whether it works and fails with the due exit code.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from algoreg.scaffolding.wish import Language
from support.program import Run
from support.scope import asked_for, only

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("language", [Language.R, Language.SHELL])
def test_a_new_folder_is_built_and_passes_unchanged(
    algoreg: Run, language: Language, request: pytest.FixtureRequest
) -> None:
    whole = asked_for(request.config, Path(__file__))
    asked = {"run.exit-code", "neg.exit-code"}
    part = () if whole else only(*sorted(asked))
    code = f"new-{language}"
    made = algoreg("new", code, "--language", language, "--image", f"algoreg-test/{code}")
    assert (made.code, made.out) == (0, f"{code}\n"), made.err
    built = algoreg("build", code, timeout=900)
    assert (built.code, built.out) == (0, f"algoreg-test/{code}:0.1.0\n"), built.err
    done = algoreg("validate", code, "--format", "json", *part, timeout=900)
    report = done.report()
    expected = (0, "PASS") if whole else (3, "PARTIAL")
    assert (done.code, report["verdict"], done.failed()) == (*expected, set()), (report["seed"], done.err)
    (target,) = report["targets"]
    assert target["algorithm"]["code"] == code
    outcomes = {(entry["id"], entry["outcome"]) for entry in target["checks"]}
    if whole:
        asked |= {
            "run.sigterm",
            "cli.shell-injection",
            "neg.diagnostic",
            "db.results-row",
            "sem.uses-data",
            "cap.task",
            "robust.name",
            "sec.row-leak",
        }
    assert {(one, "PASS") for one in asked} <= outcomes
    assert (("pfa.predicts", "PASS") in outcomes) == (whole and language is Language.R)
