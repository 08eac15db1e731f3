"""`algoreg run --engine chronos` as a person types it, on a stand-in for Chronos that really runs the programs."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from algoreg.databases import embedded
from algoreg.databases.protocol import JOB_RESULT
from support.chronos_agent import Agent
from support.chronos_server import StandIn, serving
from support.program import ALGOREG, CHECKOUT, Run

DIABETES = CHECKOUT / "docs" / "data" / "diabetes.csv"
ASKED = ("--data", DIABETES, "--variable", "progression", "--covariables", "age,sex,bmi", "--format", "json")
KNN = CHECKOUT / "plugins" / "knn" / "algoreg_knn"
PASSWORD = "rosebud-4711"
VERSIONS = ("2.5", "3.0")
IN_EVERY_VERSION = pytest.mark.parametrize(
    "prepared", [pytest.param("2.5", marks=pytest.mark.thorough), "3.0"], indirect=True
)
"""For what takes long: that the versions are told apart is seen by the other tests, too."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that the agents reach."""

    port: int
    admin: Mapping[str, Any]

    @property
    def url(self) -> str:
        return f"postgresql://keeper@127.0.0.1:{self.port}/"

    def names(self) -> set[str]:
        """Databases and roles."""
        with psycopg.connect(**self.admin) as connection:
            rows = connection.execute("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles")
            return {row[0] for row in rows}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """With an account that may make databases and roles, and is no superuser."""
    with embedded.running(rng=random.Random(1)) as running:
        with running.server.session("postgres") as connection:
            connection.execute(
                f"CREATE ROLE keeper LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}' IN ROLE pg_signal_backend"
            )
            info = connection.info
            admin = {
                "host": info.host,
                "port": info.port,
                "user": info.user,
                "password": info.password,
                "dbname": "postgres",
            }
        yield Server(port=running.port, admin=admin)


@dataclass(frozen=True)
class Cluster:
    """Everything that a person must name."""

    server: StandIn
    agent: Agent
    root: Path
    postgres: Server

    @property
    def options(self) -> tuple[str, ...]:
        return (
            *("--engine", "chronos", "--chronos", self.server.url),
            *("--volume-root", str(self.root), "--database-server", self.postgres.url),
        )

    @property
    def environment(self) -> dict[str, str]:
        return {"PGPASSWORD": PASSWORD}


@contextmanager
def cluster(version: str, root: Path, postgres: Server) -> Iterator[Cluster]:
    root.mkdir()
    before = postgres.names()
    agent = Agent(programs={"algoreg/knn:0.1.0": KNN})
    with serving(StandIn(version, agent)) as server:
        yield Cluster(server=server, agent=agent, root=root, postgres=postgres)
        assert server.jobs == {}, "a job is left"
    assert list(root.iterdir()) == []
    assert postgres.names() == before
    assert agent.refused == []


@pytest.fixture(params=VERSIONS)
def prepared(request: pytest.FixtureRequest, tmp_path: Path, postgres: Server) -> Iterator[Cluster]:
    with cluster(request.param, tmp_path / "shared", postgres) as found:
        yield found


@pytest.fixture
def newer(tmp_path: Path, postgres: Server) -> Iterator[Cluster]:
    with cluster("3.0", tmp_path / "shared", postgres) as found:
        yield found


@IN_EVERY_VERSION
def test_metrics_are_those_of_the_process_engine(algoreg: Run, prepared: Cluster) -> None:
    here = algoreg("run", "knn", *ASKED, "--engine", "process", "--folds", "2")
    there = algoreg("run", "knn", *ASKED, *prepared.options, "--folds", "2", env=prepared.environment)
    assert (here.code, there.code) == (0, 0), there.err
    expected, record = here.report(), there.report()
    assert record["scores"] == expected["scores"]
    assert record["model"] is None
    version = {"2.5": "chronos-2.5", "3.0": "chronos-3"}[prepared.server.version]
    assert record["engine"] == {"name": "chronos", "version": version}
    ran = sorted(job.command for job in prepared.server.ran)
    assert ran == ["compute", "test", "test", "train", "train"]
    assert PASSWORD not in there.out + there.err


def test_what_was_sent_is_all_that_is_meant(algoreg: Run, newer: Cluster) -> None:
    done = algoreg(
        *("run", "knn", *ASKED, *newer.options, "--network", "mip", "--host", "agent-1", "--no-model"),
        env=newer.environment,
    )
    assert done.code == 0, done.err
    assert [job["command"] for job in newer.server.submitted] == ["train", "test"]
    for job, launched in zip(newer.server.submitted, newer.agent.launched, strict=True):
        assert (job["shell"], job["retries"], job["arguments"]) == (False, 0, [])
        assert job["constraints"] == [["hostname", "EQUALS", "agent-1"]]
        assert (job["cpus"], job["mem"]) == (0.5, 512)
        assert (job["container"]["network"], job["container"]["image"]) == ("BRIDGE", "algoreg/knn:0.1.0")
        given = {pair["name"]: pair["value"] for pair in job["environmentVariables"]}
        assert {name: launched.environment[name] for name in given} == given
        assert given["IN_HOST"] == "127.0.0.1"
    folders = {job["container"]["volumes"][0]["hostPath"] for job in newer.server.submitted}
    assert len(folders) == 1
    assert len({job["name"] for job in newer.server.submitted}) == 2


