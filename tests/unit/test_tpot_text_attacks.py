"""Hostile texts against TPOT's catalogue: refused by the word pipeline, or a model; nothing else, and no import.

The fuzzing starts from real texts and from the words that they are made of, so that it reaches behind the first check.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algoreg.runtime import Column, Failure
from algoreg.runtime.allowed import SCIKIT_LEARN, SPLITTERS, Catalogue
from algoreg.runtime.constructors import constructor
from algoreg.runtime.functions import FUNCTIONS
from algoreg.runtime.text import Model, read_text, write_text
from algoreg_tpot import classes, library

CATALOGUE = Catalogue(classes=classes.CLASSES, parameters=classes.PARAMETERS, load=library.load)
TABLES = (SCIKIT_LEARN, SPLITTERS, classes.CLASSES)
PATHS = sorted(
    f"{module}.{name}" for table in TABLES for module, names in table.items() for name in names.split()
)
GRAPH = "tpot.graphsklearn.GraphPipeline"
RIDGE = {"class": "sklearn.linear_model.Ridge", "parameters": {}}


def wrapped(estimator: Any) -> str:
    return json.dumps(
        {
            "format": "algoreg-pipeline/1",
            "task": "regression",
            "seed": 7,
            "parameters": {},
            "variable": {"name": "score", "type": "real", "codes": []},
            "covariables": [{"name": "age", "type": "real", "codes": []}],
            "estimator": estimator,
            "versions": {},
        }
    )


def named(path: Any, **parameters: Any) -> dict[str, Any]:
    return {"class": path, "parameters": parameters}


def graph(nodes: Any, edges: Any = (), **more: Any) -> dict[str, Any]:
    return named(GRAPH, graph={"graph": nodes, "edges": edges, **more})


# --- one by one -----------------------------------------------------------------------------------

TWO = [["a", RIDGE], ["b", RIDGE]]
REFUSED: dict[str, tuple[Any, str]] = {
    "cycle": (graph(TWO, [["a", "b"], ["b", "a"]]), "graph: has a cycle"),
    "edge to itself": (graph(TWO, [["a", "a"]]), "graph: has a cycle"),
    "edge to nowhere": (graph(TWO, [["a", "c"]]), "graph: an edge names a node that is absent"),
    "node twice": (graph([*TWO, ["a", RIDGE]]), "graph: a node occurs twice"),
    "edge twice": (graph(TWO, [["a", "b"], ["a", "b"]]), "graph: an edge occurs twice"),
    "no node": (graph([]), "graph: has no node"),
    "nodes a text": (graph("ab"), "graph: is not made of nodes"),
    "node without estimator": (graph([["a"]]), "graph: is not made of nodes"),
    "node of a text": (graph([["a", "Ridge"]]), "graph: a node holds no class"),
    "node of a graph": (graph([["a", {"graph": TWO, "edges": []}]]), "graph: a node holds no class"),
    "name a list": (graph([[["a"], RIDGE]]), "graph: a node's name is no text"),
    "edge of lists": (graph(TWO, [[["a"], ["b"]]]), "graph: an edge's end is no text"),
    "edges a dict": (graph(TWO, {"a": "b"}), "graph: is not made of edges"),
    "attributes": (graph(TWO, [], attributes={"a": 1}), "graph: has not exactly the keys"),
    "no edges": (named(GRAPH, graph={"graph": TWO}), "graph: has not exactly the keys"),
    "no graph": (named(GRAPH), "cannot be built"),
    "graph a list": (named(GRAPH, graph=TWO), "parameter graph of .*: expected a graph"),
    "cache": (named(GRAPH, graph={"graph": TWO, "edges": []}, memory="/x"), "parameter memory of .* may not"),
    "method": (named(GRAPH, graph={"graph": TWO, "edges": []}, method="__init__"), "parameter method of"),
    "label encoder": (
        named(GRAPH, graph={"graph": TWO, "edges": []}, use_label_encoder=RIDGE),
        "parameter use_label_encoder of",
    ),
    "wrapper's method": (
        named("tpot.builtin_modules.EstimatorTransformer", estimator=RIDGE, method="__reduce__"),
        "parameter method of tpot.builtin_modules.EstimatorTransformer: expected one of auto",
    ),
    "wrapper of a text": (
        named("tpot.builtin_modules.EstimatorTransformer", estimator="x"),
        "parameter estimator of .*: expected a class",
    ),
    "tpot itself": (named("tpot.TPOTClassifier"), "class 'tpot.TPOTClassifier' is not one"),
    "other submodule": (named("tpot.tpot_estimator.TPOTEstimator"), "is not one that may be rebuilt"),
    "networks": (named("tpot.builtin_modules.nn.PytorchLRClassifier"), "is not one that may be rebuilt"),
    "through a class": (named("tpot.graphsklearn.GraphPipeline.plot"), "is not one that may be rebuilt"),
    "dunder path": (named("xgboost.__builtins__"), "is not one that may be rebuilt"),
    "booster": (named("xgboost.Booster", model_file="/etc/passwd"), "is not one that may be rebuilt"),
    "lightgbm's booster": (named("lightgbm.Booster", model_file="/etc/passwd"), "is not one that"),
    "xgboost's threads": (
        named("xgboost.XGBRegressor", nthread=64),
        "parameter nthread of .*: expected one of",
    ),
    "xgboost's parallel trees": (named("xgboost.XGBRegressor", num_parallel_tree=10**6), "num_parallel_tree"),
    "lightgbm's injection": (
        named("lightgbm.LGBMRegressor", boosting_type="gbdt forcedsplits_filename=/etc/passwd"),
        "parameter boosting_type of lightgbm.LGBMRegressor: expected one of gbdt",
    ),
    "lightgbm's injection by a number": (
        named("lightgbm.LGBMRegressor", learning_rate="0.1 machines=evil:80"),
        "parameter learning_rate of lightgbm.LGBMRegressor: expected a number",
    ),
    "lightgbm's injection by an array": (
        named("lightgbm.LGBMRegressor", learning_rate={"array": ["0.1 machines=evil:80"], "dtype": "str"}),
        "expected a number",
    ),
    "lightgbm's injection by a name": (
        named("lightgbm.LGBMRegressor", **{"a=1 machines": "evil:80"}),
        "parameter 'a=1 machines' of lightgbm.LGBMRegressor may not be set",
    ),
}
for extra in (
    "machines",
    "input_model",
    "forcedsplits_filename",
    "output_model",
    "device",
    "num_threads",
    "objective",
):
    REFUSED[f"lightgbm {extra}"] = (named("lightgbm.LGBMClassifier", **{extra: "x"}), f"parameter {extra} of")
for extra in (
    "callbacks",
    "objective",
    "eval_metric",
    "interaction_constraints",
    "monotone_constraints",
    "device",
    "xgb_model",
    "feature_types",
    "kwargs",
    "updater",
    "sampling_method",
):
    REFUSED[f"xgboost {extra}"] = (named("xgboost.XGBClassifier", **{extra: "x"}), f"parameter {extra} of")


@pytest.mark.parametrize("name", REFUSED)
def test_each_is_refused_by_name(name: str) -> None:
    estimator, told = REFUSED[name]
    with pytest.raises(Failure, match=f"^pipeline: .*{told}"):
        read_text(wrapped(estimator), CATALOGUE)


def test_a_graph_of_graphs_ends_at_the_depth() -> None:
    inner: Any = RIDGE
    for _ in range(30):
        inner = graph([["a", inner]])
    with pytest.raises(Failure, match="pipeline: is nested deeper than 40 levels"):
        read_text(wrapped(inner), CATALOGUE)


def test_large_graphs_are_refused_or_read_quickly() -> None:
    names = [f"n{number}" for number in range(2_000)]
    edges = [list(pair) for pair in pairwise(names)]
    began = time.process_time()
    chain = read_text(wrapped(graph([[name, RIDGE] for name in names], edges)), CATALOGUE).estimator
    assert len(chain.graph) == 2_000
    with pytest.raises(Failure, match="has a cycle"):
        read_text(wrapped(graph([[name, RIDGE] for name in names], [*edges, ["n1999", "n0"]])), CATALOGUE)
    assert time.process_time() - began < 3


def test_graphs_with_more_than_a_text_holds_are_not_written() -> None:
    import networkx as nx

    made = read_text(wrapped(graph(TWO, [["a", "b"]])), CATALOGUE)
    kept = made.estimator.graph
    assert list(kept.edges) == [("a", "b")]
    for harm, told in (
        (lambda: kept.nodes["a"].update(secret=1), "has attributes"),
        (lambda: kept.edges["a", "b"].update(weight=1), "has attributes"),
        (lambda: kept.graph.update(name="x"), "has attributes"),
        (lambda: kept.add_node(3, instance=1), "without a name"),
        (lambda: setattr(made.estimator, "graph", nx.Graph()), "is a Graph, expected a DiGraph"),
        (lambda: setattr(made.estimator, "graph", None), "is a NoneType, expected a DiGraph"),
    ):
        harm()
        with pytest.raises(Failure, match=f"^pipeline: parameter graph of {GRAPH}.* {told}"):
            write_text(made, CATALOGUE)
        kept.nodes["a"].pop("secret", None)
        kept.edges["a", "b"].clear()
        kept.graph.clear()


# --- fuzzing --------------------------------------------------------------------------------------


class Watch(MetaPathFinder):
    """Notes every module that somebody wants imported, and finds none."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        self.wanted.append(fullname)
        return None


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    """Everything that the tables name is there already, so that a text's words are what is left to import."""
    for path in PATHS:
        CATALOGUE.resolve(path)
    real_texts()
    # Constructors show what they refuse, which imports scikit-learn's printer.
    repr(read_text(wrapped(graph(TWO)), CATALOGUE))
    watch = Watch()
    sys.meta_path.insert(0, watch)
    yield watch
    sys.meta_path.remove(watch)


