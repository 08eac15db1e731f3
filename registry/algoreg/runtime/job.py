"""What an author's estimator factory is told: the task, the parameters, the columns. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from algoreg import contract

ParameterValue = int | float | str | bool


@dataclass(frozen=True, kw_only=True)
class Column:
    """One variable as PARAM_meta describes it."""

    name: str
    """The db-safe column name."""
    type: str
    """One of ``contract.VARIABLE_TYPES``."""
    codes: tuple[str, ...] = ()
    """Codes of a nominal column as text; those of the training rows where PARAM_meta lists none."""

    @property
    def nominal(self) -> bool:
        """Whether its values are codes."""
        return self.type in contract.NOMINAL_TYPES


@dataclass(frozen=True, kw_only=True)
class Job:
    """One training, as the estimator factory sees it.

    The estimator will be fitted on a matrix of shape (n_train, features): continuous covariables scaled to
    mean 0 and deviation 1, nominal ones one-hot encoded, both fitted on the training rows only. Targets are
    floats for regression and positions in ``variable.codes`` for classification.
    """

    task: str
    """``classification`` or ``regression``, by the variable's type."""
    parameters: Mapping[str, ParameterValue]
    """Code -> value of every declared parameter, typed and inside its range."""
    n_train: int
    """Rows the estimator will be fitted on."""
    seed: int
    """Every ``random_state`` that the estimator leaves None is set to this (0 .. 2**32 - 1)."""
    variable: Column
    covariables: tuple[Column, ...]
    classes: tuple[str, ...] = ()
    """Codes of the variable that a training row has, in the order of ``variable.codes``; none for regression."""
