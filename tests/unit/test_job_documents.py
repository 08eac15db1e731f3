"""Both versions of Chronos read every document of ours as it is meant, and what they cannot is refused."""

import json
import string
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoreg.errors import UsageError
from algoreg.export.jobs import chronos, lint
from algoreg.export.jobs.model import ChronosVersion, ScheduledJob, Volume, experiment_directory
from algoreg.export.names import woken_job_name
from algoreg.model import Resources
from support.chronos_reader import launch, read

VERSIONS = tuple(ChronosVersion)
OWN = (
    "mesos_task_id",
    "MESOS_TASK_ID",
    "HOST",
    "CHRONOS_JOB_NAME",
    "CHRONOS_JOB_OWNER",
    "CHRONOS_RESOURCE_MEM",
)

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)
lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
paths = st.lists(
    st.text(string.ascii_letters + string.digits + "._- é", min_size=1, max_size=8), min_size=1, max_size=4
)
names = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=20).filter(
    lambda name: not name.startswith(("CHRONOS_", "mesos_", "MESOS_")) and name != "HOST"
)
images = st.from_regex(
    r"([a-z0-9]{1,8}(:[0-9]{2,4})?/)?[a-z0-9]{1,8}(/[a-z0-9._-]{0,8}[a-z0-9])?:[A-Za-z0-9_.]{1,9}",
    fullmatch=True,
)
volumes = st.builds(Volume, host_path=paths.map(lambda parts: "/" + "/".join(parts)), read_only=st.booleans())


@st.composite
def jobs(draw: st.DrawFn) -> ScheduledJob:
    image = draw(images)
    return ScheduledJob(
        name=woken_job_name(image, str(draw(st.uuids()))),
        image=image,
        command=draw(st.sampled_from(("train", "test", "compute"))),
        arguments=tuple(draw(st.lists(texts, max_size=4))),
        environment=draw(st.dictionaries(names, texts, max_size=8)),
        resources=Resources(
            cpus=draw(st.floats(0.01, 64)), memory_mb=draw(st.integers(4, 262144)), timeout_s=600.0
        ),
        volumes=tuple(draw(st.lists(volumes, max_size=3))),
        network=draw(st.none() | lines),
        owner=draw(texts),
        run_as_user=draw(st.none() | lines),
        host=draw(st.none() | lines),
    )


@pytest.mark.parametrize("version", VERSIONS)
@given(job=jobs())
def test_nothing_of_a_job_is_lost_on_the_way(version: ChronosVersion, job: ScheduledJob) -> None:
    text = json.dumps(chronos.document(job, version))
    found = read(text, v3=version is ChronosVersion.V3)
    run = launch(found)
    assert (found.name, found.owner, found.retries, found.disabled) == (job.name, job.owner, 0, False)
    assert (found.cpus, found.mem) == (job.resources.cpus, job.resources.memory_mb)
    assert run.entrypoint
    assert run.image == job.image
    assert run.command_line == (job.command, *job.arguments)
    assert dict(found.environment) == dict(job.environment)
    assert dict(job.environment).items() <= dict(run.environment).items()
    assert found.run_as_user == (job.run_as_user or "root")
    assert found.constraints == ((("hostname", "EQUALS", job.host),) if job.host else ())
    container = found.container
    assert container is not None
    assert [(one.container_path, one.host_path, one.mode) for one in container.volumes] == [
        ("/docker-volume/", f"{volume.host_path}/", "RO" if volume.read_only else "RW")
        for volume in job.volumes
    ]
    assert container.parameters == ((("network", job.network),) if job.network else ())
    assert container.network == ("BRIDGE" if job.network else "HOST")
    assert not container.force_pull_image


PLAIN = ScheduledJob(
    name="demo_1", image="example/demo:1", command="train", environment={"A": "1"}, resources=Resources()
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a@b"}, "takes no job"),
        ({"name": ""}, "takes no job"),
        ({"command": ""}, "empty argument"),
        ({"command": "http://example/run.sh"}, "fetches it"),
        ({"image": ""}, "an image without a name"),
        ({"run_as_user": ""}, "the scheduler's own user"),
        ({"resources": Resources(cpus=0)}, "default"),
        ({"resources": Resources(memory_mb=0)}, "default"),
        ({"environment": {"A=B": "c"}}, "no process"),
        ({"environment": {"": "c"}}, "no process"),
        ({"environment": {"A": "b\0c"}}, "no process"),
        *(({"environment": {name: "mine"}}, "its own value wins") for name in OWN),
    ],
)
def test_what_chronos_would_misread_does_not_leave(
    version: ChronosVersion, change: dict[str, Any], said: str
) -> None:
    assert chronos.document(PLAIN, version)
    with pytest.raises(UsageError) as refused:
        chronos.document(replace(PLAIN, **change), version)
    assert said in refused.value.message
    assert refused.value.hint


