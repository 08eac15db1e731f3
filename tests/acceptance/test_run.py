"""`algoreg run` without a container engine: real data, figures computed again by hand."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from algoreg import schemas
from support.program import ALGOREG, CHECKOUT, Run

DIABETES = CHECKOUT / "docs" / "data" / "diabetes.csv"
ASKED = ("--data", DIABETES, "--variable", "progression", "--covariables", "age,sex,bmi")
PROCESS = ("--engine", "process")


def _column(name: str) -> list[float]:
    with DIABETES.open(encoding="utf-8") as stream:
        return [float(row[name]) for row in csv.DictReader(stream)]


def _folds(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("fold-*/predictions.json"))]


def _r_squared(truths: Sequence[float], predicted: Sequence[float]) -> float:
    mean = sum(truths) / len(truths)
    errors = sum((t - p) ** 2 for t, p in zip(truths, predicted, strict=True))
    return 1 - errors / sum((t - mean) ** 2 for t in truths)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("run")
    done = subprocess.run(
        [ALGOREG, "run", "linreg", *ASKED, *PROCESS, "--folds", "3", "--format", "json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    return record, folder / record["folder"]


def test_the_record_has_its_form(ran: tuple[dict[str, Any], Path]) -> None:
    record, folder = ran
    assert schemas.violations("experiment", record) == ()
    assert (record["code"], record["ok"], record["rows"], len(record["folds"])) == ("linreg", True, 442, 3)
    assert record["engine"]["name"] == "process"
    assert json.loads((folder / "experiment.json").read_text()) == record


def test_the_held_out_r_squared_is_that_of_the_predictions(ran: tuple[dict[str, Any], Path]) -> None:
    record, folder = ran
    truth = _column("progression")
    folds = _folds(folder)
    assert sorted(row for fold in folds for row in fold["rows"]) == list(range(442))
    for number, fold in enumerate(folds, 1):
        by_hand = _r_squared([truth[row] for row in fold["rows"]], fold["predictions"])
        assert record["scores"]["folds"][str(number)]["R-squared"] == pytest.approx(by_hand, rel=1e-9)
        assert record["folds"][number - 1]["value"] == pytest.approx(by_hand, rel=1e-9)
    rows = [row for fold in folds for row in fold["rows"]]
    pooled = _r_squared([truth[row] for row in rows], [p for fold in folds for p in fold["predictions"]])
    assert record["scores"]["average"]["R-squared"] == pytest.approx(pooled, rel=1e-9)
    assert 0.3 < pooled < 0.5


def test_everything_of_the_experiment_is_in_its_directory(ran: tuple[dict[str, Any], Path]) -> None:
    _, folder = ran
    assert folder.stat().st_mode & 0o777 == 0o700
    for fold in ("fold-1", "fold-2", "fold-3"):
        names = {path.name for path in (folder / fold).iterdir()}
        assert names == {
            "input_training.json",
            "input_test.json",
            "predictions.json",
            "train.log",
            "test.log",
        }
    given = json.loads((folder / "fold-2" / "input_training.json").read_text())
    assert given["test_rows"] == json.loads((folder / "fold-2" / "predictions.json").read_text())["rows"]
    plot = (folder / "predicted.svg").read_text()
    assert "<svg" in plot
    assert plot.count("<use") + plot.count("<path") > 100  # a mark for each row


def test_the_answer_is_pfa_with_the_validations_in_a_cell(ran: tuple[dict[str, Any], Path]) -> None:
    record, folder = ran
    answer = json.loads((folder / "answer.json").read_text())
    assert (answer["type"], answer["algorithm"], answer["node"]) == (
        "application/pfa+json",
        "linreg",
        "local",
    )
    assert {"input", "output", "action"} <= set(answer["data"])
    assert answer["jobId"] == folder.name
    assert answer["query"]["variables"] == [{"code": "progression"}]
    assert answer["query"]["validations"] == [{"code": "kfold", "parameters": [{"code": "k", "value": "3"}]}]
    assert {"dataProvenance", "feedback", "timestamp"} <= set(answer)
    cell = answer["data"]["cells"]["validations"]
    assert cell["type"] == {"type": "array", "items": "Record"}
    (validation,) = cell["init"]
    assert (validation["code"], validation["node"]) == ("kfold", "local")
    assert validation["validationSpec"] == {"code": "kfold", "parameters": [{"code": "k", "value": "3"}]}
    assert validation["data"] == record["scores"]


def test_a_hold_out_prints_a_table(algoreg: Run, temporary: Path) -> None:
    done = algoreg(
        "run",
        "knn",
        *ASKED,
        *PROCESS,
        "--parameter",
        "k=15",
        "--no-model",
        env={"ALGOREG_PROGRESS": "plain"},
    )
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "knn  knn  with k=15"
    assert (
        lines[1]
        == "progression (integer) from age (integer), sex (binominal), bmi (real): 442 rows, hold-out"
    )
    assert "R-squared" in done.out
    assert "predicted.svg" in done.out
    assert "knn, fold 1 of 1: train" in done.err
    assert "model of all rows" not in done.err
    assert list(temporary.iterdir()) == []


def test_a_nominal_variable_gives_a_confusion_matrix(algoreg: Run, tmp_path: Path) -> None:
    asked = ("--data", DIABETES, "--variable", "sex", "--covariables", "bmi,bp,s3")
    done = algoreg("run", "knn", *asked, *PROCESS, "--no-model", "--format", "json")
    assert done.code == 0, done.err
    record = done.report()
    assert (record["task"], record["scores"]["type"]) == ("classification", "BinaryClassificationScore")
    matrix = record["scores"]["Confusion matrix"]
    assert matrix["labels"] == ["1", "2"]
    assert sum(map(sum, matrix["values"])) == record["folds"][0]["n_held_out"]
    (fold,) = _folds(tmp_path / record["folder"])
    right = sum(p == t for p, t in zip(fold["predictions"], fold["targets"], strict=True))
    assert record["scores"]["Accuracy"] == pytest.approx(right / len(fold["rows"]))


def _plugin(tmp_path: Path, program: str) -> Path:
    """kNN's folder with another program."""
    folder = tmp_path / "plugin"
    shutil.copytree(
        CHECKOUT / "plugins" / "knn", folder, ignore=shutil.ignore_patterns("__pycache__", "Dockerfile")
    )
    (folder / "algoreg_knn").rename(folder / "algoreg_other")
    package = folder / "algoreg_other"
    (package / "__main__.py").write_text("from algoreg.runtime import main\n\nmain('algoreg_other')\n")
    (package / "program.py").write_text(program)
    return folder


