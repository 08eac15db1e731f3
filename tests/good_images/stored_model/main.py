"""The program with a third command, which stores what it fitted."""

import os
import sys

from ridge import NOMINAL, Column, RefusedError, Ridge, Table, as_code, as_number

DOUBLES = {"type": "array", "items": "double"}
RESULTS = {
    name: f"OUT_{suffix}" for name, suffix in [("host", "HOST"), ("port", "PORT"), ("dbname", "DATABASE")]
}
RESULTS |= {"user": "OUT_USER", "password": "OUT_PASSWORD"}
FUNCTION = "stored-model"


def given(name: str) -> str:
    if name not in os.environ:
        raise RefusedError(f"{name} is not set")
    return os.environ[name]


def expressions(column: Column) -> list:
    """What computes the numbers that a covariable becomes."""
    field = f"input.{column.name}"
    if column.levels is None:
        return [{"/": [{"-": [field, column.centre]}, column.scale]}]
    return [
        {"if": {"==": [field, [level]]}, "then": {"double": 1}, "else": {"double": 0}}
        for level in column.levels
    ]


class Stored(Ridge):
    def compute(self) -> None:
        try:
            document = self.document()
        except RefusedError as refusal:
            self.store("text/plain+error", error=str(refusal))
            raise
        except Exception as error:
            self.store("text/plain+error", error=type(error).__name__)
            raise
        self.store("application/pfa+json", data=self.dump(document))

    def document(self) -> dict:
        alpha, meta = self.parameter(), self.meta()
        names, variable = given("PARAM_covariables").split(","), given("PARAM_variables")
        table = self.answers(given("PARAM_query"))
        kinds = {name: self.described(meta, name) for name in table.names}
        if absent := {variable, *names} - kinds.keys():
            raise RefusedError(f"the query returns no column {', '.join(sorted(absent))}")
        kind, codes = kinds[variable]
        if kind not in self.variable_types:
            raise RefusedError(f"variable {variable}: type {kind} is not supported")
        features = Table(names, [tuple(row[table.names.index(name)] for name in names) for row in table.rows])
        truth = table.column(table.names.index(variable))
        columns = self.columns(meta, features)
        known = [i for i, value in enumerate(truth) if value is not None]
        if not known:
            raise RefusedError(f"variable {variable}: no row with a value")
        x = self.matrix(columns, Table(names, [features.rows[i] for i in known]))
        if kind in NOMINAL:
            fitted = self.discriminant(x, [as_code(truth[i]) for i in known], codes, alpha, 42)
        else:
            fitted = self.regression(x, [as_number(truth[i], variable) for i in known], alpha, 42)
        return self.pfa(columns, fitted)

    def pfa(self, columns: list[Column], fitted: dict) -> dict:
        fields = [
            {"name": column.name, "type": "double" if column.levels is None else "string"}
            for column in columns
        ]
        x = {"new": [part for column in columns for part in expressions(column)], "type": DOUBLES}
        regression = fitted["task"] == "regression"
        const = fitted["intercept"] if regression else fitted["offsets"]
        coeff, one = DOUBLES if regression else {"type": "array", "items": DOUBLES}, "double"
        kind = [{"name": "const", "type": one if regression else DOUBLES}, {"name": "coeff", "type": coeff}]
        model = {
            "type": {"type": "record", "name": "Model", "fields": kind},
            "init": {"const": const, "coeff": fitted["weights"]},
        }
        scores = {"model.reg.linear": ["x", {"cell": "model"}]}
        cells = {"model": model}
        if not regression:
            cells["classes"] = {"type": {"type": "array", "items": "string"}, "init": fitted["present"]}
            scores = {"cell": "classes", "path": [{"a.argmax": [scores]}]}
        return {
            "name": "Ridge",
            "method": "map",
            "input": {"type": "record", "name": "Input", "fields": fields},
            "output": "double" if regression else "string",
            "cells": cells,
            "action": [{"let": {"x": x}}, scores],
        }

    def answers(self, sql: str) -> Table:
        """The rows of the query; ``tables`` wants two, and says what is wrong with a database."""
        table, _ = self.tables(sql, f"SELECT 1 FROM ({sql}) AS answers")
        return table

    def store(self, shape: str, *, data: str | None = None, error: str | None = None) -> None:
        import psycopg

        row = {
            "job_id": given("JOB_ID"),
            "node": given("NODE"),
            "function": FUNCTION,
            "shape": shape,
            "data": data,
            "error": error,
        }
        places = ", ".join(f"%({name})s" for name in row)
        try:
            with psycopg.connect(**{key: given(name) for key, name in RESULTS.items()}) as connection:
                connection.execute(f"INSERT INTO job_result ({', '.join(row)}) VALUES ({places})", row)
        except psycopg.Error as problem:
            raise RefusedError(f"results database: {problem}") from None


sys.exit(Stored().main(sys.argv[1:]))