def outcome(text: str, watch: Watch) -> str:
    """The refusal, or ``pipeline``. Any other exception is the test's failure, and so is an import."""
    before, began = set(sys.modules), time.process_time()
    watch.wanted.clear()
    try:
        read_text(text, CATALOGUE)
        told = "pipeline"
    except Failure as failure:
        told = str(failure)
    assert time.process_time() - began < 2
    assert watch.wanted == []
    assert set(sys.modules) == before
    assert told.isprintable()
    assert len(told) < 500
    return told


@cache
def real_texts() -> tuple[str, ...]:
    """Twenty texts as a search would write them."""
    library.whole()
    from tpot.config.template_search_spaces import get_template_search_spaces

    rng, texts = np.random.default_rng(5), []
    for name in ("linear", "graph"):
        space = get_template_search_spaces(
            name, classification=True, n_classes=3, n_samples=110, n_features=6, random_state=42
        )
        for _ in range(10):
            individual = space.generate(rng)
            individual.mutate(rng)
            model = Model(
                task="classification",
                variable=Column(name="dx", type="polynominal", codes=("AD", "HC")),
                covariables=(Column(name="age", type="real"),),
                seed=7,
                estimator=individual.export_pipeline(),
            )
            texts.append(write_text(model, CATALOGUE))
    return tuple(texts)


