"""What a check may ask for: the plain sample of a task, hostile ones, and variants that must change the answer.

One place to import from; the work is done in ``plain``, ``hostile`` and ``variants``.
"""

from __future__ import annotations

from algoreg.samples.hostile import HostileCase, hostile_cases
from algoreg.samples.plain import mixing, of_type, plain, with_nominal
from algoreg.samples.sample import Column, Sample, Value
from algoreg.samples.variants import permuted_targets, shuffled_features, with_nulls, without_targets

__all__ = [
    "Column",
    "HostileCase",
    "Sample",
    "Value",
    "hostile_cases",
    "mixing",
    "of_type",
    "permuted_targets",
    "plain",
    "shuffled_features",
    "with_nominal",
    "with_nulls",
    "without_targets",
]
