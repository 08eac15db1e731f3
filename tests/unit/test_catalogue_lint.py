"""Every way in which catalogues have drifted is found in files that hold it, and nothing in files that do not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import metadata
from algoreg.export import catalogue, catalogue_known, estimators, reading
from algoreg.export.catalogue import Catalogue
from algoreg.export.catalogue_lint import lint
from algoreg.export.catalogue_rules import RULES
from algoreg.export.known import Known
from algoreg.export.remarks import Remark, errors
from support.program import CHECKOUT

CASES = Path(__file__).with_name("catalogue_cases")
KNOWN = Known(
    algorithms=tuple(
        metadata.parse(metadata.read_file(path)) for path in sorted((CASES / "known").iterdir())
    ),
    tags={"example/heatmap": {"0.2.0", "0.3.0"}, "example/knn": {"1.0.0"}},
)
BOOSTING = "$.algorithms[0].parameters"
METRICS = "$.metrics.binominal_classification"

DRIFTS: dict[str, dict[str, set[str]]] = {
    "00-none": {},
    "01-codes": {
        "catalogue.absent": {"application.conf:27"},
        "catalogue.unrunnable": {"$.algorithms[3]"},
    },
    "02-images": {"catalogue.image": {"$.algorithms[1].docker_image"}},
    "03-maturity": {"catalogue.maturity": {"$.algorithms[0]", "$.algorithms[1].maturity"}},
    "04-text-for-a-count": {"catalogue.schema": {"$.algorithms[2].constraints.covariables.min_count"}},
    "05-environments": {"catalogue.environment": {"$.algorithms[1].environment"}},
    "06-parameters": {
        "parameter.code": {"$.algorithms[1].parameters[0].code"},
        "parameter.refused": {
            f"{BOOSTING}[0].constraints.min",
            f"{BOOSTING}[1].constraints.min",
            f"{BOOSTING}[2].constraints.max",
        },
    },
    "07-validations": {
        "validation.code": {"$.validations[0].code"},
        "validation.parameter": {"$.validations[0].parameters[0].code"},
    },
    "08-metrics": {
        "metric.code": {f"{METRICS}[2].code"},
        "metric.absent": {METRICS},
        "metric.label": {f"{METRICS}[{number}].label" for number in (1, 2, 3)},
    },
    "09-what-images-take": {},
    "10-plans": {},
}
"""Case -> rule -> places, found in the two files alone."""

OF_IMAGES: dict[str, dict[str, set[str]]] = {
    "02-images": {
        "image.unknown-tag": {"application.conf:18"},
        "image.other": {"application.conf:18"},
    },
    "06-parameters": {
        "parameter.unknown": {"$.algorithms[1].parameters[0].code"},
        "parameter.undeclared": {"$.algorithms[1].parameters"},
        "parameter.default": {"$.algorithms[2].parameters[0].default_value"},
        "parameter.values": {"$.algorithms[2].parameters[1].values"},
        "parameter.range": {
            f"{BOOSTING}[0].constraints.min",
            f"{BOOSTING}[1].constraints.min",
            f"{BOOSTING}[2].constraints.max",
        },
    },
    "09-what-images-take": {
        "constraints.wider": {
            "$.algorithms[0].constraints.mixed",
            "$.algorithms[0].constraints.covariables.max_count",
        },
        "catalogue.label": {"$.algorithms[2].label"},
    },
    "10-plans": {
        "plan.map-reduce": {"application.conf:10"},
        "plan.scatter-gather": {"application.conf:19"},
    },
}
"""What is found in addition where the images' metadata and tags are at hand."""


def judged(case: str, known: Known | None = None) -> tuple[Remark, ...]:
    folder = CASES / case
    installation = reading.read(folder / "application.conf")
    of_images = catalogue_known.remarks(installation, known or Known())
    return (*lint(catalogue.read(folder / "algorithms.json"), installation, known), *of_images)


