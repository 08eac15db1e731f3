"""What ``algoreg new --language r`` and ``shell`` write, without an engine: valid, clean, and as the author said it."""

import io
import runpy
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from algoreg import build, metadata, registry
from algoreg.errors import UsageError
from algoreg.linting import sources
from algoreg.model import Maturity
from algoreg.report import Severity
from algoreg.scaffolding import folders, languages
from algoreg.scaffolding.wish import Language, Wish

PROGRAMS = {Language.R: {"program.R"}, Language.SHELL: {"program.sh", "predict.sql", "scales.sql"}}
HOSTILE = 'Ä "quoted": #1 \\ \x1b[31m\x85\u202e $code ${x}\nsecond'


def wish(language: Language, **changes: str) -> Wish:
    return Wish(
        code="My-Code",
        language=language,
        estimator=None,
        image="hospital/my-code",
        version="1.0",
        maturity=Maturity.BETA,
        label=changes.get("label"),
        description=changes.get("description"),
        parameters=tuple(changes.get("parameters", ())),
    )


def package(tmp_path: Path, language: Language, **changes: str) -> Path:
    """The package of a folder that was written."""
    folder = tmp_path / "new"
    folders.write(folder, languages.draft(wish(language, **changes)).files)
    return registry.document_in(folder).parent


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_metadata_say_what_was_asked_for(tmp_path: Path, language: Language) -> None:
    algorithm = metadata.parse(metadata.read_file(package(tmp_path, language) / "algorithm.yaml"))
    assert (algorithm.code, algorithm.reference) == ("My-Code", "hospital/my-code:1.0")
    assert (algorithm.maturity, algorithm.entrypoints) == (Maturity.BETA, ("train", "test", "compute"))


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_lint_finds_nothing(tmp_path: Path, language: Language) -> None:
    linted = sources.of_plugin(package(tmp_path, language))
    assert linted.remarks == ()
    assert linted.report(Severity.WARNING).verdict.value == "PASS"


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_image_is_made_of_the_folder_as_it_is(tmp_path: Path, language: Language) -> None:
    folder = package(tmp_path, language)
    with tarfile.open(fileobj=io.BytesIO(build.context_of(folder))) as context:
        names = set(context.getnames())
    assert names == {"Dockerfile", "__init__.py", "algorithm.yaml", *PROGRAMS[language]}
    recipe = (folder / "Dockerfile").read_text()
    assert "FUNCTION=My-Code" in recipe
    assert "FROM ${BASE}" in recipe
    assert all(name in recipe for name in PROGRAMS[language])


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_plugin_names_its_metadata(tmp_path: Path, language: Language) -> None:
    folder = package(tmp_path, language)
    assert runpy.run_path(str(folder / "__init__.py"))["algoreg_algorithms"]() == [folder / "algorithm.yaml"]
    assert 'my_code = "algoreg_my_code"' in (folder.parent / "pyproject.toml").read_text()


@pytest.mark.parametrize("language", PROGRAMS)
def test_each_push_is_judged(tmp_path: Path, language: Language) -> None:
    flow = (package(tmp_path, language).parent / ".github/workflows/conformance.yml").read_text()
    steps = yaml.safe_load(flow)["jobs"]["conformance"]["steps"]
    assert steps[-1]["with"] == {"image": "hospital/my-code:1.0", "plugin": "algoreg_my_code"}


@pytest.mark.parametrize("language", PROGRAMS)
def test_labels_stay_texts(tmp_path: Path, language: Language) -> None:
    folder = package(tmp_path, language, label=HOSTILE, description=HOSTILE)
    algorithm = metadata.parse(metadata.read_file(folder / "algorithm.yaml"))
    assert (
        algorithm.label
        == algorithm.description
        == 'Ä "quoted": #1 \\ \\x1b[31m\\x85\\u202e $code ${x}\\x0asecond'
    )
    assert "\x1b" not in (folder.parent / "README.md").read_text()


def test_the_shell_program_is_read_by_sh(tmp_path: Path) -> None:
    program = package(tmp_path, Language.SHELL) / "program.sh"
    subprocess.run(["sh", "-n", program], check=True)


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["train", "now"], ["compute;id"], ["--mode"]])
def test_the_shell_program_tells_its_usage(tmp_path: Path, arguments: list[str]) -> None:
    program = package(tmp_path, Language.SHELL) / "program.sh"
    done = subprocess.run(["sh", program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "usage: train | test | compute\n")


@pytest.mark.parametrize("language", PROGRAMS)
def test_no_estimator_is_wrapped(language: Language) -> None:
    with pytest.raises(UsageError, match="wraps no estimator"):
        languages.draft(wish(language, parameters="k"))
