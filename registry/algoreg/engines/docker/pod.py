"""One experiment's world: a container that owns name space, volume and forwarder, and algorithms that join it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from algoreg import contract, kept
from algoreg.engines.docker import forwarder, profile, volume, waiting
from algoreg.engines.docker.api import Refusal, bounded, one_line
from algoreg.engines.docker.execution import State, execute
from algoreg.engines.docker.images import DockerSubject
from algoreg.engines.docker.session import Session
from algoreg.engines.docker.streams import LogReader
from algoreg.engines.protocol import Attendant, Endpoint, Entry, EntryKind, Execution, RunRequest, Snapshot
from algoreg.errors import EngineError
from algoreg.model import Resources

SOCKETS = "/algoreg-sockets"
"""Where PostgreSQL's own container and every pod mount the volume of its socket."""
SOCKET = f"{SOCKETS}/.s.PGSQL.5432"
_MEMORY = 128 * profile.MIB
_PROCESSES = 300
"""The forwarder forks twice per connection."""
_START_S = 30.0
_READ_S = 60.0
_FIND_SOCKET = "use File::Find; find({no_chdir => 1, wanted => sub { exit 1 if -S $_ && ! -l $_ }}, $ARGV[0])"
"""Exits with 1 when there is a socket; links are not followed."""
_COUNT = r"""
open my $file, "<", "/proc/net/snmp" or die $!;
my @lines = grep { /^Ip:/ } <$file>;
my @names = split " ", $lines[0];
my %count;
@count{@names} = split " ", $lines[1];
my $sum = $count{OutNoRoutes};
if (open my $six, "<", "/proc/net/snmp6") { /^Ip6OutNoRoutes\s+(\d+)/ and $sum += $1 while <$six>; }
print "$sum\n";
"""
"""Prints how many packets found no route. Without IPv6 in the kernel there is no second file."""
_SOCKET_MODE = 1 << 24
"""Go's ModeSocket bit, as the engine's stat header carries it."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What pods of one laboratory have in common."""

    image: DockerSubject
    """PostgreSQL's: it has perl."""
    sockets: str
    """Volume holding PostgreSQL's socket."""
    image_volumes: Mapping[str, str]
    """Path that the algorithm's image declares as VOLUME -> the volume with its content."""