def places(remarks: tuple[Remark, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for remark in remarks:
        found.setdefault(remark.id, set()).add(remark.where.rpartition(" ")[2].rpartition("/")[2])
    return found


def test_there_is_a_case_for_each_drift() -> None:
    assert sorted(DRIFTS) == sorted(path.name for path in CASES.iterdir() if path.name != "known")


@pytest.mark.parametrize("case", DRIFTS)
def test_drift_between_two_files(case: str) -> None:
    assert places(judged(case)) == DRIFTS[case]


@pytest.mark.parametrize("case", DRIFTS)
def test_drift_from_what_the_images_say(case: str) -> None:
    assert places(judged(case, KNOWN)) == DRIFTS[case] | OF_IMAGES.get(case, {})


@pytest.mark.parametrize("case", sorted(set(DRIFTS) - {"00-none"}))
def test_remarks_say_what_woken_does_and_what_to_write(case: str) -> None:
    remarks = judged(case, KNOWN)
    assert remarks
    for remark in remarks:
        assert (remark.severity, remark.consequence) == RULES[remark.id]
        assert all(text[0].isupper() and text.endswith(".") for text in (remark.consequence, remark.fix))
        assert str(CASES / case) in remark.where


def test_an_image_that_differs_names_both_and_the_line() -> None:
    (remark,) = judged("02-images")
    assert '"example/heatmap:0.3.0" is advertised, "example/heatmap:0.3.4" runs' in remark.message
    assert "application.conf:18" in remark.message


def test_a_digest_that_only_one_names_is_no_drift() -> None:
    found = reading.read(CASES / "00-none" / "application.conf")
    there = catalogue.read(CASES / "00-none" / "algorithms.json")
    entry = next(one for one in there.data["algorithms"] if one["code"] == "knn")
    entry["docker_image"] += "@sha256:" + "a" * 64
    assert lint(there, found) == ()
    entry["docker_image"] = "example/knn:1.0.1@sha256:" + "a" * 64
    assert [remark.id for remark in lint(there, found)] == ["catalogue.image"]


def test_where_scikit_learn_is_missing_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "installed", lambda: False)
    found = places(judged("06-parameters"))
    assert "parameter.refused" not in found
    assert found["parameter.not-looked-at"] == {"$.algorithms"}


@pytest.mark.parametrize(
    ("code", "parameter", "value", "taken"),
    [
        ("gradientBoosting", "n_estimators", 0, False),
        ("gradientBoosting", "n_estimators", 1, True),
        ("gradientBoosting", "min_samples_split", 1, False),
        ("gradientBoosting", "min_samples_split", 2, True),
        ("gradientBoosting", "min_weight_fraction_leaf", 1.0, False),
        ("gradientBoosting", "min_weight_fraction_leaf", 0.5, True),
        ("sgdNeuralNetwork", "learning_rate_init", 0.0, False),
        ("sgdNeuralNetwork", "learning_rate_init", 0.001, True),
        ("knn", "k", 0, False),
        ("KNN", "k", 5, True),
        ("knn", "unheard_of", -1, True),
        ("unheardOf", "k", -1, True),
    ],
)
def test_what_scikit_learn_takes(code: str, parameter: str, value: float, taken: bool) -> None:
    assert (estimators.refusal(code, parameter, value) is None) is taken


def changed(change: Callable[[Any], Any], known: Known | None = None) -> dict[str, set[str]]:
    """What is found in the clean pair after one change of the catalogue."""
    there = catalogue.read(CASES / "00-none" / "algorithms.json")
    change(there.data)
    return places(lint(there, reading.read(CASES / "00-none" / "application.conf"), known))


def test_the_guide_names_every_rule() -> None:
    guide = (CHECKOUT / "docs" / "export.md").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"`{rule}`" not in guide] == []


def test_a_code_twice() -> None:
    assert changed(lambda data: data["algorithms"].append(copy.deepcopy(data["algorithms"][2]))) == {
        "catalogue.duplicate": {"$.algorithms[3]"}
    }


def test_of_an_image_from_elsewhere_nothing_is_known() -> None:
    other = {"docker_image": "elsewhere/knn:1.0.0", "label": "Theirs", "parameters": []}
    assert changed(lambda data: data["algorithms"][2].update(other), KNOWN) == {
        "catalogue.image": {"$.algorithms[2].docker_image"}
    }
    same = {**other, "docker_image": "example/knn:1.0.0"}
    assert set(changed(lambda data: data["algorithms"][2].update(same), KNOWN)) == {
        "catalogue.label",
        "parameter.undeclared",
    }


def test_disabled_and_configured() -> None:
    assert changed(lambda data: data["algorithms"][0].update(disable=True)) == {
        "catalogue.disabled": {"$.algorithms[0].disable"}
    }


@pytest.mark.parametrize(
    ("at", "value", "rule"),
    [
        (("constraints", "covariables", "min_count"), 0, "constraints.wider"),
        (("constraints", "covariables", "min_count"), 2, None),
        (("constraints", "covariables", "max_count"), 8, "constraints.wider"),
        (("constraints", "covariables", "max_count"), 6, None),
        (("constraints", "groupings", "max_count"), 1, "constraints.wider"),
        (("parameters", 0, "label"), "Branches", None),
        (("parameters", 0, "constraints", "max"), None, "parameter.range"),
        (("parameters", 0, "constraints", "max"), 1001, "parameter.range"),
        (("parameters", 0, "constraints", "max"), 999, None),
        (("parameters", 0, "default_value"), 101, "parameter.default"),
    ],
)
def test_narrower_than_the_image_is_no_drift_wider_is(
    at: tuple[str | int, ...], value: Any, rule: str | None
) -> None:
    def change(data: Any) -> None:
        inner = data["algorithms"][0]
        for step in at[:-1]:
            inner = inner[step]
        inner[at[-1]] = value

    assert set(changed(change, KNOWN)) == ({rule} if rule else set())


def test_of_another_type_than_the_image_nothing_else_compares() -> None:
    def change(data: Any) -> None:
        data["algorithms"][1]["parameters"][0].update(
            type="int", default_value=1, constraints={"min": 0, "max": 9}
        )

    assert changed(change, KNOWN) == {"parameter.type": {"$.algorithms[1].parameters[0].type"}}


def _steps(value: Any) -> list[tuple[str | int, ...]]:
    """The way to every value of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, one in inner for rest in _steps(one))]


CLEAN = json.loads((CASES / "00-none" / "algorithms.json").read_text(encoding="utf-8"))
INSTALLATION = reading.read(CASES / "00-none" / "application.conf")
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(at=st.sampled_from([one for one in _steps(CLEAN) if one]), value=ODD)
def test_anything_anywhere_is_told_and_breaks_nothing(at: tuple[str | int, ...], value: Any) -> None:
    data = copy.deepcopy(CLEAN)
    inner = data
    for step in at[:-1]:
        inner = inner[step]
    kept = type(inner[at[-1]]) is type(value)
    inner[at[-1]] = value
    remarks = lint(Catalogue(origin="a.json", data=data, text=""), INSTALLATION, KNOWN)
    assert remarks or kept or value is None or isinstance(value, int | float)
    for remark in remarks:
        assert json.loads(json.dumps(remark.json())) == remark.json()
        assert remark.where.isascii()


@given(data=ODD)
def test_what_is_no_catalogue_at_all(data: Any) -> None:
    assert errors(lint(Catalogue(origin="a.json", data=data, text=""), INSTALLATION, KNOWN))