def test_a_train_that_fails_leads_to_no_test(algoreg: Run, prepared: Cluster, tmp_path: Path) -> None:
    broken = tmp_path / KNN.name
    shutil.copytree(KNN, broken)
    (broken / "program.py").write_text("def estimator(job):\n    raise RuntimeError('broken')\n")
    prepared.agent.programs = {"algoreg/knn:0.1.0": broken}
    options = (*prepared.options, "--no-model")
    done = algoreg("run", "knn", *ASKED, *options, env=prepared.environment)
    assert done.code == 1, done.err
    assert [job.command for job in prepared.server.ran] == ["train"]
    (fold,) = done.report()["folds"]
    assert fold["test_s"] is None
    assert fold["trouble"]["got"] == "a failure, whose exit code the scheduler does not tell"
    assert "sandbox" in fold["trouble"]["evidence"]


def test_a_job_that_was_killed_is_an_end_that_nobody_told(algoreg: Run, prepared: Cluster) -> None:
    prepared.agent.hold.clear()
    options = (*prepared.options, "--timeout", "1", "--queue", "1", "--no-model")
    done = algoreg("run", "knn", *ASKED, *options, env=prepared.environment)
    assert done.code == 1, done.err
    (fold,) = done.report()["folds"]
    name = prepared.server.submitted[0]["name"]
    assert fold["trouble"]["got"] == "no end that the scheduler told in time"
    assert name in fold["trouble"]["evidence"]
    assert prepared.server.deleted == [name]
    assert all(known.killed.is_set() for known in prepared.server.ever)


