"""The plugin's search is TPOT's: called directly with the same seed and budget, TPOT finds the same pipeline."""

from __future__ import annotations

import importlib.util

import pytest

from support.program import CHECKOUT


@pytest.mark.slow
@pytest.mark.thorough
def test_plain_tpot_finds_the_same_pipeline_with_the_same_score() -> None:
    spec = importlib.util.spec_from_file_location("tpot_cost", CHECKOUT / "benchmarks" / "tpot_cost.py")
    assert spec is not None
    assert spec.loader is not None
    cost = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cost)
    (plain, _), (plugin, _) = cost.searches(2, 8)
    assert plugin == plain
    assert plugin[1] < 0
