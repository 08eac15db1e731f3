"""Where a finding is located: the line of algorithm.yaml or of the Dockerfile that it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_samples import check, failed, target

from algoreg import locating, metadata, registry
from algoreg.errors import UsageError
from algoreg.formats.told import Place
from algoreg.report import Finding, Outcome

DOCKERFILE = """# USER in a comment
FROM scratch AS build
USER root
RUN echo one \\
 # a comment within
 && echo USER two \\
 && USER=three
FROM python:3.12
ENV A=1
 env B=2
LABEL a=b
USER 0
WORKDIR /
RUN echo \\
  USER four
ENTRYPOINT ["true"]
"""
SOURCE = (Path(__file__).parents[2] / "plugins" / "knn" / "algoreg_knn" / "algorithm.yaml").read_text()
NONE = registry.Registry(entries={}, plugins=(), broken=())


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "a plugin"
    (folder / "package").mkdir(parents=True)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "package" / "algorithm.yaml").write_text(SOURCE)
    return folder


def place(plugin: Path, id: str, finding: Finding | None = None) -> Place | None:
    locate = locating.of_plugins(NONE, {}, given=plugin)
    return locate(target(), check(id), finding or failed(None))


@pytest.mark.parametrize(
    ("id", "line"),
    [
        ("meta.root", 12),
        ("meta.arch", 8),
        ("meta.labels", 11),
        ("meta.workdir", 13),
        ("sec.baked-env", 10),
        ("cli.no-command", 16),
        ("neg.bad-query", 16),
        ("run.exit-code", 16),
    ],
)
def test_what_the_dockerfile_decides_is_found_there(id: str, line: int, plugin: Path) -> None:
    assert place(plugin, id) == Place(uri="a%20plugin/Dockerfile", line=line)


@pytest.mark.parametrize(
    ("id", "key"),
    [
        ("meta.version", "version:"),
        ("cap.task", "tasks:"),
        ("cap.param-range", "parameters:"),
        ("pfa.io", "result:"),
        ("log.size", ""),
    ],
)
def test_what_the_metadata_decide_is_found_there(id: str, key: str, plugin: Path) -> None:
    found = place(plugin, id)
    assert found is not None
    assert found.uri == "a%20plugin/package/algorithm.yaml"
    assert SOURCE.splitlines()[found.line - 1].startswith(key)
    assert key or found.line == 1


def test_a_broken_key_is_found_with_its_column(plugin: Path) -> None:
    path = plugin / "package" / "algorithm.yaml"
    path.write_text(SOURCE.replace("default_value: 5", "default_value: five"))
    (problem,) = metadata.problems(metadata.read_file(path))
    finding = Finding(outcome=Outcome.FAIL, message=f"{problem.path}: {problem.message}")
    found = place(plugin, "meta.schema", finding)
    assert found is not None
    assert (found.line, found.column) == (problem.line, problem.column)
    assert "default_value: five" in path.read_text().splitlines()[found.line - 1]
    assert found.column > 1
    assert place(plugin, "meta.schema", failed(None)) == Place(uri=found.uri)


def test_without_a_dockerfile_it_is_the_metadata(plugin: Path) -> None:
    (plugin / "Dockerfile").unlink()
    assert place(plugin, "meta.root") == Place(uri="a%20plugin/package/algorithm.yaml")


def test_what_cannot_be_read_has_its_first_line(plugin: Path) -> None:
    (plugin / "package" / "algorithm.yaml").write_text("{")
    assert place(plugin, "cap.task") == Place(uri="a%20plugin/package/algorithm.yaml")
    (plugin / "Dockerfile").write_bytes(b"\xff\x00FROM")
    assert place(plugin, "meta.root") == Place(uri="a%20plugin/Dockerfile")


def test_a_plugin_elsewhere_is_not_at_hand(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = locating.of_plugins(NONE, {"algoreg/knn:0.1.0": plugin})
    assert named(target(), check("meta.root"), failed()) is not None
    assert named(target(name="other:1"), check("meta.root"), failed()) is None
    elsewhere = plugin.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    named = locating.of_plugins(NONE, {"algoreg/knn:0.1.0": plugin})
    assert named(target(), check("meta.root"), failed()) is None
    with pytest.raises(UsageError, match="outside the working directory"):
        locating.of_plugins(NONE, {}, given=plugin)


def test_an_installed_plugin_is_known_by_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    locate = locating.of_plugins(registry.load(), {})
    found = locate(target(), check("meta.root"), failed())
    assert found is not None
    assert found.uri == "plugins/knn/Dockerfile"
    assert locate(target(code="unheard-of"), check("meta.root"), failed()) is None
