"""One experiment's data: a table, its variable and covariables, the held-out rows, and what Woken says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from algoreg import contract

Value = float | int | str | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A variable as Woken's metadata knows it, and the column that holds it."""

    code: str
    """The original code, the key in PARAM_meta."""
    label: str
    type: str
    """One of ``contract.VARIABLE_TYPES``."""
    sql_type: str
    """PostgreSQL type of the column: ``double precision``, ``integer`` or ``text``."""
    enumerations: tuple[tuple[str, str], ...] = ()
    """(code, label) of a nominal variable; codes as text."""

    @property
    def name(self) -> str:
        """The db-safe column name."""
        return contract.db_safe(self.code)

    @property
    def nominal(self) -> bool:
        """Whether its values are codes."""
        return self.type in contract.NOMINAL_TYPES

    @property
    def codes(self) -> tuple[str, ...]:
        """The enumeration's codes."""
        return tuple(code for code, _ in self.enumerations)


_SQL_TYPE_SENT = {"double precision": "numeric", "integer": "int", "text": "varchar"}
"""PostgreSQL type -> the word Woken's metadata has for it."""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_sent(text: str) -> int | str:
    """Digit-only codes and labels arrive as JSON numbers (Woken's ``json_protocol.scala``)."""
    return int(text) if text.isascii() and text.isdigit() else text


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A table of patients and the question asked of it.

    ``rows`` has shape (n rows, 1 + n covariables): the variable's value first. Nominal values are codes as
    text, whatever the column's SQL type is. ``held_out`` holds 0-based positions in ``rows``.
    """

    table: str
    order_column: str
    """The column that both queries order by: 0, 1, 2, ... in the order of ``rows``."""
    variable: Column
    covariables: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    held_out: tuple[int, ...]

    @property
    def task(self) -> str:
        """The task that the variable's type asks for."""
        return contract.CLASSIFICATION if self.variable.nominal else contract.REGRESSION

    @property
    def columns(self) -> tuple[Column, ...]:
        """Variable, then covariables."""
        return (self.variable, *self.covariables)

    def _select(self, columns: Sequence[Column], where: str = "") -> str:
        names = ", ".join(_quoted(column.name) for column in columns)
        return f"SELECT {names} FROM {_quoted(self.table)}{where} ORDER BY {_quoted(self.order_column)}"

    @property
    def query_features(self) -> str:
        """SELECT of the covariables."""
        return self._select(self.covariables)

    @property
    def query_targets(self) -> str:
        """SELECT of the variable: the same rows in the same order."""
        return self._select((self.variable,))

    @property
    def query(self) -> str:
        """PARAM_query: one SELECT of all columns."""
        return self._select(self.columns)

    def query_of(self, positions: Sequence[int]) -> str:
        """PARAM_query for some of the rows, by position."""
        listed = ", ".join(map(str, sorted(positions)))
        return self._select(self.columns, f" WHERE {_quoted(self.order_column)} IN ({listed})")

    @property
    def training(self) -> tuple[int, ...]:
        """The positions that are not held out."""
        held_out = frozenset(self.held_out)
        return tuple(position for position in range(len(self.rows)) if position not in held_out)

    @property
    def predictable(self) -> tuple[int, ...]:
        """The held-out positions without a NULL in the covariables: what a PFA document does with it is not told."""
        return self.complete(self.held_out)

    def complete(self, positions: Sequence[int]) -> tuple[int, ...]:
        """Those of the positions whose covariables are all there."""
        return tuple(position for position in positions if None not in self.rows[position][1:])

    @property
    def query_training(self) -> str:
        """PARAM_query for a compute that may not see the held-out rows."""
        listed = ", ".join(map(str, sorted(self.held_out)))
        return self._select(self.columns, f" WHERE {_quoted(self.order_column)} NOT IN ({listed})")

    @property
    def targets(self) -> tuple[Value, ...]:
        """True values of the held-out rows, in their order."""
        return tuple(self.rows[position][0] for position in self.held_out)

    def meta(self) -> dict[str, dict[str, Any]]:
        """PARAM_meta as Woken writes it: keyed by the original code, digit-only codes as numbers."""
        described: dict[str, dict[str, Any]] = {}
        for position, column in enumerate(self.columns):
            entry: dict[str, Any] = {
                "code": column.code,
                "label": column.label,
                "type": column.type,
                "sql_type": _SQL_TYPE_SENT[column.sql_type],
            }
            if column.nominal:
                entry["enumerations"] = [
                    {"code": _as_sent(code), "label": _as_sent(label)} for code, label in column.enumerations
                ]
            else:
                values = (row[position] for row in self.rows)
                numbers = [value for value in values if isinstance(value, int | float)]
                if numbers:
                    entry["minValue"], entry["maxValue"] = min(numbers), float(max(numbers))
            described[column.code] = entry
        return described

    def input_training(self, seed: int) -> dict[str, Any]:
        """The content of ``input_training.json`` (contract section 3)."""
        return {
            "query_features": self.query_features,
            "query_targets": self.query_targets,
            "test_rows": list(self.held_out),
            "seed": seed,
        }

    def with_rows(self, rows: Sequence[tuple[Value, ...]]) -> Sample:
        """The same question on other rows."""
        return replace(self, rows=tuple(rows))
