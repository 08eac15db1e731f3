"""One hospital for the tests of the runtime: a PostgreSQL, tables, and experiments on them as a caller writes them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from algoreg import contract
from algoreg.databases import embedded
from algoreg.databases.templates import JOB_RESULT
from algoreg.runtime import run

DATABASE, ROLE, PASSWORD = "clinic", "kliniker", "s3cr3t-Pa%55wort"
RESULTS, WRITER = "results", "schreiber"
TRAIN_COUNT, HELD_OUT = 30, (3, 11, 17, 29)


@dataclass(frozen=True)
class Server:
    port: int
    session: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    results: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with embedded.running(rng=random.Random(7)) as postgresql:
        with postgresql.server.session("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
            connection.execute(f"GRANT pg_read_all_data TO {ROLE}")
            connection.execute(f"CREATE DATABASE {RESULTS}")
            connection.execute(f"CREATE ROLE {WRITER} LOGIN PASSWORD '{PASSWORD}'")
        with postgresql.server.session(RESULTS) as connection:
            connection.execute(JOB_RESULT)
            connection.execute(f"GRANT SELECT, INSERT ON job_result TO {WRITER}")
        yield Server(
            postgresql.port,
            lambda: postgresql.server.session(DATABASE),
            lambda: postgresql.server.session(RESULTS),
        )


@dataclass
class Experiment:
    """One table and the question asked of it; written as a caller would, then broken by the test."""

    volume: Path
    environ: dict[str, str]
    server: Server
    training: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        (self.volume / contract.INPUT_TRAINING).write_text(json.dumps(self.training))

    def change(self, file: str, **keys: Any) -> None:
        path = self.volume / file
        document = json.loads(path.read_text())
        path.write_text(json.dumps({k: v for k, v in {**document, **keys}.items() if v is not ABSENT}))

    def read(self, file: str) -> dict[str, Any]:
        document = json.loads((self.volume / file).read_text())
        assert isinstance(document, dict)
        return document

    def run(self, *arguments: str, package: str = "algoreg_knn") -> int:
        return run(package, arguments, self.environ)

    def spawn(self, *arguments: str, package: str = "algoreg_knn") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", package, *arguments],
            env={**self.environ, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def rows(self, job_id: str | None = None) -> list[dict[str, Any]]:
        """What lies in job_result under this job's id, or another's."""
        with self.server.results() as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SELECT * FROM job_result WHERE job_id = %s", (job_id or self.environ["JOB_ID"],))
            return cursor.fetchall()

    def files(self) -> list[str]:
        return sorted(path.name for path in self.volume.iterdir())


ABSENT = object()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Given:
    """A column: original code, PARAM_meta type, SQL type, values, and enumeration as JSON sends it."""

    code: str
    type: str
    sql_type: str
    values: Sequence[Any]
    enumeration: Sequence[Any] = ()

    @property
    def meta(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"code": self.code, "label": self.code, "type": self.type}
        if self.enumeration:
            entry["enumerations"] = [{"code": code, "label": str(code)} for code in self.enumeration]
        return entry


AGE = Given("Age", "real", "double precision", [40.5 + (7 * i) % 31 for i in range(TRAIN_COUNT)])
VOLUME = Given("left-hippocampus", "integer", "integer", [(13 * i) % 29 for i in range(TRAIN_COUNT)])
SEX = Given("sex", "binominal", "text", ["M" if i % 3 else "F" for i in range(TRAIN_COUNT)], ["M", "F"])
SCORE = Given(
    "score", "real", "double precision", [0.25 * ((7 * i) % 31) + i % 3 for i in range(TRAIN_COUNT)]
)
DIAGNOSES = ["AD", "CN", "MCI"]
DIAGNOSIS = Given("dx", "polynominal", "text", [DIAGNOSES[i % 3] for i in range(TRAIN_COUNT)], DIAGNOSES)


class Clinic:
    """Makes tables on the server, each under a name of its own."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder, self.count = server, folder, 0

    def experiment(
        self, variable: Given, covariables: Sequence[Given], *, table: str | None = None, **more: str
    ) -> Experiment:
        self.count += 1
        table = table or f"patients_{abs(hash(self.folder)) % 10**9}_{self.count}"
        columns = [variable, *covariables]
        names = [contract.db_safe(column.code) for column in columns]
        with self.server.session() as connection:
            described = ", ".join(f"{quoted(n)} {c.sql_type}" for n, c in zip(names, columns, strict=True))
            connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
            connection.execute(f"CREATE TABLE {quoted(table)} (row_number integer, {described})")
            insert = sql.SQL("INSERT INTO {} VALUES ({})").format(
                sql.Identifier(table), sql.SQL(", ").join([sql.Placeholder()] * (len(columns) + 1))
            )
            rows = zip(range(len(variable.values)), *(c.values for c in columns), strict=True)
            connection.cursor().executemany(insert, list(rows))
        volume = self.folder / f"volume{self.count}"
        volume.mkdir()
        tail = f"FROM {quoted(table)} ORDER BY row_number"
        made = Experiment(
            volume=volume,
            server=self.server,
            environ={
                "JOB_ID": f"job-{table}",
                "NODE": "n1",
                "PARAM_variables": names[0],
                "PARAM_covariables": ",".join(names[1:]),
                "PARAM_grouping": "",
                "PARAM_meta": json.dumps({column.code: column.meta for column in columns}),
                "PARAM_query": f"SELECT {', '.join(map(quoted, names))} {tail}",
                "IN_HOST": "127.0.0.1",
                "IN_PORT": str(self.server.port),
                "IN_DATABASE": DATABASE,
                "IN_USER": ROLE,
                "IN_PASSWORD": PASSWORD,
                "IN_JDBC_PASSWORD": PASSWORD,
                "OUT_HOST": "127.0.0.1",
                "OUT_PORT": str(self.server.port),
                "OUT_DATABASE": RESULTS,
                "OUT_USER": WRITER,
                "OUT_PASSWORD": PASSWORD,
                "ALGOREG_VOLUME": str(volume),
                **more,
            },
            training={
                "query_features": f"SELECT {', '.join(quoted(name) for name in names[1:])} {tail}",
                "query_targets": f"SELECT {quoted(names[0])} {tail}",
                "test_rows": list(HELD_OUT),
                "seed": 7,
            },
        )
        made.start()
        return made

    def regression(self, **more: str) -> Experiment:
        return self.experiment(SCORE, [AGE, VOLUME, SEX], **more)

    def classification(self, **more: str) -> Experiment:
        return self.experiment(DIAGNOSIS, [AGE, VOLUME, SEX], **more)


@pytest.fixture
def clinic(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # `run` installs its own
    return Clinic(server, tmp_path)


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A function that makes an installed plugin out of a factory's text."""

    def make(name: str, program: str, **metadata: Any) -> str:
        package = tmp_path / "site" / name
        package.mkdir(parents=True)
        document = {"code": name, "entrypoints": ["train", "test"], **metadata}
        (package / "algorithm.yaml").write_text(json.dumps(document))
        (package / "__init__.py").touch()
        (package / "program.py").write_text(program)
        (package / "__main__.py").write_text(f"from algoreg.runtime import main\nmain({name!r})\n")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        return name

    yield make
    for name in [name for name in sys.modules if name.startswith("author_")]:
        del sys.modules[name]
