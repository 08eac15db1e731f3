"""Replacing a file that is there: owner and mode stay, and what is protected is refused with nothing changed."""

import os
from pathlib import Path

import pytest

from algoreg.errors import UsageError
from algoreg.export import store


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "application.conf"
    path.write_text("old")
    path.chmod(0o640)
    return path


@pytest.fixture
def anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary file that is not owned by whom the target is."""
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0o100600, 0, 0, 1, 77, 88, 0, 0, 0, 0)))


@pytest.mark.usefixtures("anothers")
def test_the_owner_and_the_mode_stay(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))
    before = target.stat()
    assert store.store_one(target, "new").written
    assert (given, target.read_text()) == ([(before.st_uid, before.st_gid)], "new")
    assert target.stat().st_mode == before.st_mode


@pytest.mark.usefixtures("anothers")
def test_another_ones_file_that_cannot_stay_theirs_is_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fchown(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", fchown)
    with pytest.raises(UsageError, match="not permitted; nothing was changed"):
        store.store_one(target, "new")
    assert target.read_text() == "old"
    assert [one.name for one in target.parent.iterdir()] == [target.name]


def test_a_protected_file_is_refused(target: Path) -> None:
    target.chmod(0o444)
    with pytest.raises(UsageError, match="read-only"):
        store.store_one(target, "new")
    target.chmod(0o644)
    (target.parent / "other").hardlink_to(target)
    with pytest.raises(UsageError, match="hard links"):
        store.store_one(target, "new")
    assert target.read_text() == "old"