def started(prepared: Cluster, folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ALGOREG, "run", "knn", *map(str, ASKED), *prepared.options, *options],
        cwd=folder,
        env={**os.environ, **prepared.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_at_once_with_one_seed_never_meet(newer: Cluster, tmp_path: Path) -> None:
    running = [started(newer, tmp_path, "--folds", "2", "--no-model") for _ in range(2)]
    told = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    first, second = (json.loads(out) for out, _ in told)
    assert first["scores"] == second["scores"]
    submitted = newer.server.submitted
    assert len({job["name"] for job in submitted}) == len(submitted) == 8
    assert len({job["container"]["volumes"][0]["hostPath"] for job in submitted}) == 4
    databases = {
        pair["value"]
        for job in submitted
        for pair in job["environmentVariables"]
        if pair["name"] == "IN_DATABASE"
    }
    assert len(databases) == 4


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_stopped_it_leaves_nothing(newer: Cluster, tmp_path: Path, number: int, code: int) -> None:
    newer.agent.hold.clear()
    process = started(newer, tmp_path, "--folds", "2")
    deadline = time.monotonic() + 120
    while len(newer.agent.launched) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    assert out == ""
    assert sorted(newer.server.deleted) == sorted(job["name"] for job in newer.server.submitted)
    assert all(known.killed.is_set() for known in newer.server.ever)


@pytest.mark.parametrize("left_out", ["--chronos", "--volume-root", "--database-server"])
def test_what_is_needed_is_asked_for(algoreg: Run, newer: Cluster, left_out: str) -> None:
    options = list(newer.options)
    at = options.index(left_out)
    done = algoreg("run", "knn", *ASKED, *options[:at], *options[at + 2 :])
    assert done.code == 2
    assert f"--engine chronos needs {left_out}" in done.err
    assert newer.server.submitted == []


def test_a_password_in_an_address_is_not_shown(algoreg: Run, newer: Cluster) -> None:
    options = [*newer.options, "--chronos", f"http://me:{PASSWORD}@127.0.0.1:9"]
    done = algoreg("run", "knn", *ASKED, *options, env=newer.environment)
    assert done.code == 3
    assert "the scheduler at http://127.0.0.1:9 does not answer" in done.err
    assert PASSWORD not in done.out + done.err
    wrong = [
        *newer.options,
        "--database-server",
        f"postgresql://me:{PASSWORD}x@127.0.0.1:{newer.postgres.port}/",
    ]
    refused = algoreg("run", "knn", *ASKED, *wrong, "--no-model", env=newer.environment)
    assert refused.code == 3
    assert "password authentication failed" in refused.err
    assert PASSWORD not in refused.out + refused.err
    assert newer.server.submitted == []


# One job ----------------------------------------------------------------------------------------------------


@pytest.fixture
def compute(prepared: Cluster, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """``algoreg job knn compute`` on databases that are there."""
    meta = tmp_path / "variables.json"
    meta.write_text(json.dumps({code: {"code": code, "label": code, "type": "real"} for code in ("y", "x")}))
    admin = psycopg.connect(**prepared.postgres.admin, autocommit=True)
    with admin:
        admin.execute("CREATE DATABASE clinic")
        try:
            with psycopg.connect(**{**prepared.postgres.admin, "dbname": "clinic"}) as connection:
                connection.execute(
                    "CREATE TABLE visits AS SELECT n::float8 AS x, 2.0 * n AS y FROM generate_series(1, 40) n"
                )
                connection.execute(JOB_RESULT)
                connection.execute("GRANT SELECT ON visits TO keeper")
                connection.execute("GRANT SELECT, INSERT ON job_result TO keeper")
            url = f"postgresql://keeper@127.0.0.1:{prepared.postgres.port}/clinic"
            query = "SELECT y, x FROM visits ORDER BY x"
            yield (
                *("job", "knn", "compute", "--variable", "y", "--covariables", "x", "--meta", str(meta)),
                *(
                    "--in",
                    url,
                    "--out",
                    url,
                    "--query",
                    query,
                    "--submit",
                    prepared.server.url,
                    "--queue",
                    "60",
                ),
            )
        finally:
            admin.execute("DROP DATABASE clinic WITH (FORCE)")


@IN_EVERY_VERSION
def test_a_job_is_submitted_followed_and_deleted(
    algoreg: Run, prepared: Cluster, compute: tuple[str, ...]
) -> None:
    passwords = {"IN_PASSWORD": PASSWORD, "OUT_PASSWORD": PASSWORD}
    done = algoreg(*compute, "--job-id", "j1", "--format", "json", env=passwords)
    assert done.code == 0, (done.err, prepared.agent.logs)
    told = done.report()
    assert (told["schema"], told["name"], told["end"]) == ("algoreg-submission/1", "knn_j1", "succeeded")
    assert prepared.server.deleted == ["knn_j1"]
    with psycopg.connect(**{**prepared.postgres.admin, "dbname": "clinic"}) as connection:
        rows = connection.execute("SELECT job_id, error FROM job_result").fetchall()
    assert rows == [("j1", None)]
    again = algoreg(*compute, "--job-id", "j1", env=passwords)  # of this job there is a row already
    assert again.code == 1
    assert again.out.startswith("knn_j1 failed after")
    assert PASSWORD not in done.out + done.err + again.out + again.err


@IN_EVERY_VERSION
def test_the_row_of_a_compute_is_fetched_and_so_is_the_reason_of_a_failure(
    algoreg: Run, prepared: Cluster, compute: tuple[str, ...], tmp_path: Path
) -> None:
    passwords = {"IN_PASSWORD": PASSWORD, "OUT_PASSWORD": PASSWORD}
    fetched = (*compute, "--fetch", tmp_path / "kept", "--format", "json")
    done = algoreg(*fetched, "--job-id", "j1", env=passwords)
    assert done.code == 0, (done.err, prepared.agent.logs)
    told = done.report()
    (row,) = json.loads(Path(told["files"][0]).read_text())
    assert (told["job_id"], told["directory"], told["error"], told["trouble"]) == ("j1", None, None, None)
    assert (row["job_id"], row["function"], row["error"]) == ("j1", "knn", None)
    assert json.loads(row["data"])["method"] == "map"
    at = fetched.index("--query") + 1
    broken = algoreg(
        *fetched[:at], "SELECT y, x FROM nowhere", *fetched[at + 1 :], "--job-id", "j2", env=passwords
    )
    assert broken.code == 1
    told = broken.report()
    (row,) = json.loads(Path(told["files"][0]).read_text())
    assert (told["end"], row["data"]) == ("failed", None)
    assert "nowhere" in told["error"]
    assert PASSWORD not in done.out + done.err + broken.out + broken.err
    submitted = len(prepared.server.submitted)
    text = algoreg(*fetched[:-2], "--job-id", "j1", env=passwords)
    assert (text.code, text.out) == (2, "")
    assert "job_result has a row of the job j1 already" in text.err
    assert len(prepared.server.submitted) == submitted
    text = algoreg(*fetched[:-2], "--job-id", "j3", env=passwords)
    assert (text.code, "kept: " in text.out) == (0, True), text.err


def test_a_job_without_passwords_or_for_another_scheduler_is_not_submitted(
    algoreg: Run, prepared: Cluster, compute: tuple[str, ...]
) -> None:
    for options, message in (
        ((), "there is no password for IN_USER"),
        (("--target", "kubernetes"), "is none"),
    ):
        environment = {} if not options else {"IN_PASSWORD": PASSWORD, "OUT_PASSWORD": PASSWORD}
        done = algoreg(*compute, *options, env={"IN_PASSWORD": None, "OUT_PASSWORD": None, **environment})
        assert done.code == 2
        assert message in done.err
    assert prepared.server.submitted == []
