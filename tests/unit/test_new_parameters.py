"""What the metadata could offer of scikit-learn's parameters, read from its own constraints."""

from __future__ import annotations

import pytest

from algoreg.errors import UsageError
from algoreg.model import ParameterType
from algoreg.scaffolding.python import estimators
from algoreg.scaffolding.python.expressions import Call, Conversion, Reading
from algoreg.scaffolding.python.offers import LeftOut, Offer, offers

INTEGER, NUMBER = ParameterType.INTEGER, ParameterType.NUMBER
WORD, FLAG = ParameterType.ENUMERATION, ParameterType.BOOLEAN


def found(estimator: str) -> dict[str, Offer | LeftOut]:
    return {one.code: one for one in offers(estimators.find(estimator))}


@pytest.mark.parametrize(
    ("path", "kind", "default", "ends"),
    [
        ("RandomForestClassifier.n_estimators", INTEGER, 100, (1, 10_000)),  # what a text may hold
        ("RandomForestClassifier.min_samples_split", INTEGER, 2, (2, 1000)),
        ("HistGradientBoostingClassifier.max_bins", INTEGER, 255, (2, 255)),  # a closed end
        ("LabelSpreading.n_neighbors", INTEGER, 7, (1, 10_000)),  # an open end of whole numbers
        ("SVC.degree", INTEGER, 3, (0, 10)),
        ("MLPClassifier.hidden_layer_sizes", INTEGER, 100, (1, 10_000)),  # one layer
        ("LinearSVC.max_iter", INTEGER, 1000, (0, 100_000)),
        ("RandomForestClassifier.max_depth", INTEGER, 0, (0, 10_000)),  # None
        ("RandomForestRegressor.max_samples", INTEGER, 0, (0, 1000)),  # None, whole numbers or parts
        ("Ridge.alpha", NUMBER, 1.0, (0.0, 1000.0)),
        ("SVC.C", NUMBER, 1.0, (0.001, 1000.0)),  # open at 0
        ("NuSVC.nu", NUMBER, 0.5, (0.001, 1.0)),
        ("AdaBoostClassifier.learning_rate", NUMBER, 1.0, (0.001, 2.0)),
        ("MLPRegressor.beta_2", NUMBER, 0.999, (0.5, 0.999)),
        ("ElasticNet.l1_ratio", NUMBER, 0.5, (0.0, 1.0)),
        ("QuantileRegressor.quantile", NUMBER, 0.5, (0.001, 0.999)),
        ("KernelRidge.alpha", NUMBER, 1.0, (0.0, 1000.0)),  # a default without a fraction
    ],
)
def test_a_range_is_what_scikit_learn_accepts(
    path: str, kind: ParameterType, default: float, ends: tuple[float, float]
) -> None:
    estimator, code = path.split(".")
    offer = found(estimator)[code]
    assert isinstance(offer, Offer)
    assert (offer.type, offer.default) == (kind, default)
    assert type(offer.default) is (int if kind is INTEGER else float)
    assert (offer.lows[0], offer.highs[0]) == ends
    assert offer.lows[-1] == offer.highs[-1] == default  # which works where nothing else does
    assert list(offer.lows) == sorted(offer.lows)
    assert list(offer.highs) == sorted(offer.highs, reverse=True)


@pytest.mark.parametrize(
    ("estimator", "code", "default", "values"),
    [
        ("RandomForestClassifier", "criterion", "gini", {"entropy", "gini", "log_loss"}),
        ("RandomForestClassifier", "class_weight", "none", {"balanced", "balanced_subsample", "none"}),
        ("RandomForestRegressor", "max_features", None, None),  # 1.0: a number is no word
        ("DecisionTreeClassifier", "max_features", "none", {"log2", "none", "sqrt"}),
        ("LinearDiscriminantAnalysis", "shrinkage", "none", {"auto", "none"}),
        ("SVC", "gamma", "scale", {"auto", "scale"}),
    ],
)
def test_words_are_an_enumeration(
    estimator: str, code: str, default: str | None, values: set[str] | None
) -> None:
    offer = found(estimator)[code]
    assert isinstance(offer, Offer)
    assert (offer.type is WORD) == (values is not None)
    if values is not None:
        assert (offer.default, set(offer.values)) == (default, values)


def test_a_flag_is_a_boolean() -> None:
    offer = found("ElasticNet")["positive"]
    assert isinstance(offer, Offer)
    assert (offer.type, offer.default, offer.conversion) == (FLAG, False, Conversion.FLAG)


