"""What a saved file can affect, and which checks a changed value of the metadata turns over."""

from __future__ import annotations

import copy
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from algoreg import conformance, metadata, registry, validation
from algoreg.development import changes, watching
from algoreg.development.affected import affected
from algoreg.development.changes import Effect, Folder, difference, effect
from algoreg.development.session import place_of
from algoreg.errors import UsageError
from support.patience import PROMPT_S

CHECKS = conformance.catalogue().checks
EVERYTHING = {check.id for check in CHECKS}
KNN = Path(__file__).parents[2] / "plugins/knn"
DOCUMENT = metadata.read_file(KNN / "algoreg_knn/algorithm.yaml").data
PARAMETER = {"cap.param-ignored", "cap.param-range", "neg.exit-code", "neg.diagnostic", "sem.uses-model"}


@pytest.mark.parametrize(
    ("path", "package", "expected"),
    [
        ("mine/program.py", "mine", Effect.PROGRAM),
        ("mine/deep/table.csv", "mine", Effect.PROGRAM),
        ("mine/requirements.txt", "mine", Effect.PROGRAM),
        ("mine/algorithm.yaml", "mine", Effect.METADATA),
        ("algorithm.yaml", ".", Effect.METADATA),
        ("program.py", ".", Effect.PROGRAM),
        ("mine/deep/algorithm.yaml", "mine", Effect.PROGRAM),
        ("Dockerfile", "mine", Effect.PAPERWORK),
        ("mine/Dockerfile.gpu", "mine", Effect.PAPERWORK),
        ("README.md", ".", Effect.PAPERWORK),
        ("mine/tests/test_it.py", "mine", Effect.PAPERWORK),
        ("tests/test_it.py", "mine", Effect.PAPERWORK),
        ("pyproject.toml", "mine", Effect.PAPERWORK),
        ("requirements.txt", "mine", Effect.PROGRAM),
        ("constraints.txt", "mine", Effect.PROGRAM),
        ("tests/requirements.txt", "mine", Effect.PAPERWORK),
        ("minefield.py", "mine", Effect.PAPERWORK),
    ],
)
def test_what_a_file_can_affect(path: str, package: str, expected: Effect) -> None:
    assert effect(path, package=package) is expected


def changed(change: Callable[[dict[str, Any]], object]) -> set[str]:
    """The checks that a change of kNN's metadata affects, beside the meta family."""
    after = copy.deepcopy(DOCUMENT)
    change(after)
    found = affected(DOCUMENT, after, CHECKS)
    meta = {id for id in EVERYTHING if id.startswith("meta.")}
    assert not found or meta <= found
    return set(found - meta) if found < EVERYTHING else EVERYTHING


def family(name: str) -> set[str]:
    return {id for id in EVERYTHING if id.startswith(f"{name}.")}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: None, set()),
        (lambda d: d.update(label="Other"), set()),
        (lambda d: d.update(maturity="beta", description="x"), set()),
        (lambda d: d.update(deterministic=False), family("det") | family("pfa") | family("sem")),
        (lambda d: d.update(variables_can_be_null=True), {"cap.null"}),
        (lambda d: d["parameters"][0].update(label="Other"), set()),
        (lambda d: d["parameters"][0].update(constraints={"min": 2, "max": 9}), PARAMETER),
        (lambda d: d["parameters"][0].update(validation={"effect": False}), PARAMETER),
        (lambda d: d["parameters"][0].update(validation={"value": 3}), EVERYTHING),
        (lambda d: d["parameters"][0].update(default_value=7), EVERYTHING),
        (lambda d: d["parameters"][0].update(code="kk"), EVERYTHING),
        (lambda d: d.pop("parameters"), EVERYTHING),
        (lambda d: d.update(tasks=["regression"]), EVERYTHING),
        (lambda d: d.update(entrypoints=["train", "test"]), EVERYTHING),
        (lambda d: d.update(resources={"cpus": 1}), EVERYTHING),
    ],
)
def test_what_a_value_of_the_metadata_affects(
    change: Callable[[dict[str, Any]], object], expected: set[str]
) -> None:
    assert changed(change) == expected


