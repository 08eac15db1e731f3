"""What an algorithm tries to reach is counted in its own pod, nothing else is; what it writes to its root is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.engines.protocol import Pod
from conftest import SMALL, python, shell

pytestmark = pytest.mark.engine

TRY = """
import socket
def tcp(*address, family=socket.AF_INET):
    s = socket.socket(family); s.settimeout(2)
    try: s.connect(address)
    except OSError: pass
def udp(host):
    try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, 53))
    except OSError: pass
def look_up(name):
    try: return socket.getaddrinfo(name, 80)
    except OSError: return None
"""


@pytest.mark.parametrize(
    ("attempt", "packets"),
    [
        ("tcp('192.0.2.1', 443)", 1),
        ("tcp('10.0.0.1', 5432)", 1),
        ("udp('198.51.100.7')", 1),
        ("udp('224.0.0.251')", 1),
        ("tcp('2001:db8::1', 443, family=socket.AF_INET6)", 1),
        ("look_up('example.org')", 2),
        ("tcp('192.0.2.1', 443); tcp('192.0.2.1', 443)", 2),
    ],
)
def test_an_attempt_is_counted(pod: Pod, attempt: str, packets: int) -> None:
    assert pod.refused_packets() == 0
    assert python(pod, TRY + attempt).exit_code == 0
    assert pod.refused_packets() == packets


def test_what_stays_in_the_pod_is_not_counted(pod: Pod) -> None:
    within = f"""
for name in ("localhost", socket.gethostname(), {pod.endpoint.host!r}): assert look_up(name), name
socket.getfqdn()
tcp("127.0.0.1", 9); tcp("::1", 9, family=socket.AF_INET6); tcp("127.0.0.2", 9)
tcp({pod.endpoint.host!r}, {pod.endpoint.port})
tcp({pod.endpoint.host!r}, 5432)
server = socket.create_server(("127.0.0.1", 0)); tcp(*server.getsockname())
udp("127.0.0.1")
"""
    ended = python(pod, TRY + within)
    assert ended.exit_code == 0, ended.logs.text
    assert pod.refused_packets() == 0


def test_attempts_are_counted_where_they_were_made(laboratory: DockerLaboratory) -> None:
    def experiment(number: int) -> int | None:
        with laboratory.pod(SMALL) as pod:
            python(pod, TRY + f"for _ in range({number}): udp('192.0.2.1')")
            return pod.refused_packets()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(experiment, range(6))) == list(range(6))


def test_a_root_that_may_be_written_and_what_was_written_there(pod: Pod) -> None:
    script = (
        "echo x > /tmp/a; echo x > /docker-volume/b; mkdir -p /var/tmp/mine && echo x > /var/tmp/mine/cache"
    )
    denied = shell(pod, script)
    assert denied.exit_code != 0
    assert "Read-only file system" in denied.logs.text
    assert denied.root_change is None
    written = shell(pod, script, writable_root=True)
    assert (written.exit_code, written.root_change) == (0, "/var/tmp/mine/cache")
    assert shell(pod, "true", writable_root=True).root_change is None
    assert shell(pod, "echo x > /tmp/a", writable_root=True).root_change is None


def test_more_changes_than_anyone_lists_are_no_trouble(pod: Pod) -> None:
    many = "import os; os.makedirs('/var/tmp/m'); [os.mkdir(f'/var/tmp/m/{\"n\" * 200}{n}') for n in range(8000)]"
    ended = python(pod, many, writable_root=True)
    assert ended.exit_code == 0, ended.logs.text
    assert (ended.root_change or "").startswith("/var/tmp/m/nnn")
