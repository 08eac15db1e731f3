"""Tells how good predictions are, in the figures and the very keys of Woken's validation.

Scikit-learn counts; what is computed, and under which name, is Woken's choice (``Scoring.scala``). A figure whose
formula divides by zero, or leaves the range of a double, is None, null in JSON: the false positive rate where the
truth has one class only, the precision of a class that nobody predicted, R-squared where the truth is constant.
Within the weighted figures such a class counts 0, as it does in Spark. No rows at all: every figure is None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from algoreg import contract, extras
from algoreg.errors import AlgoregError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from algoreg.samples.sample import Column, Value

BINARY: Final = "BinaryClassificationScore"
POLYNOMIAL: Final = "PolynomialClassificationScore"
REGRESSION: Final = "RegressionScore"
K_FOLD: Final = "KFoldCrossValidationScore"

Figures = Mapping[str, float | None]


class ScoreError(AlgoregError):
    """Predictions and truth do not make pairs that a score could be told of."""

    default_hint = "Look at predictions.json: one prediction per held-out row, of the variable's type."


@dataclass(frozen=True, kw_only=True)
class Metric:
    """The figure by which algorithms are compared."""

    key: str
    """Its key in the score's figures."""
    higher_is_better: bool = True


_WEIGHTED: Final = ("Accuracy", "Weighted recall", "Weighted precision", "Weighted F1-score")
_COMPARABLE: Final[Mapping[str, tuple[Metric, ...]]] = {
    BINARY: (
        *(Metric(key=key) for key in ("Accuracy", "Recall", "Precision", "F1-score")),
        Metric(key="False positive rate", higher_is_better=False),
    ),
    POLYNOMIAL: (
        *(Metric(key=key) for key in _WEIGHTED),
        Metric(key="Weighted false positive rate", higher_is_better=False),
    ),
    REGRESSION: (
        Metric(key="R-squared"),
        *(Metric(key=key, higher_is_better=False) for key in ("RMSE", "MSE", "MAE")),
    ),
}
"""Score -> its figures that tell better from worse, the headline first. Explained variance, as Spark 2.0.2 has it,
is the spread of the predictions, and does not."""


def score_type(column: Column) -> str:
    """Which score the variable's type asks for: whatever is not nominal is a regression."""
    if column.type == contract.BINOMINAL:
        return BINARY
    return POLYNOMIAL if column.nominal else REGRESSION


def metrics(column: Column) -> tuple[Metric, ...]:
    """The figures by which algorithms can be compared on this variable, the headline first."""
    return _COMPARABLE[score_type(column)]


def headline(column: Column) -> Metric:
    """The one figure that a table shows: accuracy of a nominal variable, else R-squared."""
    return metrics(column)[0]


@dataclass(frozen=True, kw_only=True)
class ConfusionMatrix:
    """How often which class was taken for which."""

    labels: tuple[str, ...]
    """The codes that occur in the truth or among the predictions, in the order of the enumeration."""
    values: tuple[tuple[int, ...], ...]
    """(n labels, n labels): rows the truth, columns the prediction."""

    def json(self) -> dict[str, Any]:
        """As it stands in a score."""
        return {"labels": list(self.labels), "values": [list(row) for row in self.values]}


@dataclass(frozen=True, kw_only=True)
class Score:
    """The figures of one set of pairs."""

    type: str
    """``BINARY``, ``POLYNOMIAL`` or ``REGRESSION``."""
    figures: Figures
    """Woken's key -> value; None where it is undefined."""
    confusion: ConfusionMatrix | None = None
    """Of a classification."""
    rows: int
    """How many pairs were scored."""
    left_out: int
    """How many rows were not, for their truth is NULL."""
    headline: Metric

    @property
    def value(self) -> float | None:
        """The headline figure."""
        return self.figures[self.headline.key]

    @property
    def undefined(self) -> tuple[str, ...]:
        """The keys of the figures that are None."""
        return tuple(key for key, value in self.figures.items() if value is None)

    def json(self) -> dict[str, Any]:
        """As Woken writes it (formats: literal keys and ``type``)."""
        matrix = {} if self.confusion is None else {"Confusion matrix": self.confusion.json()}
        return {"type": self.type, **matrix, **self.figures}


