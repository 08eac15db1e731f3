"""A ``Predictor`` as the text of a PFA document: input record, features, the model's cells and action."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from algoreg.runtime import strict
from algoreg.runtime.declaration import Declaration
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column
from algoreg.runtime.pfa.linear import linear
from algoreg.runtime.pfa.neighbours import neighbours
from algoreg.runtime.pfa.predictor import Continuous, Feature, Linear, Predictor

DOUBLES: Final = {"type": "array", "items": "double"}
STRINGS: Final = {"type": "array", "items": "string"}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

ONE_HOT: Final = {
    "params": [{"value": "string"}, {"codes": STRINGS}],
    "ret": DOUBLES,
    "do": {
        "a.map": [
            "codes",
            {
                "params": [{"code": "string"}],
                "ret": "double",
                "do": {"if": {"==": ["code", "value"]}, "then": 1.0, "else": 0.0},
            },
        ]
    },
}
"""PFA functions do not see the caller's symbols, only those around them."""


def check_names(covariables: Sequence[Column]) -> None:
    """Raise Failure for a covariable that no record can have as a field (Avro's names), or that comes twice."""
    names = [column.name for column in covariables]
    for name in names:
        if not _NAME.fullmatch(name):
            raise Failure(
                f"covariable {name}: a PFA document has one field for each covariable, and a field's name "
                "is letters without accents, digits and _ only"
            )
        if names.count(name) > 1:
            raise Failure(f"covariable {name} is given twice")


def document(predictor: Predictor, *, covariables: Sequence[Column], declaration: Declaration) -> str:
    """The document's text. Raises Failure: names that cannot be fields, numbers that are not finite."""
    check_names(covariables)
    by_name = {feature.name: feature for feature in predictor.features}
    model = predictor.model
    cells, fcns, action = linear(model) if isinstance(model, Linear) else neighbours(model)
    content = {
        "name": "linear_model" if isinstance(model, Linear) else "kNN",
        "method": "map",
        "input": {
            "type": "record",
            "name": "Input",
            "fields": [{"name": c.name, "type": _field_type(by_name[c.name])} for c in covariables],
        },
        "output": "string" if model.classes else "double",
        "cells": cells,
        "fcns": {"oneHot": ONE_HOT, **fcns},
        "action": [{"let": {"x": _features(predictor.features)}}, *action],
        "metadata": {"algorithm": declaration.code, "version": declaration.version, **predictor.metadata},
    }
    try:
        return strict.dumps(content)
    except ValueError:
        raise Failure(
            "the fitted model holds a number that is not finite, the values of a column may be too large"
        ) from None


def _field_type(feature: Feature) -> Any:
    """Integers come as doubles, too: the model was fitted on doubles."""
    plain = "double" if isinstance(feature, Continuous) else "string"
    return plain if feature.missing is None else ["null", plain]


def _value(feature: Feature) -> Any:
    field = {"attr": "input", "path": [{"string": feature.name}]}
    if feature.missing is None:
        return field
    stand_in = feature.missing if isinstance(feature, Continuous) else {"string": feature.missing}
    return {"ifnotnull": {"given": field}, "then": "given", "else": stand_in}


def _as_array(feature: Feature) -> Any:
    """The same operations in the same order as scikit-learn's, so that both round alike."""
    if isinstance(feature, Continuous):
        scaled = {"/": [{"-": [_value(feature), feature.mean]}, feature.scale]}
        return {"type": DOUBLES, "new": [scaled]}
    return {"u.oneHot": [_value(feature), {"type": STRINGS, "value": list(feature.codes)}]}


def _features(features: Sequence[Feature]) -> Any:
    arrays = {
        "type": {"type": "array", "items": DOUBLES},
        "new": [_as_array(feature) for feature in features],
    }
    return {"a.flatten": [arrays]}