def names_of(path: str) -> list[str]:
    return [*classes.PARAMETERS.get(path, ()), *constructor(CATALOGUE.resolve(path))]


HOSTILE_WORDS = (
    *(
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "joblib.load",
        "numpy.load",
        "pickle.loads",
        "x.y..z",
    ),
    *("antigravity.Fly", "importlib.import_module", "sklearn.pipeline.__builtins__", "sklearn.__class__"),
    *(
        "tpot.os.system",
        "xgboost.core.os",
        "xgboost.Booster",
        "lightgbm.Dataset",
        "../../etc/passwd",
        "__class__",
    ),
    *("sklearn.datasets.fetch_openml", "__import__", "memory", "callbacks", "estimator__memory"),
)
KEYS = (
    "class",
    "parameters",
    "tuple",
    "dict",
    "slice",
    "array",
    "dtype",
    "float",
    "function",
    "graph",
    "edges",
)
FUNCTION_PATHS = [
    f"{module}.{name}"
    for table in FUNCTIONS.values()
    for module, names in table.items()
    for name in names.split()
]

words = (
    st.sampled_from(PATHS)
    | st.sampled_from(HOSTILE_WORDS)
    | st.sampled_from(FUNCTION_PATHS)
    | st.sampled_from(
        ["auto", "nan", "inf", "float64", "str", "drop", "passthrough", "prefit", "balanced", "a", "b"]
    )
    | st.text(max_size=8)
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.integers(-3, 12)
    | st.floats(allow_nan=False)
    | words
)


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    """An estimator of the tables with parameters that it has, and now and then one that it has not."""
    path = draw(st.sampled_from(PATHS) | words)
    known = names_of(path) if path in PATHS else ["estimator"]
    names = st.sampled_from(known or ["x"]) | st.sampled_from(HOSTILE_WORDS)
    return {"class": path, "parameters": draw(st.dictionaries(names, inner, max_size=3))}


