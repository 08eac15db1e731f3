"""The gate as pipelines run it: the action's step, the GitLab job and the hook say no, in a form that services read."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml
from docker.utils.build import create_archive
from junitparser import Failure, JUnitXml

from algoreg.engines.docker import open_docker
from good_images.recipes import TWIN, Images, read
from support.program import CHECKOUT

ACTION = CHECKOUT / "action.yml"
GITLAB = CHECKOUT / "ci" / "gitlab.yml"
HOOKS = CHECKOUT / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Ended:
    """A step that ran in a shell."""

    code: int
    out: str
    err: str
    folder: Path
    output: Mapping[str, str] = field(default_factory=dict)


def step(script: str, folder: Path, **variables: str) -> Ended:
    """Run a script as a runner does, in an empty folder, with what the earlier steps put into PATH."""
    for name in ("output", "summary"):
        (folder / name).touch()
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    lines = (folder / "output").read_text().splitlines()
    output = dict(line.split("=", 1) for line in lines)
    return Ended(done.returncode, done.stdout, done.stderr, folder, output)


def action(folder: Path, **given: str) -> Ended:
    """The action's own step, with the inputs that a workflow gives."""
    (judge,) = [one for one in yaml_of(ACTION)["runs"]["steps"] if one.get("id") == "judge"]
    inputs = {name: str(one.get("default", "")) for name, one in yaml_of(ACTION)["inputs"].items()}
    inputs |= given
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: inputs[match[1]], value)
        for name, value in judge["env"].items()
    }
    assert "${{" not in judge["run"], "an input would be read as a part of the script"
    return step(judge["run"], folder, **variables)


@pytest.fixture(scope="module")
def bad() -> Iterator[str]:
    """An image that does its work, behind a shell that forgets how its program ended."""
    with open_docker(seed=1) as engine:
        Images(engine).build(read(TWIN))
    client = docker.from_env(use_ssh_client=False)
    twin = client.images.get(read(TWIN).reference)
    script = f'{shlex.join(twin.attrs["Config"]["Entrypoint"])} "$@"; true'
    files = {
        "Dockerfile": f"FROM {twin.id}\nENTRYPOINT {json.dumps(['/bin/sh', '-c', script, 'sh'])}\n",
        "algorithm.json": json.dumps(read(TWIN).document),
    }
    reference = f"algoreg-test/{uuid.uuid4().hex[:12]}:{read(TWIN).document['version']}"
    with create_archive(str(CHECKOUT / "ci"), [], extra_files=[*files.items()]) as context:
        client.images.build(fileobj=context, custom_context=True, tag=reference, rm=True)
    try:
        yield reference
    finally:
        client.images.remove(reference, force=True)
        client.close()


@pytest.mark.engine
def test_the_step_of_the_action_says_no_to_a_bad_image(bad: str, tmp_path: Path) -> None:
    done = action(tmp_path, image=bad)
    assert done.code == 1, done.err
    assert done.output == {"reports": "algoreg-reports", "verdict": "FAIL"}
    assert re.search(r"^::error .*neg\.exit-code", done.out, re.MULTILINE), done.out
    assert "neg.exit-code" in html.unescape((tmp_path / "summary").read_text())
    reports = tmp_path / "algoreg-reports"
    assert sorted(path.name for path in reports.iterdir()) == [
        *("algoreg.sarif", "badge.svg", "junit.xml", "report.html", "report.json", "report.md"),
    ]
    (suite,) = JUnitXml.fromfile(str(reports / "junit.xml"))
    failed = [case.name for case in suite if any(isinstance(one, Failure) for one in case.result)]
    assert len(failed) == suite.failures > 0
    assert {name.partition(":")[0] for name in failed} == {"neg.exit-code"}


@pytest.mark.engine
def test_the_job_of_gitlab_says_no_to_a_bad_image(bad: str, tmp_path: Path) -> None:
    job = yaml_of(GITLAB)[".algoreg"]
    variables = {**job["variables"], "ALGOREG_IMAGE": bad, "ALGOREG_OPTIONS": "--only neg.exit-code --seed 7"}
    done = step("\n".join(job["script"]), tmp_path, **variables)
    assert done.code == 1, done.err
    assert "FAIL neg.exit-code" in done.out
    (written,) = job["artifacts"]["paths"]
    assert written == "$ALGOREG_REPORTS"
    assert (tmp_path / job["artifacts"]["reports"]["junit"].replace(written, "algoreg-reports")).is_file()


