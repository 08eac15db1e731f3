"""Leaves out, in a run of all tests, those that are marked as thorough, and says so; and keeps a run of all fast."""

from __future__ import annotations

import gc

import pytest

from support.scope import asked_for

LEFT_OUT = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    thorough = [
        item for item in items if item.get_closest_marker("thorough") and not asked_for(config, item.path)
    ]
    items[:] = [item for item in items if item not in thorough]
    config.hook.pytest_deselected(items=thorough)
    config.stash[LEFT_OUT] = len(thorough)


def pytest_collection_finish() -> None:
    # Thousands of tests stay until the end: no collection of garbage needs to look at them again.
    gc.collect()
    gc.freeze()


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    left_out = config.stash.get(LEFT_OUT, 0)  # nothing where collecting failed
    if not left_out:
        return []
    return [f"left out for time: {left_out} (ALGOREG_TESTS=whole, or naming their files, runs them)"]
