"""`algoreg build`: what goes into the context, what the labels say, and that an image comes out."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from algoreg import __version__, build, contract, metadata, provenance, registry, runtime_wheel
from algoreg.errors import UsageError
from algoreg.registry import Entry

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "registry/algoreg/templates"


class Builder:
    """Builds nothing, and remembers what it was asked."""

    def __init__(self, *local: str) -> None:
        self.local = local
        self.context = b""
        self.build_args: Mapping[str, str] = {}
        self.labels: Mapping[str, str] = {}
        self.tags: Sequence[str] = ()

    def has_image(self, reference: str) -> bool:
        return reference in self.local

    def build_image(
        self,
        context: bytes,
        *,
        build_args: Mapping[str, str],
        labels: Mapping[str, str],
        tags: Sequence[str],
        progress: Callable[[str], None],
    ) -> str:
        self.context, self.build_args, self.labels, self.tags = context, build_args, labels, tags
        progress("Step 1/1 : FROM scratch")
        return "sha256:0"


def document(code: str = "tiny") -> str:
    return f"""
contract: 1
code: {code}
label: Tiny
description: The smallest of all.
image: algoreg-test/{code}
version: 1.2.3
predictive: true
interactive: true
entrypoints: [train, test]
tasks: [regression]
constraints: {{variable: {{binominal: false, polynominal: false}}}}
"""


PROGRAM = """
from sklearn.dummy import DummyRegressor
def estimator(job):
    return DummyRegressor()
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A package of four files, beside nothing."""
    folder = tmp_path / "project" / "tiny_plugin"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "__main__.py").write_text("from algoreg.runtime import main\n\nmain('tiny_plugin')\n")
    (folder / "program.py").write_text(PROGRAM)
    (folder / "algorithm.yaml").write_text(document())
    return folder


def entry(folder: Path) -> Entry:
    path = folder / "algorithm.yaml"
    return Entry(algorithm=metadata.parse(metadata.read_file(path)), folder=folder, plugin=None)


def files(context: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(context)) as tar:
        return {member.name: reader.read() for member in tar if (reader := tar.extractfile(member))}


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def commit(plugin: Path) -> str:
    git(plugin.parent, "init", "-q")
    git(plugin.parent, "add", ".")
    git(plugin.parent, "commit", "-qm", "first")
    return git(plugin.parent, "rev-parse", "HEAD")


# --- the context --------------------------------------------------------------------------------


def test_a_plugin_without_dockerfile_gets_ours(plugin: Path) -> None:
    content = files(build.context_of(plugin))
    assert set(content) == {
        "Dockerfile",
        "requirements.txt",
        "constraints.txt",
        f"wheels/algoreg_runtime-{__version__}-py3-none-any.whl",
        "program/tiny_plugin/__init__.py",
        "program/tiny_plugin/__main__.py",
        "program/tiny_plugin/algorithm.yaml",
        "program/tiny_plugin/program.py",
    }
    assert b'"-m", "tiny_plugin"]' in content["Dockerfile"]
    assert b"scikit-learn" in content["requirements.txt"]


def test_caches_and_hidden_files_stay_behind(plugin: Path) -> None:
    before = build.context_of(plugin)
    for name in ("__pycache__/program.cpython-311.pyc", ".git/config", ".env", "sub/.secret"):
        (plugin / name).parent.mkdir(exist_ok=True)
        (plugin / name).write_text("x")
    assert build.context_of(plugin) == before


@pytest.mark.parametrize("beside", [False, True])
def test_a_plugins_own_recipes_are_used(plugin: Path, beside: bool) -> None:
    place = plugin.parent if beside else plugin
    (place / "Dockerfile").write_text("FROM scratch\n")
    (place / "requirements.txt").write_text("# more\nxgboost>=2  # trees\n\n")
    (place / "constraints.txt").write_text("xgboost==2.1.0\n")
    content = files(build.context_of(plugin))
    assert content["Dockerfile"] == b"FROM scratch\n"
    assert content["requirements.txt"].splitlines()[-1] == b"xgboost>=2"
    assert b"numpy>=" in content["requirements.txt"]
    assert content["constraints.txt"] == b"xgboost==2.1.0\n"
    assert not any(name.endswith(("y_plugin/Dockerfile", "y_plugin/requirements.txt")) for name in content)


def test_recipes_beside_an_installed_package_are_somebody_elses(plugin: Path) -> None:
    installed = plugin.parent / "site-packages" / plugin.name
    installed.parent.mkdir()
    plugin.rename(installed)
    (installed.parent / "requirements.txt").write_text("leftover\n")
    assert b"leftover" not in files(build.context_of(installed))["requirements.txt"]


def test_a_package_that_cannot_run_is_refused_unless_it_brings_a_dockerfile(plugin: Path) -> None:
    (plugin / "__main__.py").unlink()
    with pytest.raises(UsageError, match="tiny_plugin has no __main__") as caught:
        build.context_of(plugin)
    assert "main('tiny_plugin')" in caught.value.hint
    (plugin / "Dockerfile").write_text("FROM scratch\n")
    build.context_of(plugin)


def test_a_package_without_our_runtime_is_its_own_context(plugin: Path) -> None:
    (plugin / "__main__.py").unlink()
    (plugin / "Dockerfile").write_text("FROM scratch\nCOPY my-program/ requirements.txt /\n")
    (plugin / "requirements.txt").write_text("mine\n")
    (plugin / ".env").write_text("PASSWORD=x")
    content = files(build.context_of(plugin))
    assert set(content) == {"Dockerfile", "__init__.py", "algorithm.yaml", "program.py", "requirements.txt"}
    assert content["requirements.txt"] == b"mine\n"


@pytest.mark.parametrize(
    "copy", ["COPY program/ /opt/", "  add --chown=1 ./program /x", 'COPY ["wheels/", "/x"]']
)
def test_one_that_copies_what_we_bring_gets_it(plugin: Path, copy: str) -> None:
    (plugin / "__main__.py").unlink()
    (plugin / "Dockerfile").write_text(f"FROM scratch\n{copy}\n")
    assert "program/tiny_plugin/program.py" in files(build.context_of(plugin))


def test_the_same_files_give_the_same_bytes(plugin: Path, tmp_path: Path) -> None:
    first = build.context_of(plugin)
    moved = tmp_path / "elsewhere" / plugin.name
    moved.parent.mkdir()
    plugin.rename(moved)
    (moved / "program.py").touch()
    assert build.context_of(moved) == first


def test_executables_stay_executable(plugin: Path) -> None:
    (plugin / "helper.sh").write_text("#!/bin/sh\n")
    (plugin / "helper.sh").chmod(0o700)
    with tarfile.open(fileobj=io.BytesIO(build.context_of(plugin))) as tar:
        modes = {Path(member.name).name: member.mode for member in tar}
    assert modes["helper.sh"] == 0o755
    assert modes["program.py"] == 0o644


def test_the_dockerfile_of_knn_is_the_default_one() -> None:
    template = (TEMPLATES / "Dockerfile").read_text()
    assert (ROOT / "plugins/knn/Dockerfile").read_text() == template.replace("@PACKAGE@", "algoreg_knn")


def test_every_requirement_of_the_runtime_is_pinned() -> None:
    pins = runtime_wheel.lines_of((TEMPLATES / "constraints.txt").read_text())
    assert all("==" in pin for pin in pins)
    pinned = {pin.partition("==")[0].lower() for pin in pins}
    needs = runtime_wheel.lines_of((TEMPLATES / "requirements.txt").read_text())
    assert {need.partition(">=")[0].partition("[")[0] for need in needs} <= pinned


# --- the wheel ----------------------------------------------------------------------------------


def test_the_wheel_holds_the_runtime_and_nothing_of_the_host(tmp_path: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(runtime_wheel.runtime_wheel()))
    names = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(ROOT / "registry").as_posix()
        for path in (ROOT / "registry/algoreg/runtime").rglob("*.py")
    }
    assert names == {"algoreg/__init__.py", "algoreg/contract.py"} | expected
    assert runtime_wheel.runtime_wheel() == runtime_wheel.runtime_wheel()


def test_the_wheel_alone_runs_an_algorithm(tmp_path: Path) -> None:
    """Every module of the runtime imports without the rest of algoreg."""
    zipfile.ZipFile(io.BytesIO(runtime_wheel.runtime_wheel())).extractall(tmp_path)
    modules = [f"algoreg.runtime.{path.stem}" for path in (tmp_path / "algoreg/runtime").glob("[!_]*.py")]
    knn = importlib.util.find_spec("algoreg_knn")
    assert knn is not None
    assert knn.origin is not None
    script = (
        "import sys, importlib, runpy\n"
        f"sys.path[:0] = [{str(tmp_path)!r}, {str(Path(knn.origin).parents[1])!r}]\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "import algoreg; print(algoreg.__file__)\n"
        "sys.argv = ['x', 'nonsense']\n"
        "runpy.run_module('algoreg_knn', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith(str(tmp_path))


def test_pip_installs_the_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / runtime_wheel.FILE_NAME
    wheel.write_bytes(runtime_wheel.runtime_wheel())
    target = tmp_path / "target"
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(wheel)],
        check=True,
        capture_output=True,
    )
    assert (target / "algoreg/runtime/main.py").is_file()


# --- labels, tags, base -------------------------------------------------------------------------


def test_labels_and_tags_of_a_checkout(plugin: Path, commit: str) -> None:
    git(plugin, "remote", "add", "origin", "https://somebody:token@example.org/tiny.git")
    builder, told = Builder(), list[str]()
    built = build.build(entry(plugin), builder=builder, progress=told.append)
    assert built.tags == ("algoreg-test/tiny:1.2.3", f"algoreg-test/tiny:1.2.3-{commit[:12]}")
    assert tuple(builder.tags) == built.tags
    assert json.loads(builder.labels[contract.METADATA_LABEL])["code"] == "tiny"
    oci = {name.rpartition(".")[2]: builder.labels[name] for name in contract.OCI_LABELS}
    assert oci == {
        "title": "Tiny",
        "version": "1.2.3",
        "revision": commit,
        "source": "https://example.org/tiny.git",
        "licenses": "NOASSERTION",
    }
    assert told == ["Step 1/1 : FROM scratch"]


def test_changed_files_are_not_passed_off_as_the_commit(plugin: Path, commit: str) -> None:
    (plugin / "program.py").write_text(PROGRAM + "\n")
    built = build.build(entry(plugin), builder=Builder())
    assert built.tags[1] == f"algoreg-test/tiny:1.2.3-{commit[:12]}-dirty"


def test_an_untracked_folder_inside_a_checkout_has_no_commit(plugin: Path, commit: str) -> None:
    other = plugin.parent / "venv" / plugin.name
    other.mkdir(parents=True)
    for path in plugin.glob("*.*"):
        (other / path.name).write_bytes(path.read_bytes())
    assert provenance.provenance(other, also=[], distribution=None).revision == "unknown"


def test_outside_a_checkout_no_label_is_empty(plugin: Path) -> None:
    builder = Builder()
    built = build.build(entry(plugin), builder=builder)
    assert built.tags == ("algoreg-test/tiny:1.2.3",)
    assert all(builder.labels[name] for name in contract.OCI_LABELS)


def test_without_git_nothing_is_known(plugin: Path, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert provenance.provenance(plugin, also=[], distribution=None).revision == "unknown"


def test_a_path_of_this_machine_is_no_source(plugin: Path, commit: str) -> None:
    git(plugin, "remote", "add", "origin", "/srv/git/tiny.git")
    assert provenance.provenance(plugin, also=[], distribution=None).source == "unknown"


def test_the_distribution_tells_licence_and_source(
    plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "site" / "tiny-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: tiny\nVersion: 1\nLicense-Expression: MIT\n"
        "Project-URL: Documentation, https://docs.example.org\nProject-URL: Source, https://example.org/tiny\n"
    )
    (info / "direct_url.json").write_text(
        json.dumps({"url": "x", "vcs_info": {"vcs": "git", "commit_id": "ab" * 20}})
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    found = provenance.provenance(plugin, also=[], distribution="tiny")
    assert (found.licenses, found.source) == ("MIT", "https://example.org/tiny")
    assert found.revision == "ab" * 20
    assert found.short_revision == "ab" * 6


def test_which_base_is_taken(plugin: Path) -> None:
    builder = Builder()
    assert build.build(entry(plugin), builder=builder).base is None
    assert builder.build_args == {}
    builder = Builder(build.LOCAL_BASE)
    build.build(entry(plugin), builder=builder, build_args={"PIP_RETRIES": "3"})
    assert builder.build_args == {"BASE": build.LOCAL_BASE, "PIP_RETRIES": "3"}
    build.build(entry(plugin), builder=builder, base="mine:1")
    assert builder.build_args == {"BASE": "mine:1"}


# --- a real one ---------------------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[Any]:
    """The same engine that algoreg finds."""
    import docker

    from algoreg.engines.docker.discovery import connect

    with connect() as (_, address):
        answer = docker.DockerClient(base_url=address.url)
    yield answer
    answer.close()


@pytest.mark.engine
@pytest.mark.slow
def test_an_out_of_tree_plugin_becomes_an_image_that_runs(plugin: Path, client: Any) -> None:
    from docker.errors import ContainerError

    from algoreg.engines.docker import open_docker

    lines: list[str] = []
    with open_docker() as engine:
        done = build.build(entry(plugin), builder=engine, progress=lines.append)
    try:
        assert any(line.startswith("Step 1/") for line in lines)
        image = client.images.get(done.tags[0])
        assert image.id == done.image_id
        assert json.loads(image.labels[contract.METADATA_LABEL])["code"] == "tiny"
        assert image.attrs["Config"]["User"] == "10001:10001"
        with pytest.raises(ContainerError) as caught:
            client.containers.run(
                done.tags[0], ["nonsense"], read_only=True, network_mode="none", remove=True
            )
        assert caught.value.exit_status == 2
        assert b"train|test" in caught.value.stderr
    finally:
        for tag in done.tags:
            client.images.remove(tag, force=True, noprune=True)  # the layers are kNN's cache, too


def test_the_registry_entry_of_knn_builds() -> None:
    builder = Builder()
    built = build.build(registry.load().resolve("knn"), builder=builder)
    assert built.tags[0] == "algoreg/knn:0.1.0"
    assert "program/algoreg_knn/program.py" in files(builder.context)