@pytest.mark.engine
def test_what_an_earlier_step_left_is_no_verdict_of_this_one(tmp_path: Path) -> None:
    reports = tmp_path / "algoreg-reports"
    reports.mkdir()
    old = {"schema": "algoreg-report/1", "verdict": "PASS", "seed": 1, "targets": []}
    (reports / "report.json").write_text(json.dumps({**old, "engine": {"name": "docker", "version": None}}))
    done = action(tmp_path, image="algoreg-test/absent:1", waivers="absent.yaml")
    assert done.code == 2, done.err
    assert done.output == {"reports": "algoreg-reports"}
    assert list(reports.iterdir()) == []


@pytest.mark.engine
def test_a_folder_without_metadata_is_told_and_hinders_nothing(tmp_path: Path) -> None:
    done = action(tmp_path, image="algoreg-test/absent:1", plugin=".")
    assert done.code == 3, done.err
    assert "::warning::there is no algorithm.yaml in ." in done.out
    assert done.output == {"reports": "algoreg-reports", "verdict": "ERROR"}
    assert "::error" in done.out


def test_the_job_of_gitlab_installs_nothing_that_nobody_named(tmp_path: Path) -> None:
    first, *_ = yaml_of(GITLAB)[".algoreg"]["before_script"]
    done = step(first, tmp_path, **yaml_of(GITLAB)[".algoreg"]["variables"])
    assert done.code == 2
    assert "set ALGOREG" in done.err
    assert step(first, tmp_path, ALGOREG="algoreg.whl").code == 0


@pytest.mark.engine
@pytest.mark.parametrize("image", ["algoreg-test/absent:1", "--help", "$(touch taken)", "a; touch taken"])
def test_what_is_no_image_is_never_a_pass(image: str, tmp_path: Path) -> None:
    done = action(tmp_path, image=image)
    assert done.code in (2, 3), done.out + done.err
    assert not (tmp_path / "taken").exists()
    assert done.output.get("verdict") != "PASS"


def test_a_dead_engine_is_never_a_pass(tmp_path: Path) -> None:
    done = step("DOCKER_HOST=tcp://127.0.0.1:9 algoreg validate -- knn", tmp_path)
    assert (done.code, done.out) == (3, "")


@pytest.mark.parametrize(
    ("schema", "path"), [("vendor.github-actions", ACTION), ("vendor.gitlab-ci", GITLAB)]
)
def test_a_template_is_of_the_form_that_its_service_reads(schema: str, path: Path) -> None:
    checked = [BIN / "check-jsonschema", "--builtin-schema", schema, path]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_input_of_the_action_reaches_its_step() -> None:
    (judge,) = [one for one in yaml_of(ACTION)["runs"]["steps"] if one.get("id") == "judge"]
    used = set(re.findall(r"inputs\.([a-z-]+)", json.dumps(yaml_of(ACTION)["runs"])))
    assert used == set(yaml_of(ACTION)["inputs"])
    assert all(
        f'"${name}"' in judge["run"] for name in judge["env"] if name not in ("REPORTS", "ALGOREG_PROGRESS")
    )


def test_the_hook_is_one_for_pre_commit_and_takes_what_it_means(tmp_path: Path) -> None:
    done = subprocess.run([BIN / "pre-commit", "validate-manifest", HOOKS], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    (hook,) = yaml_of(HOOKS)
    tracked = subprocess.run(
        ["git", "ls-files", "plugins"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    files = [name for name in tracked.stdout.splitlines() if re.search(hook["files"], name)]
    assert {Path(name).name for name in files} == {"algorithm.yaml", "Dockerfile"}
    good = step(f"{hook['entry']} {shlex.join(str(CHECKOUT / name) for name in files)}", tmp_path)
    assert good.code == 0, good.out
    recipe = tmp_path / "Dockerfile"
    recipe.write_text("FROM python\nENTRYPOINT python main.py; true\n")
    assert re.search(hook["files"], recipe.name)
    assert step(f"{hook['entry']} Dockerfile", tmp_path).code == 1
