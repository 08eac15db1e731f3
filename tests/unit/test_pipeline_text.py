"""The pipeline's text: whatever estimator is written comes back equal, and nothing else can be brought in."""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_selection import SelectKBest, r_regression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVR

from algoreg.runtime import Column, Failure, Job, Table
from algoreg.runtime.allowed import REFUSED_PARAMETERS, SCIKIT_LEARN, Catalogue
from algoreg.runtime.description import describe, rebuild
from algoreg.runtime.preparation import Prepared, choose
from algoreg.runtime.text import Model, read_text, write_text

CATALOGUE = Catalogue()
PATHS = sorted(f"{module}.{name}" for module, names in SCIKIT_LEARN.items() for name in names.split())


def model(estimator: Any) -> Model:
    return Model(
        task="classification",
        variable=Column(name="dx", type="polynominal", codes=("Alzheimer's", "Größe", "0")),
        covariables=(Column(name="age", type="real"), Column(name="sex", type="binominal", codes=("F", "M"))),
        seed=7,
        estimator=estimator,
    )


def through_text(estimator: Any) -> Any:
    text = write_text(model(estimator), CATALOGUE)
    assert text.isprintable()
    assert text.isascii()
    read = read_text(text, CATALOGUE)
    assert write_text(read, CATALOGUE) == text
    return read.estimator


# --- round trips --------------------------------------------------------------------------------

NESTED = Pipeline(
    [
        (
            "columns",
            ColumnTransformer(
                [
                    (
                        "scaled",
                        Pipeline([("a", StandardScaler(with_mean=False)), ("b", MinMaxScaler((0, 2)))]),
                        [0],
                    ),
                    ("coded", OneHotEncoder(categories=[[0, 1]], handle_unknown="ignore"), slice(1, 2)),
                    ("kept", "passthrough", np.array([2])),
                    ("masked", StandardScaler(), [True, False, False]),
                ],
                remainder="drop",
                sparse_threshold=0,
            ),
        ),
        ("union", FeatureUnion([("x", StandardScaler()), ("y", "drop")], transformer_weights={"x": 0.5})),
        (
            "vote",
            VotingClassifier(
                [("n", KNeighborsClassifier(3)), ("b", GaussianNB(priors=np.array([0.5, 0.5])))],
                voting="soft",
                weights=[1, 2.5],
            ),
        ),
    ]
)


def test_nested_pipelines_predict_the_same() -> None:
    rng = np.random.default_rng(7)
    x = np.column_stack([rng.normal(size=40), rng.integers(0, 2, 40), rng.normal(size=40)])
    y = rng.integers(0, 2, 40)
    again = through_text(NESTED)
    assert repr(again) == repr(NESTED)
    expected = clone(NESTED).fit(x, y).predict_proba(x)
    np.testing.assert_array_equal(again.fit(x, y).predict_proba(x), expected)


def test_the_whole_model_comes_back() -> None:
    written = model(KNeighborsClassifier(3))
    read = read_text(write_text(written, CATALOGUE), CATALOGUE)
    for name in ("task", "variable", "covariables", "seed"):
        assert getattr(read, name) == getattr(written, name)


class Forgetful:
    """An author's module whose estimator takes nothing from the job."""

    @staticmethod
    def estimator(job: Job) -> Any:
        return Ridge()


def test_a_parameter_that_the_program_forgets_leaves_no_trace() -> None:
    variable = Column(name="score", type="real")
    texts = set()
    for alpha in (0.5, 100.0):
        job = Job(
            task="regression",
            parameters={"alpha": alpha},
            n_train=20,
            seed=7,
            variable=variable,
            covariables=(Column(name="age", type="real"),),
        )
        table = Table(x_train=np.ones((20, 1)), y_train=np.ones(20), x_held_out=np.ones((0, 1)), truth=())
        chosen = choose(Forgetful, Prepared(job=job, table=table, impute=False))
        texts.add(write_text(chosen.model, CATALOGUE))
    assert len(texts) == 1


def test_a_text_with_more_than_it_needs_is_read() -> None:
    """Texts once held the job's parameters."""
    document = json.loads(write_text(model(Ridge(2.0)), CATALOGUE)) | {"parameters": {"alpha": 2.0}}
    assert read_text(json.dumps(document), CATALOGUE).estimator.alpha == 2.0


def test_the_text_tells_what_differs_from_the_default_and_the_versions() -> None:
    document = json.loads(write_text(model(KNeighborsRegressor(5, weights="distance")), CATALOGUE))
    assert document["estimator"] == {
        "class": "sklearn.neighbors.KNeighborsRegressor",
        "parameters": {"weights": "distance"},
    }
    assert set(document["versions"]) == {"python", "numpy", "scikit-learn"}


