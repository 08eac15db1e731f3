"""The wheel alone, installed where there is no checkout, is a working algoreg; so is a plugin beside it."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCHEMAS = {"algorithm", "input_training", "input_test", "predictions", "report"}


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, with nothing of this checkout in its environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build_wheel(source: Path, target: Path) -> Path:
    """The wheel of a source folder, made offline by the backend that is installed here."""
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source, cwd=target)
    (wheel,) = target.glob("*.whl")
    return wheel


def install(python: Path, wheel: Path, cwd: Path) -> None:
    """Install one wheel, without its dependencies, into the environment of ``python``."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel, and sees the dependencies (not the algoreg) of this one.

    A line in a .pth file adds a folder to the path without reading the .pth files in it, so that the editable
    algoreg stays invisible and nothing has to be downloaded.
    """
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    site = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip()
    )
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    install(python, wheel, place)
    return python


def algoreg(python: Path, *arguments: str) -> str:
    return run(python.with_name("algoreg"), *arguments, cwd=Path("/"))


def test_the_wheel_holds_what_it_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"algoreg/metadata_schema/{name}.schema.json" for name in SCHEMAS} <= names
    assert {"algoreg/py.typed", "algoreg_knn/algorithm.yaml", "algoreg_knn/program.py"} <= names
    assert not [name for name in names if name.startswith(("tests/", "registry/", "plugins/"))]
    assert not [name for name in names if name.endswith(".pyc")]


def test_it_is_the_wheel_that_runs(python: Path) -> None:
    told = run(
        python, "-c", "import algoreg.schemas as s; print(s.__file__, s.folder())", cwd=Path("/")
    ).split()
    assert all(place.startswith(str(python.parents[1])) for place in told)


def test_the_registry_works_from_any_directory(python: Path) -> None:
    listing = json.loads(algoreg(python, "list", "--format", "json"))
    assert [one["code"] for one in listing["algorithms"]] == ["knn", "linreg", "tpot"]
    assert listing["broken"] == []
    assert listing["algorithms"][0]["folder"].startswith(str(python.parents[1]))
    assert "algoreg/knn:0.1.0" in algoreg(python, "show", "knn")
    assert "neg.exit-code" in algoreg(python, "checks")


def test_a_plugin_of_somebody_else_is_found(python: Path, tmp_path: Path) -> None:
    install(python, build_wheel(ROOT / "tests" / "example_plugin", tmp_path), tmp_path)
    try:
        listing = json.loads(algoreg(python, "list", "--format", "json"))
        assert listing["broken"] == []
        (example,) = (one for one in listing["algorithms"] if one["distribution"] == "algoreg-example")
        assert (example["code"], example["distribution_version"]) == ("example-mean", "1.2.0")
        assert [one["code"] for one in listing["algorithms"]] == ["example-mean", "knn", "linreg", "tpot"]
        assert "A hospital can have rules of its own." in algoreg(python, "explain", "example.greeting")
    finally:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
        run(*pip, "uninstall", "--quiet", "--yes", "algoreg-example", cwd=tmp_path)


@pytest.mark.slow
def test_the_declared_dependencies_are_enough(wheel: Path, tmp_path: Path) -> None:
    """The real thing: an empty environment, and pip brings what the wheel asks for."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", wheel, cwd=tmp_path)
    listing = json.loads(algoreg(python, "list", "--format", "json"))
    assert [one["code"] for one in listing["algorithms"]] == ["knn", "linreg", "tpot"]
    assert "neg.exit-code" in algoreg(python, "checks")
