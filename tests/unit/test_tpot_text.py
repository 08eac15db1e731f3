"""Pipelines drawn from TPOT's search spaces: each is written, rebuilt and the same; fitted, it predicts the same.

Structure is compared for all of them. Fitting all costs about ten minutes of one idle core, so that a seeded sample is
fitted here, a smaller one in a run of all tests; ``ALGOREG_PIPELINES=whole`` fits every one.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from algoreg.runtime import Column, Failure
from algoreg.runtime.allowed import SCIKIT_LEARN, SPLITTERS, Catalogue
from algoreg.runtime.constructors import REQUIRED, constructor
from algoreg.runtime.description import describe, rebuild
from algoreg.runtime.text import Model, read_text, write_text
from algoreg_tpot import classes, library
from support.scope import asked_for

CATALOGUE = Catalogue(classes=classes.CLASSES, parameters=classes.PARAMETERS, load=library.load)
SPACES = ("linear", "linear-light", "graph", "graph-light")
PER_SPACE = 64
"""Pipelines of each space and task: 512 in all."""
STRIDE, LONG_STRIDE = (1, 1) if os.environ.get("ALGOREG_PIPELINES") == "whole" else (13, 31)
"""Every how many-th of them is fitted, in a run of all tests fewer; odd, so that both halves of the draws are there."""
PATHS = sorted(
    f"{module}.{name}"
    for table in (SCIKIT_LEARN, SPLITTERS, classes.CLASSES)
    for module, names in table.items()
    for name in names.split()
)


def model(estimator: Any) -> Model:
    return Model(
        task="regression",
        variable=Column(name="score", type="real"),
        covariables=(Column(name="age", type="real"),),
        seed=7,
        estimator=estimator,
    )


def written(estimator: Any) -> str:
    return write_text(model(estimator), CATALOGUE)


def read(text: str) -> Any:
    return read_text(text, CATALOGUE).estimator


# --- drawing --------------------------------------------------------------------------------------


@cache
def space(name: str, classification: bool, inner: bool) -> Any:
    library.whole()
    from tpot.config.template_search_spaces import get_template_search_spaces

    return get_template_search_spaces(
        name,
        classification=classification,
        inner_predictors=inner,
        n_classes=3,
        n_samples=110,
        n_features=6,
        random_state=42,
    )


def drawn(name: str, classification: bool, count: int) -> Iterator[Any]:
    """Fresh pipelines of one space, half of them with inner predictors; grown by mutation, as a search grows them."""
    rng = np.random.default_rng(sum(map(ord, name)) + classification)
    for number in range(count):
        individual = space(name, classification, inner=number % 2 == 0).generate(rng)
        for _ in range(number % 5):
            individual.mutate(rng)
        yield individual.export_pipeline()


def anatomy(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """What an estimator is made of, without the code under test: every parameter, graphs and splitters included."""
    match value:
        case np.generic():
            return value.item()
        case np.ndarray():
            return ("array", value.dtype.kind, anatomy(value.tolist()))
        case list():
            return [anatomy(item) for item in value]
        case tuple():
            return ("tuple", *map(anatomy, value))
        case nx.DiGraph():
            nodes = [(str(node), anatomy(data["instance"])) for node, data in value.nodes(data=True)]
            return (nodes, list(value.edges), list(nx.topological_sort(value)))
        case float() if value != value:  # noqa: PLR0124 - nan
            return "nan"
    if hasattr(value, "get_params"):
        own = value.get_params(deep=False)
        return (type(value), {name: anatomy(own[name]) for name in sorted(own)}, sorted(value.get_params()))
    return (type(value), vars(value)) if type(value).__module__ == "sklearn.model_selection._split" else value


GROUPS = [
    pytest.param(name, classification, id=f"{name}-{'classification' if classification else 'regression'}")
    for name in SPACES
    for classification in (True, False)
]


@pytest.mark.filterwarnings("ignore:.*friedman_mse:FutureWarning")  # TPOT still draws what it was called
@pytest.mark.parametrize(("name", "classification"), GROUPS)
def test_every_drawn_pipeline_comes_back(name: str, classification: bool) -> None:
    texts = set()
    for pipeline in drawn(name, classification, PER_SPACE):
        expected = anatomy(pipeline)
        text = written(pipeline)
        again = read(text)
        assert anatomy(again) == expected
        assert written(again) == text
        assert anatomy(pipeline) == expected, "writing changed the pipeline"
        texts.add(text)
    assert len(texts) > PER_SPACE * 0.9, "the draws are nearly all the same"


# --- fitting --------------------------------------------------------------------------------------


@cache
def data(classification: bool) -> tuple[Any, Any, Any]:
    """110 training rows and 40 others of 6 features, the first of them counts: x, y, x of the others."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(150, 6))
    x[:, 0] = rng.integers(0, 4, 150)
    signal = x[:, 1] + x[:, 0] * x[:, 2] + rng.normal(scale=0.3, size=150)
    y = np.digitize(signal, np.quantile(signal, [1 / 3, 2 / 3])) if classification else signal
    return x[:110], y[:110], x[110:]


class Answer(NamedTuple):
    """What a pipeline answers when it is fitted: predictions, probabilities, or why it cannot be fitted."""

    predictions: Any
    probabilities: Any
    error: str


