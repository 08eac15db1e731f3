"""Summary statistics that add up over the parts of a table: a second twin, which computes and predicts nothing.

Like its sibling, a collection of functions that are found by name when they are called; so is all that it takes
from ``main``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import main

SHAPE, PART_SHAPE = "tabular_data_resource_json", "json"
FIELDS = (
    ("column", "string"),
    ("code", "string"),
    ("count", "integer"),
    ("mean", "number"),
    ("deviation", "number"),
)
Part = dict[str, dict[str, Any]]
"""Column -> sums over its values, or how often each code occurs."""


def columns_of() -> tuple[dict[str, dict[str, Any]], list[list[Any]]]:
    """The columns of the query, the variable among them, and its rows."""
    entries, features, variable, targets = main.read_question()
    every = {main.environment("PARAM_variables"): variable, **entries}
    return every, [[target, *row] for target, row in zip(targets, features, strict=True)]


def sums(entry: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    """What is kept of one column: nothing that a patient could be read from."""
    present = [value for value in values if value is not None]
    if main.is_nominal(entry):
        counts = Counter(present)
        return {"codes": {code: counts[code] for code in main.codes_of(entry)}}
    squares = math.fsum(value * value for value in present)
    return {"count": len(present), "sum": math.fsum(present), "squares": squares}


def part() -> Part:
    """The sums of every column."""
    entries, rows = columns_of()
    columns = zip(*rows, strict=True)
    return {
        name: sums(entry, list(values))
        for (name, entry), values in zip(entries.items(), columns, strict=True)
    }


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One column of several parts."""
    if "codes" in parts[0]:
        codes = parts[0]["codes"]
        return {"codes": {code: sum(one["codes"][code] for one in parts) for code in codes}}
    return {key: math.fsum(one[key] for one in parts) for key in parts[0]}


def together(parts: list[Part]) -> Part:
    """The parts of a table as if they had been one."""
    return {name: added([one[name] for one in parts]) for name in parts[0]}


def given_parts(ids: list[str]) -> list[Part]:
    """The intermediate results of these jobs."""
    connection = main.log_in("OUT")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT data FROM job_result WHERE job_id = ANY(%s)", (ids,))
            rows = cursor.fetchall()
    finally:
        connection.close()
    if not rows or len(rows) != len(ids):
        raise main.Trouble(f"{len(ids)} jobs are named in --job-ids, and {len(rows)} have a result")
    return [json.loads(data) for (data,) in rows]


def lines(name: str, column: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table that speak of one column."""
    if "codes" in column:
        return [{"column": name, "code": code, "count": count} for code, count in column["codes"].items()]
    count = int(column["count"])
    mean = column["sum"] / count if count else None
    variance = column["squares"] / count - mean * mean if mean is not None else None
    deviation = math.sqrt(max(variance, 0.0)) if variance is not None else None
    return [{"column": name, "count": count, "mean": mean, "deviation": deviation}]


def fields() -> list[dict[str, str]]:
    """The columns of the table."""
    return [{"name": name, "type": kind} for name, kind in FIELDS]


def table(columns: Part) -> dict[str, Any]:
    """The result."""
    rows = [line for name, column in columns.items() for line in lines(name, column)]
    return {"schema": {"fields": fields()}, "data": rows}


def text(document: Any) -> str:
    """A result as it is stored."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def compute() -> None:
    """The whole table."""
    main.answer(SHAPE, lambda: text(table(part())))


def intermediate() -> None:
    """One part of it."""
    main.answer(PART_SHAPE, lambda: json.dumps(part(), ensure_ascii=False, allow_nan=False))


def aggregate(ids: list[str]) -> None:
    """What the parts say together."""
    main.answer(SHAPE, lambda: text(table(together(given_parts(ids)))))


def command_of(arguments: list[str]) -> Callable[[], None] | None:
    """What these arguments ask for."""
    match arguments:
        case ["compute"]:
            return compute
        case ["compute", "--mode", "intermediate"]:
            return intermediate
        case ["compute", "--mode", "aggregate", "--job-ids", _, *_]:
            return lambda: aggregate(arguments[4:])
        case _:
            return None


def check_table(_variable: dict[str, Any], entries: list[dict[str, Any]], features: list[list[Any]]) -> None:
    """Every table will do, NULL included."""


def run() -> None:
    """The whole program."""
    main.command_of = command_of
    main.check_table = check_table
    main.USAGE = "usage: compute [--mode intermediate | --mode aggregate --job-ids ID...]"
    main.run()
