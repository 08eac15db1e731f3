"""The folder of the site: whole or as it was, ours or refused, and no page of yesterday."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoreg import files
from algoreg.errors import UsageError
from algoreg.site import store
from algoreg.site.store import LIST

PAGES = {"index.html": "<p>all</p>", "algorithms/knn.html": "<p>knn é</p>"}


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_folder_holds_the_pages_and_the_list_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "site"
    found = store.write(folder, PAGES)
    assert found.missing == (LIST, "algorithms/knn.html", "index.html")
    listed = json.loads((folder / LIST).read_text())
    assert listed == {"schema": "algoreg-site-files/1", "files": ["algorithms/knn.html", "index.html"]}
    assert content(folder) == {**PAGES, LIST: (folder / LIST).read_text()}
    assert list(folder.parent.iterdir()) == [folder]


def test_nothing_is_written_again_that_is_there(tmp_path: Path) -> None:
    store.write(tmp_path, PAGES)
    before = (tmp_path / "index.html").stat().st_ino
    found = store.write(tmp_path, PAGES)
    assert not found.any
    assert found.unchanged == (LIST, "algorithms/knn.html", "index.html")
    assert (tmp_path / "index.html").stat().st_ino == before


def test_a_page_of_nothing_any_more_goes_and_a_changed_one_is_written(tmp_path: Path) -> None:
    store.write(tmp_path, {**PAGES, "algorithms/old.html": "", "reports/old.html": ""})
    (tmp_path / "index.html").write_text("<p>by hand</p>")
    found = store.write(tmp_path, PAGES)
    assert found.stale == ("algorithms/old.html", "reports/old.html")
    assert found.changed == (LIST, "index.html")
    assert content(tmp_path).keys() == {*PAGES, LIST}
    assert (tmp_path / "index.html").read_text() == PAGES["index.html"]
    assert not (tmp_path / "reports").exists()


def test_a_comparison_tells_and_changes_nothing(tmp_path: Path) -> None:
    store.write(tmp_path, {**PAGES, "algorithms/old.html": ""})
    (tmp_path / "index.html").unlink()
    (tmp_path / "algorithms" / "knn.html").write_text("<p>knn e</p>")
    (tmp_path / "CNAME").write_text("example.org")
    before = content(tmp_path)
    found = store.compare(tmp_path, PAGES)
    assert sorted(found.lines()) == [
        f"{tmp_path}/CNAME: is not of the site",
        f"{tmp_path}/algoreg-site.json: differs",
        f"{tmp_path}/algorithms/knn.html: differs",
        f"{tmp_path}/algorithms/old.html: is of nothing any more",
        f"{tmp_path}/index.html: missing",
    ]
    assert content(tmp_path) == before
    assert found.json()["stale"] == ("algorithms/old.html",)
    assert store.compare(tmp_path / "absent", PAGES).missing == (LIST, "algorithms/knn.html", "index.html")


def _of_a_person(folder: Path) -> None:
    (folder / "index.html").write_text("mine")


def _beside_ours(folder: Path) -> None:
    store.write(folder, PAGES)
    (folder / "algorithms" / "CNAME").write_text("mine")


def _a_link_in_it(folder: Path) -> None:
    store.write(folder, PAGES)
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to("/etc/hostname")


def _a_link_to_a_folder(folder: Path) -> None:
    store.write(folder, PAGES)
    (folder / "more").symlink_to("/etc")


def _a_pipe(folder: Path) -> None:
    store.write(folder, PAGES)
    os.mkfifo(folder / "pipe")


def _another_list(folder: Path) -> None:
    (folder / LIST).write_text('{"schema": "other", "files": ["index.html"]}')


def _a_list_that_is_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / LIST)


def _half_a_list(folder: Path) -> None:
    (folder / LIST).write_text('{"schema": "algoreg-site-files/1", "fi')


@pytest.mark.parametrize(
    "make",
    [
        _of_a_person,
        _beside_ours,
        _a_link_in_it,
        _a_link_to_a_folder,
        _a_pipe,
        _another_list,
        _half_a_list,
        _a_list_that_is_a_pipe,
    ],
)
def test_what_we_did_not_write_is_never_lost(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path)
    before = sorted((path, path.lstat().st_ino) for path in tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="was not written by algoreg site") as refused:
        store.write(tmp_path, {**PAGES, "new.html": ""})
    assert refused.value.hint
    assert sorted((path, path.lstat().st_ino) for path in tmp_path.rglob("*")) == before


def test_a_file_and_a_dangling_link_are_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    with pytest.raises(UsageError, match="is no folder"):
        store.write(tmp_path / "file", PAGES)
    with pytest.raises(UsageError, match="is a link to nothing"):
        store.write(tmp_path / "link", PAGES)
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(UsageError, match="cannot write"):
        store.write(tmp_path / "file" / "site", PAGES)


def test_a_link_to_the_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    store.write(tmp_path / "link", PAGES)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "index.html").is_file()


@pytest.mark.parametrize("inside", [".", "algorithms"])
def test_nobody_is_left_in_a_folder_that_is_gone(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(tmp_path, PAGES)
    monkeypatch.chdir(tmp_path / inside)
    assert not store.write(Path("." if inside == "." else ".."), PAGES).any
    with pytest.raises(UsageError, match="is where you are") as refused:
        store.write(Path("." if inside == "." else ".."), {**PAGES, "new.html": ""})
    assert "site" in refused.value.hint
    assert not (tmp_path / "new.html").exists()


def test_a_loop_of_links_is_refused_and_a_lost_working_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot write"):
        store.write(tmp_path / "loop" / "site", PAGES)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert store.write(tmp_path / "site", PAGES).any


def test_the_mode_of_the_folder_stays(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir(mode=0o750)
    folder.chmod(0o2750)
    store.write(folder, PAGES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o2750


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_owner_of_the_folder_stays_where_root_writes(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    os.chown(folder, 12_345, 12_346)
    store.write(folder, PAGES)
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in (folder, *folder.rglob("*"))}
    assert owners == {(12_345, 12_346)}


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("there", [True, False], ids=["replaced", "new"])
def test_what_breaks_half_way_leaves_the_old_site_and_nothing_else(
    failure: BaseException, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    if there:
        store.write(folder, {"index.html": "old"})
    before = content(folder)
    whole = files.write

    def breaking(path: Path, text: str, *, durable: bool) -> None:
        if path.name == "knn.html":
            raise failure
        whole(path, text, durable=durable)

    monkeypatch.setattr(store.files, "write", breaking)
    with pytest.raises(UsageError if isinstance(failure, OSError) else KeyboardInterrupt):
        store.write(folder, PAGES)
    assert content(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == (["site"] if there else [])


def test_a_rename_that_fails_brings_the_old_site_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    store.write(folder, {"index.html": "old"})
    before = content(folder)
    renamed = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if ".new." in self.name:
            raise OSError(16, "Device or resource busy")
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(UsageError, match="Device or resource busy"):
        store.write(folder, PAGES)
    assert content(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


@given(data=st.binary(max_size=60) | st.sampled_from([b"[]", b"{}", b'{"schema":"algoreg-site-files/1"}']))
def test_any_list_is_read(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("site")
    (folder / LIST).write_bytes(data)
    (folder / "index.html").write_text("mine")
    assert "index.html" in store.compare(folder, PAGES).foreign
