"""How an untrusted image is run: the engine's own configuration documents, and the proof that they hold.

They are the raw JSON of the engine's interface, so that what was asked for can be compared with what came,
field by field.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from algoreg import contract
from algoreg.model import Resources

MIB = 1024 * 1024
VOLUME_OPTIONS = {
    "type": "tmpfs",
    "device": "tmpfs",
    # Above the contract's bounds, so that a flood is judged by its size, not by the disk that was full.
    "o": "size=128m,nr_inodes=2000,mode=0777,nosuid,nodev",
}
SOCKET_OPTIONS = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,nr_inodes=64,mode=0777,nosuid,nodev"}
OWN_PATHS = (contract.VOLUME, "/tmp")
"""Where the profile itself mounts something, whatever the image declares."""
TMP = f"rw,exec,nosuid,nodev,size={contract.TMP_BYTES},mode=1777"

_EMPTY = (
    "Binds",
    "CapAdd",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "GroupAdd",
    "Links",
    "OomKillDisable",
    "PidMode",
    "PortBindings",
    "Privileged",
    "PublishAllPorts",
    "UTSMode",
    "UsernsMode",
    "VolumesFrom",
)
"""What no algorithm's container ever has, and what would open a way out."""


def hardened(*, memory_bytes: int, pids: int, network: str = "none") -> dict[str, Any]:
    """HostConfig common to every container of a run."""
    return {
        "NetworkMode": network,
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Init": True,
        "IpcMode": "private",
        "PidsLimit": pids,
        "Memory": memory_bytes,
        "MemorySwap": memory_bytes,
        "ShmSize": contract.SHM_BYTES,
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "LogConfig": {"Type": "none", "Config": {}},
        "AutoRemove": False,
    }


def mount(
    target: str,
    volume: str,
    *,
    labels: Mapping[str, str],
    options: Mapping[str, str] = VOLUME_OPTIONS,
    read_only: bool = False,
) -> dict[str, Any]:
    """A named volume that exists; the image's content of that path is not copied into it.

    Labels and options are said again: a volume that a sweep removed under a create that was under way is made
    anew by the engine, and would be an unlabelled one on disk.
    """
    return {
        "Type": "volume",
        "Source": volume,
        "Target": target,
        "ReadOnly": read_only,
        "VolumeOptions": {
            "NoCopy": True,
            "Labels": dict(labels),
            "DriverConfig": {"Name": "local", "Options": dict(options)},
        },
    }


def in_memory(paths: Iterable[str]) -> dict[str, str]:
    """Empty places for the VOLUMEs of an image whose content is of no use."""
    return dict.fromkeys(paths, "rw,noexec,nosuid,nodev,size=16m,mode=1777")


def image_volume(target: str, volume: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """What stands for a VOLUME of the image: its content, read only like the root it is part of, and labelled.

    Left to the engine it would be a writable volume on disk without bound, that no sweep finds.
    """
    return {
        "Type": "volume",
        "Source": volume,
        "Target": target,
        "ReadOnly": True,
        "VolumeOptions": {"Labels": dict(labels)},
    }


def algorithm(
    *,
    image_id: str,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    resources: Resources,
    pod: str,
    volume: str,
    image_volumes: Mapping[str, str],
    labels: Mapping[str, str],
    writable_root: bool = False,
) -> dict[str, Any]:
    """The untrusted image, inside a pod.

    What is written to a writable root is bounded by nothing but the run's deadline: the engine's size option for
    it works with other file systems than ext4 only. It is gone with the container.
    """
    host = hardened(
        memory_bytes=resources.memory_mb * MIB, pids=contract.PIDS_LIMIT, network=f"container:{pod}"
    )
    host["ReadonlyRootfs"] = not writable_root
    host["NanoCpus"] = round(resources.cpus * 1e9)
    host["Tmpfs"] = {"/tmp": TMP}
    host["Mounts"] = [
        mount(contract.VOLUME, volume, labels=labels),
        *(image_volume(path, name, labels) for path, name in image_volumes.items()),
    ]
    return {
        "Image": image_id,
        "Cmd": list(arguments),
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "AttachStdin": False,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": False,
        "OpenStdin": False,
        "Healthcheck": {"Test": ["NONE"]},
        "StopSignal": "SIGTERM",
        "HostConfig": host,
    }


def differences(asked: Mapping[str, Any], created: Mapping[str, Any]) -> list[str]:
    """What the engine made other than it was asked for; each a reason not to start it."""
    config, host = created.get("Config") or {}, created.get("HostConfig") or {}
    found = [
        f"HostConfig.{name} is {host.get(name)!r}, not {value!r}"
        for name, value in asked["HostConfig"].items()
        if name != "Mounts" and _plain(host.get(name)) != _plain(value)
    ]
    found += [
        f"HostConfig.{name} is {host[name]!r}"
        for name in _EMPTY
        if name not in asked["HostConfig"] and host.get(name)
    ]
    found += [
        f"{name} is {config.get(name)!r}, not {asked[name]!r}"
        for name in ("StopSignal", "User", "Tty", "OpenStdin")
        if name in asked and config.get(name) != asked[name]
    ]
    # An image's own interval and retries are merged into ours; with the test off they mean nothing.
    if "Healthcheck" in asked and (config.get("Healthcheck") or {}).get("Test") != ["NONE"]:
        found.append("the health check is not off")
    if created.get("Image") != asked["Image"]:
        found.append(f"Image is {created.get('Image')!r}, not {asked['Image']!r}")
    return found + _environment(asked, config) + _mounts(asked, created)


def _environment(asked: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """Only whether ours arrived: what the image itself sets is its own business."""
    missing = set(asked.get("Env") or ()) - set(config.get("Env") or ())
    return [f"{len(missing)} environment variables did not arrive"] if missing else []


def _mounts(asked: Mapping[str, Any], created: Mapping[str, Any]) -> list[str]:
    wanted = {
        posixpath.normpath(m["Target"]): (m.get("Source"), not m["ReadOnly"])
        for m in asked["HostConfig"].get("Mounts", ())
    }
    memory = {posixpath.normpath(path) for path in asked["HostConfig"].get("Tmpfs", {})}
    found = []
    for seen in created.get("Mounts") or ():
        target = posixpath.normpath(str(seen.get("Destination")))
        if target in memory and seen.get("Type") == "tmpfs":
            continue
        source, writable = wanted.pop(target, (None, None))
        if writable is None or bool(seen.get("RW")) != writable or source not in (None, seen.get("Name")):
            found.append(f"unexpected mount at {target}")
    return found + [f"no mount at {target}" for target in wanted]


def _plain(value: Any) -> Any:
    """Engines say nothing in several ways."""
    return value or None
