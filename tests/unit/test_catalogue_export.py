"""The catalogue is what the registry says, in Woken's words, and any drift from it is shown."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from broken_plugins import document, install
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import contract, registry, schemas, scoring
from algoreg.errors import UsageError
from algoreg.export import catalogue
from algoreg.export.woken_scores import FIGURES, figure_called
from algoreg.samples.sample import Column
from algoreg.strictjson import TooLarge
from support import random_metadata

PROGRAM = (sys.executable, "-c", "from algoreg.cli import main; main()", "export-catalogue")


def algoreg(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


def algorithms() -> tuple[Any, ...]:
    return catalogue.chosen(registry.load())


def of(code: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = catalogue.document(algorithms())["algorithms"]
    return next(one for one in entries if one["code"] == code)


def test_an_entry_says_what_the_metadata_say() -> None:
    knn = of("knn")
    assert knn["docker_image"] == "algoreg/knn:0.1.0"
    assert knn["constraints"] == {
        "variable": {"real": True, "integer": True, "binominal": True, "polynominal": True},
        "covariables": {"min_count": 1, "max_count": None},
        "groupings": {"min_count": 0, "max_count": 0},
        "mixed": True,
    }
    assert knn["parameters"] == [
        {
            "code": "k",
            "label": "Neighbours",
            "description": "How many neighbours vote; all rows where the table has fewer.",
            "type": "int",
            "default_value": 5,
            "constraints": {"min": 1, "max": 100},
        }
    ]
    assert (knn["disable"], knn["maturity"], knn["environment"]) == (False, "production", "Python")


def test_parameters_have_woken_s_types_and_real_values() -> None:
    told = {one["code"]: one for one in of("tpot")["parameters"] + of("linreg")["parameters"]}
    assert {code: one["type"] for code, one in told.items()} == {
        "search_space": "enumeration",
        "generations": "int",
        "population_size": "int",
        "folds": "int",
        "scoring": "enumeration",
        "max_time_s": "int",
        "DASK_SCHEDULER": "string",
        "regularisation": "number",
    }
    assert told["search_space"]["values"] == ["linear-light", "linear", "graph", "graph-light"]
    assert isinstance(told["regularisation"]["default_value"], float)
    assert "constraints" not in told["DASK_SCHEDULER"]


def test_a_boolean_is_one_and_bounds_are_told() -> None:
    known = random_metadata.registry(3, 60)
    told = [one for entry in known.entries.values() for one in catalogue.entry(entry.algorithm)["parameters"]]
    booleans = [one for one in told if one["type"] == "boolean"]
    assert booleans
    assert all(isinstance(one["default_value"], bool) for one in booleans)
    integers = [one for one in told if one["type"] == "int"]
    ends = [end for one in integers for end in one["constraints"].values()]
    assert {type(end) for end in ends} == {int, type(None)}


@pytest.mark.parametrize(
    ("kind", "variable", "truth"),
    [
        ("binominal_classification", "binominal", ["a", "b"]),
        ("classification", "polynominal", ["a", "b"]),
        ("regression", "real", [1.0, 2.0]),
    ],
)
def test_figures_are_the_keys_of_a_score(kind: str, variable: str, truth: list[Any]) -> None:
    codes = () if variable == "real" else (("a", "A"), ("b", "B"))
    column = Column(code="x", label="x", type=variable, sql_type="text", enumerations=codes)
    answer = scoring.score(column, truth, truth).json()
    assert {figure.code for figure in FIGURES[kind]} == set(answer) - {"type"}


def test_no_two_figures_share_a_name() -> None:
    for figures in FIGURES.values():
        for figure in figures:
            for name in (figure.code, figure.label, *figure.synonyms):
                assert [one.code for one in figure_called(name)] == [figure.code]


def test_the_validation_is_the_one_that_woken_accepts() -> None:
    (validation,) = catalogue.document(())["validations"]
    (folds,) = validation["parameters"]
    assert (validation["code"], folds["code"], folds["default_value"]) == ("kfold", "k", 5)
    assert folds["constraints"] == {"min": 2, "max": 20}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_written_keeps_the_schema_and_can_be_read_back(seed: int, tmp_path: Path) -> None:
    chosen = catalogue.chosen(random_metadata.registry(seed, 50))
    text = catalogue.render(chosen)
    assert text.isascii()
    assert text == catalogue.render(reversed(chosen)), (
        "the order in which algorithms are found does not count"
    )
    (tmp_path / "a.json").write_text(text, encoding="ascii")
    found = catalogue.read(tmp_path / "a.json")
    assert schemas.violations("catalogue", found.data) == ()
    assert [one["code"] for one in found.data["algorithms"]] == sorted(one.code for one in chosen)
    assert catalogue.differences(found, chosen) == ()


@pytest.mark.parametrize(
    ("at", "value", "rule"),
    [
        (("algorithms", 0, "constraints", "covariables", "min_count"), "1", "type"),
        (("algorithms", 0, "constraints", "covariables", "minCount"), 1, "additionalProperties"),
        (("algorithms", 0, "constraints", "variable", "integer"), None, "type"),
        (("algorithms", 0, "dockerImage"), "algoreg/knn:0.1.0", "additionalProperties"),
        (("algorithms", 0, "docker_image"), "algoreg/knn", "pattern"),
        (("algorithms", 0, "maturity"), "test", "enum"),
        (("algorithms", 0, "disable"), "false", "type"),
        (("algorithms", 0, "parameters", 0, "type"), "integer", "enum"),
        (("algorithms", 0, "parameters", 0, "default_value"), "5", "type"),
        (("algorithms", 0, "parameters", 0, "default_value"), 5.5, "type"),
        (("algorithms", 0, "parameters", 0, "constraints", "min"), "1", "type"),
        (("algorithms", 0, "parameters", 0, "values"), ["a"], "false"),
        (("metrics", "regression", 0, "code"), "Sensitivity", "enum"),
        (("metrics", "regression", 0, "type"), "number", "enum"),
        (("metrics", "clustering"), [], "additionalProperties"),
        (("validations", 0, "code"), "kFoldCrossValidation", "const"),
        (("validations", 0, "parameters", 0, "code"), "fold", "const"),
        (("validations", 0, "parameters"), [], "minItems"),
    ],
)
def test_the_schema_is_strict(at: tuple[str | int, ...], value: Any, rule: str) -> None:
    data = catalogue.document(algorithms())
    _put(data, at, value)
    assert f"schema.{rule}" in {violation.rule for violation in schemas.violations("catalogue", data)}


def _put(data: Any, at: tuple[str | int, ...], value: Any) -> None:
    for step in at[:-1]:
        data = data[step]
    data[at[-1]] = value


def _required(data: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every key of the first algorithm, validation and figure."""
    if isinstance(data, list):
        return _required(data[0], (*at, 0)) if data and isinstance(data[0], dict) else []
    inner = data.items() if isinstance(data, dict) else ()
    return [way for key, value in inner for way in ((*at, key), *_required(value, (*at, key)))]