@dataclass(frozen=True, kw_only=True)
class KFoldScore:
    """The scores of a cross-validation."""

    average: Score
    """Of the pairs of all folds together: Woken's word for it, though it is no mean."""
    folds: Mapping[str, Score] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, float | None]:
        """Fold -> its headline figure."""
        return {name: score.value for name, score in self.folds.items()}

    def json(self) -> dict[str, Any]:
        """As Woken writes it."""
        folds = {name: score.json() for name, score in self.folds.items()}
        return {"type": K_FOLD, "average": self.average.json(), "folds": folds}


def score(column: Column, truths: Sequence[Value], predictions: Sequence[Value]) -> Score:
    """The score that the variable's type asks for, of n true values and n predictions in the same order.

    Raises ScoreError: the lengths differ, a prediction is missing, a value is no code of the enumeration or no
    finite number. Messages tell positions, never values.
    """
    if len(truths) != len(predictions):
        raise ScoreError(
            f"cannot score {column.name}: {len(truths)} true values and {len(predictions)} predictions"
        )
    known = [position for position, truth in enumerate(truths) if truth is not None]
    left_out = len(truths) - len(known)
    sides = (("true value", truths), ("prediction", predictions))
    if column.nominal:
        codes = (_codes(column, *side, known) for side in sides)
        return _classification(column, *codes, left_out=left_out)
    numbers = (_numbers(column, *side, known) for side in sides)
    return _regression(column, *numbers, left_out=left_out)


def k_fold(column: Column, folds: Mapping[str, tuple[Sequence[Value], Sequence[Value]]]) -> KFoldScore:
    """The scores of folds, name -> (true values, predictions), and of all their pairs together.

    Failed folds are left out by the caller, as Woken does. Raises ScoreError as ``score`` does; UsageError
    without any fold.
    """
    if not folds:
        raise UsageError("no fold to score: every one of them failed", hint="Look at the first fold's error.")
    truths, predictions = (list(chain(*(pair[side] for pair in folds.values()))) for side in (0, 1))
    scores = {name: score(column, *pair) for name, pair in folds.items()}
    return KFoldScore(average=score(column, truths, predictions), folds=scores)


def _codes(column: Column, what: str, values: Sequence[Value], known: Sequence[int]) -> list[int]:
    """Positions in the enumeration of the values at ``known``."""
    positions = {code: position for position, code in enumerate(column.codes)}
    found = []
    for row in known:
        value = values[row]
        if not isinstance(value, str) or value not in positions:
            problem = "is missing" if value is None else "is no code of its enumeration"
            raise ScoreError(f"cannot score {column.name}: {what} {row} (counted from 0) {problem}")
        found.append(positions[value])
    return found


def _numbers(column: Column, what: str, values: Sequence[Value], known: Sequence[int]) -> list[float]:
    """The values at ``known`` as doubles; text that tells a number is one, as Woken has it."""
    found = []
    for row in known:
        value = values[row]
        try:
            number = math.nan if value is None or isinstance(value, bool) else float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            problem = "is missing" if value is None else "is no finite number"
            raise ScoreError(f"cannot score {column.name}: {what} {row} (counted from 0) {problem}")
        found.append(number)
    return found


def _quotient(numerator: float, denominator: float) -> float | None:
    return float(numerator / denominator) if denominator else None


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _classification(column: Column, truths: list[int], predictions: list[int], *, left_out: int) -> Score:
    seen = sorted({*truths, *predictions})
    kind = score_type(column)
    if kind == BINARY and truths:
        # The positive class occurs in the truth, so it leads even where only the other code was predicted
        first = min(truths)
        seen = [first, *(code for code in seen if code != first)]
    matrix = _counts(truths, predictions, seen) if seen else None
    return Score(
        type=kind,
        figures=_binary(matrix) if kind == BINARY else _polynomial(matrix, truths, predictions),
        confusion=ConfusionMatrix(
            labels=tuple(column.codes[code] for code in seen),
            values=() if matrix is None else tuple(tuple(map(int, row)) for row in matrix),
        ),
        rows=len(truths),
        left_out=left_out,
        headline=headline(column),
    )


