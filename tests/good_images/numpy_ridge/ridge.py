"""Ridge regression and a linear discriminant in numpy, written from the contract page alone.

It shares no line with the registry on purpose: what it is blamed for is the page's fault or the checker's.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import numpy as np

VOLUME = Path("/docker-volume")
TRAINING, TEST, PREDICTIONS = "input_training.json", "input_test.json", "predictions.json"
CONNECTION = {
    "host": "IN_HOST",
    "port": "IN_PORT",
    "dbname": "IN_DATABASE",
    "user": "IN_USER",
    "password": "IN_PASSWORD",
}
META = "PARAM_meta"
ALPHA = ("MODEL_PARAM_alpha", "PARAM_MODEL_alpha")  # since 2018, and in 2017
NOMINAL, CONTINUOUS = ("binominal", "polynominal"), ("real", "integer")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class RefusedError(Exception):
    """Bad input or bad data: said in one line and never with a value of a patient."""


@dataclass(frozen=True)
class Table:
    names: list[str]
    rows: list[tuple[Any, ...]]

    def column(self, position: int) -> list[Any]:
        return [row[position] for row in self.rows]


@dataclass(frozen=True)
class Column:
    """How one covariable becomes numbers: levels for a nominal one, centre and scale for a continuous one."""

    name: str
    levels: list[str] | None
    centre: float = 0.0
    scale: float = 1.0

    def encode(self, values: list[Any]) -> list[list[float]]:
        if self.levels is None:
            numbers = [as_number(value, self.name) for value in values]
            return [[0.0 if math.isnan(x) else (x - self.centre) / self.scale] for x in numbers]
        texts = [as_code(value) for value in values]
        if any(text is not None and text not in self.levels for text in texts):
            raise RefusedError(f"column {self.name}: a value outside its enumeration")
        return [[float(level == text) for level in self.levels] for text in texts]


def as_code(value: Any) -> str | None:
    """The text of an enumeration code: digit-only codes are numbers in JSON, text in the table, or the reverse."""
    return None if value is None else str(value)


def as_number(value: Any, name: str) -> float:
    """A number, NaN for NULL."""
    if value is None:
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise RefusedError(f"column {name}: a value is not a number") from None  # its text is a patient's
    if not math.isfinite(number):
        raise RefusedError(f"column {name}: a number is not finite")
    return number


def db_safe(code: str) -> str:
    name = code.lower().replace("-", "_")
    return f"_{name}" if name[:1].isdigit() else name


def parse(text: str, what: str) -> dict[str, Any]:
    """A JSON object, strictly: no key twice, no NaN."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key stands there twice")
        return dict(pairs)

    def no_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    try:
        document = json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{what}: {error}") from None
    if not isinstance(document, dict):
        raise RefusedError(f"{what}: not a JSON object")
    return document


