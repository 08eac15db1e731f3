"""The command ``algoreg site``, and which saved reports it takes for what."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from broken_plugins import BUILT_IN, SOURCES, document, install
from certified import FINISHED, STARTED
from report_samples import ERRORING, FAILING, HOSTILE, PASSING, report, target
from reports import GOOD
from reports import report as plain_report
from reports import target as plain_target
from site_samples import SMALL

from algoreg import certificates
from algoreg.errors import UsageError
from algoreg.formats import json as reports
from algoreg.report import Report
from algoreg.site import judgements
from algoreg.site.judgements import Judged, Standing

PROGRAM = (sys.executable, "-c", "from algoreg.cli import main; main()", "site")
KNOWN = [entry.algorithm for entry in SMALL.entries.values()]


def site(*arguments: str | Path, cwd: Path, plugins: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ) | ({"PYTHONPATH": str(plugins)} if plugins else {})
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )


def save(path: Path, one: Report) -> Path:
    path.write_text(reports.render(one))
    return path


def read(*paths: Path) -> Judged:
    return judgements.read(paths, (), KNOWN)


# Which report -------------------------------------------------------------------------------------------------


def of_image(name: str, *, engine: str = "docker", code: str | None = "knn") -> Report:
    return plain_report(plain_target(*GOOD, name=name, code=code), engine=engine)


@pytest.mark.parametrize(
    ("name", "engine", "standing"),
    [
        ("algoreg/knn:0.1.0", "docker", Standing.CURRENT),
        (f"algoreg/knn:0.1.0@sha256:{'a' * 64}", "chronos", Standing.CURRENT),
        ("algoreg/knn", "docker", Standing.UNTOLD),
        (f"algoreg/knn@sha256:{'a' * 64}", "docker", Standing.UNTOLD),
        (f"sha256:{'a' * 64}", "docker", Standing.UNTOLD),
        ("algoreg/knn:0.1.1", "docker", Standing.OTHER_VERSION),
        ("else/knn:0.1.0", "docker", Standing.OTHER_IMAGE),
        (HOSTILE, "docker", Standing.OTHER_IMAGE),
        ("algoreg/knn:0.1.0", "process", Standing.PROGRAM),
        ("plugins/knn", "process", Standing.PROGRAM),
    ],
)
def test_of_what_a_report_speaks(name: str, engine: str, standing: Standing, tmp_path: Path) -> None:
    found = read(save(tmp_path / "r.json", of_image(name, engine=engine)))
    assert found.judgements["knn"].standing is standing
    assert found.notes == ()


def test_the_report_of_the_present_image_is_shown_and_of_those_the_last(tmp_path: Path) -> None:
    save(tmp_path / "a.json", of_image("algoreg/knn:0.1.0"))
    last = save(tmp_path / "b.json", of_image("algoreg/knn:0.1.0"))
    save(tmp_path / "c.json", of_image("algoreg/knn:0.0.9"))
    (tmp_path / "not-read.txt").write_text("{")
    found = read(tmp_path)
    assert found.judgements["knn"].origin == str(last)
    assert found.notes == (
        f"{tmp_path}/a.json: of knn, {last} is shown instead",
        f"{tmp_path}/c.json: of knn, {last} is shown instead",
    )
    assert read(tmp_path / "b.json", tmp_path / "a.json").judgements["knn"].origin == f"{tmp_path}/a.json"


def test_a_report_of_several_targets_is_told_apart(tmp_path: Path) -> None:
    both = report(target(name="algoreg/knn:0.1.0"), target(name="example/trees:2.0", code="Trees"))
    found = read(save(tmp_path / "r.json", both))
    assert {code: one.target.target for code, one in found.judgements.items()} == {
        "knn": "algoreg/knn:0.1.0",
        "Trees": "example/trees:2.0",
    }
    assert {len(one.report.targets) for one in found.judgements.values()} == {1}


def test_what_could_not_be_opened_is_known_by_its_image(tmp_path: Path) -> None:
    unopened = report(replace(ERRORING.targets[0], target="example/trees:2.0"))
    found = read(save(tmp_path / "r.json", unopened))
    assert found.judgements["Trees"].target.verdict == "ERROR"


@pytest.mark.parametrize("code", ["KNN", "other", HOSTILE.replace("\ud800", ""), None])
def test_a_report_of_nobody_is_told_and_left_out(code: str | None, tmp_path: Path) -> None:
    found = read(save(tmp_path / "r.json", of_image("x/y:1", code=code)))
    assert found.judgements == {}
    assert found.notes == (
        f"{tmp_path}/r.json: x/y:1 is of no algorithm of the registry, whose plugin may have to be installed; left out",
    )


def certified(one: Report) -> str:
    return certificates.statement(one, started=STARTED, finished=FINISHED)


def test_a_certificate_belongs_to_the_report_it_was_made_of(tmp_path: Path) -> None:
    one = of_image("algoreg/knn:0.1.0")
    save(tmp_path / "r.json", one)
    (tmp_path / "a.json").write_text(certified(one))
    found = read(tmp_path)
    assert found.notes == ()
    assert found.judgements["knn"].day == "2026-11-13"
    save(tmp_path / "r.json", replace(one, seed=8))
    found = read(tmp_path)
    assert found.notes == (
        f"{tmp_path}/a.json: a certificate of none of the reports that were given; left out",
    )
    assert found.judgements["knn"].day is None


def test_a_certificate_that_lies_about_its_report_is_left_out(tmp_path: Path) -> None:
    failing = report(FAILING.targets[0])
    saved = save(tmp_path / "r.json", failing)
    lie = json.loads(certified(of_image("algoreg/knn:0.1.0")))
    lie["predicate"]["report"]["digest"]["sha256"] = hashlib.sha256(saved.read_bytes()).hexdigest()
    (tmp_path / "c.json").write_text(json.dumps(lie))
    found = read(tmp_path)
    assert len(found.notes) == 1
    assert found.judgements["knn"].certificate is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no report"),
        ("[]", "bad.json"),
        ('{"schema": "algoreg-report/2"}', "$.schema"),
        ('{"_type": "https://in-toto.io/Statement/v1"}', "no certificate"),
        (reports.render(PASSING).replace('"PASS"', '"FAIL"', 1), "$.verdict"),
    ],
)
def test_a_file_that_is_neither_is_named(text: str, words: str, tmp_path: Path) -> None:
    save(tmp_path / "a.json", PASSING)
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(UsageError) as refused:
        read(tmp_path)
    assert "bad.json" in refused.value.message
    assert words in refused.value.message


def test_a_place_without_reports_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no file"):
        read(tmp_path)
    with pytest.raises(UsageError, match="cannot read"):
        read(tmp_path / "absent")


# The command --------------------------------------------------------------------------------------------------


def test_a_site_is_written_compared_and_written_again(tmp_path: Path) -> None:
    save(tmp_path / "r.json", PASSING)
    command: tuple[str | Path, ...] = ("out", "--reports", "r.json", "--title", "Ours")
    made = site(*command, cwd=tmp_path)
    assert (made.returncode, made.stdout, made.stderr) == (0, "out/index.html: 6 files (6 new)\n", "")
    assert "<title>Ours</title>" in (tmp_path / "out" / "index.html").read_text()
    same = site(*command, "--check", cwd=tmp_path)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "nothing differs\n")
    other = site("out", "--check", "--title", "Ours", cwd=tmp_path)
    assert other.returncode == 1
    assert "out/reports/knn.html: is of nothing any more\n" in other.stdout
    assert "out/algorithms/knn.html: differs\n" in other.stdout
    assert "linreg" not in other.stdout
    told = json.loads(site("out", "--title", "Ours", "--format", "json", cwd=tmp_path).stdout)
    assert told["schema"] == "algoreg-site/1"
    assert told["stale"] == ["reports/knn.html"]
    assert not (tmp_path / "out" / "reports").exists()


def test_a_broken_report_and_a_foreign_folder_leave_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    broken = site("out", "--reports", "bad.json", cwd=tmp_path)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "bad.json: no report" in broken.stderr
    assert not (tmp_path / "out").exists()
    os.mkfifo(tmp_path / "pipe")
    waiting = site("out", "--reports", "pipe", cwd=tmp_path)
    assert "pipe: it is no regular file" in waiting.stderr
    (tmp_path / "pipe").unlink()
    foreign = site(".", cwd=tmp_path)
    assert foreign.returncode == 2
    assert "bad.json was not written by algoreg site" in foreign.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]


def test_plugins_of_others_are_shown_and_broken_ones_told(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    install(tmp_path / "plugins", "mine", document=document("mine"))
    install(tmp_path / "plugins", "bad", source=SOURCES["raises"])
    made = site("out", "--format", "json", cwd=tmp_path, plugins=tmp_path / "plugins")
    assert made.returncode == 0
    assert "the plugin bad of bad 1.0 cannot be used" in made.stderr
    pages = sorted(path.name for path in (tmp_path / "out" / "algorithms").iterdir())
    assert pages == sorted(f"{code}.html" for code in (*BUILT_IN, "mine"))
    assert "mine 1.0" in (tmp_path / "out" / "algorithms" / "mine.html").read_text()


def test_what_a_report_says_cannot_command_a_terminal(tmp_path: Path) -> None:
    save(tmp_path / "r.json", of_image("\x1b]0;owned\x07", code="x"))
    made = site("out", "--reports", "r.json", cwd=tmp_path)
    assert made.returncode == 0
    assert "\x1b" not in made.stderr
    assert "\\x1b]0;owned" in made.stderr
