"""From rows to what is fitted: the job an author's program sees, the table, and the unfitted model.

The same for ``train`` and ``compute``, so that both fit the same model on the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from algoreg.runtime import search
from algoreg.runtime.declaration import Declaration
from algoreg.runtime.job import Job, ParameterValue
from algoreg.runtime.question import Question, code_text
from algoreg.runtime.science import Rows
from algoreg.runtime.table import Split, Table, build, column_values, with_codes

if TYPE_CHECKING:
    from algoreg.runtime.text import Model


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One job and its rows."""

    job: Job
    table: Table
    impute: bool
    """Whether covariables may be NULL."""


def prepare(
    declaration: Declaration,
    question: Question,
    values: Mapping[str, ParameterValue],
    *,
    rows: Rows,
    parts: Split,
    seed: int,
) -> Prepared:
    """Judge and encode the rows. Raises Failure naming the column, never a value."""
    targets = [rows.targets[row] for row in parts.train]
    variable = with_codes(question.variable, targets)
    seen = {code_text(value) for value in targets} if variable.nominal else frozenset()
    job = Job(
        task=question.task,
        parameters=values,
        n_train=len(parts.train),
        seed=seed,
        variable=variable,
        covariables=tuple(
            with_codes(column, column_values(rows, position, parts.train))
            for position, column in enumerate(question.covariables)
        ),
        classes=tuple(code for code in variable.codes if code in seen),
    )
    nullable = declaration.covariables_can_be_null
    table = build(rows, parts, variable=variable, covariables=job.covariables, nullable=nullable)
    return Prepared(job=job, table=table, impute=nullable)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is going to be fitted."""

    model: Model
    """Unfitted, preparation of the columns included."""
    notes: Mapping[str, Any]
    """What a search told of itself; empty where the author's ``estimator`` made the model."""


def choose(module: Any, prepared: Prepared) -> Chosen:
    """The unfitted model around the author's estimator. Raises what ``module.search`` or ``estimator`` raises."""
    from algoreg.runtime import fitting, text

    job = prepared.job
    impute = prepared.impute
    answer = search.found(module, job, prepared.table, impute=impute)
    model = text.Model(
        task=job.task,
        variable=job.variable,
        covariables=job.covariables,
        seed=job.seed,
        estimator=fitting.assemble(answer.estimator, job.covariables, impute=impute, seed=job.seed),
    )
    return Chosen(model=model, notes=answer.notes)
