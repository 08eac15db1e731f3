"""What a job asks of the science database, from the names and the description that a person gives; no row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoreg import contract, job
from algoreg.datasets import describing, naming
from algoreg.datasets.asking import ORDER_COLUMN, TABLE
from algoreg.datasets.describing import Described
from algoreg.errors import UsageError
from algoreg.samples.sample import Column, Sample

_SQL_TYPES = {contract.REAL: "double precision", contract.INTEGER: "integer"}
"""Everything else is text."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question without data."""

    sample: Sample
    """The columns; no rows."""
    meta: Mapping[str, Any]
    query: str | None = None
    """None: the table that ``sample`` names."""

    @classmethod
    def read(cls, variable: str, covariables: Sequence[str], *, meta: Path, query: str | None) -> Asked:
        """Raises UsageError for names that ``meta`` does not describe, and for whatever is wrong in it."""
        known = describing.described(meta)
        names = [naming.find(name, known) for name in (variable, *covariables)]
        naming.ensure_columns(names)
        columns = tuple(_column(name, known[name]) for name in names)
        taken = [column.name for column in columns]
        sample = Sample(
            table=naming.free(TABLE, taken),
            order_column=naming.free(ORDER_COLUMN, taken),
            variable=columns[0],
            covariables=columns[1:],
            rows=(),
            held_out=(),
        )
        told = {code: {**entry, **known[code].told} for code, entry in sample.meta().items()}
        return cls(sample=sample, meta=told, query=query)

    @property
    def question(self) -> job.Question:
        """The same in the words of ``PARAM_*``."""
        query = self.sample.query if self.query is None else self.query
        return job.Question.of(self.sample, query=query, meta=self.meta)


def _column(code: str, described: Described) -> Column:
    if naming.code_of(code) != code:
        raise UsageError(
            f"the code {code!a} has characters other than letters, digits, - and _",
            hint="Name the variable as Woken does.",
        )
    if described.type not in contract.VARIABLE_TYPES:
        raise UsageError(
            f"the variable {code} has no type that can be asked for",
            hint=f"Describe it as one of {', '.join(contract.VARIABLE_TYPES)}.",
        )
    if described.type in contract.NOMINAL_TYPES and not described.enumerations:
        raise UsageError(f"the nominal variable {code} has no enumerations", hint="List its codes.")
    return Column(
        code=code,
        label=described.label or code,
        type=described.type,
        sql_type=_SQL_TYPES.get(described.type, "text"),
        enumerations=described.enumerations,
    )
