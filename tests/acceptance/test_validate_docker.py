"""`algoreg validate` on a real engine: the good image, its broken twin, and what is left behind (nothing).

Images are judged whole where this file is asked for, and in short in a wider run, which judges a drafted forest whole.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from algoreg import contract, retracing, schemas
from support.patience import PROMPT_S
from support.program import ALGOREG, CHECKOUT, Run
from support.scope import asked_for, only
from support.shown_faults import judged, unshown

pytestmark = pytest.mark.engine

KNN = "algoreg/knn:0.1.0"
LINREG = "algoreg/linreg:0.1.0"
MASKED = "algoreg/knn-masked:0.1.0"
UNLABELLED = "algoreg-test/unlabelled:1"


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    client = docker.from_env(use_ssh_client=False)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module", autouse=True)
def knn() -> None:
    subprocess.run([ALGOREG, "build", "knn"], check=True, capture_output=True, cwd=CHECKOUT)


@pytest.fixture(scope="module")
def linreg() -> None:
    subprocess.run([ALGOREG, "build", "linreg"], check=True, capture_output=True, cwd=CHECKOUT)


def _layer(engine: Any, tag: str, dockerfile: str) -> None:
    """An image with one more layer, or other settings."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile.encode())
        archive.addfile(member, io.BytesIO(dockerfile.encode()))
    buffer.seek(0)
    engine.images.build(fileobj=buffer, custom_context=True, tag=tag, rm=True)


@pytest.fixture
def masked(engine: Any) -> Iterator[str]:
    """kNN behind a shell that forgets how its program ended."""
    entrypoint = engine.images.get(KNN).attrs["Config"]["Entrypoint"]
    script = " ".join(entrypoint) + ' "$@"; true'
    _layer(engine, MASKED, f"FROM {KNN}\nENTRYPOINT {json.dumps(['/bin/sh', '-c', script, 'sh'])}\n")
    yield MASKED
    engine.images.remove(MASKED, force=True)


@pytest.fixture
def unlabelled(engine: Any) -> Iterator[str]:
    _layer(engine, UNLABELLED, f'FROM {KNN}\nLABEL {contract.METADATA_LABEL}=""\n')
    yield UNLABELLED
    engine.images.remove(UNLABELLED, force=True)


def _ours(engine: Any) -> set[str]:
    """Containers and volumes that carry a label of ours. Other runs at the same time have theirs, too."""
    containers = engine.api.containers(all=True)
    volumes = engine.api.volumes()["Volumes"] or []
    return {c["Id"] for c in containers if "io.algoreg.run" in (c["Labels"] or {})} | {
        v["Name"] for v in volumes if "io.algoreg.run" in (v["Labels"] or {})
    }


def _passes(algoreg: Run, image: str, request: pytest.FixtureRequest, *more: str) -> dict[str, Any]:
    """The report of a good image; in short of ``more`` and what they need."""
    whole = asked_for(request.config, Path(__file__))
    part = () if whole else only(*more)
    done = algoreg("validate", image, "--format", "json", "--seed", "5", *part, timeout=900)
    report: dict[str, Any] = done.report()
    expected = (0, "PASS") if whole else (3, "PARTIAL")
    assert (done.code, report["verdict"], done.failed()) == (*expected, set()), done.out
    return report


def test_knn_passes(algoreg: Run, engine: Any, temporary: Path, request: pytest.FixtureRequest) -> None:
    before = _ours(engine)
    report = _passes(algoreg, KNN, request, "db.results-row")
    assert schemas.first_problem("report", report) is None
    (target,) = report["targets"]
    assert target["image_id"] == engine.images.get(KNN).id
    assert {entry["outcome"] for entry in target["checks"]} <= {"PASS", "SKIP"}
    assert len(judged(report, "db.results-row")) > 10
    if report["verdict"] == "PASS":  # judged whole
        assert any("as its own test predicts" in case for case in judged(report, "pfa.predicts"))
    assert unshown(report, "k is no integer") == []
    assert _ours(engine) <= before
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("linreg")
def test_linear_regression_passes_and_its_parts_add_up(algoreg: Run, request: pytest.FixtureRequest) -> None:
    report = _passes(algoreg, LINREG, request, "run.exit-code")
    assert len(judged(report, "run.exit-code")) > 2
    if report["verdict"] == "PASS":  # judged whole
        assert len(judged(report, "cap.federated")) == 4
        assert len(judged(report, "db.results-row")) > 10
        assert any("as its own test predicts" in case for case in judged(report, "pfa.predicts"))
        assert unshown(report, "regularisation is no number") == []


