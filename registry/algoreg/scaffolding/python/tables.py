"""Real tables for trials, as the runtime hands them to an estimator: those that the checks use, whole.

On fewer rows noise weighs more, and shows differences that no check would see.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Final

from algoreg import contract
from algoreg.model import Algorithm
from algoreg.runtime.job import Column
from algoreg.runtime.science import Rows
from algoreg.runtime.table import Split, Table, build
from algoreg.samples import plain, sample

_SEEDS: Final = range(1, 7)
"""Each gives other patients, covariables and held-out rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrialTable:
    """A question and its rows."""

    task: str
    variable: Column
    covariables: tuple[Column, ...]
    table: Table
    permuted: Table
    """The same rows, the variable's values of the training rows exchanged among them."""


def tables(algorithm: Algorithm) -> dict[str, tuple[TrialTable, ...]]:
    """Type of a variable that the algorithm accepts -> tables that ask for it."""
    return {
        kind: tuple(_table(algorithm, kind, random.Random(f"{kind} {seed}")) for seed in _SEEDS)
        for kind in contract.VARIABLE_TYPES
        if algorithm.constraints.accepts(kind)
    }


def _table(algorithm: Algorithm, kind: str, generator: random.Random) -> TrialTable:
    drawn = plain.of_type(algorithm, kind, generator)
    variable = _column(drawn.variable)
    covariables = tuple(map(_column, drawn.covariables))
    rows = Rows(features=[tuple(row[1:]) for row in drawn.rows], targets=[row[0] for row in drawn.rows])
    parts = Split(train=drawn.training, held_out=drawn.held_out)
    table = build(rows, parts, variable=variable, covariables=covariables, nullable=False)
    order = random.Random(0).sample(range(len(table.y_train)), len(table.y_train))
    return TrialTable(
        task=drawn.task,
        variable=variable,
        covariables=covariables,
        table=table,
        permuted=replace(table, y_train=table.y_train[order]),
    )


def _column(column: sample.Column) -> Column:
    return Column(name=column.name, type=column.type, codes=column.codes)
