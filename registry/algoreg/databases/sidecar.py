"""PostgreSQL in a container of its own, for the experiments of one target.

It has no network at all: pods reach it through a socket in a shared volume, we through a private one. The same
script starts the locally built image, whose cluster is ready to be copied, and the public one.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from algoreg.databases import journal
from algoreg.databases.bridge import Bridge
from algoreg.databases.server import PostgresServer
from algoreg.engines.docker import forwarder, images, profile
from algoreg.engines.docker.api import Refusal, one_line
from algoreg.engines.docker.execution import State
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.docker.pod import SOCKETS
from algoreg.engines.docker.session import Session
from algoreg.engines.docker.streams import LogReader
from algoreg.errors import DatabaseError, ImageNotFound

LOCAL_IMAGE = "algoreg/postgresql:15"
PUBLIC_IMAGE = "postgres:15"
VARIABLE = "ALGOREG_DATABASE_IMAGE"

START_S = 60.0
_HOME = "/algoreg"
_LOG = "/algoreg-log"
_MEMORY = 1536 * profile.MIB
_TMPFS = {
    _HOME: "rw,noexec,nosuid,nodev,size=1g,mode=1777",
    # Of its own: a flood of errors must not fill the disk that the data is on.
    _LOG: "rw,noexec,nosuid,nodev,size=64m,mode=1777",
    "/tmp": "rw,noexec,nosuid,nodev,size=16m,mode=1777",
}

# The first line that matches decides, so the superuser is settled before everybody else.
_HBA = """\
local all postgres peer
local all all scram-sha-256
host all postgres all reject
host all all 127.0.0.1/32 scram-sha-256
"""
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": f"{SOCKETS},{_HOME}/private",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "jit": "off",
    "temp_file_limit": "64MB",
    "password_encryption": "scram-sha-256",
    **journal.SETTINGS,
    "log_directory": _LOG,
}

# ulimit: one query that eats memory must end alone, not take every session with it.
_SCRIPT = f"""
set -eu
umask 077
data={_HOME}/data
mkdir {_HOME}/private
if [ -d /opt/algoreg/cluster ]; then
  cp -a /opt/algoreg/cluster "$data"
else
  initdb --pgdata="$data" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --no-sync >{_HOME}/initdb.log 2>&1 ||
    {{ cat {_HOME}/initdb.log >&2; exit 1; }}
fi
cat >"$data/pg_hba.conf" <<'END'
{_HBA}END
ulimit -v 786432
exec postgres -D "$data" "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """A running PostgreSQL."""

    container: str
    server: PostgresServer
    connect: Callable[[str], psycopg.Connection[Any]]
    """Database name -> a superuser's connection."""


def database_image(session: Session, asked: str | None) -> DockerSubject:
    """The image asked for, else the configured, the locally built, or a public one. Raises DatabaseError."""
    reference = asked or os.environ.get(VARIABLE) or None
    if reference is None:
        reference = LOCAL_IMAGE if images.find(session.api, LOCAL_IMAGE) is not None else PUBLIC_IMAGE
    try:
        return images.resolve(
            session.api, reference, pull=False, progress=session.progress, check=session.check
        )
    except ImageNotFound as problem:
        raise DatabaseError(f"no PostgreSQL image: {problem.message}") from problem


@contextmanager
def running(
    session: Session, image: DockerSubject, sockets: str, going_on: Callable[[], bool]
) -> Iterator[Sidecar]:
    """Start PostgreSQL and wait for it while ``going_on()``. Raises DatabaseError, EngineError, Cancelled."""
    with ExitStack() as stack:
        created = session.create("postgresql", _config(session, image, sockets))
        if isinstance(created, Refusal):
            raise DatabaseError(
                f"the engine cannot create PostgreSQL's container: {one_line(created.message)}"
            )
        stack.callback(session.dispose_unless_kept, created)
        logs = LogReader(session.api.attach(created))
        stack.callback(logs.close)
        refused = session.api.start(created)
        if refused is not None:
            raise DatabaseError(
                f"the engine cannot start PostgreSQL's container: {one_line(refused.message)}"
            )
        relay = ("perl", "-e", forwarder.RELAY, f"{_HOME}/private/.s.PGSQL.5432", "2")
        bridge = Bridge(
            session.directory / session.word(), lambda: session.api.converse(created, relay, "postgres")
        )
        stack.callback(bridge.close)
        _await(session, created, bridge, logs, going_on)
        rng = random.Random(session.number(0, 2**63))
        server = PostgresServer(connect=bridge.connect, rng=rng, keep=session.keep)
        stack.callback(server.close)
        yield Sidecar(container=created, server=server, connect=bridge.connect)


def _config(session: Session, image: DockerSubject, sockets: str) -> dict[str, Any]:
    host = profile.hardened(memory_bytes=_MEMORY, pids=512)
    # An image of its own kind declares a VOLUME for its data; ours is elsewhere.
    host["Tmpfs"] = {**profile.in_memory(image.volumes), **_TMPFS}
    host["Mounts"] = [profile.mount(SOCKETS, sockets, labels=session.labels, options=profile.SOCKET_OPTIONS)]
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return {
        "Image": image.image.id,
        "User": "postgres",
        "Entrypoint": ["sh", "-c", _SCRIPT, "postgresql"],
        "Cmd": settings,
        "AttachStdout": True,
        "AttachStderr": True,
        "Healthcheck": {"Test": ["NONE"]},
        "StopSignal": "SIGTERM",
        "HostConfig": host,
    }


def _await(
    session: Session, container: str, bridge: Bridge, logs: LogReader, going_on: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + START_S
    reason = "no answer"
    while going_on() and time.monotonic() < deadline:
        session.check()
        try:
            bridge.connect("postgres").close()
        except psycopg.OperationalError as problem:
            reason = str(problem).strip().splitlines()[-1]
        else:
            return
        if not State.of(session.api.inspect(container)).running:
            logs.finish(1.0)
            reason = one_line(logs.logs().text) or "it ended without a word"
            break
        time.sleep(0.02)
    raise DatabaseError(f"PostgreSQL did not start in its container: {reason}")
