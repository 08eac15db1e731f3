"""TPOT's image on a real engine: judged in both profiles, within what it declares, and stopped without losing all."""

from __future__ import annotations

import subprocess

import pytest

from support.program import ALGOREG, CHECKOUT, Run

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TPOT = "algoreg/tpot:0.1.0"


@pytest.fixture(scope="module", autouse=True)
def tpot() -> None:
    subprocess.run([ALGOREG, "build", "tpot"], check=True, capture_output=True, cwd=CHECKOUT)


def test_tpot_passes_in_both_profiles(algoreg: Run) -> None:
    done = algoreg("validate", TPOT, "--format", "json", "--seed", "5", timeout=1800)
    assert done.out, done.err
    report = done.report()
    assert (done.code, report["verdict"], done.failed()) == (0, "PASS", set()), done.out
    (target,) = report["targets"]
    passed = {
        check: [] for check in ("iso.network", "det.repeat", "run.oom", "db.results-row", "run.sigterm")
    }
    for entry in target["checks"]:
        if entry["outcome"] == "PASS" and entry["id"] in passed:
            passed[entry["id"]].append(entry["case"])
    assert {check: len(cases) > 0 for check, cases in passed.items()} == dict.fromkeys(passed, True)
    assert len(passed["iso.network"]) == 3  # train, test and compute