class DockerPod:
    """Implements ``engines.protocol.Pod``."""

    def __init__(
        self,
        *,
        session: Session,
        subject: DockerSubject,
        resources: Resources,
        wiring: Wiring,
        container: str,
        volume_name: str,
        endpoint: Endpoint,
        born: str,
    ) -> None:
        self._session = session
        self._subject = subject
        self._resources = resources
        self._wiring = wiring
        self._container = container
        self._volume = volume_name
        self._endpoint = endpoint
        self._born = born

    @property
    def endpoint(self) -> Endpoint:
        """The forwarder."""
        return self._endpoint

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write input files into the volume."""
        self._session.check()
        if files:  # compute has none, and unpacking nothing costs the engine a process
            self._session.api.put(self._container, contract.VOLUME, volume.pack(files))

    def remove(self, name: str) -> None:
        """Remove a top-level entry of the volume, whoever owns what is below it."""
        if "/" in name or name in ("", ".", ".."):
            raise ValueError(f"not a name of the volume's top level: {name!r}")
        self._session.check()
        command = ("rm", "-rf", "--", f"{contract.VOLUME}/{name}")
        if self._session.api.run_in(self._container, command) == 0:
            return
        # Without capabilities even root cannot empty another user's folder; replacing it makes the engine do so.
        self.put({name: b""})
        if self._session.api.run_in(self._container, command) != 0:
            raise EngineError("the engine did not remove a file of the volume")

    def run(self, request: RunRequest) -> Execution:
        """Run the algorithm once in a new container of this pod."""
        self._session.check()
        observed = execute(self._session, self._config(request), request)
        self._prove_whole()
        return observed

    @contextmanager
    def attend(self, request: RunRequest) -> Iterator[Attendant]:
        """Begin waiting mode in a new container of this pod."""
        self._session.check()
        manner = waiting.Manner(
            config=self._config(request),
            request=request,
            program=self._subject.image.entrypoint,
            helper=self._wiring.image,
            by_hand=lambda container: self._by_hand(request, container, detached=True),
        )
        with waiting.open_attendant(self._session, self, manner) as attendant:
            yield attendant
        self._prove_whole()

    def _prove_whole(self) -> None:
        """An engine that restarts takes every container with it: that is not the image's doing."""
        state = State.of(self._session.api.inspect(self._container))
        if not state.running or state.started_at != self._born:
            raise EngineError("the engine restarted or lost the pod during the run")

    def read(self, *, sockets: bool = False) -> Snapshot:
        """The volume as it is now."""
        self._session.check()

        def work() -> Snapshot:
            with self._session.api.archive(self._container, contract.VOLUME) as chunks:
                return volume.unpack(chunks)

        snapshot = bounded("read the volume", work, _READ_S)
        return replace(snapshot, entries=(*snapshot.entries, *self._hidden_sockets(snapshot, sockets)))

    def _hidden_sockets(self, snapshot: Snapshot, everywhere: bool) -> Iterator[Entry]:
        """The engine leaves sockets out of an archive: look where an output should be, or everywhere."""
        if snapshot.overflow is not None:
            return
        for name in (contract.INPUT_TEST, contract.PREDICTIONS):
            if snapshot.get(name) is None and self._is_socket(name):
                yield Entry(name=name, kind=EntryKind.SOCKET, size=0)
        if everywhere and self._session.api.run_in(
            self._container, ("perl", "-e", _FIND_SOCKET, contract.VOLUME)
        ):
            yield Entry(name="(a socket)", kind=EntryKind.SOCKET, size=0)

    def _is_socket(self, name: str) -> bool:
        found = self._session.api.stat(self._container, f"{contract.VOLUME}/{name}")
        return found is not None and bool(int(found.get("mode", 0)) & _SOCKET_MODE)

    def _config(self, request: RunRequest) -> dict[str, Any]:
        return profile.algorithm(
            image_id=self._subject.image.id,
            arguments=request.arguments,
            environment=request.environment,
            resources=self._resources,
            pod=self._container,
            volume=self._volume,
            image_volumes=self._wiring.image_volumes,
            labels=self._session.labels,
            writable_root=request.writable_root,
        )

    def refused_packets(self) -> int | None:
        """What the pod's own name space counted: packets without a route, of IPv4 and IPv6 together."""
        self._session.check()
        said = self._session.api.output_of(self._container, ("perl", "-e", _COUNT))
        try:
            return int(said)
        except ValueError:
            raise EngineError(f"a pod's counters are not readable: {one_line(said)}") from None

    def command_line(self, request: RunRequest, execution: Execution) -> str:
        """A ``docker run`` line; it works as it stands while pod and run are kept.

        Else DIR, NETWORK and the passwords are the reader's to fill in: what they were is gone.
        """
        return self._by_hand(request, execution.container)

    def _by_hand(self, request: RunRequest, container: str | None, *, detached: bool = False) -> str:
        """``container`` is the run that was kept."""
        around = command_line(
            self._resources,
            writable_root=request.writable_root,
            how=("-d", "--rm") if detached else ("--rm",),
        )
        what = (self._subject.target, *request.arguments)
        if container is None:
            return shlex.join([*around("NETWORK", "DIR"), *_variables(request), *what])
        # The variables are taken from the run that was kept, so that no report has to hold a password.
        environment = kept.environment_of(container)
        line = around(f"container:{self._container[:12]}", self._volume)
        return f"{shlex.join(line)} {environment} {shlex.join(what)}"


