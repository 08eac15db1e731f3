"""The run profile, as an image sees it from inside."""

from __future__ import annotations

import json

import docker
import pytest

from algoreg.engines.docker import DockerEngine
from algoreg.engines.docker import profile as profiles
from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.engines.protocol import Ending, Execution, Pod
from algoreg.errors import EngineError
from algoreg.model import Resources
from conftest import SMALL, python, request, shell, unlabelled_volumes

pytestmark = pytest.mark.engine

LOOK = r"""
import json, os, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
def can_write(path):
    try:
        open(path + "/probe", "w").close(); os.remove(path + "/probe"); return True
    except OSError:
        return False
def runs(folder):
    path = folder + "/program"
    with open(path, "w") as file: file.write("#!/bin/sh\nexit 7\n")
    os.chmod(path, 0o755)
    code = os.waitstatus_to_exitcode(os.system(path)); os.remove(path)
    return code == 7
def reach(address, kind=socket.SOCK_STREAM, family=socket.AF_INET):
    try:
        s = socket.socket(family, kind); s.settimeout(2); s.connect(address); s.close(); return "reached"
    except OSError as problem:
        return problem.strerror or str(problem)
mounts = {line.split()[1]: line.split()[3] for line in open("/proc/mounts")}
print(json.dumps({
    "capabilities": [status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "no new privileges": status["NoNewPrivs"].strip(), "seccomp": status["Seccomp"].strip(),
    "writable": [path for path in ("/", "/etc", "/tmp", "/dev/shm", "/docker-volume", "/var") if can_write(path)],
    "tmp runs programs": runs("/tmp"), "mounts": mounts,
    "environment": sorted(os.environ), "first process": open("/proc/1/comm").read().strip(),
    "core": __import__("resource").getrlimit(__import__("resource").RLIMIT_CORE),
    "interfaces": sorted(name for _, name in socket.if_nameindex()),
    "outside": reach(("192.0.2.1", 80)), "loopback": reach(("127.0.0.1", 1)),
    "sockets": [name for name in ("/var/run/docker.sock", "/algoreg-sockets") if os.path.exists(name)],
}))
"""


def test_the_world_as_an_image_sees_it(pod: Pod) -> None:
    ended = python(pod, LOOK)
    assert ended.exit_code == 0, ended.logs.text
    seen = json.loads(ended.logs.text)
    assert set(seen["capabilities"]) == {"0" * 16}
    assert seen["no new privileges"] == "1"
    assert seen["seccomp"] == "2"
    assert seen["writable"] == ["/tmp", "/dev/shm", "/docker-volume"]
    assert seen["tmp runs programs"]
    assert "size=65536k" in seen["mounts"]["/tmp"]
    assert "size=65536k" in seen["mounts"]["/dev/shm"]
    assert "nr_inodes=2" in seen["mounts"]["/docker-volume"]
    assert seen["environment"] == ["HOME", "HOSTNAME", "JOB_ID", "LANG", "PATH", "PIP_CERT"]
    assert seen["first process"] in ("docker-init", "tini", "catatonit")
    assert seen["core"] == [0, 0]
    assert [name for name in seen["interfaces"] if name != "lo"] == []
    assert seen["outside"] == "Network is unreachable"
    assert seen["loopback"] == "Connection refused"
    assert seen["sockets"] == []


def test_the_process_limit_holds_and_is_sampled(pod: Pod) -> None:
    forks = """
import os, time
count = 0
try:
    while count < 400:
        if os.fork() == 0:
            time.sleep(60)
        count += 1
except OSError:
    pass
time.sleep(1.5)
print(count)
"""
    ended = python(pod, forks, sample_pids=True)
    assert 200 < int(ended.logs.text) < 256
    assert ended.pids_peak is not None
    assert 200 < ended.pids_peak <= 256


def test_a_quiet_run_samples_few_processes(pod: Pod) -> None:
    ended = shell(pod, "sleep 1", sample_pids=True)
    assert ended.pids_peak is not None
    assert 1 <= ended.pids_peak < 10


