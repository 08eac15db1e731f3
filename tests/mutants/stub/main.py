"""k-nearest neighbours in plain Python, written from the contract's page alone: the good twin of every mutant.

Each step is a function that is found by its name when it is called, so that a mutant is a program which imports
this one, replaces a single function, and calls ``run``. Nothing here knows of mutants.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
from collections import Counter
from typing import Any

VOLUME = "/docker-volume"
USAGE = "usage: train | test"
MODEL = "nearest-neighbours"
K_DEFAULT, K_MIN, K_MAX = 5, 1, 50
NOMINAL = ("binominal", "polynominal")
TYPES = ("real", "integer", *NOMINAL)


class Trouble(Exception):
    """A cause outside this program; its words are all that the log needs."""


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


def read_k() -> int:
    """The parameter k."""
    given = (os.environ[name] for name in ("MODEL_PARAM_k", "PARAM_MODEL_k") if name in os.environ)
    text = next(given, str(K_DEFAULT))
    try:
        k = int(text)
    except ValueError:
        raise Trouble(f"parameter k must be an integer, not {text!r}") from None
    if not K_MIN <= k <= K_MAX:
        raise Trouble(f"parameter k must be between {K_MIN} and {K_MAX}, not {k}")
    return k


# The science database ---------------------------------------------------------------------------------------


def connect() -> Any:
    """A connection to the science database."""
    names = ("HOST", "PORT", "DATABASE", "USER", "PASSWORD")
    host, port, database, user, password = (environment(f"IN_{name}") for name in names)
    import psycopg2

    return psycopg2.connect(host=host, port=port, dbname=database, user=user, password=password)


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


def read_table(
    document: dict[str, Any],
) -> tuple[list[dict[str, Any]], list[list[Any]], dict[str, Any], list[Any]]:
    """Features and targets: the entries of the covariables, their rows, the variable's entry, its values."""
    meta = read_meta()
    entries, features = read_columns(document["query_features"], meta)
    variables, targets = read_columns(document["query_targets"], meta)
    if len(variables) != 1 or len(features) != len(targets):
        raise Trouble("query_features and query_targets do not fit together")
    if any(value is None for row in features for value in row):
        raise Trouble("a covariable holds NULL, which this algorithm does not accept")
    if not all(isinstance(row, int) and 0 <= row < len(features) for row in document["test_rows"]):
        raise Trouble("test_rows holds a position that the table does not have")
    return entries, features, variables[0], [row[0] for row in targets]


# The model --------------------------------------------------------------------------------------------------


def write_pipeline(k: int, seed: int) -> str:
    """The model as text."""
    return json.dumps({"model": MODEL, "scaling": "standard", "k": k, "seed": seed})


def read_pipeline(document: dict[str, Any]) -> int:
    """k, out of the model's text."""
    try:
        model = json.loads(document["pipeline"])
    except (TypeError, ValueError) as error:
        raise Trouble(f"pipeline is not the text that train writes: {error}") from error
    if not isinstance(model, dict) or model.get("model") != MODEL or not isinstance(model.get("k"), int):
        raise Trouble("pipeline does not describe nearest neighbours")
    return int(model["k"])


def scales(entries: list[dict[str, Any]], rows: list[list[Any]]) -> list[float]:
    """What a difference of one deviation is, per column; 1 for codes, which differ or do not."""
    columns = zip(*rows, strict=True)
    return [
        1.0 if is_nominal(entry) else statistics.pstdev(column) or 1.0
        for entry, column in zip(entries, columns, strict=True)
    ]


def distance(one: list[Any], other: list[Any], scale: list[float]) -> float:
    """Euclidean between numbers, 0 or 1 between codes."""
    return math.fsum(
        float(a != b) if isinstance(a, str) else ((a - b) / s) ** 2
        for a, b, s in zip(one, other, scale, strict=True)
    )


def nearest(k: int, row: list[Any], known: list[tuple[list[Any], Any]], scale: list[float]) -> list[Any]:
    """The targets of the k nearest rows, the nearest first; earlier rows win a tie."""
    order = sorted(range(len(known)), key=lambda index: (distance(row, known[index][0], scale), index))
    return [known[index][1] for index in order[:k]]


def shares(neighbours: list[str], codes: list[str]) -> dict[str, float]:
    """The probability of each code."""
    votes = Counter(neighbours)
    return {code: votes[code] / len(neighbours) for code in codes}


def decide(neighbours: list[Any], variable: dict[str, Any]) -> float | str:
    """The mean, or the code of most neighbours (of equal ones the nearest)."""
    if not is_nominal(variable):
        return statistics.fmean(neighbours)
    return str(Counter(neighbours).most_common(1)[0][0])


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    """predictions.json of the held-out rows."""
    entries, features, variable, targets = read_table(document)
    held_out = document["test_rows"]
    out = set(held_out)
    known = [
        (f, t)
        for i, (f, t) in enumerate(zip(features, targets, strict=True))
        if i not in out and t is not None
    ]
    if not known:
        raise Trouble("no row is left to learn from")
    scale = scales(entries, [row for row, _ in known])
    neighbours = [nearest(k, features[row], known, scale) for row in held_out]
    return {
        "rows": held_out,
        "predictions": [decide(n, variable) for n in neighbours],
        "targets": [targets[row] for row in held_out],
        "probabilities": [shares(n, codes_of(variable)) for n in neighbours]
        if is_nominal(variable)
        else None,
    }


# The commands -----------------------------------------------------------------------------------------------


def train() -> None:
    """Look at everything that test will need, and describe the model."""
    document = read_document("input_training.json", "query_features", "query_targets", "test_rows")
    k = read_k()
    read_table(document)
    pipeline = write_pipeline(k, document.get("seed", 42))
    write_document("input_test.json", {**document, "pipeline": pipeline})


def test() -> None:
    """Rebuild the model, fit it on the training rows, predict the others."""
    document = read_document("input_test.json", "query_features", "query_targets", "test_rows", "pipeline")
    write_document("predictions.json", predict(document, read_pipeline(document)))


def say(text: str) -> None:
    """One line for the operator."""
    sys.stderr.write(f"{text}\n")


def refuse(arguments: list[str]) -> int:
    """An unknown command, or none."""
    say(USAGE)
    return 2


def main(arguments: list[str]) -> int:
    """The exit code of a command; what nobody foresaw leaves its traceback."""
    command = {"train": train, "test": test}.get(arguments[0]) if len(arguments) == 1 else None
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
