"""k-nearest neighbours in plain Python, written from the contract's page alone: the good twin of every mutant.

Each step is a function that is found by its name when it is called, so that a mutant is a program which imports
this one, replaces a single function, and calls ``run``. Nothing here knows of mutants.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

VOLUME = "/docker-volume"
USAGE = "usage: train | test | compute"
CODE = "stub"
MODEL = "nearest-neighbours"
K_MIN, K_MAX = 1, 50
METRICS: tuple[str, ...] = ("euclidean", "manhattan")
BOOLEANS = {"true": True, "false": False}
NOMINAL = ("binominal", "polynominal")
TYPES = ("real", "integer", *NOMINAL)
ACCEPTED: tuple[str, ...] = TYPES
"""Types that the variable may have."""
MIXED = True
"""Whether codes and numbers may stand side by side in the covariables."""
KNOWN_MAX = 120
"""Rows of a table that a new one is compared with."""
SHAPE, ERROR_SHAPE = "pfa", "text/plain+error"


class Trouble(Exception):
    """A cause outside this program; its words are all that the log needs."""


class Settings(NamedTuple):
    """The parameters."""

    k: int = 5
    metric: str = "euclidean"
    scale: bool = True


DEFAULTS = Settings()


# The volume -------------------------------------------------------------------------------------------------


def read_document(name: str, *keys: str) -> dict[str, Any]:
    """An input file with the keys that it must hold."""
    try:
        with open(f"{VOLUME}/{name}", encoding="utf-8") as stream:
            document = json.load(stream)
    except OSError as error:
        raise Trouble(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Trouble(f"{name} is not JSON: {error}") from error
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            raise Trouble(f"{name} holds no {key}")
    return document


def as_text(document: dict[str, Any]) -> str:
    """An output as it stands in its file."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def write_document(name: str, document: dict[str, Any]) -> None:
    """Write an output whole or not at all."""
    with open(f"{VOLUME}/{name}.part", "w", encoding="utf-8") as stream:
        stream.write(as_text(document))
    os.replace(f"{VOLUME}/{name}.part", f"{VOLUME}/{name}")


# What the caller says ---------------------------------------------------------------------------------------


def environment(name: str) -> str:
    """A variable that must be set."""
    try:
        return os.environ[name]
    except KeyError:
        raise Trouble(f"{name} is not set") from None


def db_safe(code: str) -> str:
    """The column of a variable's code."""
    name = code.lower().replace("-", "_")
    return f"_{name}" if name[:1].isdigit() else name


def read_meta() -> dict[str, dict[str, Any]]:
    """PARAM_meta by column."""
    try:
        meta = json.loads(environment("PARAM_meta"))
    except ValueError as error:
        raise Trouble(f"PARAM_meta is not JSON: {error}") from error
    return {db_safe(code): entry for code, entry in meta.items()}