def _counts(truths: list[int], predictions: list[int], seen: list[int]) -> NDArray[np.int64]:
    """(n seen, n seen): rows the truth, columns the prediction."""
    with extras.needed("scoring"):
        from sklearn.metrics import confusion_matrix

    # Of a single label scikit-learn warns that there might be more: it is given two at least
    whole: NDArray[np.int64] = confusion_matrix(truths, predictions, labels=range(max(2, max(seen) + 1)))
    return whole[seen][:, seen]


def _binary(matrix: NDArray[np.int64] | None) -> Figures:
    """The first label is the positive class, as the first code of the enumeration that occurs in the truth."""
    keys = ("Accuracy", "Recall", "Precision", "F1-score", "False positive rate")
    if matrix is None:
        return dict.fromkeys(keys)
    total, right = int(matrix.sum()), int(matrix.trace())
    hits, positive, predicted = int(matrix[0, 0]), int(matrix[0].sum()), int(matrix[:, 0].sum())
    recall, precision = _quotient(hits, positive), _quotient(hits, predicted)
    f1 = None
    if recall is not None and precision is not None:
        f1 = _quotient(2 * precision * recall, precision + recall)
    false_alarms = _quotient(predicted - hits, total - positive)
    return dict(zip(keys, (right / total, recall, precision, f1, false_alarms), strict=True))


def _polynomial(
    matrix: NDArray[np.int64] | None, truths: Sequence[int], predictions: Sequence[int]
) -> Figures:
    """Of each class in the truth, weighted by how often it occurs there."""
    fpr = "Weighted false positive rate"
    if matrix is None:
        return dict.fromkeys((*_WEIGHTED, fpr))
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    precision, recall, f1, _ = precision_recall_fscore_support(
        truths, predictions, labels=sorted(set(truths)), average="weighted", zero_division=0
    )
    accuracy = accuracy_score(truths, predictions)
    figures = dict(zip(_WEIGHTED, map(float, (accuracy, recall, precision, f1)), strict=True))
    return {**figures, fpr: _weighted_false_positive_rate(matrix)}


def _weighted_false_positive_rate(matrix: NDArray[np.int64]) -> float | None:
    """Mean over the classes of fp / (n - count), weighted by count / n; None where one class is all there is."""
    total, counts = int(matrix.sum()), matrix.sum(axis=1)
    if (counts == total).any():
        return None
    false_alarms = matrix.sum(axis=0) - matrix.diagonal()
    return float((false_alarms / (total - counts) * counts / total).sum())


def _regression(column: Column, truths: list[float], predictions: list[float], *, left_out: int) -> Score:
    keys = ("MSE", "RMSE", "MAE", "R-squared", "Explained variance")
    values = _residual_figures(truths, predictions) if truths else (None,) * len(keys)
    return Score(
        type=REGRESSION,
        figures=dict(zip(keys, map(_finite, values), strict=True)),
        rows=len(truths),
        left_out=left_out,
        headline=headline(column),
    )


def _residual_figures(truths: list[float], predictions: list[float]) -> tuple[float | None, ...]:
    """MSE, RMSE, MAE, R-squared, and the explained variance as Spark 2.0.2 has it: an absolute quantity."""
    with extras.needed("scoring"):
        import numpy as np
        from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    truth, predicted = np.array(truths), np.array(predictions)
    # Squares beyond a double become infinite, below it 0, and the figure None
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        mse = float(mean_squared_error(truth, predicted))
        r_squared = (
            float(r2_score(truth, predicted, force_finite=False)) if truth.min() < truth.max() else None
        )
        explained = float(np.mean((predicted - truth.mean()) ** 2))
        mae = float(mean_absolute_error(truth, predicted))
    return mse, math.sqrt(mse), mae, r_squared, explained
