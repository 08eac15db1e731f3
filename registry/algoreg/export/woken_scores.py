"""The validations that Woken accepts and the figures it answers with, under its own codes, for the catalogue.

How the figures are computed is ``scoring``'s business; here they are named for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One key of a score."""

    code: str
    """The literal key in Woken's answer."""
    label: str
    tooltip: str
    synonyms: tuple[str, ...] = ()
    """Other names of the same figure, as catalogues have them."""

    @property
    def type(self) -> str:
        """How it is drawn."""
        return "confusion_matrix" if self.code == "Confusion matrix" else "numeric"

    def json(self) -> dict[str, str]:
        """As it stands in the catalogue."""
        return {"code": self.code, "label": self.label, "tooltip": self.tooltip, "type": self.type}


_MATRIX = Figure(
    code="Confusion matrix",
    label="Confusion matrix",
    tooltip="How often which class was taken for which: rows are the truth, columns the prediction",
)
_ACCURACY = Figure(
    code="Accuracy", label="Accuracy", tooltip="Share of the rows whose class was predicted rightly"
)

FIGURES: Final[Mapping[str, tuple[Figure, ...]]] = {
    "binominal_classification": (
        _MATRIX,
        _ACCURACY,
        Figure(
            code="Recall",
            label="Recall",
            tooltip="Share of the rows of the first class that were predicted as such",
            synonyms=("Sensitivity", "True positive rate", "Hit rate"),
        ),
        Figure(
            code="Precision",
            label="Precision",
            tooltip="Share of the rows predicted as the first class that are of it",
            synonyms=("Positive predictive value",),
        ),
        Figure(
            code="F1-score",
            label="F1-score",
            tooltip="Harmonic mean of precision and recall",
            synonyms=("F1", "F-score", "F-measure"),
        ),
        Figure(
            code="False positive rate",
            label="False positive rate",
            tooltip="Share of the rows of the second class that were predicted as the first",
            synonyms=("FPR", "Fall-out"),
        ),
    ),
    "classification": (
        _MATRIX,
        _ACCURACY,
        Figure(
            code="Weighted recall",
            label="Weighted recall",
            tooltip="Mean of the recall of each class, weighted by its rows",
        ),
        Figure(
            code="Weighted precision",
            label="Weighted precision",
            tooltip="Mean of the precision of each class, weighted by its rows",
        ),
        Figure(
            code="Weighted F1-score",
            label="Weighted F1-score",
            tooltip="Mean of the F1-score of each class, weighted by its rows",
            synonyms=("Weighted F1", "Weighted F-score"),
        ),
        Figure(
            code="Weighted false positive rate",
            label="Weighted false positive rate",
            tooltip="Mean of the false positive rate of each class, weighted by its rows",
        ),
    ),
    "regression": (
        Figure(
            code="MSE",
            label="Mean squared error",
            tooltip="Mean of the squared errors, in squared units of the variable",
            synonyms=("Mean square error",),
        ),
        Figure(
            code="RMSE",
            label="Root mean squared error",
            tooltip="Square root of the mean squared error, in units of the variable",
            synonyms=("Root mean square error",),
        ),
        Figure(
            code="MAE",
            label="Mean absolute error",
            tooltip="Mean size of the errors, in units of the variable",
        ),
        Figure(
            code="R-squared",
            label="R-squared",
            tooltip="Share of the variance that is predicted: 1 is perfect, 0 no better than the mean",
            synonyms=("R2", "Coefficient of determination"),
        ),
        Figure(
            code="Explained variance",
            label="Explained variance",
            tooltip="Mean squared distance of the predictions from the mean of the truth: no share, but in squared "
            "units of the variable",
        ),
    ),
}
"""Kind of variable -> the figures of its score."""

K_FOLD: Final = "kfold"
FOLDS: Final = "k"
"""Woken looks for a parameter of this code and breaks without it."""
FEWEST_FOLDS: Final = 2
MOST_FOLDS: Final = 20
DEFAULT_FOLDS: Final = 5


def validations() -> list[dict[str, Any]]:
    """The validations as they stand in the catalogue; there is one."""
    folds = {
        "code": FOLDS,
        "label": "Folds",
        "description": "In how many parts the rows are cut; each is predicted from all others",
        "type": "int",
        "default_value": DEFAULT_FOLDS,
        "constraints": {"min": FEWEST_FOLDS, "max": MOST_FOLDS},
    }
    return [{"code": K_FOLD, "label": "k-fold cross-validation", "parameters": [folds]}]


def figure_called(name: str) -> tuple[Figure, ...]:
    """The figures that go by this code, label or synonym; spelling aside."""
    plain = _plain(name)
    every = {figure.code: figure for group in FIGURES.values() for figure in group}
    return tuple(
        figure
        for figure in every.values()
        if plain in map(_plain, (figure.code, figure.label, *figure.synonyms))
    )


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
