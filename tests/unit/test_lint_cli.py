"""``algoreg lint`` as a person meets it: targets of every kind, texts, exit codes, and no engine anywhere."""

import contextlib
import io
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import image_archives as made
import pytest
from good_metadata import GOOD

from algoreg import schemas
from algoreg.cli import errors
from algoreg.cli.app import app

ROOT = Path(__file__).parents[2]
CLEAN = 'FROM python:3.12\nUSER 10001\nENTRYPOINT ["python", "/main.py"]\n'
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock", "NO_COLOR": "1"}


@dataclass
class Result:
    returncode: int
    stdout: str
    stderr: str


def lint(*arguments: str, cwd: Path | None = None) -> Result:
    """The command in this process, by the door that every command goes through."""
    out, err, before = io.StringIO(), io.StringIO(), signal.getsignal(signal.SIGTERM)
    with (
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in NO_ENGINE.items():
            patch.setenv(name, value)
        code = errors.run(lambda: app()(["lint", *arguments]))
    signal.signal(signal.SIGTERM, before)
    return Result(code, out.getvalue(), err.getvalue())


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_yaml", ".yaml")).write_text(text, encoding="utf-8")
    return folder


def test_a_clean_dockerfile(tmp_path: Path) -> None:
    result = lint("Dockerfile", cwd=written(tmp_path, Dockerfile=CLEAN))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Dockerfile PASS")


def test_a_broken_one_says_where_why_and_what_to_do(tmp_path: Path) -> None:
    result = lint("Dockerfile", cwd=written(tmp_path, Dockerfile=CLEAN.replace(":3.12", "")))
    assert result.returncode == 1
    for words in (
        "Dockerfile FAIL",
        "FAIL dockerfile.untagged-parent",
        "Dockerfile:1:6: the parent python has no tag",
        "expected  python:VERSION",
        "why       The same commit",
        "fix       Name a version",
    ):
        assert words in result.stdout


def test_warnings_fail_when_asked(tmp_path: Path) -> None:
    written(tmp_path, Dockerfile=CLEAN.replace("USER 10001\n", ""))
    assert lint("Dockerfile", cwd=tmp_path).returncode == 0
    assert "WARN dockerfile.root" in lint("Dockerfile", cwd=tmp_path).stdout
    assert lint("Dockerfile", "--fail-on", "warning", cwd=tmp_path).returncode == 1


def test_the_lines_of_wrong_metadata_are_told(tmp_path: Path) -> None:
    wrong = GOOD.replace("predictive: true", 'predictive: "yes"').replace("version: 0.1.0", "version: latest")
    result = lint(".", "--format", "json", cwd=written(tmp_path, algorithm_yaml=wrong, Dockerfile=CLEAN))
    document = json.loads(result.stdout)
    assert result.returncode == 1
    failed = [one for one in document["targets"][0]["checks"] if one["outcome"] == "FAIL"]
    assert [(one["id"], one["file"], one["line"], one["column"]) for one in failed] == [
        ("meta.schema", "algorithm.yaml", 5, 1),
        ("meta.schema", "algorithm.yaml", 6, 1),
    ]


def test_metadata_that_are_no_yaml(tmp_path: Path) -> None:
    result = lint(".", cwd=written(tmp_path, algorithm_yaml="a: [\n", Dockerfile=CLEAN))
    assert result.returncode == 1
    assert "FAIL meta.schema" in result.stdout


def test_a_plugin_without_a_program(tmp_path: Path) -> None:
    result = lint(".", cwd=written(tmp_path, algorithm_yaml=GOOD))
    assert result.returncode == 1
    assert "FAIL plugin.program-absent" in result.stdout


def test_a_plugin_is_built_from_a_template_with_its_own_requirements(tmp_path: Path) -> None:
    written(tmp_path, algorithm_yaml=GOOD, **{"__main__.py": "", "requirements.txt": "tpot\nnumpy==2.1.0\n"})
    result = lint(".", "--format", "json", cwd=tmp_path)
    found = [one for one in json.loads(result.stdout)["targets"][0]["checks"] if one["outcome"] == "FAIL"]
    assert [(one["id"], one["file"], one["line"]) for one in found] == [
        ("requirements.unpinned", "requirements.txt", 1)
    ]


@pytest.mark.parametrize(
    "target", ["plugins/knn", "plugins/linreg", "plugins/tpot", "tests/mutants/stub", "knn"]
)
def test_our_own_plugins_are_clean(target: str) -> None:
    result = lint(target, "--fail-on", "warning", cwd=ROOT)
    assert (result.returncode, result.stderr) == (0, "")


def test_json_keeps_its_schema_for_every_kind_of_target(tmp_path: Path) -> None:
    written(tmp_path, algorithm_yaml=GOOD, Dockerfile="FROM python\nENTRYPOINT python\n")
    archive = made.tar_file(tmp_path, made.both(made.config(User="0", Entrypoint=["true"])))
    result = lint(".", "Dockerfile", str(archive), "--format", "json", cwd=tmp_path)
    document = json.loads(result.stdout)
    assert schemas.violations("lint", document) == ()
    assert document["schema"] == "algoreg-lint/1"
    assert document["verdict"] == "FAIL"
    assert [one["kind"] for one in document["targets"]] == ["plugin", "Dockerfile", "archive"]
    assert [one["verdict"] for one in document["targets"]] == ["FAIL", "FAIL", "FAIL"]


def test_a_report_in_a_file(tmp_path: Path) -> None:
    written(tmp_path, Dockerfile=CLEAN)
    result = lint("Dockerfile", "--format", "json", "--output", "lint.json", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert "PASS" in result.stderr
    assert json.loads((tmp_path / "lint.json").read_text())["verdict"] == "PASS"


def test_the_metadata_of_a_file_stand_for_a_label(tmp_path: Path) -> None:
    archive = made.tar_file(tmp_path, made.docker_save(made.config(Labels={})))
    assert lint(str(archive)).returncode == 1
    written(tmp_path, algorithm_yaml=GOOD.replace("image: algoreg/knn", "image: me/mine"))
    result = lint(str(archive), "--metadata", str(tmp_path / "algorithm.yaml"))
    assert result.returncode == 0
    assert "WARN meta.oci" in result.stdout


def test_several_recipes_in_a_folder(tmp_path: Path) -> None:
    written(tmp_path, **{"Dockerfile.lm": CLEAN, "Dockerfile.nb": CLEAN.replace(":3.12", ":latest")})
    result = lint(".", cwd=tmp_path)
    assert result.returncode == 1
    assert [line.split()[:2] for line in result.stdout.splitlines() if line.startswith("Dockerfile")] == [
        ["Dockerfile.lm", "PASS"],
        ["Dockerfile.nb", "FAIL"],
    ]


def test_hostile_text_reaches_no_terminal(tmp_path: Path) -> None:
    hostile = "FROM python:3\nUSER 1\nCOPY \x1b[2J\u202e::error::x /\n" + CLEAN.splitlines()[-1] + "\n"
    result = lint("Dockerfile", cwd=written(tmp_path, Dockerfile=hostile))
    assert "dockerfile.copy-absent" in result.stdout
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert not any(line.startswith("::") for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nosuch.tar",), 2, "there is no file"),
        (("Dockerfile",), 2, "there is no file"),
        (("No Such Thing",), 2, "is no file"),
        (("kn",), 2, "Did you mean knn"),
        (("README.md",), 2, "tar"),
        (("docs",), 2, "algorithm.yaml"),
        (("knn", "--output", "/nonexistent/x"), 2, "cannot write"),
        (("knn", "--metadata", "/nonexistent/x"), 2, "cannot read"),
        ((), 2, "TARGET"),
    ],
)
def test_wrong_usage_is_said_in_one_line(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = lint(*arguments, cwd=ROOT)
    assert result.returncode == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_an_image_that_cannot_be_had_is_an_error_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, Dockerfile=CLEAN)
    result = lint("127.0.0.1:9/knn:1", "Dockerfile", "--format", "json", cwd=tmp_path)
    document = json.loads(result.stdout)
    assert (result.returncode, document["verdict"]) == (3, "ERROR")
    assert [one["verdict"] for one in document["targets"]] == ["ERROR", "PASS"]
    assert schemas.violations("lint", document) == ()
    shown = lint("127.0.0.1:9/knn:1").stdout
    assert "no engine has 127.0.0.1:9/knn:1" in shown
    assert "docker save" in shown


def test_a_lint_of_files_loads_neither_an_engine_nor_a_registry(tmp_path: Path) -> None:
    written(tmp_path, Dockerfile=CLEAN)
    source = (
        "import sys\nfrom algoreg.cli.app import app\n"
        "try:\n    app()(['lint', 'Dockerfile'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('docker', 'requests', 'sklearn') if name in sys.modules])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert result.stdout.splitlines()[-1] == "[]"