REQUIRED: dict[str, Callable[[type], Any]] = {
    "estimator": lambda _: LogisticRegression(C=2.0),
    "estimators": lambda _: [("a", KNeighborsClassifier(2)), ("b", "drop")],
    "transformers": lambda _: [("a", StandardScaler(), [0, 1])],
    "transformer_list": lambda _: [("a", StandardScaler())],
    "steps": lambda _: [("a", StandardScaler()), ("b", Ridge(0.5))],
}


def build(path: str) -> Any:
    """An instance of an allowed class with what its constructor insists on."""
    import inspect

    module, _, name = path.rpartition(".")
    kind = getattr(importlib.import_module(module), name)
    required = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
    return kind(**{p.name: REQUIRED[p.name](kind) for p in required})


@pytest.mark.parametrize("path", PATHS)
def test_every_allowed_class_exists_and_comes_back(path: str) -> None:
    estimator = build(path)
    assert isinstance(estimator, BaseEstimator)
    assert CATALOGUE.path_of(type(estimator)) == path
    again = through_text(estimator)
    assert type(again) is type(estimator)
    assert repr(again) == repr(estimator)


numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=20)
arrays = st.lists(st.floats(), max_size=5).map(np.array) | st.lists(st.integers(-9, 9), max_size=5).map(
    np.array
)
leaves = (
    scalars
    | st.just(np.float64)
    | st.builds(slice, st.none() | st.integers(0, 9), st.integers(0, 9))
    | arrays
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def test_numpy_scalars_become_numbers() -> None:
    assert (
        repr(through_text(SVR(tol=np.float64(0.25), cache_size=np.int32(100))))
        == "SVR(cache_size=100, tol=0.25)"
    )


@given(value=values)
def test_every_value_comes_back(value: Any) -> None:
    assert same(value, rebuild(json.loads(json.dumps(describe(value, CATALOGUE))), CATALOGUE))


@st.composite
def estimators(draw: st.DrawFn, depth: int = 2) -> Any:  # noqa: PLR0911 - one line for each kind
    """Transformers and pipelines of them, nested."""
    kinds = ["scaler", "minmax", "onehot", "knn", "forest", "svr"]
    if depth:
        kinds += ["pipeline", "union", "columns"]
    inner = estimators(depth=depth - 1) if depth else st.nothing()
    names = st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=3, unique=True)
    match draw(st.sampled_from(kinds)):
        case "scaler":
            return StandardScaler(with_mean=draw(st.booleans()), with_std=draw(st.booleans()))
        case "minmax":
            return MinMaxScaler((draw(st.integers(-9, 0)), draw(st.floats(1, 9))))
        case "onehot":
            return OneHotEncoder(categories=draw(st.just("auto") | st.just([["F", "M"], ["it's"]])))
        case "knn":
            return KNeighborsClassifier(
                draw(st.integers(1, 99)), metric=draw(st.sampled_from(["cosine", "l1"]))
            )
        case "forest":
            weights = st.none() | st.just("balanced") | st.dictionaries(st.integers(0, 3), st.floats(0, 9))
            return RandomForestClassifier(
                class_weight=draw(weights), random_state=draw(st.integers(0, 2**32 - 1))
            )
        case "svr":
            return SVR(C=draw(st.floats(1e-3, 1e3)), tol=draw(st.sampled_from([0.25, 1])))
        case "pipeline":
            return Pipeline([(name, draw(inner)) for name in draw(names)])
        case "union":
            return FeatureUnion([(name, draw(inner)) for name in draw(names)])
        case _:
            return ColumnTransformer(
                [(name, draw(inner), [0, draw(st.integers(1, 9))]) for name in draw(names)]
            )


@settings(max_examples=60, deadline=None)
@given(estimator=estimators())
def test_every_composition_comes_back(estimator: Any) -> None:
    again = through_text(estimator)
    assert describe(again, CATALOGUE) == describe(estimator, CATALOGUE)
    assert repr(again) == repr(estimator)


