"""``algoreg import-conf`` with metadata of the images: every drift is reached as a person would reach it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from test_catalogue_lint import CASES, DRIFTS, OF_IMAGES

from support.program import CHECKOUT
from unit.test_job_cli import run

KNOWN = str(CASES / "known")
HEATMAP = (CASES / "known" / "heatmap.yaml").read_text()
DECLARED = """\
algorithms {
  heatmap {
    dockerImage = "example/heatmap:0.3.4"
    dockerImage = ${?HEATMAP_IMAGE}
    predictive = false
    variablesCanBeNull = true
    covariablesCanBeNull = true
    distributedExecutionPlan = "map-reduce"
  }
}
"""


def told(*arguments: str | Path) -> tuple[int, dict[str, set[str]]]:
    """The exit code, and id -> the ends of its places."""
    result = run("import-conf", *map(str, arguments), "--format", "json")
    assert result.code in (0, 1), result.err
    remarks: list[dict[str, Any]] = result.report()["remarks"]
    found: dict[str, set[str]] = {}
    for remark in remarks:
        found.setdefault(remark["id"], set()).add(remark["where"].rpartition(" ")[2].rpartition("/")[2])
    return result.code, found


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_told_by_the_command(case: str) -> None:
    pair = (CASES / case / "application.conf", "--catalogue", CASES / case / "algorithms.json")
    expected = DRIFTS[case] | OF_IMAGES.get(case, {})
    _, found = told(*pair, "--metadata", KNOWN)
    assert {id: where for id, where in found.items() if not id.startswith("conf.")} == expected
    assert "conf.ignored-key" in found
    _, without = told(*pair)
    assert {id: where for id, where in without.items() if not id.startswith("conf.")} == DRIFTS[case]


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "application.conf"
    path.write_text(DECLARED)
    return path


def version(folder: Path, name: str, tag: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(HEATMAP.replace("version: 0.3.0", f"version: {tag}"))
    return folder / name


def test_a_tag_that_no_metadata_name_is_told_without_a_catalogue(conf: Path, tmp_path: Path) -> None:
    one, other = version(tmp_path, "a.yaml", "0.2.0"), version(tmp_path, "b.yaml", "0.3.0")
    assert told(conf) == (0, {})
    code, found = told(conf, "--metadata", one, "--metadata", other)
    assert (code, found) == (1, {id: {"application.conf:2"} for id in ("image.unknown-tag", "image.other")})
    shown = run("import-conf", str(conf), "--metadata", str(tmp_path))
    assert 'of example/heatmap no tag "0.3.4" is known [image.unknown-tag]' in shown.out
    assert "(0.2.0, 0.3.0)" in shown.out


def test_the_metadata_of_the_version_that_runs_are_the_ones_that_count(conf: Path, tmp_path: Path) -> None:
    version(tmp_path / "metadata", "a.yaml", "0.2.0")
    version(tmp_path / "metadata" / "deep" / "er", "algorithm.yaml", "0.3.4")
    assert told(conf, "--metadata", tmp_path / "metadata") == (0, {})
    plans = (tmp_path / "metadata" / "deep" / "er" / "algorithm.yaml").read_text()
    (tmp_path / "metadata" / "deep" / "er" / "algorithm.yaml").write_text(
        plans.replace("federated: true\n", "")
    )
    assert told(conf, "--metadata", tmp_path / "metadata")[1] == {"plan.map-reduce": {"application.conf:2"}}


def test_of_installed_plugins_other_versions_may_exist(conf: Path, tmp_path: Path) -> None:
    conf.write_text(
        DECLARED.replace("heatmap {", "knn {").replace("example/heatmap:0.3.4", "algoreg/knn:9.9.9")
    )
    assert told(conf)[1].keys() == {"image.other", "plan.map-reduce"}
    mine = tmp_path / "knn.yaml"
    shutil.copy(CHECKOUT / "plugins" / "knn" / "algoreg_knn" / "algorithm.yaml", mine)
    assert told(conf, "--metadata", mine)[1].keys() == {"image.other", "image.unknown-tag", "plan.map-reduce"}


def test_what_is_no_metadata_is_named(conf: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path, message in (
        (tmp_path / "nowhere", "cannot read"),
        (tmp_path / "empty", "holds no metadata"),
        (conf, str(conf)),
    ):
        refused = run("import-conf", str(conf), "--metadata", str(path))
        assert (refused.code, refused.out) == (2, "")
        assert message in refused.err
        assert str(path) in refused.err