def test_two_experiments_never_meet() -> None:
    directories = {experiment_directory("/srv/algoreg/") for _ in range(1000)}
    assert len(directories) == 1000
    for directory in directories:
        path = PurePosixPath(directory)
        assert str(path.parent) == "/srv/algoreg"
        assert str(UUID(path.name)) == path.name
    asked = UUID(int=7)
    assert experiment_directory("/srv", asked) == f"/srv/{asked}"


@pytest.mark.parametrize("root", ["srv", "", "./srv", "/srv/../etc", "/srv:/etc", "/srv\n", "/srv\x1b[2J"])
def test_a_root_that_is_no_directory_of_the_host(root: str) -> None:
    with pytest.raises(UsageError, match="no directory of the host"):
        experiment_directory(root)


# The first interactive job of Woken's fork for Chronos 2.5, field by field
THESIS: dict[str, Any] = {
    "schedule": "R1//PT24H",
    "epsilon": "PT5M",
    "name": "python_mip_tpot_8d9f",
    "command": "train",
    "shell": False,
    "runAsUser": "root",
    "container": {
        "type": "DOCKER",
        "image": "example/python-mip-tpot:0.0.1",
        "volumes": [
            {"containerPath": "/docker-volume/", "hostPath": "/home/user/docker-volume/", "mode": "RW"}
        ],
    },
    "cpus": "0.5",
    "mem": "512",
    "uris": [],
    "async": False,
    "owner": "admin@example.org",
    "environmentVariables": [
        {"name": "IN_JDBC_DRIVER", "value": "org.postgresql.Driver"},
        {"name": "IN_JDBC_JAR_PATH", "value": "/usr/lib/R/libraries/postgresql.jar"},
        {"name": "IN_JDBC_PASSWORD", "value": "in"},
        {"name": "IN_JDBC_URL", "value": "jdbc:postgresql://db:5432/science"},
        {"name": "IN_JDBC_USER", "value": "reader"},
        {"name": "JOB_ID", "value": "8d9f"},
        {"name": "NODE", "value": "local"},
        {"name": "OUT_JDBC_DRIVER", "value": "org.postgresql.Driver"},
        {"name": "OUT_JDBC_JAR_PATH", "value": "/usr/lib/R/libraries/postgresql.jar"},
        {"name": "OUT_JDBC_PASSWORD", "value": "out"},
        {"name": "OUT_JDBC_URL", "value": "jdbc:postgresql://db:5432/results"},
        {"name": "OUT_JDBC_USER", "value": "writer"},
        {"name": "PARAM_query", "value": "SELECT 1"},
    ],
}
SAID_BY_US = {
    "arguments": [],  # none, and said
    "retries": 0,  # absent it is 2: a failing train would run three times
    "disabled": False,
    "highPriority": False,
    "disk": 256,
}
NUMBERS = {"cpus": 0.5, "mem": 512}
"""A text that is no number would silently be the scheduler's default; a number that is none cannot be written."""


def test_the_first_interactive_job_is_reproduced_field_by_field() -> None:
    job = ScheduledJob(
        name="python_mip_tpot_8d9f",
        image="example/python-mip-tpot:0.0.1",
        command="train",
        environment={one["name"]: one["value"] for one in THESIS["environmentVariables"]},
        resources=Resources(),
        volumes=(Volume(host_path="/home/user/docker-volume"),),
        owner="admin@example.org",
        run_as_user="root",
    )
    ours = chronos.document(job, ChronosVersion.V2_5)
    expected = THESIS | SAID_BY_US | NUMBERS
    expected["container"] = {**THESIS["container"], "network": "HOST", "forcePullImage": False}
    assert ours == expected


def test_what_the_first_interactive_job_lacked() -> None:
    found = lint.remarks(THESIS, ChronosVersion.V2_5, origin="job")
    assert [(one.id, one.severity.value) for one in found] == [
        ("job.arguments-absent", "error"),
        ("job.retries-absent", "error"),
        ("job.resource-text", "warning"),
        ("job.resource-text", "warning"),
    ]
    assert read(json.dumps(THESIS), v3=False).retries == 2
