"""``algoreg new --language``: what it writes is built and passes whole, with a program that has nothing of ours."""

from __future__ import annotations

import pytest

from algoreg.scaffolding.wish import Language
from support.program import Run

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("language", [Language.R, Language.SHELL])
def test_a_new_folder_is_built_and_passes_unchanged(algoreg: Run, language: Language) -> None:
    code = f"new-{language}"
    made = algoreg("new", code, "--language", language, "--image", f"algoreg-test/{code}")
    assert (made.code, made.out) == (0, f"{code}\n"), made.err
    built = algoreg("build", code, timeout=900)
    assert (built.code, built.out) == (0, f"algoreg-test/{code}:0.1.0\n"), built.err
    done = algoreg("validate", code, "--format", "json", timeout=900)
    report = done.report()
    assert (done.code, report["verdict"], done.failed()) == (0, "PASS", set()), (report["seed"], done.err)
    (target,) = report["targets"]
    assert target["algorithm"]["code"] == code
    outcomes = {(entry["id"], entry["outcome"]) for entry in target["checks"]}
    asked = {"sem.uses-data", "cap.task", "run.sigterm", "db.results-row", "neg.diagnostic", "sec.row-leak"}
    assert {(one, "PASS") for one in asked} <= outcomes
    assert (("pfa.predicts", "PASS") in outcomes) == (language is Language.R)
