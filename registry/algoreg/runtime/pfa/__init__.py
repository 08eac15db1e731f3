"""Predictors as PFA documents: what a fitted pipeline does to one row, told in a language that needs no scikit-learn.

``read`` takes a fitted pipeline apart into a ``Predictor`` of plain numbers, ``document`` writes it down; an
aggregation makes its ``Predictor`` by itself. Source: the PFA specification 0.8.1 (dmg.org/pfa), contract section 4.
"""

from algoreg.runtime.pfa.document import check_names, document
from algoreg.runtime.pfa.pipeline import read
from algoreg.runtime.pfa.predictor import Continuous, Feature, Linear, Neighbours, Nominal, Predictor

__all__ = [
    "Continuous",
    "Feature",
    "Linear",
    "Neighbours",
    "Nominal",
    "Predictor",
    "check_names",
    "document",
    "read",
]
