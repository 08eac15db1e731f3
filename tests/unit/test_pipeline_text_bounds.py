"""What a parameter may hold, whoever wrote the text: threads, sizes, words, functions, splitters, other libraries."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.feature_selection import (
    RFE,
    SelectFromModel,
    SelectKBest,
    chi2,
    f_classif,
    f_regression,
    mutual_info_classif,
    mutual_info_regression,
)
from sklearn.linear_model import ElasticNetCV, LogisticRegression, Ridge
from sklearn.model_selection import (
    KFold,
    LeaveOneOut,
    LeavePOut,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from algoreg import contract
from algoreg.runtime import Column, Failure
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.arrays import MAX_CHARACTERS
from algoreg.runtime.bounds import MAX_COUNT, MAX_DEGREE, MAX_ITERATIONS, NUMBER, one_of, up_to
from algoreg.runtime.constructors import constructor, is_default
from algoreg.runtime.description import MAX_DEPTH, describe, rebuild
from algoreg.runtime.text import MAX_VALUES, Model, read_text, write_text

CATALOGUE = Catalogue()
FOREST = "sklearn.ensemble.RandomForestClassifier"


def rebuilt(path: str, catalogue: Catalogue = CATALOGUE, /, **parameters: Any) -> Any:
    return rebuild({"class": path, "parameters": parameters}, catalogue)


def text_of(estimator: Any) -> str:
    return write_text(
        Model(
            task="regression",
            variable=Column(name="score", type="real"),
            covariables=(Column(name="age", type="real"),),
            seed=7,
            estimator=estimator,
        ),
        CATALOGUE,
    )


def with_estimator(value: Any) -> str:
    return json.dumps({**json.loads(text_of(Ridge())), "estimator": value})


# --- rules ----------------------------------------------------------------------------------------

REFUSED = [
    (FOREST, "n_jobs", -1, "one of null, 1"),
    (FOREST, "n_jobs", 2, "one of null, 1"),
    (FOREST, "n_jobs", True, "one of null, 1"),
    (FOREST, "n_estimators", MAX_COUNT + 1, f"no number over {MAX_COUNT}"),
    (FOREST, "n_estimators", -(10**9), f"no number over {MAX_COUNT}"),
    (FOREST, "n_estimators", {"float": "inf"}, f"no number over {MAX_COUNT}"),
    (FOREST, "max_leaf_nodes", 10**12, f"no number over {MAX_COUNT}"),
    ("sklearn.neural_network.MLPClassifier", "hidden_layer_sizes", {"tuple": [5, 10**6]}, "no number over"),
    ("sklearn.linear_model.LogisticRegression", "max_iter", MAX_ITERATIONS + 1, "no number over"),
    ("sklearn.linear_model.LogisticRegressionCV", "Cs", 10**9, "a list, or no number over"),
    ("sklearn.preprocessing.PolynomialFeatures", "degree", MAX_DEGREE + 1, "no number over"),
    ("sklearn.preprocessing.PolynomialFeatures", "degree", {"tuple": [1, 99]}, "no number over"),
    ("sklearn.feature_selection.RFE", "importance_getter", "named_steps.x.__class__", "auto"),
    ("sklearn.feature_selection.SelectFromModel", "importance_getter", "coef_", "auto"),
    ("sklearn.feature_selection.SelectFromModel", "prefit", True, "false"),
    ("sklearn.calibration.CalibratedClassifierCV", "cv", "prefit", "a splitter"),
    ("sklearn.calibration.CalibratedClassifierCV", "cv", 10**6, "a number of folds"),
    ("sklearn.calibration.CalibratedClassifierCV", "method", "__class__", "one of auto"),
    ("sklearn.ensemble.StackingClassifier", "stack_method", "__init__", "one of auto"),
    ("sklearn.model_selection.KFold", "n_splits", 10**6, "no number over"),
]


@pytest.mark.parametrize(("path", "name", "value", "expected"), REFUSED)
def test_a_parameter_out_of_bounds_is_refused_by_name(
    path: str, name: str, value: Any, expected: str
) -> None:
    with pytest.raises(Failure) as caught:
        rebuilt(path, **{name: value})
    message = str(caught.value)
    assert message.startswith(f"pipeline: parameter {name} of {path}: expected ")
    assert expected in message
    assert ", got " in message


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (FOREST, "n_jobs", 1),
        (FOREST, "n_estimators", MAX_COUNT),
        ("sklearn.decomposition.PCA", "n_components", "mle"),
        ("sklearn.svm.SVR", "max_iter", -1),
        ("sklearn.linear_model.LassoCV", "alphas", [10**6, 1.5]),
        ("sklearn.calibration.CalibratedClassifierCV", "method", "isotonic"),
        ("sklearn.preprocessing.PowerTransformer", "method", "box-cox"),
        ("sklearn.preprocessing.PolynomialFeatures", "degree", MAX_DEGREE),
    ],
)
def test_what_is_within_them_is_rebuilt(path: str, name: str, value: Any) -> None:
    assert rebuilt(path, **{name: value}).get_params()[name] == value


@pytest.mark.parametrize(
    ("estimator", "told"),
    [
        (RandomForestClassifier(n_jobs=-1), "parameter n_jobs"),
        (RandomForestClassifier(n_estimators=10**6), "parameter n_estimators"),
        (RFE(Ridge(), importance_getter="coef_"), "parameter importance_getter"),
        (SelectFromModel(Ridge(), prefit=True), "parameter prefit"),
        (StackingClassifier([("a", LogisticRegression())], cv="prefit"), "parameter cv"),
    ],
)
def test_what_no_text_may_say_is_not_written_either(estimator: Any, told: str) -> None:
    with pytest.raises(Failure, match=f"^pipeline: {told}"):
        describe(estimator, CATALOGUE)


def test_one_thread_is_written_as_it_is() -> None:
    told = describe(RandomForestClassifier(n_jobs=1), CATALOGUE)
    assert told["parameters"] == {"n_jobs": 1}


def test_what_came_is_shown_short_and_escaped() -> None:
    with pytest.raises(Failure) as caught:
        rebuilt("sklearn.feature_selection.RFE", importance_getter="\x1b[2J" + "ü" * 10_000)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_names_with_two_underscores_are_refused_even_where_the_class_takes_any() -> None:
    class Open(Ridge):  # type: ignore[misc]
        def __init__(self, a__b: int = 1) -> None:
            self.a__b = a__b

    with pytest.raises(Failure, match="parameter a__b of"):
        describe(Open(2), Catalogue([Open]))


def test_rules_tell_true_from_one_and_look_into_lists() -> None:
    assert one_of(None, 1).allows(1)
    assert not one_of(None, 1).allows(True)
    assert not one_of(False).allows(0)
    assert up_to(9).allows([9, {"tuple": [1, "auto", None]}])
    assert not up_to(9).allows([{"tuple": [[10]]}])
    assert NUMBER.allows({"float": "nan"})
    assert not NUMBER.allows("1 machines=evil")


# --- functions and splitters ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "function", [chi2, f_classif, f_regression, mutual_info_classif, mutual_info_regression]
)
def test_scores_of_the_table_come_back(function: Callable[..., Any]) -> None:
    told = describe(SelectKBest(function), CATALOGUE)
    assert rebuild(json.loads(json.dumps(told)), CATALOGUE).score_func is function


@pytest.mark.parametrize("function", [np.mean, np.median, np.max, np.min])
def test_poolings_of_the_table_come_back(function: Callable[..., Any]) -> None:
    path = "sklearn.cluster.FeatureAgglomeration"
    told = describe(CATALOGUE.resolve(path)(pooling_func=function), CATALOGUE)
    assert rebuild(told, CATALOGUE).pooling_func is function


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("sklearn.feature_selection.SelectKBest", {"score_func": {"function": "os.system"}}),
        ("sklearn.feature_selection.SelectKBest", {"score_func": {"function": "numpy.load"}}),
        ("sklearn.feature_selection.SelectKBest", {"score_func": {"function": "numpy.mean"}}),
        ("sklearn.feature_selection.SelectKBest", {"score_func": {"function": ["numpy.mean"]}}),
        ("sklearn.feature_selection.SelectKBest", {"score_func": {"function": None}}),
        ("sklearn.feature_selection.SelectKBest", {"score_func": {"class": "numpy.mean", "parameters": {}}}),
        ("sklearn.feature_selection.SelectKBest", {"score_func": [{"function": "numpy.mean"}]}),
        ("sklearn.neighbors.KNeighborsRegressor", {"metric": {"function": "numpy.mean"}}),
        ("sklearn.linear_model.RANSACRegressor", {"is_data_valid": {"function": "numpy.mean"}}),
    ],
)
def test_other_functions_and_other_places_are_refused(path: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(Failure, match=r"^pipeline: "):
        rebuilt(path, **parameters)


@pytest.mark.parametrize(
    "splitter",
    [
        KFold(4, shuffle=True, random_state=3),
        StratifiedKFold(6),
        ShuffleSplit(7, test_size=0.25),
        StratifiedShuffleSplit(3, train_size=10, random_state=1),
        TimeSeriesSplit(3, gap=2),
        LeaveOneOut(),
    ],
    ids=lambda splitter: type(splitter).__name__,
)
def test_splitters_come_back(splitter: Any) -> None:
    told = json.loads(json.dumps(describe(ElasticNetCV(cv=splitter), CATALOGUE)))
    again = rebuild(told, CATALOGUE).cv
    assert type(again) is type(splitter)
    assert vars(again) == vars(splitter)


@pytest.mark.parametrize("splitter", [LeavePOut(5), RepeatedKFold(n_repeats=9), object(), KFold])
def test_other_splitters_are_refused(splitter: Any) -> None:
    with pytest.raises(Failure, match=r"^pipeline: .*(cannot be written as text|may be rebuilt)"):
        describe(ElasticNetCV(cv=splitter), CATALOGUE)


def test_a_splitter_is_no_model() -> None:
    text = with_estimator({"class": "sklearn.model_selection.KFold", "parameters": {}})
    with pytest.raises(Failure, match="pipeline: its estimator is a KFold"):
        read_text(text, CATALOGUE)


def test_what_a_constructor_refuses_is_a_failure_without_raw_text() -> None:
    with pytest.raises(
        Failure, match=r"^pipeline: sklearn.model_selection.KFold cannot be built: '"
    ) as caught:
        rebuilt("sklearn.model_selection.KFold", shuffle="\x1b[2J")
    assert str(caught.value).isprintable()


# --- size, depth, speed ---------------------------------------------------------------------------


def hold_itself() -> Any:
    endless: list[Any] = []
    endless.append(endless)
    return endless


def nested(depth: int) -> Any:
    value: Any = Ridge()
    for _ in range(depth):
        value = Pipeline([("a", value)])
    return value


@pytest.mark.parametrize("estimator", [Ridge(alpha=hold_itself()), nested(100)], ids=["cycle", "deep"])
def test_what_is_endless_is_not_written(estimator: Any) -> None:
    with pytest.raises(Failure, match=f"^pipeline: .*nested deeper than {MAX_DEPTH} levels"):
        describe(estimator, CATALOGUE)


def test_a_pipeline_that_holds_itself_is_not_written() -> None:
    pipeline = Pipeline([("a", StandardScaler())])
    pipeline.steps.append(("b", pipeline))
    with pytest.raises(Failure, match="nested deeper"):
        describe(pipeline, CATALOGUE)


HOSTILE = {
    "10 MB": "[" + "1," * 5_000_000 + "1]",
    "10 MB of one string": '"' + "x" * 10_000_000 + '"',
    "depth 10,000": "[" * 10_000 + "]" * 10_000,
    "depth 10,000 of objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "a string without an end": '"' + '\\"' * 500_000,
    "a string that ends in a backslash": '["\\"' * 200_000 + "\\",
    "too many values": with_estimator(
        {"class": "sklearn.linear_model.Ridge", "parameters": {"alpha": [0] * MAX_VALUES}}
    ),
    "an array of texts of 100 GB": with_estimator(
        {
            "class": "sklearn.linear_model.Ridge",
            "parameters": {"alpha": {"array": ["x" * 500_000, *[""] * 50_000], "dtype": "str"}},
        }
    ),
    "a graph where none is expected": with_estimator(
        {"class": "sklearn.linear_model.Ridge", "parameters": {"alpha": {"graph": [], "edges": []}}}
    ),
    "a word beside what an object is": with_estimator(
        {"class": "sklearn.linear_model.Ridge", "parameters": {}, "state": {"coef_": 1}}
    ),
    "a key twice in a dict": with_estimator(
        {"class": "sklearn.linear_model.Ridge", "parameters": {"alpha": {"dict": [["a", 1], ["a", 2]]}}}
    ),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    began = time.process_time()
    with pytest.raises(Failure, match=r"^pipeline"):
        read_text(text, CATALOGUE)
    assert time.process_time() - began < 2


def test_texts_at_the_bounds_are_read() -> None:
    values = np.zeros(MAX_VALUES - 100)
    assert len(read_text(text_of(Ridge(alpha=values)), CATALOGUE).estimator.alpha) == len(values)
    words = np.array(["x" * (MAX_CHARACTERS // 4096), *["y"] * 4095])
    assert (read_text(text_of(Ridge(alpha=words)), CATALOGUE).estimator.alpha == words).all()
    assert MAX_VALUES * 10 < contract.PIPELINE_MAX_BYTES


# --- constructors ---------------------------------------------------------------------------------


class Base:
    def __init__(self, alpha: int = 1, beta: int = 2, **others: Any) -> None: ...


class Middle(Base):
    pass


class Handing(Middle):
    def __init__(self, gamma: int = 3, *, alpha: int = 9, **others: Any) -> None: ...


class Closed(Base):
    def __init__(self, delta: int) -> None: ...


def test_parameters_are_found_through_constructors_that_hand_them_on() -> None:
    assert constructor(Handing) == {"gamma": 3, "alpha": 9, "beta": 2}
    assert list(constructor(Closed)) == ["delta"]


def test_numpys_words_and_numbers_are_the_defaults_they_equal() -> None:
    assert is_default(np.str_("gini"), "gini")
    assert is_default(np.float64("nan"), np.nan)
    assert not is_default(np.bool_(True), 1)
    assert not is_default(np.str_("gini"), "entropy")


# --- other libraries' classes ---------------------------------------------------------------------


class Foreign(Ridge):  # type: ignore[misc]
    def __init__(self, alpha: float = 1.0, path: str = "") -> None:
        super().__init__(alpha=alpha)
        self.path = path


Foreign.__module__ = "elsewhere.inner"
PROGRAM = SimpleNamespace(
    CLASSES={"elsewhere": "Foreign Missing", "broken": "Thing"},
    PARAMETERS={"elsewhere.Foreign": {"alpha": NUMBER}},
)


def load(module: str) -> ModuleType:
    if module == "broken":
        raise OSError("libgomp.so.1: cannot open shared object file")
    found: Any = ModuleType(module)
    found.Foreign = Foreign
    return found


PROGRAM.load = load
OFFERED = Catalogue.of(PROGRAM)


def test_a_program_offers_other_libraries_classes() -> None:
    told = describe(Foreign(2.0), OFFERED)
    assert told == {"class": "elsewhere.Foreign", "parameters": {"alpha": 2.0}}
    assert type(rebuild(told, OFFERED)) is Foreign
    with pytest.raises(Failure, match=r"^pipeline: class .*Foreign.* may be rebuilt"):
        describe(Foreign(2.0), CATALOGUE)
    with pytest.raises(Failure, match=r"class 'elsewhere.Foreign' is not one"):
        rebuild(told, Catalogue.of(SimpleNamespace()))


@pytest.mark.parametrize(
    ("path", "parameters", "told"),
    [
        ("elsewhere.Foreign", {"path": "/etc/passwd"}, "parameter path of elsewhere.Foreign may not be set"),
        ("elsewhere.Foreign", {"alpha": "x"}, "parameter alpha of elsewhere.Foreign: expected a number"),
        ("elsewhere.Missing", {}, "this elsewhere has no class elsewhere.Missing"),
        ("broken.Thing", {}, "class broken.Thing needs broken, which cannot be imported: libgomp"),
        ("elsewhere.inner.Foreign", {}, "is not one that may be rebuilt"),
    ],
)
def test_of_them_only_what_is_listed(path: str, parameters: dict[str, Any], told: str) -> None:
    with pytest.raises(Failure, match=f"^pipeline: .*{told}"):
        rebuilt(path, OFFERED, **parameters)


def test_a_parameter_that_is_not_listed_is_not_written() -> None:
    with pytest.raises(Failure, match=r"^pipeline: parameter path of elsewhere.Foreign may not be set"):
        describe(Foreign(path="x"), OFFERED)


def test_a_program_takes_no_class_of_scikit_learn_over() -> None:
    taken = Catalogue(classes={"sklearn.linear_model": "Ridge"}, load=load)
    assert not taken.is_foreign("sklearn.linear_model.Ridge")
