"""A shell in the state of a run that was kept: a new container like its own, with ``sh`` in place of the program."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from algoreg import contract, kept
from algoreg.engines.docker import leftovers
from algoreg.engines.docker.api import Api
from algoreg.engines.docker.discovery import connect
from algoreg.engines.docker.identity import KEEP_LABEL, KEPT
from algoreg.engines.docker.pod import command_line
from algoreg.engines.docker.profile import MIB
from algoreg.errors import UsageError
from algoreg.model import Resources


def shell(run: str, *, terminal: bool) -> list[str]:
    """The words of docker's command line; ``run`` is the container's id or its beginning.

    Raises UsageError where nothing was kept, EngineUnavailable, EngineError.
    """
    with connect() as (api, address):
        found = api.inspect(_kept(api, run))
    around = command_line(
        Resources(cpus=found["HostConfig"]["NanoCpus"] / 1e9, memory_mb=found["HostConfig"]["Memory"] // MIB),
        writable_root=not found["HostConfig"]["ReadonlyRootfs"],
        how=("--rm", "-it" if terminal else "-i"),
    )
    # docker's own -e NAME would need the values in our environment, where they could change what docker does
    environment = _environment(found["Config"])
    private = _private(environment)
    variables = [word for value in environment if value not in private for word in ("-e", value)]
    return [
        *("docker", "-H", address.url),
        *around(found["HostConfig"]["NetworkMode"], _volume(found))[1:],
        *variables,
        *("--env-file", _handed("\n".join(private))),
        *("--entrypoint", "sh", found["Image"]),
    ]


def _kept(api: Api, run: str) -> str:
    mine = (
        str(found["Id"])
        for found in api.containers(f"{KEEP_LABEL}={KEPT}")
        if leftovers.named(found) and str(found["Id"]).startswith(run)
    )
    if not run or (container := next(mine, None)) is None:
        raise UsageError(
            f"there is no kept run {run}",
            hint="Validate with --keep and the same seed; `algoreg reap` takes away what was kept.",
        )
    return container


def _environment(config: Mapping[str, Any]) -> list[str]:
    command = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
    return [*(config.get("Env") or ()), f"{kept.AGAIN}={shlex.join(command)}"]


def _private(environment: Sequence[str]) -> list[str]:
    """The variables that hold a password: on a command line, everybody on this machine could read them."""
    pairs = (one.partition("=") for one in environment)
    passwords = {value for name, _, value in pairs if name.endswith("PASSWORD") and value}
    return [one for one in environment if any(password in one for password in passwords)]


def _handed(text: str) -> str:
    """A name under which the program that we become reads ``text``, once; no file holds it."""
    reading, writing = os.pipe()
    with open(writing, "wb") as stream:
        stream.write(os.fsencode(text))
    os.set_inheritable(reading, True)
    return f"/dev/fd/{reading}"


def _volume(found: Mapping[str, Any]) -> str:
    return next(str(one["Name"]) for one in found["Mounts"] if one["Destination"] == contract.VOLUME)
