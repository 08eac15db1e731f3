"""Waivers, the baseline and certificates on the command line: on a plugin that fails at once, and used wrongly."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from algoreg import schemas
from support.program import CHECKOUT, Result, Run

WAIVERS = """\
waivers:
  - id: meta.schema
    image: plugin
    reason: The version follows on Monday.
    owner: ada@example.org
    expires: "{expires}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A plugin whose metadata break a rule: one check fails, and the others wait for it."""
    document = (CHECKOUT / "plugins/knn/algoreg_knn/algorithm.yaml").read_text()
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "algorithm.yaml").write_text(document.replace("version: 0.1.0", "version: latest"))
    (tmp_path / "plugin" / "__main__.py").touch()
    return "plugin"


def waivers(tmp_path: Path, *, days: int = 1, text: str = WAIVERS) -> Path:
    expires = (datetime.now(UTC) + timedelta(days=days)).date()
    (tmp_path / "waivers.yaml").write_text(text.replace("{expires}", str(expires)))
    return Path("waivers.yaml")


@pytest.fixture
def validate(algoreg: Run, folder: str) -> Run:
    def run(*arguments: str | Path) -> Result:
        done: Result = algoreg("validate", "--engine", "process", folder, "--seed", "1", *arguments)
        return done

    return run


def test_a_waived_failure_is_shown_and_what_waits_for_it_is_not_judged(validate: Run, tmp_path: Path) -> None:
    assert validate().code == 1
    done = validate("--waivers", waivers(tmp_path))
    assert (done.code, done.err) == (3, "")
    for words in (
        "plugin PARTIAL",
        "FAIL meta.schema",
        "The version follows on Monday. (ada@example.org, until",
    ):
        assert words in done.out
    report = validate("--waivers", waivers(tmp_path), "--format", "json").report()
    assert schemas.first_problem("report", report) is None
    (target,) = report["targets"]
    assert [(one["id"], one["source"]) for one in target["waived"]] == [("meta.schema", "waivers.yaml:2")]
    assert [one["outcome"] for one in target["checks"] if one["id"] == "meta.schema"] == ["FAIL"]


def test_a_waiver_of_another_image_covers_nothing_and_says_so(validate: Run, tmp_path: Path) -> None:
    text = WAIVERS.replace("image: plugin", "image: other")
    done = validate("--waivers", waivers(tmp_path, text=text))
    assert done.code == 1
    assert "waivers.yaml:2: the waiver of meta.schema names no image of this run" in done.err


def test_what_the_baseline_has_is_known(validate: Run, tmp_path: Path) -> None:
    (tmp_path / "before.json").write_text(validate("--format", "json").out)
    done = validate("--baseline", "before.json")
    assert done.code == 3
    assert "known from the baseline before.json" in done.out


@pytest.mark.parametrize(
    ("options", "files", "words"),
    [
        (("--waivers", "w.yaml"), {"w.yaml": WAIVERS.format(expires="2020-01-01")}, "w.yaml:6: "),
        (
            ("--waivers", "w.yaml"),
            {"w.yaml": WAIVERS.format(expires="2999-01-01").replace("meta.schema", "meta.shema")},
            "write meta.schema",
        ),
        (("--waivers", "absent.yaml"), {}, "cannot read absent.yaml"),
        (("--baseline", "r.json"), {"r.json": json.dumps({"schema": "algoreg-list/1"})}, "r.json: "),
        (("--certify", "c.json"), {}, "--engine process runs none"),
        (("--certify", "c.json", "--only", "meta"), {}, "--only changes what is judged"),
        (("--certify", "c.json", "--engine", "docker", "other:1"), {}, "there are 2"),
        (("--certify", "no/such/folder/c.json", "--engine", "docker"), {}, "cannot write"),
        (("--certify", "c.json", "--engine", "docker", "--sign-key", "key"), {}, "cannot read key"),
        (("--certify", "c.json", "--engine", "docker", "--output", "./c.json"), {}, "named twice"),
        (("--certify", "c.json", "--engine", "docker", "--report", "json=c.json"), {}, "named twice"),
        (("--certify", "c.json", "--certificate-days", "0"), {}, "--certificate-days"),
        (("--sign-key", "key"), {}, "--certify"),
    ],
)
def test_what_is_wrong_is_told_before_any_work(
    validate: Run, tmp_path: Path, options: tuple[str, ...], files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = validate(*options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--require-conformant", "absent"), "absent is no folder"),
        (("--allowed-signers", "file"), "is for --require-conformant"),
    ],
)
def test_the_gate_needs_its_files(algoreg: Run, options: tuple[str, ...], words: str) -> None:
    done = algoreg("export-conf", *options, "--stdout", env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_the_gate_needs_an_engine(algoreg: Run, tmp_path: Path) -> None:
    env = {"DOCKER_HOST": "unix:///nowhere.sock"}
    done = algoreg("export-conf", "--require-conformant", tmp_path, "--stdout", env=env)
    assert (done.code, done.out) == (3, "")