OPTIONAL = {"parameters", "disable", "maturity"}


@pytest.mark.parametrize("at", _required(catalogue.document(algorithms())), ids=json.dumps)
def test_nothing_may_be_missing(at: tuple[str | int, ...]) -> None:
    data = catalogue.document(algorithms())
    inner: Any = data
    for step in at[:-1]:
        inner = inner[step]
    del inner[at[-1]]
    optional = at[0] == "algorithms" and at[-1] in OPTIONAL
    assert (schemas.violations("catalogue", data) == ()) is optional


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_single_edit_of_the_text_is_drift(data: st.DataObject) -> None:
    chosen = algorithms()
    text = catalogue.render(chosen)
    at = data.draw(st.integers(0, len(text) - 1))
    edited = text[:at] + data.draw(st.sampled_from(["", " ", "0", "x", '"', "\n", "}"])) + text[at + 1 :]
    try:
        parsed = json.loads(edited)
    except ValueError:
        return
    found = catalogue.Catalogue(origin="a.json", data=parsed, text=edited)
    assert bool(catalogue.differences(found, chosen)) is (edited != text)


@pytest.mark.parametrize(
    ("change", "where", "there", "wanted"),
    [
        (
            lambda data: data["algorithms"][0].update(docker_image="algoreg/knn:0.0.9"),
            "$.algorithms.knn.docker_image",
            '"algoreg/knn:0.0.9"',
            '"algoreg/knn:0.1.0"',
        ),
        (lambda data: data["algorithms"].pop(0), "$.algorithms.knn", "nothing", "an object of 10 keys"),
        (
            lambda data: data["algorithms"].append({"code": "more"}),
            "$.algorithms.more",
            "an object of 1 keys",
            "nothing",
        ),
        (
            lambda data: data["algorithms"].reverse(),
            "$.algorithms",
            "tpot, linreg, knn",
            "knn, linreg, tpot",
        ),
        (lambda data: data.pop("metrics"), "$.metrics", "nothing", "an object of 3 keys"),
        (
            lambda data: data["algorithms"][0].update(type=[]),
            "$.algorithms.knn.type",
            "[]",
            '["predictive_model"]',
        ),
        (
            lambda data: data["algorithms"][2]["parameters"][1].update(default_value=11),
            "$.algorithms.tpot.parameters.generations.default_value",
            "11",
            "10",
        ),
    ],
)
def test_a_difference_names_place_and_both_sides(change: Any, where: str, there: str, wanted: str) -> None:
    data = copy.deepcopy(catalogue.document(algorithms()))
    change(data)
    found = catalogue.Catalogue(origin="a.json", data=data, text=json.dumps(data))
    (difference,) = catalogue.differences(found, algorithms())
    assert (difference.where, difference.there, difference.wanted) == (where, there, wanted)


