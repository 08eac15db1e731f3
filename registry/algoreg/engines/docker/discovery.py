"""Find the container engine, and say in one line why none can be used.

DOCKER_HOST decides alone when it is set: going on to another engine would judge images where nobody looks.
"""

from __future__ import annotations

import math
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.tls
from docker.constants import DEFAULT_DOCKER_API_VERSION

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
    """The SDK's client, speaking the engine's own version of the interface."""
    _refuse_unusable(address)
    client: Any = docker.APIClient(
        base_url=address.url,
        version=_dotted(MINIMUM_API),
        timeout=math.ceil(PING_S),
        tls=_tls(address),
        max_pool_size=_CONNECTIONS,
    )
    # A proxy for the internet is none for the engine, and breaks attached streams.
    client.trust_env = False
    try:
        spoken = _spoken(client, address.url.removeprefix("unix://"))
    except EngineError:
        client.close()
        raise
    client._version = _dotted(min(spoken, _parsed(DEFAULT_DOCKER_API_VERSION)))
    client.timeout = SLOW_S
    return client


def _spoken(client: Any, name: str) -> tuple[int, ...]:
    try:
        answer = bounded("answer", lambda: client.version(api_version=False), PING_S)
        spoken = _parsed(answer["ApiVersion"])
    except EngineError:
        raise EngineUnavailable(f"{name} does not answer within {PING_S:.0f} s") from None
    except TRANSPORT_ERRORS as problem:
        raise EngineUnavailable(f"{name}: {cause(problem)}") from problem
    except (KeyError, TypeError, AttributeError):
        raise EngineUnavailable(f"{name} answers without an ApiVersion: is it a container engine?") from None
    if spoken < MINIMUM_API:
        raise EngineUnavailable(
            f"{name} speaks API {_dotted(spoken)}, too old: {_dotted(MINIMUM_API)} is needed (Docker 19.03)"
        )
    return spoken


def _parsed(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


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
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(PING_S)
            probe.connect(rest)
    except FileNotFoundError:
        raise EngineUnavailable(f"{rest} does not exist") from None
    except PermissionError:
        raise EngineUnavailable(f"no permission to use {rest} (is your user in the group docker?)") from None
    except ConnectionRefusedError:
        kind = "nobody listens there" if stat.S_ISSOCK(os.stat(rest).st_mode) else "not a socket"
        raise EngineUnavailable(f"{rest}: {kind}") from None
    except OSError as problem:
        raise EngineUnavailable(f"{rest}: {cause(problem)}") from None
