"""What an author's program may do in the runtime, and the values that its parameters take."""

from __future__ import annotations

from typing import Any

import pytest

from algoreg import contract
from algoreg.runtime.declaration import declaration_of
from support.clinic import (
    AGE,
    PASSWORD,
    SCORE,
    TRAIN_COUNT,
    Clinic,
    Given,
)

BROKEN = """
import os, warnings
from sklearn.base import BaseEstimator, RegressorMixin
class Broken(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        warnings.warn(f"look at 4711.25 and {os.environ['IN_PASSWORD']}")
        try:
            float("Planted code")
        except ValueError as error:
            raise RuntimeError(f"row {X[0]!r}: {os.environ['IN_PASSWORD']} Planted code, C=1e-5") from error
ESTIMATORS = [Broken]
def estimator(job):
    return Broken()
"""


def test_an_unexpected_exception_leaves_a_discreet_traceback(clinic: Clinic, author: Any) -> None:
    package = author("author_broken", BROKEN)
    planted = Given("ward", "polynominal", "text", ["Planted code"] * TRAIN_COUNT)
    job = clinic.experiment(SCORE, [AGE, planted])
    job.environ["PYTHONPATH"] = str(clinic.folder / "site")
    done = job.spawn("train", package=package)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "program.py" in done.stderr
    assert "RuntimeError: row" in done.stderr
    assert "ValueError: could not convert" in done.stderr
    assert "UserWarning: look at # and ***" in done.stderr
    for secret in (PASSWORD, "4711"):
        assert secret not in done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith(" ")]
    assert not any("Planted" in line or "1e-5" in line for line in told)
    assert job.files() == [contract.INPUT_TRAINING]


def test_an_authors_own_failure_is_one_line(
    clinic: Clinic, author: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "from algoreg.runtime import Failure\ndef estimator(job):\n    raise Failure('needs 50 rows')\n"
    assert clinic.regression().run("train", package=author("author_fails", program)) == 1
    assert capsys.readouterr().err == "author_fails train: needs 50 rows\n"


def test_random_states_are_set_from_the_seed(clinic: Clinic, author: Any) -> None:
    program = (
        "from sklearn.ensemble import RandomForestRegressor\n"
        "def estimator(job):\n    return RandomForestRegressor(n_estimators=5)\n"
    )
    package = author("author_forest", program)
    answers = []
    for seed in (1, 1, 2):
        job = clinic.regression()
        job.change(contract.INPUT_TRAINING, seed=seed)
        assert (job.run("train", package=package), job.run("test", package=package)) == (0, 0)
        answers.append(job.read(contract.PREDICTIONS)["predictions"])
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_an_estimator_that_no_text_can_hold_is_refused(
    clinic: Clinic, author: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "from sklearn.preprocessing import FunctionTransformer\n"
        "def estimator(job):\n    return FunctionTransformer(print)\n"
    )
    assert clinic.regression().run("train", package=author("author_function", program)) == 1
    assert "FunctionTransformer is not one that may be rebuilt" in capsys.readouterr().err


# --- parameters of every type -------------------------------------------------------------------


def _parameter(kind: str, default: Any, **more: Any) -> Any:
    from algoreg.runtime.parameters import parameters

    entry = {"code": "p", "type": kind, "default_value": default, **more}
    declared = declaration_of({"code": "c", "entrypoints": ["train"], "parameters": [entry]})
    return lambda text: parameters(declared, {} if text is None else {"MODEL_PARAM_p": text})["p"]


def test_parameters_are_typed() -> None:
    boolean = _parameter("boolean", True)
    assert [boolean(text) for text in (None, "false", "False", "true")] == [True, False, False, True]
    number = _parameter("number", 1, constraints={"min": 0, "max": 1})
    assert [number(text) for text in (None, "0.5", "1e-3", ".25", "1.")] == [1.0, 0.5, 0.001, 0.25, 1.0]
    word = _parameter("enumeration", "a", values=["a", "it's"])
    assert [word(text) for text in (None, "it's")] == ["a", "it's"]
    assert _parameter("string", "")("any thing") == "any thing"


@pytest.mark.parametrize(
    ("kind", "more", "text"),
    [
        ("boolean", {}, "0"),
        ("boolean", {}, ""),
        ("number", {}, "inf"),
        ("number", {}, "nan"),
        ("number", {}, "1e999"),
        ("number", {"constraints": {"max": 1}}, "1.0000001"),
        ("enumeration", {"values": ["a"]}, "A"),
        ("integer", {}, "9" * 400),
    ],
)
def test_texts_that_are_not_of_the_type_are_refused(kind: str, more: dict[str, Any], text: str) -> None:
    from algoreg.runtime import Failure

    with pytest.raises(Failure, match="parameter p: expected"):
        _parameter(kind, True, **more)(text)
