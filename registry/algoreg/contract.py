"""The names an image must honour: commands, labels, paths, environment variables, bounds (contract 1).

Standard library only and no logic beyond naming: the runtime inside images imports this module, too.
"""

from __future__ import annotations

from typing import Final

CONTRACT_VERSION: Final = 1

METADATA_LABEL: Final = "io.algoreg.metadata"
METADATA_MAX_BYTES: Final = 256 * 1024
OCI_LABELS: Final = tuple(
    f"org.opencontainers.image.{name}" for name in ("title", "version", "source", "revision", "licenses")
)

TRAIN: Final = "train"
TEST: Final = "test"
COMPUTE: Final = "compute"
WAIT: Final = "wait"
WORKING_COMMANDS: Final = (TRAIN, TEST, COMPUTE)
COMMANDS: Final = (*WORKING_COMMANDS, WAIT)

INTERMEDIATE: Final = "intermediate"
AGGREGATE: Final = "aggregate"
MODES: Final = (INTERMEDIATE, AGGREGATE)
"""What a federated ``compute`` accepts after ``--mode``."""

VOLUME: Final = "/docker-volume"
INPUT_TRAINING: Final = "input_training.json"
INPUT_TEST: Final = "input_test.json"
PREDICTIONS: Final = "predictions.json"

PIPELINE_MAX_BYTES: Final = 1024 * 1024
VOLUME_MAX_BYTES: Final = 64 * 1024 * 1024
VOLUME_MAX_ENTRIES: Final = 1000
LOG_MAX_BYTES: Final = 64 * 1024 * 1024
JSON_MAX_DEPTH: Final = 200

ERROR_SHAPES: Final = ("text/plain+error", "error")
"""Identifiers of a row that tells a failure."""
PFA_SHAPES: Final = ("application/pfa+json", "pfa", "pfa_json")
PFA_RESULTS: Final = ("pfa", "pfa_yaml")
"""Declared results that are a predictor."""
JSON_SHAPES: Final = ("application/json", "json")
"""Identifiers of a predictor as PFA, and of any JSON; the MIME type first."""

USAGE_TIMEOUT_S: Final = 30.0
"""An unknown command must have ended by then."""
SIGTERM_GRACE_S: Final = 10.0
PIDS_LIMIT: Final = 256
TMP_BYTES: Final = 64 * 1024 * 1024
SHM_BYTES: Final = 64 * 1024 * 1024

RELATIVE_TOLERANCE: Final = 1e-9
"""Numbers compare at this relative tolerance."""
PROBABILITY_TOLERANCE: Final = 1e-6
DEFAULT_SEED: Final = 42

JOB_ID_MAX: Final = 128
NODE_MAX: Final = 32
FUNCTION_MAX: Final = 256

REAL: Final = "real"
INTEGER: Final = "integer"
BINOMINAL: Final = "binominal"
POLYNOMINAL: Final = "polynominal"
NOMINAL_TYPES: Final = (BINOMINAL, POLYNOMINAL)
CONTINUOUS_TYPES: Final = (REAL, INTEGER)
VARIABLE_TYPES: Final = (REAL, INTEGER, BINOMINAL, POLYNOMINAL)

CLASSIFICATION: Final = "classification"
REGRESSION: Final = "regression"
TASKS: Final = (CLASSIFICATION, REGRESSION)

CONNECTION_SUFFIXES: Final = (
    "DBI_DRIVER",
    "DBAPI_DRIVER",
    "JDBC_DRIVER",
    "JDBC_JAR_PATH",
    "JDBC_URL",
    "JDBC_USER",
    "JDBC_PASSWORD",
    "HOST",
    "PORT",
    "DATABASE",
    "USER",
    "PASSWORD",
)


def db_safe(code: str) -> str:
    """The column name of a variable: lower case, ``-`` to ``_``, ``_`` before a leading digit.

    Source: Woken's ``features/Queries.scala`` (``toField``), contract section 2.
    """
    name = code.lower().replace("-", "_")
    return f"_{name}" if name[:1].isdigit() else name
