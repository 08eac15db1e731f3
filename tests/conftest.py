"""Leaves out, in a run of all tests, those that are marked as thorough."""

from __future__ import annotations

import pytest

from support.scope import asked_for


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    thorough = [
        item for item in items if item.get_closest_marker("thorough") and not asked_for(config, item.path)
    ]
    items[:] = [item for item in items if item not in thorough]
    config.hook.pytest_deselected(items=thorough)