class Own(BaseEstimator):  # type: ignore[misc]
    """An author's estimator."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha


def test_an_authors_class_needs_the_programs_word() -> None:
    with pytest.raises(Failure, match="Own is not one that may be rebuilt"):
        write_text(model(Own(2.0)), CATALOGUE)
    trusted = Catalogue([Own])
    text = write_text(model(Own(2.0)), trusted)
    assert read_text(text, trusted).estimator.alpha == 2.0
    with pytest.raises(Failure, match="Own' is not one"):
        read_text(text, CATALOGUE)


def test_a_namesake_is_not_the_class() -> None:
    class Ridge(BaseEstimator):  # type: ignore[misc]
        pass

    with pytest.raises(Failure, match="may be rebuilt"):
        write_text(model(Ridge()), CATALOGUE)


@pytest.mark.parametrize(
    ("estimator", "told"),
    [
        (FunctionTransformer(print), "FunctionTransformer"),
        (SelectKBest(r_regression), "parameter score_func"),
        (KNeighborsClassifier(metric=lambda a, b: 0.0), "parameter metric"),
        (RandomForestClassifier(random_state=np.random.RandomState(1)), "parameter random_state"),
        (Pipeline([("a", Ridge())], memory="/tmp/cache"), "parameter memory"),
        (Ridge(alpha=2**70), "parameter alpha"),
        (Ridge(alpha=np.array([b"x"])), "parameter alpha"),
        (Pipeline([("a", Ridge)]), "parameter steps"),
    ],
)
def test_what_no_text_can_hold_is_refused_by_name(estimator: Any, told: str) -> None:
    with pytest.raises(Failure, match=f"^pipeline: .*{told}"):
        write_text(model(estimator), CATALOGUE)


def test_a_text_over_the_bound_is_not_written() -> None:
    with pytest.raises(Failure, match="pipeline: its text has"):
        write_text(model(Ridge(alpha=np.zeros(400_000))), CATALOGUE)


# --- attacks ------------------------------------------------------------------------------------

GOOD = write_text(model(NESTED), CATALOGUE)


def with_estimator(value: Any) -> str:
    return json.dumps({**json.loads(GOOD), "estimator": value})


def named(path: Any, **parameters: Any) -> str:
    return with_estimator({"class": path, "parameters": parameters})


def with_value(value: Any) -> str:
    return named("sklearn.linear_model.Ridge", alpha=value)


ATTACKS = {
    "code": "__import__('os').system('touch /tmp/evil')",
    "half": GOOD[: len(GOOD) // 2],
    "empty": "",
    "text": '"sklearn.svm.SVR"',
    "number": "1",
    "list": "[]",
    "pickle": "gASVKAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU",
    "yaml": "!!python/object/apply:os.system [id]",
    "other format": GOOD.replace("algoreg-pipeline/1", "algoreg-pipeline/2"),
    "nan": GOOD.replace("2.5", "NaN"),
    "infinity": GOOD.replace("2.5", "-Infinity"),
    "overflow": GOOD.replace("2.5", "1e999"),
    "huge integer": GOOD.replace("2.5", "9" * 100_000),
    "big integer": GOOD.replace("2.5", str(2**63)),
    "duplicate key": GOOD.replace('"seed":7', '"seed":7,"seed":8'),
    "duplicate deep": GOOD.replace('"weights":[', '"weights":[],"weights":['),
    "deep": "[" * 500_000,
    "deep objects": '{"a":' * 100_000,
    "just too deep": GOOD.replace("2.5", "[" * 41 + "]" * 41),
    "unclosed string": '"' * 3 + "[" * 50,
    "large": GOOD.replace("2.5", '"' + "x" * 2**20 + '"'),
    "large in bytes": GOOD.replace("2.5", '"' + "ü" * 600_000 + '"'),
    "os.system": named("os.system", command="id"),
    "builtins": named("builtins.eval", source="1"),
    "subprocess": named("subprocess.Popen", args=["id"]),
    "joblib": named("joblib.load", filename="x"),
    "numpy.load": named("numpy.load", file="x", allow_pickle=True),
    "private module": named("sklearn.neighbors._classification.KNeighborsClassifier"),
    "no module": named("KNeighborsClassifier"),
    "leading dot": named(".KNeighborsClassifier"),
    "through a class": named("sklearn.pipeline.Pipeline.__init__"),
    "dunder": named("sklearn.neighbors.__dict__"),
    "imported name": named("sklearn.pipeline.clone"),
    "wrong module": named("sklearn.svm.Ridge"),
    "not on the list": named("sklearn.preprocessing.FunctionTransformer"),
    "file reader": named("sklearn.feature_extraction.text.CountVectorizer", input="filename"),
    "search": named("sklearn.model_selection.GridSearchCV"),
    "fetcher": named("sklearn.datasets.fetch_openml"),
    "path of a wrong type": named(["sklearn.svm.SVR"]),
    "path null": named(None),
    "cache": named("sklearn.pipeline.Pipeline", steps=[], memory="/docker-volume"),
    "unknown parameter": named("sklearn.svm.SVR", nonsense=1),
    "nested parameter": named("sklearn.pipeline.Pipeline", steps=[], a__memory="x"),
    "dunder parameter": named("sklearn.svm.SVR", **{"__class__": "x"}),
    "self": named("sklearn.svm.SVR", self=1),
    "required parameter absent": named("sklearn.pipeline.Pipeline"),
    "parameters a list": with_estimator({"class": "sklearn.svm.SVR", "parameters": []}),
    "no parameters": with_estimator({"class": "sklearn.svm.SVR"}),
    "estimator a list": with_estimator([]),
    "estimator a tuple": with_estimator({"tuple": []}),
    "unknown object": with_value({"call": "print"}),
    "empty object": with_value({}),
    "function": with_value({"function": "os.system"}),
    "array of objects": with_value({"array": [1], "dtype": "object"}),
    "array of structures": with_value({"array": [1], "dtype": "V8,O"}),
    "dtype of a wrong type": with_value({"array": [1], "dtype": ["float64"]}),
    "ragged array": with_value({"array": [[1], [1, 2]], "dtype": "float64"}),
    "array of text": with_value({"array": ["x"], "dtype": "int64"}),
    "array of estimators": with_value(
        {"array": [{"class": "sklearn.svm.SVR", "parameters": {}}], "dtype": "bool"}
    ),
    "dtype": with_value({"dtype": "object"}),
    "dtype attribute": with_value({"dtype": "load"}),
    "dtype list": with_value({"dtype": []}),
    "float": with_value({"float": "1e999"}),
    "float list": with_value({"float": []}),
    "tuple": with_value({"tuple": 3}),
    "dict": with_value({"dict": [[1, 2, 3]]}),
    "dict of a text": with_value({"dict": "ab"}),
    "unhashable key": with_value({"dict": [[[], 1]]}),
    "slice": with_value({"slice": [1]}),
    "slice of lists": with_value({"slice": [[], [], []]}),
    "no columns": json.dumps({**json.loads(GOOD), "covariables": []}),
    "columns of a wrong type": json.dumps(
        {**json.loads(GOOD), "covariables": [{"name": 1, "type": "real", "codes": []}]}
    ),
    "unknown column type": GOOD.replace('"real"', '"text"'),
    "duplicate codes": GOOD.replace('["F","M"]', '["F","F"]'),
    "other task": GOOD.replace('"classification"', '"regression"'),
    "no codes": json.dumps(
        {**json.loads(GOOD), "variable": {"name": "dx", "type": "binominal", "codes": []}}
    ),
    "seed": GOOD.replace('"seed":7', '"seed":-1'),
    "seed text": GOOD.replace('"seed":7', '"seed":"7"'),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in ATTACKS.items()])
def test_attacks_are_refused_by_the_word_pipeline(text: str) -> None:
    assert text != GOOD
    with pytest.raises(Failure, match=r"^pipeline"):
        read_text(text, CATALOGUE)


def test_a_refused_class_is_named_and_its_module_not_imported() -> None:
    import sys

    with pytest.raises(Failure, match="antigravity"):
        read_text(named("antigravity.Fly"), CATALOGUE)
    assert "antigravity" not in sys.modules


def refusal(read: Callable[[], Any]) -> str:
    """What a refusal says; ``pipeline`` where nothing is refused. Any other exception is the test's failure."""
    try:
        read()
    except Failure as failure:
        return str(failure)
    return "pipeline"


junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class", "parameters", "tuple", "dict", "array", "dtype", "x"]), inner
        )
    ),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None)
@given(value=junk)
def test_any_json_is_rebuilt_or_refused(value: Any) -> None:
    assert refusal(lambda: rebuild(value, CATALOGUE)).startswith("pipeline")


@settings(max_examples=200, deadline=None)
@given(start=st.integers(0, len(GOOD)), length=st.integers(0, 30), other=st.text(max_size=5))
def test_a_damaged_text_is_rebuilt_or_refused(start: int, length: int, other: str) -> None:
    damaged = GOOD[:start] + other + GOOD[start + length :]
    assert refusal(lambda: read_text(damaged, CATALOGUE)).startswith("pipeline")


def test_no_allowed_class_takes_a_path_or_a_cache_unnoticed() -> None:
    """A new scikit-learn may bring constructor parameters that read files: they must be looked at first."""
    import inspect

    suspicious = ("memory", "path", "file", "cache_dir", "directory", "url")
    for path in PATHS:
        for name in inspect.signature(CATALOGUE.resolve(path)).parameters:
            harmless = name in REFUSED_PARAMETERS or name == "fit_path"  # the coefficients' path
            assert harmless or not any(word in name for word in suspicious), f"{path}({name})"


def test_reading_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_text(GOOD, CATALOGUE)