def command_line(
    resources: Resources, *, writable_root: bool, how: tuple[str, ...]
) -> Callable[[str, str], list[str]]:
    """The run profile in the words of docker's command line, once network and volume are known."""
    words = [
        "docker",
        "run",
        *how,
        *(() if writable_root else ("--read-only",)),
        "--init",
        "--cap-drop",
        "ALL",
    ]
    words += ["--security-opt", "no-new-privileges", "--pids-limit", str(contract.PIDS_LIMIT)]
    words += ["--memory", f"{resources.memory_mb}m", "--memory-swap", f"{resources.memory_mb}m"]
    words += ["--cpus", f"{resources.cpus:g}", "--shm-size", str(contract.SHM_BYTES)]
    words += ["--tmpfs", f"/tmp:{profile.TMP}"]
    return lambda network, volume: [*words, "--network", network, "-v", f"{volume}:{contract.VOLUME}"]


def _variables(request: RunRequest) -> list[str]:
    secrets = {value for name, value in request.environment.items() if name.endswith("PASSWORD") and value}
    words = []
    for name, value in request.environment.items():
        for secret in secrets:
            value = value.replace(secret, "***")  # noqa: PLW2901
        words += ["-e", f"{name}={value}"]
    return words


@contextmanager
def open_pod(
    session: Session, subject: DockerSubject, resources: Resources, wiring: Wiring
) -> Iterator[DockerPod]:
    """A pod that runs, its forwarder listening; gone when the context ends."""
    endpoint = Endpoint(host=session.word(), port=session.number(10000, 30000))
    with ExitStack() as stack:
        volume_name = session.volume("volume", profile.VOLUME_OPTIONS)
        stack.callback(session.dispose_volume_unless_kept, volume_name)
        config = _pod_config(session, wiring, volume_name, endpoint)
        container = _created(session, config)
        stack.callback(session.dispose_unless_kept, container)
        logs = LogReader(session.api.attach(container))
        stack.callback(logs.close)
        refused = session.api.start(container)
        if refused is not None:
            raise EngineError(f"the engine cannot start a pod: {one_line(refused.message)}")
        _await_ready(session, logs)
        yield DockerPod(
            session=session,
            subject=subject,
            resources=resources,
            wiring=wiring,
            container=container,
            volume_name=volume_name,
            endpoint=endpoint,
            born=State.of(session.api.inspect(container)).started_at,
        )


def _created(session: Session, config: dict[str, Any]) -> str:
    created = session.create("pod", config)
    if isinstance(created, Refusal):
        raise EngineError(f"the engine cannot create a pod: {one_line(created.message)}")
    return created


def _pod_config(session: Session, wiring: Wiring, volume_name: str, endpoint: Endpoint) -> dict[str, Any]:
    name = session.word()
    host = profile.hardened(memory_bytes=_MEMORY, pids=_PROCESSES)
    # Looking up one's own name must not look like reaching for a name server.
    host["ExtraHosts"] = [f"{endpoint.host}:127.0.0.1", f"{name}:127.0.0.1"]
    host["Sysctls"] = {"net.ipv6.conf.all.disable_ipv6": "0"}
    host["Tmpfs"] = profile.in_memory(wiring.image.volumes)
    host["Mounts"] = [
        profile.mount(contract.VOLUME, volume_name, labels=session.labels),
        profile.mount(
            SOCKETS, wiring.sockets, labels=session.labels, options=profile.SOCKET_OPTIONS, read_only=True
        ),
    ]
    return {
        "Image": wiring.image.image.id,
        "Hostname": name,
        # Never PostgreSQL's own: its superuser logs in by uid, and so would the image through the forwarder.
        "User": str(session.number(30000, 59999)) + ":65534",
        "Entrypoint": ["perl", "-e", forwarder.PROGRAM],
        "Cmd": [str(endpoint.port), SOCKET],
        "AttachStdout": True,
        "AttachStderr": True,
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": host,
    }


def _await_ready(session: Session, logs: LogReader) -> None:
    deadline = time.monotonic() + _START_S
    while forwarder.READY not in logs.logs().head:
        session.check()
        if logs.ended or time.monotonic() > deadline:
            said = one_line(logs.logs().text)
            raise EngineError(f"a pod's forwarder did not start: {said or 'no message'}")
        time.sleep(0.005)
