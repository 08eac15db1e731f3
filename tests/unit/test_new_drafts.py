"""Drafted folders as they stand: valid, readable, runnable, and honest about what was left out."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from algoreg import metadata, registry
from algoreg.errors import UsageError
from algoreg.model import Algorithm, Maturity
from algoreg.runtime import Column, Job
from algoreg.scaffolding import folders, languages
from algoreg.scaffolding.python import tables
from algoreg.scaffolding.wish import Draft, Language, Wish, checked_code, default_image

ROOT = Path(__file__).parents[2]


def wish(estimator: str, *parameters: str, code: str = "my-First_one") -> Wish:
    return Wish(
        code=code,
        language=Language.PYTHON,
        estimator=estimator,
        image=default_image(code),
        version="1.2.3",
        maturity=Maturity.BETA,
        label=None,
        description=None,
        parameters=parameters,
    )


def parsed(draft: Draft, package: str = "algoreg_my_first_one") -> Algorithm:
    text = draft.files[f"{package}/algorithm.yaml"]
    return metadata.parse(metadata.read_document(text, "algorithm.yaml", syntax="yaml"))


@pytest.fixture(scope="module")
def drafts() -> dict[str, Draft]:
    """One that PFA tells, one that it does not, one regressor, one that takes no negative number."""
    names = ("KNeighborsClassifier", "DecisionTreeClassifier", "Ridge", "MultinomialNB")
    return {name: languages.draft(wish(name)) for name in names}


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [one for one in sys.modules if one.startswith("algoreg_my_first_one")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "task", "result", "kinds"),
    [
        ("KNeighborsClassifier", "classification", "pfa", {"binominal", "polynominal"}),
        ("DecisionTreeClassifier", "classification", "json", {"binominal", "polynominal"}),
        ("Ridge", "regression", "pfa", {"real", "integer"}),
        ("MultinomialNB", "classification", "json", {"binominal", "polynominal"}),
    ],
)
def test_the_metadata_promise_what_the_estimator_does(
    drafts: dict[str, Draft], name: str, task: str, result: str, kinds: set[str]
) -> None:
    algorithm = parsed(drafts[name])
    assert (algorithm.tasks, algorithm.result) == ((task,), result)
    assert {kind for kind, taken in algorithm.constraints.variable.items() if taken} == kinds
    assert (algorithm.code, algorithm.reference) == ("my-First_one", "algoreg/my-first-one:1.2.3")
    assert algorithm.maturity is Maturity.BETA


def test_what_is_declared_was_seen_to_work_and_to_matter(drafts: dict[str, Draft]) -> None:
    offered = {one.code: one for one in parsed(drafts["DecisionTreeClassifier"]).parameters}
    matter = {code for code, one in offered.items() if one.validation.effect}
    assert {"max_depth", "min_samples_leaf", "ccp_alpha"} <= matter
    assert (offered["max_depth"].min, offered["max_depth"].default_value) == (0, 0)
    assert offered["max_depth"].validation.min == 1  # 0 stands for no limit: as deep as the largest
    readme = drafts["DecisionTreeClassifier"].files["README.md"]
    assert "| `random_state` | the runtime sets it" in readme.replace("\\_", "_")
    assert "| `monotonic_cst` | the metadata cannot express an array |" in readme


def test_nearest_neighbours_answer_as_their_pfa_does(drafts: dict[str, Draft]) -> None:
    draft = drafts["KNeighborsClassifier"]
    assert [one.code for one in parsed(draft).parameters] == ["n_neighbors"]
    assert "NearestClassifier" in draft.files["algoreg_my_first_one/program.py"]
    assert "| `weights` | a PFA document knows" in draft.files["README.md"]


def test_only_words_that_work_are_values(drafts: dict[str, Draft]) -> None:
    solver = next(one for one in parsed(drafts["Ridge"]).parameters if one.code == "solver")
    assert solver.values[0] == solver.default_value == "auto"
    assert "svd" in solver.values
    assert "lbfgs" not in solver.values  # which wants positive coefficients
    assert "| `solver=lbfgs` |" in drafts["Ridge"].files["README.md"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("KNeighborsClassifier", "NearestClassifier(algorithm='brute', n_neighbors=4)"),  # of five, four rows
        ("Ridge", "Ridge()"),
        ("MultinomialNB", "MinMaxScaler(clip=True)"),
    ],
)
def test_the_program_makes_the_estimator(
    drafts: dict[str, Draft], importable: Path, name: str, expected: str
) -> None:
    folders.write(importable / "made", drafts[name].files)
    (importable / "algoreg_my_first_one").symlink_to(importable / "made" / "algoreg_my_first_one")
    program: Any = importlib.import_module("algoreg_my_first_one.program")
    algorithm = parsed(drafts[name])
    job = Job(
        task=algorithm.tasks[0],
        parameters={one.code: one.default_value for one in algorithm.parameters},
        n_train=4,
        seed=1,
        variable=Column(name="score", type="real"),
        covariables=(Column(name="age", type="real"),),
    )
    assert expected in repr(program.estimator(job))


@pytest.mark.parametrize("name", ["KNeighborsClassifier", "DecisionTreeClassifier", "Ridge", "MultinomialNB"])
def test_the_texts_are_clean(drafts: dict[str, Draft], tmp_path: Path, name: str) -> None:
    folders.write(tmp_path / "made", drafts[name].files)
    for words in (("check", "--select", "E,F,W,I,B,UP,D1"), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", "."],
            cwd=tmp_path / "made",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    workflow = yaml.safe_load(drafts[name].files[".github/workflows/conformance.yml"])
    assert workflow["jobs"]["conformance"]["steps"][-1]["with"]["image"] == "algoreg/my-first-one:1.2.3"


def test_the_folder_is_one_that_the_registry_and_a_build_know(
    drafts: dict[str, Draft], tmp_path: Path
) -> None:
    from algoreg import build

    folders.write(tmp_path / "made", drafts["Ridge"].files)
    entry = registry.load().resolve(str(tmp_path / "made"))
    assert entry.algorithm.code == "my-First_one"
    template = (ROOT / "registry/algoreg/templates/Dockerfile").read_text(encoding="utf-8")
    made = (tmp_path / "made" / "Dockerfile").read_text(encoding="utf-8")
    assert made == template.replace("@PACKAGE@", "algoreg_my_first_one")
    assert b"program/algoreg_my_first_one/program.py" in build.context_of(entry.folder)


@pytest.mark.parametrize(
    ("name", "ignores"),
    [
        ("DummyRegressor", True),
        ("Lars", False),
        # Of their own defaults they would: a penalty that hides every covariable, no noise
        ("QuantileRegressor", False),
        pytest.param("GaussianProcessRegressor", False, marks=pytest.mark.thorough),
    ],
)
def test_a_draft_that_ignores_its_input_says_so(
    name: str, ignores: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Gaussian process takes minutes for a dozen tables, and what is told here is the same of one of each kind
    monkeypatch.setattr(tables, "_SEEDS", range(1, 2))
    draft = languages.draft(wish(name))
    told = [remark for remark in draft.remarks if "sem.uses-input" in remark]
    assert bool(told) == ignores
    assert all(remark in draft.files["README.md"] for remark in told)


def test_a_parameter_without_an_effect_says_on_how_many_tables() -> None:
    draft = languages.draft(wish("ElasticNet"))
    parameters = {one.code: one for one in parsed(draft).parameters}
    assert parameters["alpha"].validation.effect
    assert not parameters["positive"].validation.effect  # nor where each coefficient is positive anyway
    text = draft.files["algoreg_my_first_one/algorithm.yaml"]
    blocks = {block.split("\n")[0]: block for block in text.split("  - code: ")[1:]}
    assert blocks.keys() == parameters.keys()
    for code, block in blocks.items():
        said = re.search(
            r"effect: false\}  # no clear difference on \d+ % of the tables that were tried", block
        )
        assert bool(said) == (not parameters[code].validation.effect)


def test_what_makes_a_difference_on_few_tables_is_left_out(drafts: dict[str, Draft]) -> None:
    draft = drafts["Ridge"]
    assert "tol" not in {one.code for one in parsed(draft).parameters}
    row = r"\| `tol` \| it makes (a|no) clear difference on (any|too few) of the tables"
    assert re.search(row, draft.files["README.md"])


def test_asked_for_parameters_are_the_only_ones() -> None:
    algorithm = parsed(languages.draft(wish("Ridge", "tol", "alpha")))
    offered = {one.code: one for one in algorithm.parameters}
    assert offered.keys() == {"alpha", "tol"}
    assert not offered["tol"].validation.effect  # and offered all the same
    assert offered["alpha"].validation.effect


@pytest.mark.parametrize(
    ("estimator", "parameters", "message"),
    [
        ("Ridge", ("alhpa",), "has no parameter 'alhpa'"),
        ("Ridge", ("random_state",), "random_state cannot be offered: the runtime sets it"),
        ("LogisticRegression", ("dual",), "dual cannot be offered: true does not work here"),
        ("Ridge", ("\x1b[2J",), "has no parameter '\\x1b[2J'"),
        ("MultiTaskLasso", (), "does not work on one variable"),
        ("IsotonicRegression", (), "1 feature"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    estimator: str, parameters: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        languages.draft(wish(estimator, *parameters))
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        *((word, word) for word in ('a "b" \\ : # {c}', "${code} $$ %s", "- ä", "'" * 5, "Null", "1.10")),
        ("\x1b[2J\u202e\n# x", "\\x1b[2J\\u202e\\x0a# x"),
    ],
)
def test_words_of_a_person_stay_words(words: str, shown: str) -> None:
    told = replace(wish("GaussianNB"), label=words, description=words)
    draft = languages.draft(told)
    algorithm = parsed(draft)
    assert (algorithm.label, algorithm.description) == (shown, shown)
    project = tomllib.loads(draft.files["pyproject.toml"])["project"]
    assert project["description"] == shown


@pytest.mark.parametrize(
    ("tag", "version"), [("1.2rc1", "1.2rc1"), ("v1_x-2", "0.1.0"), ("1.0.0-5", "0.1.0")]
)
def test_a_tag_that_pip_takes_for_no_version_is_the_image_s_alone(tag: str, version: str) -> None:
    draft = languages.draft(replace(wish("GaussianNB"), version=tag))
    assert f'version = "{version}"' in draft.files["pyproject.toml"]
    assert parsed(draft).version == tag


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("", "my-forest"),
        ("1st", "st"),
        ("a b", "a-b"),
        ("../x", "x"),
        ("x" * 65, "x" * 64),
        ("ä", "my-forest"),
    ],
)
def test_an_odd_name_is_refused_with_a_better_one(name: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_code(name)
    assert caught.value.hint == f"Try {near}"


@pytest.mark.parametrize(
    ("code", "image"), [("KNN", "algoreg/knn"), ("a__b--", "algoreg/a-b"), ("Z", "algoreg/z")]
)
def test_the_image_of_an_odd_code_has_a_name_that_engines_take(code: str, image: str) -> None:
    assert default_image(checked_code(code)) == image


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot make"):
        folders.write(tmp_path / "new", {"a/b": "text", "a/b/c": "no folder"})
    assert list(tmp_path.iterdir()) == []
    folders.write(tmp_path / "new", {"run": "#!/bin/sh\n", "a/b": "text"})
    assert (tmp_path / "new" / "run").stat().st_mode & 0o100
    assert not (tmp_path / "new" / "a" / "b").stat().st_mode & 0o100
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_a_person_has_stays(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    for name in ("full", "file", "gone"):
        with pytest.raises(UsageError, match="nothing was written"):
            folders.write(tmp_path / name, {"mine": "yours"})
    assert (tmp_path / "full" / "mine").read_text() == (tmp_path / "file").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    folders.write(tmp_path / "empty", {"mine": "yours", "a/b": ""})
    assert {path.name for path in (tmp_path / "empty").iterdir()} == {"mine", "a"}