@pytest.mark.parametrize(
    ("estimator", "code", "reason"),
    [
        ("RandomForestClassifier", "n_jobs", "processors"),
        ("RandomForestClassifier", "random_state", "seed"),
        ("RandomForestClassifier", "monotonic_cst", "array"),
        ("RandomForestClassifier", "max_leaf_nodes", "free to stand for"),  # None, and numbers from 2
        ("Ridge", "fit_intercept", "forced through the origin"),
        ("AdaBoostClassifier", "estimator", "an estimator"),
        ("GaussianProcessRegressor", "kernel", "kernel"),
        ("LassoCV", "cv", "split"),
        ("LogisticRegression", "penalty", "drop"),
        ("Ridge", "copy_X", "not what comes out"),
        ("RANSACRegressor", "max_skips", "the metadata cannot express"),  # endless
    ],
)
def test_what_is_not_offered_has_a_reason(estimator: str, code: str, reason: str) -> None:
    left_out = found(estimator)[code]
    assert isinstance(left_out, LeftOut)
    assert reason in left_out.reason


def test_no_estimator_of_scikit_learn_is_too_odd_to_be_read() -> None:
    everything = estimators.everything()
    assert len(everything) > 90
    for estimator in everything:
        read = list(offers(estimator))
        assert len({one.code for one in read}) == len(read)
        assert estimator.summary.endswith((".", "..."))
        assert estimators.find(estimator.path) == estimator


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("sklearn.ensemble.RandomForestClasifier", "no classifier or regressor", "RandomForestClassifier"),
        ("randomforestclassifier", "no classifier or regressor", "ensemble.RandomForestClassifier"),
        ("sklearn.svm.Ridge", "there is no", "sklearn.linear_model.Ridge"),
        ("os.Ridge", "there is no", "sklearn.linear_model.Ridge"),
        ("PCA", "neither a classifier nor a regressor", "front of it"),
        ("", "no classifier or regressor", "Name one such as"),
        ("\x1b[31m.ä.", "is not one of scikit-learn's", "ESTIMATORS"),
        ("xgboost.XGBClassifier", "is not one of scikit-learn's", "requirements.txt"),
    ],
)
def test_a_wrong_estimator_is_told_with_what_was_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        estimators.find(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The number of trees. More are slower.", "The number of trees."),
        ("The :class:`~a.b.Tree` of ``x``, *or* none", "The a.b.Tree of x, or none."),
        ("How it is done:\n\n- 'a': so.\n- 'b': so.", "How it is done."),
        ("Old.\n\n.. versionchanged:: 1.2", "Old."),
        ("", ""),
    ],
)
def test_a_sentence_of_the_documentation_is_plain_text(text: str, expected: str) -> None:
    assert estimators.sentence(text) == expected


@pytest.mark.parametrize(
    ("conversion", "value", "expected"),
    [
        (Conversion.WHOLE, 3, 3),
        (Conversion.WHOLE_OR_NONE, 0, None),
        (Conversion.WHOLE_OR_NONE, 4, 4),
        (Conversion.AT_MOST_ROWS, 100, 10),
        (Conversion.NUMBER, 1, 1.0),
        (Conversion.NUMBER_OR_NONE, 0.0, None),
        (Conversion.FLAG, False, False),
        (Conversion.WORD, "none", "none"),
        (Conversion.WORD_OR_NONE, "none", None),
        (Conversion.WORD_OR_NONE, "sqrt", "sqrt"),
    ],
)
def test_the_text_of_a_conversion_does_what_the_trial_did(
    conversion: Conversion, value: int | float | str | bool, expected: object
) -> None:
    class Job:
        n_train = 10

    text = Reading(code="a", conversion=conversion).text()
    for got in (conversion.apply(value, 10), eval(text, {"asked": {"a": value}, "job": Job})):  # noqa: S307
        assert got == expected
        assert type(got) is type(expected)


def test_a_call_as_text_builds_what_it_builds() -> None:
    inner = Call(module="sklearn.linear_model", name="Ridge", arguments={"alpha": 2.5})
    tree = Call(module="sklearn.tree", name="DecisionTreeRegressor", arguments={"max_depth": 3})
    call = Call(
        module="sklearn.ensemble",
        name="StackingRegressor",
        arguments={
            "estimators": [("linear", inner), ("tree", tree)],
            "final_estimator": inner,
            "passthrough": Reading(code="passthrough", conversion=Conversion.FLAG),
        },
    )
    names = {one.name: one.kind() for one in call.calls()}
    made = eval(call.text(), {**names, "asked": {"passthrough": True}})  # noqa: S307
    assert repr(made) == repr(call.build({"passthrough": True}, 5))
    assert made.passthrough is True