def test_every_name_in_the_tables_is_a_check_or_a_family() -> None:
    from algoreg.development.affected import KEYS, PARAMETER_KEYS

    known = EVERYTHING | {check.family for check in CHECKS}
    assert {name for names in (*KEYS.values(), *PARAMETER_KEYS.values()) for name in names} <= known


def test_only_other_content_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    program = tmp_path / "mine/program.py"
    program.write_text("one")
    folder = Folder(tmp_path)
    before = folder.files()
    for noise in ("__pycache__/a.pyc", ".git/index", "mine/program.py~", "mine/.program.py.swp", "mine/4913"):
        (tmp_path / noise).parent.mkdir(exist_ok=True)
        (tmp_path / noise).write_text("x")
    program.unlink()
    program.write_text("one")  # another inode and time
    assert difference(before, folder.files()) == frozenset()
    program.write_text("two")
    (tmp_path / "mine/new.py").touch()
    (tmp_path / "mine/gone").symlink_to("/nowhere")
    assert difference(before, folder.files()) == {"mine/program.py", "mine/new.py"}


def test_a_folder_that_is_no_plugins_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MAX_FILES", 3)
    for number in range(4):
        (tmp_path / f"{number}.py").touch()
    with pytest.raises(UsageError, match="more than 3 files"):
        Folder(tmp_path).files()


@pytest.mark.parametrize(
    ("target", "root"), [("plugins/knn", KNN), ("plugins/knn/algoreg_knn", KNN / "algoreg_knn")]
)
def test_the_folder_that_is_named_is_watched(
    target: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(KNN.parents[1])
    place = place_of(validation.resolve(target, registry.load()))
    assert (place.root, place.package) == (root, KNN / "algoreg_knn")


def save(path: Path, text: str) -> None:
    """At no moment is there half a file, which would be a change of its own on a busy machine."""
    written = path.parent.with_name(f"{path.parent.name}.written")
    written.write_text(text)
    written.rename(path)


def test_a_save_stops_what_it_matters_to_and_is_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "plugin"
    folder.mkdir()
    save(folder / "program.py", "one")
    stopped = threading.Event()
    with watching.watching(folder) as watch:
        with watch.stopping(stopped.set, when=lambda path: path.endswith(".py")):
            save(folder / "README.md", "words")
            assert watch.wait() == {"README.md"}
            assert not stopped.is_set()
            save(folder / "program.py", "two")
            assert stopped.wait(PROMPT_S)
            assert watch.stale
        assert watch.wait() == {"program.py"}
        assert watch.poll() == frozenset()
        stopped.clear()
        save(folder / "program.py", "three")
        deadline = threading.Event()
        while not watch.stale:  # noticed while nobody waits
            deadline.wait(0.01)
        with watch.stopping(stopped.set, when=lambda path: path.endswith(".py")):
            assert stopped.is_set()


@pytest.mark.parametrize("fate", ["removed", "renamed"])
def test_a_folder_that_is_gone_is_said(tmp_path: Path, fate: str) -> None:
    folder = tmp_path / "plugin"
    folder.mkdir()
    with watching.watching(folder) as watch:
        if fate == "removed":
            shutil.rmtree(folder)
        else:
            folder.rename(tmp_path / "other")
        with pytest.raises(UsageError, match="gone"):
            watch.wait()


def test_another_folder_of_the_same_name_is_watched(tmp_path: Path) -> None:
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "program.py").write_text("one")
    with watching.watching(folder) as watch:
        other = tmp_path / "other"
        other.mkdir()
        (other / "program.py").write_text("two")
        folder.rename(tmp_path / "old")
        other.rename(folder)
        assert watch.wait() == {"program.py"}
        save(folder / "program.py", "three")
        assert watch.wait() == {"program.py"}
