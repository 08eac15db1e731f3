"""What a pipeline text may name of TPOT, xgboost and lightgbm, and what it may set: the tables, nothing imported.

Only listed parameters can be set. Left out: what takes a path or a function (``memory``, ``callbacks``, custom
objectives and metrics), asks for devices or threads, and lightgbm's free extras, which reach it in one string of
``name=value`` pairs. For the same reason each text that lightgbm or xgboost sees is one of a few words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from algoreg.runtime.bounds import (
    ANYTHING,
    COUNT,
    ESTIMATOR,
    FOLDS,
    GRAPH,
    NUMBER,
    PREDICTION_METHOD,
    Rule,
    one_of,
)

CLASSES: Final[Mapping[str, str]] = {
    "lightgbm": "LGBMClassifier LGBMRegressor",
    "tpot.builtin_modules": (
        "AddTransformer ArithmeticTransformer ColumnOneHotEncoder ColumnOrdinalEncoder ColumnSimpleImputer "
        "EQTransformer EstimatorTransformer FeatureSetSelector GETransformer GTTransformer LETransformer "
        "LTTransformer MaxTransformer MinTransformer MulTransformer NETransformer NTransformer OneTransformer "
        "PassKBinsDiscretizer Passthrough SafeReciprocalTransformer SkipTransformer ZeroCount ZeroTransformer "
        "mul_neg_1_Transformer"
    ),
    "tpot.builtin_modules.feature_encoding_frequency_selector": "FeatureEncodingFrequencySelector",
    "tpot.builtin_modules.genetic_encoders": (
        "DominantEncoder HeterosisEncoder OverDominanceEncoder RecessiveEncoder UnderDominanceEncoder"
    ),
    "tpot.graphsklearn": "GraphPipeline",
    "xgboost": "XGBClassifier XGBRegressor",
}
"""Module -> its classes, imported through ``library.load`` when a text names one."""


def _all(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


_FLAG: Final = one_of(False, True)
_WEIGHTS: Final = Rule(
    expected="null, balanced or a dict",
    allows=lambda value: value in (None, "balanced") or (isinstance(value, dict) and "dict" in value),
)

_BOOSTED: Final[Mapping[str, Rule]] = _all(
    "colsample_bytree learning_rate max_depth min_child_weight n_estimators n_jobs random_state reg_alpha "
    "reg_lambda subsample",
    NUMBER,
)
"""Parameters of lightgbm and xgboost alike."""

_LIGHTGBM: Final[Mapping[str, Rule]] = {
    **_BOOSTED,
    **_all("min_child_samples min_split_gain num_leaves subsample_for_bin subsample_freq verbose", NUMBER),
    "boosting_type": one_of("gbdt", "dart", "goss", "rf"),
    "class_weight": _WEIGHTS,
    "importance_type": one_of("split", "gain"),
}

_XGBOOST: Final[Mapping[str, Rule]] = {
    **_BOOSTED,
    **_all(
        "base_score colsample_bylevel colsample_bynode gamma max_bin max_delta_step max_leaves missing nthread "
        "num_parallel_tree scale_pos_weight verbosity",
        NUMBER,
    ),
    "booster": one_of(None, "gbtree", "dart", "gblinear"),
    "grow_policy": one_of(None, "depthwise", "lossguide"),
    "importance_type": one_of(None, "gain", "weight", "cover", "total_gain", "total_cover"),
    "tree_method": one_of(None, "auto", "exact", "approx", "hist"),
}

_ENCODER: Final[Mapping[str, Rule]] = _all("columns handle_unknown max_categories min_frequency", ANYTHING)

_TPOT: Final[Mapping[str, Mapping[str, Rule]]] = {
    "ArithmeticTransformer": {
        "function": one_of(
            "add",
            "mul_neg_1",
            "mul",
            "safe_reciprocal",
            "eq",
            "ne",
            "ge",
            "gt",
            "le",
            "lt",
            "min",
            "max",
            "0",
            "1",
        )
    },
    "ColumnOneHotEncoder": {**_ENCODER, "drop": ANYTHING, "sparse_output": _FLAG},
    "ColumnOrdinalEncoder": {**_ENCODER, "unknown_value": NUMBER, "encoded_missing_value": NUMBER},
    "ColumnSimpleImputer": {
        **_all("columns fill_value missing_values", ANYTHING),
        **_all("add_indicator copy keep_empty_features", _FLAG),
        "strategy": one_of("mean", "median", "most_frequent", "constant"),
    },
    "EstimatorTransformer": {
        "cross_val_predict_cv": FOLDS,
        "estimator": ESTIMATOR,
        "method": PREDICTION_METHOD,
        "passthrough": _FLAG,
    },
    "FeatureSetSelector": {"name": ANYTHING, "sel_subset": ANYTHING},
    "NTransformer": {"n": NUMBER},
    "PassKBinsDiscretizer": {
        "encode": one_of("onehot", "onehot-dense", "ordinal"),
        "n_bins": COUNT,
        "random_state": NUMBER,
        "strategy": one_of("uniform", "quantile", "kmeans"),
        "subsample": NUMBER,
    },
}

PARAMETERS: Final[Mapping[str, Mapping[str, Rule]]] = {
    "lightgbm.LGBMClassifier": _LIGHTGBM,
    "lightgbm.LGBMRegressor": _LIGHTGBM,
    **{f"tpot.builtin_modules.{name}": rules for name, rules in _TPOT.items()},
    "tpot.builtin_modules.feature_encoding_frequency_selector.FeatureEncodingFrequencySelector": {
        "threshold": NUMBER
    },
    "tpot.graphsklearn.GraphPipeline": {
        "cross_val_predict_cv": FOLDS,
        "graph": GRAPH,
        "method": PREDICTION_METHOD,
        "use_label_encoder": _FLAG,
    },
    "xgboost.XGBClassifier": _XGBOOST,
    "xgboost.XGBRegressor": _XGBOOST,
}
"""Class -> what a text may set, and to what; a class that is not listed takes no parameter."""