def test_the_image_keeps_its_own_user(laboratory: DockerLaboratory, build, engine: DockerEngine) -> None:
    subject = build("USER 10001:10001")
    with engine.laboratory(subject) as own, own.pod(SMALL) as pod:
        pod.put({"input_training.json": b"{}"})
        ended = shell(pod, "id -u && echo x >>/docker-volume/input_training.json && rm /docker-volume/*.json")
        assert ended.logs.text.strip() == "10001"
        assert ended.exit_code == 0


def test_a_volume_of_the_image_is_read_only_and_gone_afterwards(
    build, engine: DockerEngine, client: docker.APIClient
) -> None:
    subject = build(
        "RUN mkdir /model && echo baked >/model/weights", "VOLUME /model /tmp /docker-volume /other"
    )
    before = unlabelled_volumes(client)
    with engine.laboratory(subject) as laboratory, laboratory.pod(SMALL) as pod:
        ended = shell(pod, "cat /model/weights; touch /model/x /other/x; echo ok >/docker-volume/y")
        assert ended.logs.text.startswith("baked")
        assert ended.logs.text.count("Read-only file system") == 2
        assert pod.read().files() == {"y": b"ok\n"}
        assert unlabelled_volumes(client) <= before
        run = engine._session.identity.run
    assert not [
        v for v in client.volumes()["Volumes"] or () if f"{run}-" in v["Name"] and "image" in v["Name"]
    ]


def test_what_the_machine_cannot_give_is_no_verdict(laboratory: DockerLaboratory) -> None:
    with pytest.raises(EngineError, match="cpus"):
        laboratory.pod(Resources(cpus=64))
    with pytest.raises(EngineError, match="memory"):
        laboratory.pod(Resources(memory_mb=262144))


ASKED = profiles.algorithm(
    image_id="sha256:1",
    arguments=("train",),
    environment={"A": "1"},
    resources=Resources(),
    pod="p",
    volume="v",
    image_volumes={"/data": "w"},
    labels={},
)
CREATED = {
    "Image": "sha256:1",
    "Config": {**{k: v for k, v in ASKED.items() if k != "HostConfig"}, "User": ""},
    "HostConfig": {**ASKED["HostConfig"], "Privileged": False, "CapAdd": None},
    "Mounts": [
        {"Type": "volume", "Name": "v", "Destination": "/docker-volume", "RW": True},
        {"Type": "volume", "Name": "w", "Destination": "/data", "RW": False},
    ],
}


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        *[("HostConfig", name, None) for name in ASKED["HostConfig"] if ASKED["HostConfig"][name]],
        ("HostConfig", "Privileged", True),
        ("HostConfig", "CapAdd", ["SYS_ADMIN"]),
        ("HostConfig", "Binds", ["/:/host"]),
        ("HostConfig", "PidMode", "host"),
        ("Config", "StopSignal", "SIGKILL"),
        ("Config", "Healthcheck", None),
        ("Config", "Env", []),
    ],
)
def test_every_difference_is_seen(part: str, name: str, value: object) -> None:
    assert profiles.differences(ASKED, CREATED) == []
    changed = {**CREATED, part: {**CREATED[part], name: value}}
    if name == "Mounts":
        changed = {**CREATED, "Mounts": [*CREATED["Mounts"], {"Destination": "/x", "Name": "x", "RW": True}]}
    assert profiles.differences(ASKED, changed)


def test_the_command_line_is_one_shell_line_without_passwords(pod: Pod) -> None:
    line = pod.command_line(
        request("train", "a b;c").__class__(
            arguments=("train", "a b;c"),
            environment={"IN_PASSWORD": "hunter2", "IN_JDBC_URL": "x?password=hunter2", "X": "it's"},
            timeout_s=1,
        ),
        Execution(ending=Ending.EXITED, exit_code=0),
    )
    assert line.startswith("docker run --rm --read-only")
    assert "--network NETWORK" in line
    assert "hunter2" not in line
    assert "'a b;c'" in line
    assert "-v DIR:/docker-volume" in line
    assert line.count("***") == 2


def test_an_exited_run_leaves_the_pod_for_the_next(pod: Pod) -> None:
    assert shell(pod, "echo 1 >/docker-volume/a; exit 4").exit_code == 4
    second = shell(pod, "cat /docker-volume/a")
    assert (second.ending, second.logs.text) == (Ending.EXITED, "1\n")