def test_a_masked_exit_code_fails_for_exactly_that(
    algoreg: Run, masked: str, request: pytest.FixtureRequest
) -> None:
    part = () if asked_for(request.config, Path(__file__)) else only("neg.exit-code")
    done = algoreg("validate", masked, "--format", "json", "--seed", "5", *part)
    assert done.code == 1
    assert done.failed() == {"neg.exit-code"}
    entry = next(e for e in done.report()["targets"][0]["checks"] if e["outcome"] == "FAIL")
    assert entry["reproduce"].startswith("docker run ")
    assert "exit code 0" in entry["got"]


def _shell_shows_it(tmp_path: Path, report: str) -> None:
    """The program itself is honest; its entrypoint is not. Both are seen in a shell where it failed."""
    (tmp_path / "report.json").write_text(report)
    asked = [ALGOREG, "shell", "report.json", "neg.exit-code", "--case", "query_features"]
    typed = 'eval "$AGAIN"; echo "code $?"; ls /docker-volume; echo "${#IN_PASSWORD}"; id -u; touch /x'
    shell = subprocess.run(
        asked, input=typed, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert shell.stdout.splitlines()[:2] == ["code 0", "input_training.json"], shell.stderr
    assert int(shell.stdout.splitlines()[2]) > 8  # a password
    assert "query_features" in shell.stderr
    assert "Read-only file system" in shell.stderr


def _shell_tells_no_password(engine: Any, report: str) -> None:
    """Everybody on a machine can read the command lines of its programs."""
    run = retracing.kept_run(report, "neg.exit-code")
    variables = engine.api.inspect_container(run)["Config"]["Env"]
    passwords = {one.partition("=")[2] for one in variables if "PASSWORD=" in one}
    words = retracing.shell(run, terminal=False, environment={})
    assert len(passwords) == 2
    assert not [word for word in words for password in passwords if password in word]


def test_the_line_of_a_kept_run_reproduces_it_as_it_stands(
    algoreg: Run, engine: Any, masked: str, tmp_path: Path
) -> None:
    kept = {"label": "io.algoreg.keep=yes"}
    options = ("--only", "neg.exit-code", "--keep", "--format", "json", "--seed", "5")
    done = algoreg("validate", masked, *options)
    try:
        entries = done.report()["targets"][0]["checks"]
        # Masked, so 0 although it says what is wrong; the second can only know from the database
        for case, cause in (
            ("query_features absent", "query_features"),
            ("the query returns no row", "no row"),
        ):
            entry = next(e for e in entries if e["case"] == f"train: {case}")
            assert entry["outcome"] == "FAIL"
            assert "PASSWORD" not in entry["reproduce"]
            line = ["bash", "-c", entry["reproduce"]]
            again = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
            assert (again.returncode, cause in again.stderr) == (0, True), again.stderr
        _shell_shows_it(tmp_path, done.out)
        _shell_tells_no_password(engine, str(tmp_path / "report.json"))
    finally:
        assert engine.api.containers(filters=kept)
        algoreg("reap")
    assert not engine.api.containers(all=True, filters=kept)
    assert not engine.api.volumes(filters=kept)["Volumes"]


def test_an_image_without_a_label_is_judged_with_a_file(
    algoreg: Run, unlabelled: str, tmp_path: Path
) -> None:
    done = algoreg("validate", unlabelled, "--format", "json")
    assert (done.code, done.failed()) == (1, {"meta.labels"})
    document = (CHECKOUT / "plugins/knn/algoreg_knn/algorithm.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(document.replace("version: 0.1.0", 'version: "1"'))
    done = algoreg(
        "validate",
        unlabelled,
        "--metadata",
        "mine.yaml",
        "--only",
        "out",
        "--format",
        "json",
        "--skip",
        "meta.match",
    )
    assert (done.code, done.failed()) == (3, set())
    assert done.report()["verdict"] == "PARTIAL"


def test_an_unknown_image_is_an_error(algoreg: Run) -> None:
    done = algoreg("validate", "algoreg-test/nowhere:1", "--format", "json")
    assert done.code == 3
    assert done.report()["verdict"] == "ERROR"
    assert "neither local nor pullable" in done.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_cleans_up(engine: Any, temporary: Path, number: int, code: int) -> None:
    before = _ours(engine)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [ALGOREG, "validate", KNN], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while len(_ours(engine) - before) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _ours(engine) - before
    process.send_signal(number)
    started = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert time.monotonic() - started < PROMPT_S
    assert (out, "Traceback" in err) == ("", False)
    assert _ours(engine) <= before
    assert list(temporary.iterdir()) == []