def text_of(document: dict[str, Any], key: str, what: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(f"{what}: {key} is absent or not a text")
    return value


def stop(number: int, _frame: object) -> NoReturn:
    """End at once when told to; as PID 1 without a handler, the signal would be ignored."""
    sys.exit(128 + number)


class Ridge:
    """The program. It does what its metadata say, so that a variation in scope is a change of metadata alone."""

    def __init__(self) -> None:
        document = json.loads(Path(__file__).with_name("algorithm.json").read_text("utf-8"))
        constraints = document.get("constraints", {})
        variable = constraints.get("variable", {})
        self.commands: list[str] = document["entrypoints"]
        self.variable_null: bool = document.get("variables_can_be_null", False)
        self.covariables_null: bool = document.get("covariables_can_be_null", False)
        self.mixed: bool = constraints.get("mixed", True)
        self.variable_types = [kind for kind in CONTINUOUS + NOMINAL if variable.get(kind, True)]

    def main(self, arguments: list[str]) -> int:
        if len(arguments) != 1 or arguments[0] not in self.commands:
            sys.stderr.write(f"usage: {{{'|'.join(self.commands)}}}\n")
            return 2
        signal.signal(signal.SIGTERM, stop)
        try:
            getattr(self, arguments[0])()
        except RefusedError as refusal:
            sys.stderr.write(f"{arguments[0]}: {refusal}\n")
            return 1
        return 0

    # -- the two commands ------------------------------------------------------------------------------------

    def train(self) -> None:
        job = self.start(TRAINING, TEST)
        queries = [text_of(job, key, TRAINING) for key in ("query_features", "query_targets")]
        parameter, meta = self.parameter(), self.meta()
        features, targets = self.tables(*queries)
        held_out = self.held_out(job, len(features.rows))
        kept = [i for i in range(len(features.rows)) if i not in set(held_out)]
        if len(kept) < 2:
            raise RefusedError(f"{TRAINING}: test_rows leaves fewer than two rows for training")
        kind, codes = self.described(meta, targets.names[0])
        if kind not in self.variable_types:
            raise RefusedError(f"variable {targets.names[0]}: type {kind} is not supported")
        columns = self.columns(meta, Table(features.names, [features.rows[i] for i in kept]))
        truth = [targets.rows[i][0] for i in kept]
        if not self.variable_null and None in truth:
            raise RefusedError(f"variable {targets.names[0]}: NULL is not supported")
        known = [i for i, value in zip(kept, truth, strict=True) if value is not None]
        if not known:
            raise RefusedError(f"variable {targets.names[0]}: no row with a value")
        x = self.matrix(columns, Table(features.names, [features.rows[i] for i in known]))
        y = [targets.rows[i][0] for i in known]
        name, seed = targets.names[0], job.get("seed", 42)
        fitted = (
            self.regression(x, [as_number(value, name) for value in y], parameter, seed)
            if kind in CONTINUOUS
            else self.discriminant(x, [as_code(value) for value in y], codes, parameter, seed)
        )
        pipeline = {"format": "numpy-ridge/1", "columns": [asdict(column) for column in columns], **fitted}
        self.write(TEST, job | {"pipeline": self.dump(pipeline)})

    def test(self) -> None:
        job = self.start(TEST, PREDICTIONS)
        queries = [text_of(job, key, TEST) for key in ("query_features", "query_targets")]
        pipeline = parse(text_of(job, "pipeline", TEST), "pipeline")
        features, targets = self.tables(*queries)
        held_out = self.held_out(job, len(features.rows))
        rows = Table(features.names, [features.rows[i] for i in held_out])
        truth = [targets.rows[i][0] for i in held_out]
        try:
            columns = [Column(**column) for column in pipeline["columns"]]
            if [column.name for column in columns] != features.names:
                raise RefusedError("pipeline: trained on other columns than query_features has")
            answer = self.predict(pipeline, self.matrix(columns, rows), job.get("seed", 42))
        except (KeyError, TypeError, ValueError) as error:
            raise RefusedError(f"pipeline: not a trained pipeline ({type(error).__name__})") from None
        regression = pipeline["task"] == "regression"
        if regression:
            numbers = [as_number(value, targets.names[0]) for value in truth]
            answer["targets"] = [None if math.isnan(x) else x for x in numbers]
        else:
            answer["targets"] = [as_code(value) for value in truth]
        self.write(PREDICTIONS, {"rows": held_out, **answer})

    # -- the mathematics -------------------------------------------------------------------------------------

    def regression(self, x: np.ndarray, y: list[float], alpha: float, _seed: int) -> dict[str, Any]:
        import numpy as np

        centre, mean = x.mean(axis=0), float(np.mean(y))
        centred = x - centre
        gram = self.gram(centred) + alpha * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, centred.T @ (np.asarray(y) - mean))
        return {
            "task": "regression",
            "weights": weights.tolist(),
            "intercept": float(mean - centre @ weights),
        }

    def discriminant(
        self, x: np.ndarray, y: list[str | None], codes: list[str], alpha: float, _seed: int
    ) -> dict[str, Any]:
        """A linear discriminant; the pooled covariance is shrunk by alpha, so that it always has an inverse."""
        import numpy as np

        if any(code not in codes for code in y):
            raise RefusedError("the variable holds a value outside its enumeration")
        present = [code for code in codes if code in y]
        labels = np.asarray([present.index(str(code)) for code in y])
        counts = np.bincount(labels, minlength=len(present))
        means = np.stack([x[labels == i].mean(axis=0) for i in range(len(present))])
        pooled = self.gram(x - means[labels]) / len(y) + alpha * np.eye(x.shape[1])
        weights = np.linalg.solve(pooled, means.T).T
        offsets = np.log(counts / len(y)) - 0.5 * np.sum(weights * means, axis=1)
        return {
            "task": "classification",
            "codes": codes,
            "present": present,
            "weights": weights.tolist(),
            "offsets": offsets.tolist(),
        }

    def gram(self, x: np.ndarray) -> np.ndarray:
        return x.T @ x

    def predict(self, pipeline: dict[str, Any], x: np.ndarray, _seed: int) -> dict[str, Any]:
        import numpy as np

        weights = np.asarray(pipeline["weights"], dtype=float)
        if pipeline["task"] == "regression":
            return {
                "predictions": (x @ weights + float(pipeline["intercept"])).tolist(),
                "probabilities": None,
            }
        scores = x @ weights.T + np.asarray(pipeline["offsets"], dtype=float)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        present = pipeline["present"]
        absent = dict.fromkeys(pipeline["codes"], 0.0)
        return {
            "predictions": [present[i] for i in odds.argmax(axis=1)],
            "probabilities": [absent | dict(zip(present, row, strict=True)) for row in odds.tolist()],
        }

    def columns(self, meta: dict[str, Any], table: Table) -> list[Column]:
        """How each covariable is encoded, learnt from the rows that are not held out."""
        columns = []
        for position, name in enumerate(table.names):
            kind, codes = self.described(meta, name)
            values = table.column(position)
            if not self.covariables_null and None in values:
                raise RefusedError(f"covariable {name}: NULL is not supported")
            if kind in NOMINAL:
                columns.append(Column(name, codes))
                continue
            known = [x for x in (as_number(value, name) for value in values) if not math.isnan(x)]
            centre = math.fsum(known) / len(known) if known else 0.0
            spread = math.sqrt(math.fsum((x - centre) ** 2 for x in known) / len(known)) if known else 0.0
            columns.append(Column(name, None, centre, spread or 1.0))
        if not self.mixed and len({column.levels is None for column in columns}) == 2:
            raise RefusedError("covariables: nominal and continuous ones together are not supported (mixed)")
        return columns

    def matrix(self, columns: list[Column], table: Table) -> np.ndarray:
        import numpy as np

        parts = [column.encode(table.column(i)) for i, column in enumerate(columns)]
        return np.hstack([np.asarray(part, dtype=float) for part in parts])

    # -- what the caller passes ------------------------------------------------------------------------------

    def start(self, source: str, output: str) -> dict[str, Any]:
        """The input; an output that an earlier run left goes first, so that a failure leaves none."""
        (VOLUME / output).unlink(missing_ok=True)
        try:
            return parse((VOLUME / source).read_text("utf-8"), source)
        except (OSError, UnicodeDecodeError) as error:
            raise RefusedError(f"{source}: {error}") from None

    def held_out(self, job: dict[str, Any], count: int) -> list[int]:
        rows, seed = job.get("test_rows"), job.get("seed", 42)
        if not isinstance(rows, list) or not rows or any(type(row) is not int for row in rows):
            raise RefusedError("test_rows is absent, empty or not an array of integers")
        if len(set(rows)) != len(rows) or min(rows) < 0 or max(rows) >= count:
            raise RefusedError(f"test_rows: a position stands there twice or is outside the {count} rows")
        if type(seed) is not int:
            raise RefusedError("seed is not an integer")
        return rows

    def parameter(self) -> float:
        given = [os.environ[name] for name in ALPHA if name in os.environ]
        text = given[0] if given else "1.0"
        if not NUMBER.fullmatch(text) or not 0.001 <= float(text) <= 1000:
            raise RefusedError("alpha: not a number between 0.001 and 1000")
        return float(text)

    def meta(self) -> dict[str, Any]:
        """PARAM_meta by the names that the columns have."""
        if META not in os.environ:
            raise RefusedError(f"{META} is not set")
        return {db_safe(code): entry for code, entry in parse(os.environ[META], META).items()}

    def described(self, meta: dict[str, Any], name: str) -> tuple[str, list[str]]:
        """Type and codes of a column."""
        entry = meta.get(name)
        if not isinstance(entry, dict) or entry.get("type") not in CONTINUOUS + NOMINAL:
            raise RefusedError(f"{META}: column {name} is not described, or is of no known type")
        try:
            codes = [str(as_code(level["code"])) for level in entry.get("enumerations") or []]
        except (KeyError, TypeError):
            raise RefusedError(f"{META}: column {name} has enumerations without a code") from None
        if entry["type"] in NOMINAL and not codes:
            raise RefusedError(f"{META}: column {name} is nominal and has no enumerations")
        return entry["type"], codes

    def tables(self, query_features: str, query_targets: str) -> tuple[Table, Table]:
        import psycopg

        missing = [name for name in CONNECTION.values() if name not in os.environ]
        if missing:
            raise RefusedError(f"not set: {', '.join(missing)}")
        settings: dict[str, Any] = {key: os.environ[name] for key, name in CONNECTION.items()}
        try:
            with psycopg.connect(**settings, connect_timeout=10) as connection:
                features, targets = (self.query(connection, sql) for sql in (query_features, query_targets))
        except psycopg.Error as error:
            raise RefusedError(f"science database: {error}") from None
        if not features.rows or len(features.rows) != len(targets.rows):
            counts = f"{len(features.rows)} and {len(targets.rows)}"
            raise RefusedError(f"query_features and query_targets return {counts} rows")
        if len(targets.names) != 1:
            raise RefusedError(f"query_targets returns {len(targets.names)} columns")
        return features, targets

    def query(self, connection: Any, sql: str) -> Table:
        cursor = connection.execute(sql)
        if cursor.description is None:
            raise RefusedError("a query returns no table")
        return Table([column.name for column in cursor.description], cursor.fetchall())

    # -- what it writes --------------------------------------------------------------------------------------

    def dump(self, document: dict[str, Any]) -> str:
        return json.dumps(document, allow_nan=False)

    def write(self, name: str, document: dict[str, Any]) -> None:
        """All or nothing: a reader never meets half a file."""
        part = VOLUME / f".{name}.part"
        try:
            part.write_text(self.dump(document), "utf-8")
            part.replace(VOLUME / name)
        finally:
            part.unlink(missing_ok=True)
