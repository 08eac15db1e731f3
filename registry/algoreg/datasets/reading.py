"""Gets a table from where it is: a CSV or Parquet file, or a query on a database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from algoreg import extras
from algoreg.datasets import database, delimited, limits
from algoreg.datasets.naming import ensure_distinct, printable
from algoreg.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PARQUET_MAGIC = b"PAR1"
_ADDRESS_LIKE = re.compile(r"password\s*=|^jdbc:|^[A-Za-z][A-Za-z0-9+.-]+:/|:[^/]*@", re.IGNORECASE)
"""What was meant for a database: it may hold a password, and is never repeated."""


def is_url(source: str | Path) -> bool:
    """Whether ``source`` names a database, not a file."""
    return isinstance(source, str) and _URL.match(source) is not None


def shown(source: str | Path) -> str:
    """What a report calls ``source``: a file as it was named, a database without user and password."""
    if isinstance(source, str) and is_url(source):
        return database.shown(source)
    return printable(str(source))


def read(source: str | Path, query: str | None = None) -> pd.DataFrame:
    """The table of a file (CSV, or Parquet by its name or first bytes), or of ``query`` on a database URL.

    Numbers come as numbers, truth values as such, NULL as None or NaN, everything else as text or as what the
    library makes of it. Raises UsageError naming the file, line or column, and AlgoregError without pandas or
    when a database does not answer; a URL's password is in none of them.
    """
    if isinstance(source, str) and is_url(source):
        return database.read(source, query)
    if _ADDRESS_LIKE.search(str(source)) and not Path(source).exists():
        raise UsageError(
            "the data's address is neither a file nor a database URL",
            hint="Expected FILE, postgresql://USER@HOST/DATABASE or sqlite:///FILE; a password goes into PGPASSWORD.",
        )
    if query is not None:
        raise UsageError(
            f"a query is given and {printable(str(source))} is a file",
            hint="Leave out the query, or name a database: postgresql://... or sqlite:///FILE",
        )
    return _read_file(Path(source))


def _read_file(path: Path) -> pd.DataFrame:
    origin = printable(str(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(len(_PARQUET_MAGIC))
    except OSError as error:
        raise UsageError(
            f"cannot read {origin}: {error.strerror or error}", hint="Name a readable CSV or Parquet file."
        ) from error
    limits.ensure_bytes(origin, size)
    if size == 0:
        raise UsageError(f"{origin} is empty", hint="Name a file with a header and rows.")
    parquet = start == _PARQUET_MAGIC or path.suffix.lower() in {".parquet", ".pq"}
    return _read_parquet(path, origin) if parquet else delimited.read(path, origin)


def _read_parquet(path: Path, origin: str) -> pd.DataFrame:
    """The table; an index that pandas stored comes as columns."""
    with extras.needed("reading Parquet"):
        import pandas as pd  # noqa: F401 - pyarrow asks for it later, and then without a hint
        import pyarrow as pa
        import pyarrow.parquet as pq
    try:
        with pq.ParquetFile(path) as file:
            limits.ensure_cells(origin, file.metadata.num_rows, file.metadata.num_columns)
            ensure_distinct(origin, file.schema_arrow.names)
            frame: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{origin} cannot be read as Parquet: it is damaged, cut, or something else",
            hint="Write it again, or save it as CSV.",
        ) from error
    if frame.empty:
        raise UsageError(f"{origin} holds no row", hint="Name a file with rows.")
    return frame
