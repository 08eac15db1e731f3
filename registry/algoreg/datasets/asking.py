"""Turns a table and the names of some of its columns into the sample of an experiment."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from algoreg import contract
from algoreg.datasets import columns, limits, naming
from algoreg.datasets.cells import cells
from algoreg.datasets.columns import Filled
from algoreg.datasets.describing import Described
from algoreg.errors import UsageError
from algoreg.samples.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

TABLE = "patients"
ORDER_COLUMN = "position"
_NEAR = 0.8
"""How alike two names are of which one is a slip of the other: one letter of four or more."""


def question(
    frame: pd.DataFrame,
    *,
    variable: str,
    covariables: Sequence[str],
    described: Mapping[str, Described] | None = None,
) -> Sample:
    """The sample that asks for ``variable`` by ``covariables``, with every row and none held out.

    Columns are called by their names or codes (``naming``); types are those described, else inferred
    (``columns.inferred``). Raises UsageError naming the column, and the row where a value is at fault.
    """
    if not covariables:
        raise UsageError("no covariables: there is nothing to predict from", hint="--covariables age,sex")
    names = [naming.find(name, frame.columns) for name in (variable, *covariables)]
    naming.ensure_columns(names)
    limits.ensure_cells("the question", len(frame), len(names))
    known = _by_column(frame, described or {})
    _ensure_meant([name for name in names if name not in known], known.keys() - set(frame.columns))
    filled = [_filled(frame, name, known.get(name, Described())) for name in names]
    taken = [contract.db_safe(column.code) for column, _ in filled]
    sample = Sample(
        table=naming.free(TABLE, taken),
        order_column=naming.free(ORDER_COLUMN, taken),
        variable=filled[0][0],
        covariables=tuple(column for column, _ in filled[1:]),
        rows=tuple(zip(*(values for _, values in filled), strict=True)),
        held_out=(),
    )
    _ensure_meta(sample)
    return sample


def _filled(frame: pd.DataFrame, name: str, described: Described) -> Filled:
    return columns.column(naming.code_of(name), cells(name, frame[name]), described)


def _by_column(frame: pd.DataFrame, described: Mapping[str, Described]) -> Mapping[str, Described]:
    """Column -> its description; what is described and not in the table is about other tables."""
    by_code = {naming.code_of(name): name for name in frame.columns if name not in described}
    return {by_code.get(code, code): entry for code, entry in described.items()}


def _ensure_meant(undescribed: Sequence[str], strangers: Collection[str]) -> None:
    """Raises UsageError when a description of no column was most likely meant for one that is asked for."""
    for name in undescribed:
        near = difflib.get_close_matches(name, strangers, n=1, cutoff=_NEAR)
        if near:
            raise UsageError(
                f"{near[0]!r} is described, and no column is called so; {name!r} is asked for, and not described",
                hint=f"Correct the name, or describe {name!r}, too.",
            )


def _ensure_meta(sample: Sample) -> None:
    """Raises UsageError when PARAM_meta would be longer than an environment variable can be."""
    size = len(json.dumps(sample.meta()))
    if size > limits.MAX_META_BYTES:
        raise UsageError(
            f"the description of {len(sample.columns)} columns (PARAM_meta) takes {size:,} bytes, "
            f"and an environment variable holds {limits.MAX_META_BYTES:,}",
            hint="Ask for fewer covariables, or for some with fewer codes.",
        )
