"""``algoreg report`` and ``validate --report``: what is written, what is refused, and when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import lxml.etree
import pytest
from report_samples import FAILING, HOSTILE, hostile

from algoreg import conformance, reporting
from algoreg.errors import UsageError
from algoreg.formats import json as json_format
from algoreg.formats.kinds import Kind

PLUGIN = Path(__file__).parents[2] / "plugins" / "knn"


def algoreg(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from algoreg.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(json_format.render(FAILING))
    return path


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.HTML])
def test_a_saved_report_is_printed_or_written(kind: Kind, saved: Path) -> None:
    printed = algoreg("report", saved, "--format", kind, cwd=saved.parent)
    written = algoreg("report", saved, "--format", kind, "--output", "made", cwd=saved.parent)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert (saved.parent / "made").read_text() == printed.stdout
    assert (printed.stdout == saved.read_text()) is (kind is Kind.JSON)
    assert "neg.exit-code" in printed.stdout


def test_titles_and_reasons_come_from_the_catalogue(saved: Path) -> None:
    shown = algoreg("report", saved, cwd=saved.parent).stdout
    (rule,) = (rule for rule in conformance.catalogue().checks if rule.id == "neg.exit-code")
    assert f"neg.exit-code  {rule.title}" in shown
    assert rule.why in shown
    assert "it is broken" not in shown


@pytest.mark.parametrize("kind", [Kind.TERMINAL, Kind.ANNOTATIONS])
def test_a_saved_report_of_a_hostile_image_stays_harmless(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json_format.render(hostile(HOSTILE)))
    shown = algoreg("report", "report.json", "--format", kind, cwd=tmp_path)
    assert shown.returncode == 0
    assert not set(shown.stdout) & set("\x1b\x07\u202e")
    assert not [line for line in shown.stdout.splitlines() if line.startswith("::stop")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "absent.json"], "absent.json: No such file"),
        (["report", "."], "cannot read .: Is a directory"),
        (["report", "report.json", "--output", "no/such/folder"], "no/such/folder"),
        (["report", "report.json", "--output", "/dev/null"], "/dev/null: it is no ordinary file"),
        (["report", "report.json", "--format", "pdf"], "pdf"),
        (["report", "report.json", "--plugin", "."], "algorithm.yaml"),
        (["report", "report.json", "--plugin", str(PLUGIN)], "outside the working directory"),
    ],
)
def test_what_cannot_be_shown_is_wrong_usage(arguments: list[str], words: str, saved: Path) -> None:
    done = algoreg(*arguments, cwd=saved.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        (["junit"], "is not KIND=FILE"),
        (["junit="], "is not KIND=FILE"),
        (["juint=a.xml"], "Did you mean junit?"),
        (["=a.xml"], "Kinds: terminal, json, junit"),
        (["JUNIT=a.xml"], "Did you mean junit?"),
        (["junit=no/such/a.xml"], "no/such/a.xml"),
        (["junit=."], "is a directory"),
        (["junit=/dev/stdout"], "/dev/stdout: it is no ordinary file"),
        (["junit=/dev/null"], "/dev/null: it is no ordinary file"),
        (["junit=a.xml", "html=./a.xml"], "a.xml is named twice"),
        (["junit=out.json"], "out.json is named twice"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused(
    reports: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        reporting.requests(reports, taken=Path("out.json"))
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_it_is_refused_before_any_work(tmp_path: Path) -> None:
    """The target does not exist: that would be told later."""
    done = algoreg("validate", "--engine", "process", "no/such:1", "--report=pdf=a.pdf", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no report of the kind 'pdf'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_report_replaces_a_file_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = reporting.requests(["badge=a.svg", "junit=b.xml"])
    Path("a.svg").write_text("before")

    def broken(*_: object) -> str:
        raise ValueError("a defect")

    monkeypatch.setattr("algoreg.formats.junit.render", broken)
    with pytest.raises(ValueError, match="a defect"):
        reporting.write(wanted, FAILING)
    assert Path("a.svg").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]
    reporting.write(wanted[:1], FAILING)
    assert Path("a.svg").read_text().startswith("<svg")


def test_validate_writes_several_and_prints_as_before(tmp_path: Path) -> None:
    """Broken metadata: judged without running anything."""
    package = tmp_path / "mine" / "algoreg_mine"
    package.mkdir(parents=True)
    (package / "__main__.py").touch()
    source = (PLUGIN / "algoreg_knn" / "algorithm.yaml").read_text()
    assert "predictive: true" in source
    (package / "algorithm.yaml").write_text(source.replace("predictive: true", "predictive: perhaps"))
    line = source.partition("predictive: true")[0].count("\n") + 1
    reports = {
        "json": "r.json",
        "junit": "r.xml",
        "sarif": "r.sarif",
        "html": "r.html",
        "annotations": "r.txt",
    }
    asked = [f"--report={kind}={name}" for kind, name in reports.items()]
    done = algoreg("validate", "--engine", "process", "mine", "--seed", 7, *asked, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("mine FAIL")
    assert {path.name for path in tmp_path.iterdir()} == {"mine", *reports.values()}
    assert lxml.etree.parse(tmp_path / "r.xml").getroot().get("failures") == "1"
    (result,) = json.loads((tmp_path / "r.sarif").read_text())["runs"][0]["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "mine/algoreg_mine/algorithm.yaml"
    assert physical["region"] == {"startLine": line, "startColumn": 1}
    assert f"file=mine/algoreg_mine/algorithm.yaml,line={line},col=1," in (tmp_path / "r.txt").read_text()
    again = algoreg("report", "r.json", cwd=tmp_path)
    assert again.stdout == done.stdout
    sarif = algoreg("report", "r.json", "--format", "sarif", "--plugin", "mine", cwd=tmp_path)
    assert sarif.stdout == (tmp_path / "r.sarif").read_text()