def answer(pipeline: Any, classification: bool) -> Answer:
    x, y, others = data(classification)
    np.random.seed(7)
    try:
        fitted = pipeline.fit(x.copy(), y.copy())
        predictions = np.asarray(fitted.predict(others.copy()))
        probabilities = (
            fitted.predict_proba(others.copy())
            if classification and hasattr(fitted, "predict_proba")
            else None
        )
    except Exception as error:  # noqa: BLE001 - invalid pipelines of TPOT fail in any way; both must fail alike
        return Answer(None, None, f"{type(error).__name__}: {error}")
    return Answer(predictions, probabilities, "")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "classification"), GROUPS)
def test_a_rebuilt_pipeline_predicts_the_same(
    name: str,
    classification: bool,
    record_testsuite_property: Callable[[str, object], None],
    request: pytest.FixtureRequest,
) -> None:
    stride = STRIDE if asked_for(request.config, Path(__file__)) else LONG_STRIDE
    fitted = 0
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        sample = [*drawn(name, classification, PER_SPACE)][::stride]
        for pipeline in sample:
            again = read(written(pipeline))
            expected, got = answer(pipeline, classification), answer(again, classification)
            assert got.error == expected.error
            np.testing.assert_array_equal(got.predictions, expected.predictions)
            np.testing.assert_array_equal(got.probabilities, expected.probabilities)
            fitted += not expected.error
    record_testsuite_property(
        f"{name}, {'classes' if classification else 'numbers'}", f"{fitted}/{len(sample)}"
    )
    assert fitted, "no pipeline of the sample could be fitted"


# --- no parameter gets lost -----------------------------------------------------------------------


def required(kind: type) -> dict[str, Any]:
    """What the constructor insists on."""
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    graph = nx.DiGraph()
    graph.add_node("Ridge_1", instance=Ridge())
    known = {
        "estimator": Ridge(),
        "estimators": [("a", Ridge())],
        "function": "add",
        "graph": graph,
        "n": 2,
        "steps": [("a", Ridge())],
        "threshold": 0.5,
        "transformer_list": [("a", StandardScaler())],
        "transformers": [("a", StandardScaler(), [0])],
    }
    return {name: known[name] for name, default in constructor(kind).items() if default is REQUIRED}


def described(value: Any) -> tuple[Any, str]:
    """The description, or why there is none."""
    try:
        return describe(value, CATALOGUE), ""
    except Failure as failure:
        return None, str(failure)


@pytest.mark.parametrize("path", PATHS)
def test_no_parameter_is_lost_silently(path: str) -> None:
    kind = CATALOGUE.resolve(path)
    made = required(kind)
    value = kind(**made)
    names = value.get_params(deep=False) if hasattr(value, "get_params") else constructor(kind)
    assert set(names) >= set(made)
    for name in names:
        changed = kind(**made)
        setattr(changed, name, 7777)  # the default of no parameter
        told, refusal = described(changed)
        if refusal:
            assert refusal.startswith("pipeline: ")
            assert f"parameter {name} of {path}" in refusal
            continue
        assert told["parameters"][name] == 7777
        if hasattr(value, "get_params"):  # splitters judge what they are given
            assert describe(rebuild(told, CATALOGUE), CATALOGUE) == told


EXTRAS = {"lightgbm.LGBMClassifier": "verbose", "lightgbm.LGBMRegressor": "verbose"}
EXTRAS |= {"xgboost.XGBClassifier": "nthread", "xgboost.XGBRegressor": "nthread"}


@pytest.mark.parametrize("path", sorted(EXTRAS))
def test_extras_by_keyword_are_written_or_refused(path: str) -> None:
    kind = CATALOGUE.resolve(path)
    value = kind(**{EXTRAS[path]: 1})
    told = describe(value, CATALOGUE)
    assert told == {"class": path, "parameters": {EXTRAS[path]: 1}}
    assert rebuild(told, CATALOGUE).get_params() == value.get_params()
    for extra in ("machines", "updater", "num_threads"):
        with pytest.raises(Failure, match=f"parameter {extra} of {path} may not be set"):
            describe(kind(**{extra: "x"}), CATALOGUE)


@pytest.mark.parametrize("path", sorted(classes.PARAMETERS))
def test_every_listed_parameter_is_one_of_its_class(path: str) -> None:
    kind = CATALOGUE.resolve(path)
    assert set(classes.PARAMETERS[path]) <= {*constructor(kind), EXTRAS.get(path)}
    assert CATALOGUE.path_of(kind) == path


def test_every_class_of_the_tables_exists_in_this_tpot() -> None:
    """And none of TPOT's own was forgotten, but for networks that need a package which is absent."""
    library.whole()
    from tpot import builtin_modules
    from tpot.config.get_configspace import STRING_TO_CLASS

    offered = {name for name, value in vars(builtin_modules).items() if isinstance(value, type)}
    assert offered == set(classes.CLASSES["tpot.builtin_modules"].split())
    reachable = {kind for kind in STRING_TO_CLASS.values() if kind.__module__.startswith("tpot.")}
    for kind in reachable:
        assert CATALOGUE.path_of(kind)


def test_the_versions_of_what_a_text_names_are_recorded() -> None:
    for pipeline, expected in (
        (CATALOGUE.resolve("xgboost.XGBRegressor")(), {"xgboost"}),
        (
            CATALOGUE.resolve("tpot.graphsklearn.GraphPipeline")(
                **required(CATALOGUE.resolve("tpot.graphsklearn.GraphPipeline"))
            ),
            {"networkx", "tpot"},
        ),
        (CATALOGUE.resolve("sklearn.linear_model.Ridge")(), set()),
    ):
        versions = json.loads(written(pipeline))["versions"]
        assert set(versions) == {"python", "numpy", "scikit-learn", *expected}
        assert all(version[0].isdigit() for version in versions.values())
