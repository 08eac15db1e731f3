"""PostgreSQL beside the pods: the forwarder lets an algorithm in with its role, and nobody as superuser."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from algoreg.databases.protocol import ExperimentDatabases
from algoreg.databases.sidecar import LOCAL_IMAGE
from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.engines.protocol import Ending, Execution, Pod
from algoreg.errors import DatabaseError
from algoreg.samples.sample import Column, Sample
from conftest import SMALL, request
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine

SAMPLE = Sample(
    table="patients",
    order_column="position",
    variable=Column(code="iq", label="IQ", type="real", sql_type="double precision"),
    covariables=(Column(code="age", label="Age", type="integer", sql_type="integer"),),
    rows=((100.5, 50), (99.0, 60), (None, 70)),
    held_out=(1,),
)


@pytest.fixture(scope="module")
def clients(engine: DockerEngine) -> Iterator[DockerLaboratory]:
    """The PostgreSQL image is also one that holds a client: it plays the algorithm here."""
    with engine.laboratory(engine.subject(LOCAL_IMAGE)) as laboratory:
        yield laboratory


@pytest.fixture
def world(clients: DockerLaboratory) -> Iterator[tuple[Pod, ExperimentDatabases]]:
    with clients.databases.experiment(SAMPLE) as databases, clients.pod(SMALL) as pod:
        yield pod, databases


def psql(pod: Pod, statement: str, *, user: str, password: str, database: str, **more: object) -> Execution:
    asked = request("psql", "-w", "-At", "-c", statement, **more)
    environment = {
        "PGHOST": pod.endpoint.host,
        "PGPORT": str(pod.endpoint.port),
        "PGUSER": user,
        "PGPASSWORD": password,
        "PGDATABASE": database,
    }
    return pod.run(asked.__class__(**{**vars(asked), "environment": environment}))


def test_an_algorithm_reaches_its_database_with_its_role(world: tuple[Pod, ExperimentDatabases]) -> None:
    pod, databases = world
    access = vars(databases.science)
    assert psql(pod, SAMPLE.query, **access).logs.text == "100.5|50\n99|60\n|70\n"
    denied = psql(pod, "DELETE FROM patients", **access)
    assert (denied.exit_code, "permission denied" in denied.logs.text) == (1, True)
    written = psql(
        pod,
        "INSERT INTO job_result (job_id, node, shape) VALUES ('1', 'n', 'json') RETURNING job_id",
        **vars(databases.results),
    )
    assert written.logs.text.startswith("1\n")


def test_much_data_in_both_directions(world: tuple[Pod, ExperimentDatabases]) -> None:
    pod, databases = world
    ended = psql(pod, "SELECT length(repeat('x', 20000000)), repeat('y', 3000000)", **vars(databases.science))
    assert ended.logs.total == len("20000000|\n") + 3000000


def test_a_wrong_password_is_refused(world: tuple[Pod, ExperimentDatabases]) -> None:
    pod, databases = world
    ended = psql(pod, "SELECT 1", **{**vars(databases.science), "password": "wrong"})
    assert ended.exit_code == 2
    assert "authentication failed" in ended.logs.text


@pytest.mark.parametrize("user", ["", "postgres", "0"])
def test_nobody_in_a_pod_is_superuser(engine: DockerEngine, build, user: str) -> None:
    # An image that runs as PostgreSQL's own user, too: what counts is the forwarder's uid.
    subject = build(f"USER {user}") if user == "0" else engine.subject(LOCAL_IMAGE)
    with engine.laboratory(subject) as laboratory:
        _ = laboratory.databases
        with laboratory.pod(SMALL) as pod:
            if user == "0":
                asked = request("python3", "-c", _STARTUP, pod.endpoint.host, str(pod.endpoint.port))
                answer = pod.run(asked).logs.text
            else:
                answer = psql(pod, "SELECT 1", user="postgres", password="", database="postgres").logs.text
    assert "Peer authentication failed" in answer


_STARTUP = """
import socket, struct, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
body = struct.pack("!I", 196608) + b"user\\0postgres\\0database\\0postgres\\0\\0"
s.sendall(struct.pack("!I", len(body) + 4) + body)
print(s.recv(1000))
"""


def test_a_locked_table_is_waited_for_until_sigterm(world: tuple[Pod, ExperimentDatabases]) -> None:
    pod, databases = world
    with databases.lock_science():
        ended = psql(
            pod,
            SAMPLE.query,
            **vars(databases.science),
            stop_when=lambda: databases.blocked_sessions() > 0,
        )
    assert ended.ending in (Ending.STOPPED, Ending.EXITED)
    assert ended.ending is Ending.STOPPED
    assert ended.duration_s < PROMPT_S
    assert psql(pod, "SELECT 1", **vars(databases.science)).exit_code == 0


def test_many_connections_at_once(world: tuple[Pod, ExperimentDatabases]) -> None:
    pod, databases = world
    script = "for n in $(seq 20); do psql -w -At -c 'SELECT pg_sleep(0.3), 1' & done; wait"
    asked = request("sh", "-c", script)
    access = databases.science
    environment = {
        "PGHOST": pod.endpoint.host,
        "PGPORT": str(pod.endpoint.port),
        "PGUSER": access.user,
        "PGPASSWORD": access.password,
        "PGDATABASE": access.database,
    }
    ended = pod.run(asked.__class__(**{**vars(asked), "environment": environment}))
    assert ended.logs.text == "|1\n" * 20


def test_experiments_in_parallel(clients: DockerLaboratory) -> None:
    def experiment(number: int) -> str:
        sample = SAMPLE.with_rows(((float(number), number),))
        with clients.databases.experiment(sample) as databases, clients.pod(SMALL) as pod:
            return psql(pod, SAMPLE.query, **vars(databases.science)).logs.text

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(experiment, range(6))) == [f"{number}|{number}\n" for number in range(6)]


def test_an_image_without_a_cluster_of_ours_makes_one_at_its_start(build, engine: DockerEngine) -> None:
    # As the public image is: root, an entrypoint of its own, a volume for its data.
    public = build(
        "USER root",
        "RUN rm -rf /opt/algoreg",
        "VOLUME /var/lib/postgresql/data",
        'ENTRYPOINT ["false"]',
        base=LOCAL_IMAGE,
    )
    subject = engine.subject(LOCAL_IMAGE)
    with open_docker(database_image=public.target) as own, own.laboratory(subject) as laboratory:  # noqa: SIM117
        with laboratory.databases.experiment(SAMPLE) as databases, laboratory.pod(SMALL) as pod:
            assert psql(pod, SAMPLE.query, **vars(databases.science)).exit_code == 0
            denied = psql(pod, "SELECT 1", user="postgres", password="", database="postgres")
            assert "Peer authentication failed" in denied.logs.text


def test_an_image_that_is_no_postgresql_is_said_to_be_none() -> None:
    with (
        open_docker(database_image="algoreg/base:bookworm") as engine,
        engine.laboratory(engine.subject(LOCAL_IMAGE)) as laboratory,
        pytest.raises(DatabaseError, match="PostgreSQL"),
    ):
        _ = laboratory.databases


def test_an_image_that_is_not_there_is_named() -> None:
    with (
        open_docker(database_image="algoreg/none-such:1") as engine,
        engine.laboratory(engine.subject(LOCAL_IMAGE)) as laboratory,
    ):
        with pytest.raises(DatabaseError, match="algoreg/none-such:1"):
            _ = laboratory.databases
        with pytest.raises(DatabaseError, match="algoreg/none-such:1"), laboratory.pod(SMALL):
            pass