@pytest.mark.parametrize("data", [None, 1, "x", [], {}, {"algorithms": 1}, {"algorithms": [1, {}]}])
def test_what_is_no_catalogue_is_a_difference(data: Any) -> None:
    found = catalogue.Catalogue(origin="a.json", data=data, text=json.dumps(data))
    assert catalogue.differences(found, algorithms())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"algorithms": [], "algorithms": []}', "occurs twice"),
        (b'{"algorithms": [', "line 1"),
        (b'{"a": NaN}', "NaN"),
        (b"\xff", "UTF-8"),
        (b"[" * 300 + b"]" * 300, "nested deeper"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
    ],
)
def test_what_is_no_strict_json_is_refused_with_its_place(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UsageError) as refused:
        catalogue.read(tmp_path / "a.json")
    assert words in refused.value.message
    assert str(tmp_path / "a.json") in refused.value.message
    assert refused.value.hint


def test_a_catalogue_that_is_too_large_is_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b" " * (17 * 1024 * 1024))
    with pytest.raises(TooLarge):
        catalogue.read(tmp_path / "a.json")


def test_written_checked_edited_and_checked_again(tmp_path: Path) -> None:
    shown = algoreg(cwd=tmp_path)
    written = algoreg("--output", "a.json", cwd=tmp_path)
    assert (shown.returncode, written.returncode, written.stdout, written.stderr) == (
        0,
        0,
        "a.json: written\n",
        "",
    )
    assert (tmp_path / "a.json").read_text(encoding="ascii") == shown.stdout
    same = algoreg("--check", "a.json", cwd=tmp_path)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "nothing differs\n")
    (tmp_path / "a.json").write_text(shown.stdout.replace("algoreg/knn:0.1.0", "algoreg/knn:0.0.9\\u001b[2J"))
    drifted = algoreg("--check", "a.json", cwd=tmp_path)
    assert (drifted.returncode, drifted.stderr) == (
        1,
        "To write it again: algoreg export-catalogue --output a.json\n",
    )
    assert drifted.stdout == (
        '$.algorithms.knn.docker_image: there is "algoreg/knn:0.0.9\\u001b[2J", '
        'the registry has "algoreg/knn:0.1.0"\n'
    )
    reported = algoreg("--check", "a.json", "--format", "json", cwd=tmp_path)
    document = json.loads(reported.stdout)
    assert (reported.returncode, document["schema"], document["ok"]) == (
        1,
        "algoreg-catalogue-check/1",
        False,
    )
    assert [one["where"] for one in document["differences"]] == ["$.algorithms.knn.docker_image"]


def test_another_layout_is_drift_that_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(catalogue.document(algorithms())))
    checked = algoreg("--check", "a.json", cwd=tmp_path)
    assert checked.returncode == 1
    assert "written in another way" in checked.stdout


def test_a_plugin_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    install(tmp_path, "twin", document=document("KNN"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(PROGRAM, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0
    assert "the plugin twin of twin 1.0 cannot be used: the code KNN is taken" in done.stderr
    assert [one["code"] for one in json.loads(done.stdout)["algorithms"]] == ["knn", "linreg", "tpot"]


def test_the_schema_knows_the_same_figures() -> None:
    told = schemas.load("catalogue")["properties"]["metrics"]["properties"]
    codes = {kind: group["items"]["properties"]["code"]["enum"] for kind, group in told.items()}
    assert codes == {kind: [figure.code for figure in figures] for kind, figures in FIGURES.items()}


def test_some_algorithms(tmp_path: Path) -> None:
    some = json.loads(algoreg("tpot", "knn", "knn").stdout)
    assert [one["code"] for one in some["algorithms"]] == ["knn", "tpot"]


@pytest.mark.parametrize(
    "text", ["notes of a person", "[]", '{"algorithms": []}', '{"algorithms": [], "x": 1}']
)
def test_what_is_no_catalogue_is_not_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="no catalogue; nothing was written") as refused:
        catalogue.write(path, algorithms())
    assert ("--force" in refused.value.hint, path.read_text()) == (True, text)
    assert catalogue.write(path, algorithms(), force=True).written == ("a.json",)
    assert path.read_text() == catalogue.render(algorithms())


@pytest.mark.parametrize("text", ["", '{"algorithms": 1, "metrics": 2, "validations": 3}'])
def test_a_catalogue_and_an_empty_file_are_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert catalogue.write(tmp_path / "a.json", algorithms()).written == ("a.json",)
    assert catalogue.write(tmp_path / "a.json", algorithms()).unchanged == ("a.json",)


def test_the_command_takes_force(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    assert algoreg("--output", "a.json", cwd=tmp_path).returncode == 2
    assert algoreg("--output", "a.json", "--force", "--format", "json", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("knm",), "Did you mean knn?"),
        (("--output", "a.json", "--check", "b.json"), "Use one of them"),
        (("--check", "absent.json"), "cannot read absent.json"),
        (("--output", "absent/a.json"), "cannot write absent/a.json"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    done = algoreg(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_every_variable_type_of_the_contract_is_told() -> None:
    assert set(of("knn")["constraints"]["variable"]) == set(contract.VARIABLE_TYPES)