def describe(column: str, meta: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What PARAM_meta says of a column."""
    if column not in meta:
        raise Trouble(f"PARAM_meta does not describe the column {column}")
    if meta[column].get("type") not in TYPES:
        raise Trouble(f"PARAM_meta gives the column {column} the type {meta[column].get('type')!r}")
    return meta[column]


def is_nominal(entry: dict[str, Any]) -> bool:
    """Whether a column holds codes."""
    return entry["type"] in NOMINAL


def codes_of(entry: dict[str, Any]) -> list[str]:
    """The enumeration, as text."""
    return [str(item["code"]) for item in entry.get("enumerations", ())]


def parameter(code: str, default: str) -> str:
    """A parameter's text, under its name of 2018 or of 2017."""
    given = (
        os.environ[name] for name in (f"MODEL_PARAM_{code}", f"PARAM_MODEL_{code}") if name in os.environ
    )
    return next(given, default)


def read_k() -> int:
    """The parameter k."""
    text = parameter("k", str(DEFAULTS.k))
    try:
        k = int(text)
    except ValueError:
        raise Trouble(f"parameter k must be an integer, not {text!r}") from None
    if not K_MIN <= k <= K_MAX:
        raise Trouble(f"parameter k must be between {K_MIN} and {K_MAX}, not {k}")
    return k


def read_metric() -> str:
    """The parameter metric."""
    text = parameter("metric", DEFAULTS.metric)
    if text not in METRICS:
        raise Trouble(f"parameter metric must be one of {', '.join(METRICS)}, not {text!r}")
    return text


def read_scale() -> bool:
    """The parameter scale."""
    text = parameter("scale", "true")
    if text not in BOOLEANS:
        raise Trouble(f"parameter scale must be true or false, not {text!r}")
    return BOOLEANS[text]


def read_settings() -> Settings:
    """All parameters."""
    return Settings(k=read_k(), metric=read_metric(), scale=read_scale())


def admit(variable: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Refuse what the metadata exclude."""
    if variable["type"] not in ACCEPTED:
        raise Trouble(
            f"the variable {variable['code']} is of type {variable['type']}, which is not supported"
        )
    if not MIXED and len({is_nominal(entry) for entry in entries}) == 2:
        raise Trouble("nominal and continuous covariables are not supported together")


# The science database ---------------------------------------------------------------------------------------


def log_in(prefix: str) -> Any:
    """A connection to the database that these variables describe."""
    names = ("HOST", "PORT", "DATABASE", "USER", "PASSWORD")
    host, port, database, user, password = (environment(f"{prefix}_{name}") for name in names)
    import psycopg2

    return psycopg2.connect(host=host, port=port, dbname=database, user=user, password=password)


def connect() -> Any:
    """A connection to the science database."""
    return log_in("IN")


def fetch(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a query."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [column.name for column in cursor.description], cursor.fetchall()
    finally:
        connection.close()


def ask(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a query; what the database objects to is told as it says it."""
    import psycopg2

    try:
        columns, rows = fetch(query)
    except psycopg2.Error as error:
        raise Trouble(f"the science database: {error}") from error
    if not rows:
        raise Trouble("the query returns no row")
    return columns, rows


def convert(value: Any, column: str, entry: dict[str, Any]) -> float | str | None:
    """A value as the model sees it: codes are text, everything else is a number."""
    if value is None:
        return None
    if not is_nominal(entry):
        return float(value)
    if str(value) not in codes_of(entry):
        raise Trouble(f"the column {column} holds a code that PARAM_meta does not have")
    return str(value)


def read_columns(query: str, meta: dict[str, dict[str, Any]]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """What is known of each column, and the rows."""
    columns, rows = ask(query)
    entries = [describe(column, meta) for column in columns]
    described = list(zip(columns, entries, strict=True))
    return entries, [[convert(v, *d) for v, d in zip(row, described, strict=True)] for row in rows]


def check_table(variable: dict[str, Any], entries: list[dict[str, Any]], features: list[list[Any]]) -> None:
    """Refuse what this algorithm cannot work on."""
    admit(variable, entries)
    if any(value is None for row in features for value in row):
        raise Trouble("a covariable holds NULL, which this algorithm does not accept")


def read_table(
    document: dict[str, Any],
) -> tuple[list[dict[str, Any]], list[list[Any]], dict[str, Any], list[Any]]:
    """Features and targets: the entries of the covariables, their rows, the variable's entry, its values."""
    meta = read_meta()
    entries, features = read_columns(document["query_features"], meta)
    variables, targets = read_columns(document["query_targets"], meta)
    if len(variables) != 1 or len(features) != len(targets):
        raise Trouble("query_features and query_targets do not fit together")
    check_table(variables[0], entries, features)
    if not all(isinstance(row, int) and 0 <= row < len(features) for row in document["test_rows"]):
        raise Trouble("test_rows holds a position that the table does not have")
    return entries, features, variables[0], [row[0] for row in targets]


def read_question() -> tuple[dict[str, dict[str, Any]], list[list[Any]], dict[str, Any], list[Any]]:
    """What compute is asked about: the covariables' entries by column, their rows, the variable's entry, its values."""
    meta = read_meta()
    variable = environment("PARAM_variables")
    covariables = [name for name in environment("PARAM_covariables").split(",") if name]
    columns, rows = ask(environment("PARAM_query"))
    described = [(column, describe(column, meta)) for column in columns]
    if absent := [name for name in (variable, *covariables) if name not in columns]:
        raise Trouble(f"the query does not return the column {', '.join(absent)}")
    table = [
        {column: convert(value, column, entry) for value, (column, entry) in zip(row, described, strict=True)}
        for row in rows
    ]
    entries = {name: meta[name] for name in covariables}
    features = [[row[name] for name in covariables] for row in table]
    check_table(meta[variable], list(entries.values()), features)
    return entries, features, meta[variable], [row[variable] for row in table]


# The model --------------------------------------------------------------------------------------------------


def write_pipeline(settings: Settings, seed: int) -> str:
    """The model as text."""
    return json.dumps({"model": MODEL, **settings._asdict(), "seed": seed})


def read_pipeline(document: dict[str, Any]) -> Settings:
    """The parameters, out of the model's text."""
    try:
        model = json.loads(document["pipeline"])
    except (TypeError, ValueError) as error:
        raise Trouble(f"pipeline is not the text that train writes: {error}") from error
    if not isinstance(model, dict) or model.get("model") != MODEL or not isinstance(model.get("k"), int):
        raise Trouble("pipeline does not describe nearest neighbours")
    return Settings(k=model["k"], metric=str(model.get("metric")), scale=bool(model.get("scale")))


def known_rows(features: list[list[Any]], targets: list[Any]) -> list[tuple[list[Any], Any]]:
    """The rows that are compared with: evenly spread over those that something can be learnt from."""
    known = [(row, target) for row, target in zip(features, targets, strict=True) if target is not None]
    if not known:
        raise Trouble("no row is left to learn from")
    # An evaluator of PFA interprets every comparison, and every image of the corpus is evaluated
    return known[:: -(-len(known) // KNOWN_MAX)]


def scales(settings: Settings, entries: list[dict[str, Any]], rows: list[list[Any]]) -> list[float]:
    """What a difference of one deviation is, per column; 1 for codes, which differ or do not."""
    columns = zip(*rows, strict=True)
    return [
        1.0 if is_nominal(entry) or not settings.scale else statistics.pstdev(column) or 1.0
        for entry, column in zip(entries, columns, strict=True)
    ]


def gap(metric: str, one: float, other: float, scale: float) -> float:
    """What two numbers add to the distance of their rows."""
    steps = (one - other) / scale
    return abs(steps) if metric == "manhattan" else steps * steps


def distance(metric: str, one: list[Any], other: list[Any], scale: list[float]) -> float:
    """How far two rows are apart: the gaps between numbers, 0 or 1 between codes; added from the left, as in PFA."""
    total = 0.0
    for a, b, s in zip(one, other, scale, strict=True):
        total += float(a != b) if isinstance(a, str) else gap(metric, a, b, s)
    return total


def nearest(
    settings: Settings, row: list[Any], known: list[tuple[list[Any], Any]], scale: list[float]
) -> list[Any]:
    """The targets of the k nearest rows, the nearest first; earlier rows win a tie."""
    distances = [distance(settings.metric, row, other, scale) for other, _ in known]
    order = sorted(range(len(known)), key=lambda index: (distances[index], index))
    return [known[index][1] for index in order[: settings.k]]


def shares(neighbours: list[str], codes: list[str]) -> dict[str, float]:
    """The probability of each code."""
    votes = Counter(neighbours)
    return {code: votes[code] / len(neighbours) for code in codes}


def decide(neighbours: list[Any], variable: dict[str, Any]) -> float | str:
    """The mean, or the code of most neighbours (of equal ones the nearest)."""
    if not is_nominal(variable):
        return statistics.fmean(neighbours)
    return str(Counter(neighbours).most_common(1)[0][0])


def predict(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """predictions.json of the held-out rows."""
    entries, features, variable, targets = read_table(document)
    held_out = document["test_rows"]
    out = set(held_out)
    kept = [index for index in range(len(features)) if index not in out]
    known = known_rows([features[index] for index in kept], [targets[index] for index in kept])
    scale = scales(settings, entries, [row for row, _ in known])
    neighbours = [nearest(settings, features[row], known, scale) for row in held_out]
    return {
        "rows": held_out,
        "predictions": [decide(n, variable) for n in neighbours],
        "targets": [targets[row] for row in held_out],
        "probabilities": [shares(n, codes_of(variable)) for n in neighbours]
        if is_nominal(variable)
        else None,
    }


# The model as PFA -------------------------------------------------------------------------------------------


def pfa_gap(metric: str) -> Any:
    """``gap`` of the steps between two numbers."""
    return {"m.abs": "steps"} if metric == "manhattan" else {"*": ["steps", "steps"]}


def pfa_term(position: int, column: str, entry: dict[str, Any], scale: float) -> Any:
    """What one column adds to the distance."""
    ours, theirs = f"row.{column}", f"other.x{position}"
    if is_nominal(entry):
        return {"if": {"==": [ours, theirs]}, "then": 0.0, "else": 1.0}
    return {"u.gap": [{"/": [{"-": [ours, theirs]}, scale]}]}


def pfa_distance(entries: dict[str, dict[str, Any]], scale: list[float]) -> Any:
    """``distance``, unrolled over the columns."""
    total: Any = 0.0
    for position, (column, entry) in enumerate(entries.items()):
        total = {"+": [total, pfa_term(position, column, entry, scale[position])]}
    return total


def pfa_type(entry: dict[str, Any]) -> str:
    """The type of a column's values."""
    return "string" if is_nominal(entry) else "double"


def pfa_input(entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A record of the covariables."""
    fields = [{"name": column, "type": pfa_type(entry)} for column, entry in entries.items()]
    return {"type": "record", "name": "Row", "fields": fields}


def pfa_known(
    entries: dict[str, dict[str, Any]], known: list[tuple[list[Any], Any]], answer: str
) -> dict[str, Any]:
    """The cell of the known rows."""
    columns = [{"name": f"x{n}", "type": pfa_type(entry)} for n, entry in enumerate(entries.values())]
    record = {"type": "record", "name": "Known", "fields": [*columns, {"name": "y", "type": answer}]}
    rows = [{**{f"x{n}": value for n, value in enumerate(row)}, "y": target} for row, target in known]
    return {"type": {"type": "array", "items": record}, "init": rows}


def pfa_decide(variable: dict[str, Any]) -> list[Any]:
    """``decide``, out of the array ``answers``."""
    if not is_nominal(variable):
        return [{"a.mean": ["answers"]}]
    votes = {"params": [{"y": "string"}], "ret": "int", "do": {"a.count": ["answers", "y"]}}
    return [{"attr": "answers", "path": [{"a.argmax": [{"a.map": ["answers", votes]}]}]}]


def pfa_document(
    settings: Settings,
    entries: dict[str, dict[str, Any]],
    known: list[tuple[list[Any], Any]],
    variable: dict[str, Any],
) -> dict[str, Any]:
    """A document that predicts what ``predict`` does."""
    answer = pfa_type(variable)
    scale = scales(settings, list(entries.values()), [row for row, _ in known])
    near = {"model.neighbor.nearestK": [settings.k, "input", {"cell": "known"}, {"fcn": "u.distance"}]}
    take = {"params": [{"one": "Known"}], "ret": answer, "do": "one.y"}
    return {
        "name": "NearestNeighbours",
        "method": "map",
        "input": pfa_input(entries),
        "output": answer,
        "cells": {"known": pfa_known(entries, known, answer)},
        "fcns": {
            "gap": {"params": [{"steps": "double"}], "ret": "double", "do": pfa_gap(settings.metric)},
            "distance": {
                "params": [{"row": "Row"}, {"other": "Known"}],
                "ret": "double",
                "do": pfa_distance(entries, scale),
            },
        },
        "action": [{"let": {"answers": {"a.map": [near, take]}}}, *pfa_decide(variable)],
    }


def pfa_text(document: dict[str, Any]) -> str:
    """A document as it is stored."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


# The results database ---------------------------------------------------------------------------------------


def row_of(shape: str, data: str | None, error: str | None) -> dict[str, Any]:
    """The job's row."""
    return {
        "job_id": environment("JOB_ID"),
        "node": environment("NODE"),
        "function": os.environ.get("FUNCTION") or CODE,
        "shape": shape,
        "data": data,
        "error": error,
    }


def insert(cursor: Any, row: dict[str, Any]) -> None:
    """Put a row into job_result."""
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    cursor.execute(f"INSERT INTO job_result ({names}) VALUES ({places})", list(row.values()))


def store(row: dict[str, Any]) -> None:
    """One row, in one transaction."""
    connection = log_in("OUT")
    try:
        with connection, connection.cursor() as cursor:
            insert(cursor, row)
    finally:
        connection.close()


def report(error: str) -> None:
    """The row of a failure; where that fails as well, the failure itself is what the log must tell."""
    import psycopg2

    try:
        store(row_of(ERROR_SHAPE, None, error))
    except (Trouble, psycopg2.Error) as second:
        say(f"the failure cannot be stored: {second}")


# The commands -----------------------------------------------------------------------------------------------


def train() -> None:
    """Look at everything that test will need, and describe the model."""
    document = read_document("input_training.json", "query_features", "query_targets", "test_rows")
    settings = read_settings()
    read_table(document)
    pipeline = write_pipeline(settings, document.get("seed", 42))
    write_document("input_test.json", {**document, "pipeline": pipeline})


def test() -> None:
    """Rebuild the model, fit it on the training rows, predict the others."""
    document = read_document("input_test.json", "query_features", "query_targets", "test_rows", "pipeline")
    write_document("predictions.json", predict(document, read_pipeline(document)))


def model() -> str:
    """What compute stores: the model of the rows that it was given."""
    settings = read_settings()
    entries, features, variable, targets = read_question()
    return pfa_text(pfa_document(settings, entries, known_rows(features, targets), variable))


def answer(shape: str, make: Callable[[], str]) -> None:
    """Store a result, or why there is none."""
    try:
        data = make()
    except Trouble as trouble:
        report(str(trouble))
        raise
    except Exception as error:
        report(f"{type(error).__name__}: {error}")
        raise
    store(row_of(shape, data, None))


def compute() -> None:
    """Store the model."""
    answer(SHAPE, model)


def say(text: str) -> None:
    """One line for the operator."""
    sys.stderr.write(f"{text}\n")


def refuse(arguments: list[str]) -> int:
    """An unknown command, or none."""
    say(USAGE)
    return 2


def command_of(arguments: list[str]) -> Callable[[], None] | None:
    """What these arguments ask for."""
    commands = {"train": train, "test": test, "compute": compute}
    return commands.get(arguments[0]) if len(arguments) == 1 else None


def main(arguments: list[str]) -> int:
    """The exit code of a command; what nobody foresaw leaves its traceback."""
    command = command_of(arguments)
    if command is None:
        return refuse(arguments)
    try:
        command()
    except Trouble as trouble:
        say(f"error: {trouble}")
        return 1
    return 0


def run() -> None:
    """The whole program."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
