"""Find the container engine, and say in one line why none can be used.

DOCKER_HOST decides alone when it is set: going on to another engine would judge images where nobody looks.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.tls

from algoreg.engines.docker.api import SLOW_S, TRANSPORT_ERRORS, Api, bounded, cause
from algoreg.errors import EngineError, EngineUnavailable

PING_S = 5.0
MINIMUM_API = (1, 40)
_CONNECTIONS = 64
"""Kept open by one client; parallel experiments poll, attach and read at once."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where an engine listens."""

    url: str
    """``unix:///path``, ``tcp://host:port``."""
    certificates: str | None = None
    """Directory of ca.pem, cert.pem and key.pem; None for a plain connection."""


def candidates(environment: Mapping[str, str]) -> tuple[Address, ...]:
    """Where to look, in this order; DOCKER_HOST alone when it is set."""
    host = environment.get("DOCKER_HOST", "").strip()
    if host:
        secure = bool(environment.get("DOCKER_TLS_VERIFY"))
        folder = environment.get("DOCKER_CERT_PATH") or str(Path.home() / ".docker")
        return (Address(url=host, certificates=folder if secure else None),)
    paths = ["/var/run/docker.sock"]
    runtime = environment.get("XDG_RUNTIME_DIR")
    if runtime:
        paths += [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"]
    paths.append("/run/podman/podman.sock")
    return tuple(Address(url=f"unix://{path}") for path in paths)


@contextmanager
def connect(environment: Mapping[str, str] | None = None) -> Iterator[tuple[Api, Address]]:
    """The first engine that answers. Raises EngineUnavailable naming what was tried."""
    environment = os.environ if environment is None else environment
    reasons = []
    for address in candidates(environment):
        try:
            client = _client(address)
        except EngineError as problem:
            reasons.append(problem.message)
            continue
        try:
            yield Api(client), address
        finally:
            client.close()
        return
    if environment.get("DOCKER_HOST", "").strip():
        raise EngineUnavailable(
            f"DOCKER_HOST={environment['DOCKER_HOST']}: {reasons[0]}",
            hint="Start that engine, correct DOCKER_HOST, or unset it so that the usual sockets are tried.",
        )
    raise EngineUnavailable("no container engine answers: " + "; ".join(reasons))


def _client(address: Address) -> Any:
    _refuse_unusable(address)

    def work() -> Any:
        client = docker.APIClient(
            base_url=address.url,
            version="auto",
            timeout=int(PING_S),
            tls=_tls(address),
            max_pool_size=_CONNECTIONS,
        )
        # A proxy for the internet is none for the engine, and breaks attached streams.
        client.trust_env = False
        return client

    name = address.url.removeprefix("unix://")
    try:
        client = bounded("answer", work, PING_S)
    except EngineError:
        raise EngineUnavailable(
            f"{name} accepts connections, but does not answer within {PING_S:.0f} s"
        ) from None
    except TRANSPORT_ERRORS as problem:
        raise EngineUnavailable(f"{name}: {cause(problem)}") from problem
    client.timeout = SLOW_S
    spoken = str(client.api_version)
    if tuple(int(part) for part in spoken.split(".")) < MINIMUM_API:
        client.close()
        raise EngineUnavailable(
            f"{name} speaks API {spoken}, too old: {'.'.join(map(str, MINIMUM_API))} is needed (Docker 19.03)"
        )
    return client


def _tls(address: Address) -> Any:
    if address.certificates is None:
        return False
    folder = Path(address.certificates)
    return docker.tls.TLSConfig(
        client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
        ca_cert=str(folder / "ca.pem"),
        verify=True,
    )


def _refuse_unusable(address: Address) -> None:
    """Say what a socket's own errors would only hint at."""
    scheme, _, rest = address.url.partition("://")
    if scheme == "ssh":
        raise EngineUnavailable(
            "ssh:// is not supported; forward the socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST)"
            " and use unix:///tmp/docker.sock"
        )
    if scheme not in ("unix", "tcp", "http", "https"):
        raise EngineUnavailable("not an address of an engine (unix:///path or tcp://host:port)")
    if scheme != "unix":
        return
    try:
        mode = os.stat(rest).st_mode
    except PermissionError:
        raise EngineUnavailable(f"no permission to reach {rest}") from None
    except OSError:
        raise EngineUnavailable(f"{rest} does not exist") from None
    if not stat.S_ISSOCK(mode):
        raise EngineUnavailable(f"{rest} is not a socket")
    if not os.access(rest, os.R_OK | os.W_OK):
        raise EngineUnavailable(f"no permission to use {rest} (is your user in the group docker?)")