def graphs(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    ends = st.sampled_from(["a", "b", "c"])
    nodes = st.lists(st.tuples(ends, inner).map(list), max_size=3)
    edges = st.lists(st.tuples(ends, ends).map(list), max_size=3)
    return st.builds(lambda n, e: named(GRAPH, graph={"graph": n, "edges": e}), nodes, edges)


values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
        | st.builds(lambda key, value: {key: value}, st.sampled_from(KEYS), inner)
        | objects(inner)
        | graphs(inner)
    ),
    max_leaves=20,
)
FUZZ = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@FUZZ
@given(estimator=objects(values) | graphs(objects(values)))
def test_words_of_the_grammar_in_any_order(watch: Watch, estimator: Any) -> None:
    assert outcome(wrapped(estimator), watch).startswith("pipeline")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with every key in it."""
    if isinstance(value, dict | list):
        for key in [*value] if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@pytest.mark.filterwarnings("ignore::FutureWarning")
@FUZZ
@given(data=st.data())
def test_real_texts_with_parts_replaced(watch: Watch, data: st.DataObject) -> None:
    document = json.loads(data.draw(st.sampled_from(real_texts())))
    for _ in range(data.draw(st.integers(1, 3))):
        spots = [*places(document)]
        container, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        other, part = spots[data.draw(st.integers(0, len(spots) - 1))]
        container[key] = data.draw(values | st.just(json.loads(json.dumps(other[part]))))
    assert outcome(json.dumps(document), watch).startswith("pipeline")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@FUZZ
@given(data=st.data())
def test_real_texts_with_characters_replaced(watch: Watch, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(real_texts()))
    start = data.draw(st.integers(0, len(text)))
    other = data.draw(
        st.text(max_size=6) | st.sampled_from(['"', "\\", "[" * 9, "}", "NaN", "1e999", "-Infinity", "\x00"])
    )
    damaged = text[:start] + other + text[start + data.draw(st.integers(0, 40)) :]
    assert outcome(damaged, watch).startswith("pipeline")


@pytest.mark.parametrize(
    "repeated",
    [
        '{"class":"xgboost.XGBClassifier","parameters":{"a":',
        '{"tuple":[',
        '{"graph":[["a",',
        '{"class":"' + GRAPH + '","parameters":{"graph":{"graph":[["a",',
        "[",
        '"',
        "\\",
        '"\\"',
        "1,",
        "\ud800",
        "\x00",
    ],
)
def test_a_piece_ten_thousand_times_and_to_ten_megabytes(watch: Watch, repeated: str) -> None:
    for count in (10_000, 10_000_000 // len(repeated)):
        assert outcome(repeated * count, watch).startswith("pipeline")
        inside = wrapped("HERE").replace('"HERE"', repeated * count)
        assert outcome(inside, watch).startswith("pipeline")


@pytest.mark.parametrize("word", HOSTILE_WORDS)
def test_no_word_is_imported(watch: Watch, word: str) -> None:
    for estimator in (
        named(word),
        named("sklearn.pipeline.Pipeline", steps=[{"tuple": ["a", named(word)]}]),
        graph([["a", named(word)]]),
        named("sklearn.feature_selection.SelectKBest", score_func={"function": word}),
        named("sklearn.svm.SVR", **{word: 1}),
    ):
        told = outcome(wrapped(estimator), watch)
        assert told != "pipeline"
        assert told.startswith("pipeline: ")