def test_a_crash_in_train_never_leads_to_test(algoreg: Run, tmp_path: Path) -> None:
    program = "def estimator(job):\n    raise RuntimeError('\\x1b[31mthe estimator broke')\n"
    folder = _plugin(tmp_path, program)
    done = algoreg("run", folder, *ASKED, *PROCESS, "--folds", "2", "--no-model", "--format", "json")
    assert done.code == 1
    record = done.report()
    assert schemas.violations("experiment", record) == ()
    assert record["ok"] is False
    for fold in record["folds"]:
        assert (fold["test_s"], fold["value"]) == (None, None)
        assert fold["trouble"]["case"].startswith("train fold")
        assert "the estimator broke" in fold["trouble"]["evidence"]
    kept = tmp_path / record["folder"] / "fold-1"
    assert not (kept / "predictions.json").exists()
    assert not (kept / "test.log").exists()
    assert "\x1b" not in (kept / "train.log").read_text()
    again = algoreg("run", folder, *ASKED, *PROCESS, "--no-model")
    assert again.code == 1
    assert "FAILED train fold 1" in again.out
    assert "\x1b" not in again.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("knn", "--covariables", "age,bmo"), "bmi"),
        (("knn", "--variable", "absent"), "absent"),
        (("knn", "--data", "absent.csv"), "absent.csv"),
        (("knn", "--parameter", "kk=3"), "k (default 5)"),
        (("knn", "--parameter", "k"), "CODE=VALUE"),
        (("knn", "--parameter", "k=0"), "an integer from 1 to 100"),
        (("knm",), "Did you mean knn?"),
        (("knn", "--cluster", "tcp://localhost:8786"), "DASK_SCHEDULER"),
        (("knn", "--folds", "1"), "--folds"),
        (("nothing-like-it",), "no installed plugin"),
        (("knn", "--output", "/proc/no"), "--output"),
    ],
)
def test_wrong_usage_is_one_clear_message(algoreg: Run, arguments: Sequence[str], words: str) -> None:
    code, *options = arguments
    done = algoreg("run", code, *ASKED, *PROCESS, *options)
    assert done.code == 2, done.err
    assert words in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_interrupted_it_leaves_no_process_and_no_folder(temporary: Path, tmp_path: Path) -> None:
    program = "import time\n\n\ndef estimator(job):\n    time.sleep(600)\n"
    folder = _plugin(tmp_path, program)
    command = [ALGOREG, "run", folder, *ASKED, *PROCESS, "--folds", "2"]
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary), "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not _running("algoreg_other") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _running("algoreg_other")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert list(temporary.iterdir()) == []
    assert list((tmp_path / "algoreg-runs").iterdir()) == []
    assert not _running("algoreg_other")


def _running(name: str) -> bool:
    """Whether a process runs this program; the folder of a plugin may be named alike."""
    alive = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return f"-m {name}" in alive
