"""`algoreg validate` without a container engine: the author's inner loop, and every kind of bad input.

kNN is judged whole where this file is asked for, and in a run without a container engine. Any other run judges it in
short: there the forest of docs/random-forest.md is judged whole by processes.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from algoreg import schemas
from support.program import CHECKOUT, Run
from support.scope import asked_for, only

KNN = CHECKOUT / "plugins" / "knn"
IN_SHORT = ("meta", "run", "neg", "db.shape")
"""What says whether an image works, fails properly and stores its row."""


def test_knn_passes_and_leaves_nothing_behind(
    algoreg: Run, temporary: Path, request: pytest.FixtureRequest
) -> None:
    whole = asked_for(request.config, Path(__file__)) or os.environ.get("ALGOREG_TEST_ENGINE") == "none"
    part = () if whole else only(*IN_SHORT)
    done = algoreg("validate", "--engine", "process", KNN, "--format", "json", "--seed", "11", *part)
    assert done.code == (0 if whole else 3), done.out
    report = done.report()
    assert schemas.first_problem("report", report) is None
    assert (report["seed"], report["engine"]["name"]) == (11, "process")
    assert report["verdict"] == ("PASS" if whole else "PARTIAL")
    assert done.failed() == set()
    skipped = {e["id"]: e["message"] for e in report["targets"][0]["checks"] if e["outcome"] == "SKIP"}
    assert "has no image" in skipped["meta.labels"]
    assert "run.oom" in skipped
    assert done.err == ""
    assert list(temporary.iterdir()) == []


def _copy(tmp_path: Path, change: tuple[str, str]) -> Path:
    """A copy of kNN's folder with one change in its metadata."""
    folder = tmp_path / "plugin"
    shutil.copytree(KNN, folder, ignore=shutil.ignore_patterns("__pycache__"))
    document = folder / "algoreg_knn" / "algorithm.yaml"
    text = document.read_text()
    assert change[0] in text
    document.write_text(text.replace(*change))
    return folder


def test_a_folder_with_wrong_metadata_fails_at_its_line(algoreg: Run, tmp_path: Path) -> None:
    folder = _copy(tmp_path, ("predictive: true", 'predictive: "yes"'))
    done = algoreg("validate", "--engine", "process", folder, "--format", "json")
    assert done.code == 1
    assert done.failed() == {"meta.schema"}
    (entry,) = [e for e in done.report()["targets"][0]["checks"] if e["outcome"] == "FAIL"]
    assert "$.predictive" in entry["message"]
    line = (folder / "algoreg_knn" / "algorithm.yaml").read_text().split('predictive: "yes"')[0].count(
        "\n"
    ) + 1
    assert f"algorithm.yaml:{line}:" in entry["got"]


def test_a_folder_with_broken_yaml_fails_at_its_line(algoreg: Run, tmp_path: Path) -> None:
    folder = _copy(tmp_path, ("predictive: true", "predictive: [true"))
    done = algoreg("validate", "--engine", "process", folder, "--format", "json")
    assert done.code == 1
    assert done.failed() == {"meta.schema"}


def test_a_later_contract_is_an_error_and_no_failure(algoreg: Run, tmp_path: Path) -> None:
    folder = _copy(tmp_path, ("contract: 1", "contract: 2"))
    done = algoreg("validate", "--engine", "process", folder)
    assert done.code == 3
    assert "pgrade algoreg" in done.out


def test_the_terminal_report_names_what_to_do(algoreg: Run, tmp_path: Path) -> None:
    done = algoreg("validate", "--engine", "process", _copy(tmp_path, ("version: 0.1.0", "version: latest")))
    assert done.code == 1
    assert "\x1b" not in done.out
    for word in ("FAIL meta.schema", "$.version", "why", "fix"):
        assert word in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["validate"], "Missing argument"),
        (["validate", "--engine", "process", "some/image:1"], "--engine process takes"),
        (["validate", "--engine", "process", "."], "no algorithm.yaml"),
        (
            ["validate", "knn", "--only", "neg.exitcode"],
            "there is no check 'neg.exitcode'; hint: Did you mean neg.exit-code?",
        ),
        (["validate", "knn", "--metadata", "absent.yaml"], "cannot read absent.yaml"),
        (["validate", "knn", "--output", "no/such/folder/report.json"], "cannot write"),
        (["validate", "knn", "--output", "/"], "is a directory"),
        (["validate", "knn", "--jobs", "0"], "--jobs"),
        (["validate", "knn", "--format", "xml"], "--format"),
    ],
)
def test_wrong_usage_is_one_clear_message_and_code_2(algoreg: Run, arguments: list[str], words: str) -> None:
    done = algoreg(*arguments, env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("contract: [1", "metadata.yaml:"),
        ("contract: one\n", "$.contract"),
        ("\tcontract: 1\n", "metadata.yaml:1"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
        ("!!python/object/apply:os.system ['true']\n", "tag"),
    ],
)
def test_metadata_of_a_person_that_are_wrong_name_the_place(
    algoreg: Run, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "metadata.yaml").write_text(text)
    done = algoreg("validate", "some/image:1", "--metadata", "metadata.yaml")
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("target", ["some/image:1", "knn", str(KNN)])
def test_a_dead_docker_host_is_code_3_and_one_helpful_line(algoreg: Run, target: str) -> None:
    done = algoreg("validate", target, env={"DOCKER_HOST": "unix:///nowhere/docker.sock"})
    assert done.code == 3
    assert "DOCKER_HOST" in done.err
    assert len(done.err.strip().splitlines()) <= 2
    assert done.out == ""


def test_only_is_partial_and_never_green(algoreg: Run) -> None:
    done = algoreg("validate", "--engine", "process", KNN, "--only", "out.json", "--format", "json")
    assert done.code == 3
    assert done.report()["verdict"] == "PARTIAL"


def test_a_report_is_written_whole_and_only_there(algoreg: Run, tmp_path: Path) -> None:
    folder = _copy(tmp_path, ("version: 0.1.0", "version: latest"))
    target = tmp_path / "report.json"
    done = algoreg("validate", "--engine", "process", folder, "--format", "json", "--output", target)
    assert (done.code, done.out) == (1, "")
    assert json.loads(target.read_text())["verdict"] == "FAIL"
    assert [p.name for p in tmp_path.iterdir() if "report" in p.name] == ["report.json"]
