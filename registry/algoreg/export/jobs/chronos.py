"""Writes a job as Chronos reads it, and lets no document out that one of its versions would misread.

What is misread, and how, is ``lint``'s knowledge; sending the document is left to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algoreg.errors import UsageError
from algoreg.export import remarks
from algoreg.export.jobs import lint
from algoreg.export.jobs.model import ChronosVersion, ScheduledJob

_OF_THE_VERSION: Mapping[ChronosVersion, Mapping[str, Any]] = {
    ChronosVersion.V3: {"schedule": "R1//PT1M"},
    # What lets a job start that waited for an offer; without it, 60 s late is too late.
    ChronosVersion.V2_5: {"schedule": "R1//PT24H", "epsilon": "PT5M", "async": False, "uris": []},
}
"""Once, now; the period means nothing. Woken sent these to either version."""
_DISK_MB = 256
"""Metadata do not speak of disks; this is what the scheduler would take unless it was told otherwise."""


def document(job: ScheduledJob, version: ChronosVersion) -> dict[str, Any]:
    """The document to submit. Raises UsageError when Chronos would make something else of it than is meant."""
    written = _written(job, version)
    if wrong := remarks.errors(lint.remarks(written, version, origin="the job")):
        first = wrong[0]
        raise UsageError(f"{first.where}: {first.message}; {first.consequence}", hint=first.fix)
    return written


def _written(job: ScheduledJob, version: ChronosVersion) -> dict[str, Any]:
    """Nothing is left to a default, but for who runs the container: only the cluster knows a user of its agents.

    What was not asked for is absent: Chronos takes null for a text.
    """
    optional: dict[str, Any] = {}
    if job.run_as_user is not None:
        optional["runAsUser"] = job.run_as_user
    if job.host is not None:
        optional["constraints"] = [["hostname", "EQUALS", job.host]]
    return {
        "name": job.name,
        **_OF_THE_VERSION[version],
        "command": job.command,
        "arguments": list(job.arguments),
        "shell": False,
        "retries": 0,
        "cpus": job.resources.cpus,
        "mem": job.resources.memory_mb,
        "disk": _DISK_MB,
        "owner": job.owner,
        "disabled": False,
        "highPriority": False,
        **optional,
        "container": _container(job),
        "environmentVariables": [
            {"name": name, "value": value} for name, value in sorted(job.environment.items())
        ],
    }


def _container(job: ScheduledJob) -> dict[str, Any]:
    container: dict[str, Any] = {
        "type": "DOCKER",
        "image": job.image,
        "network": "HOST",
        "forcePullImage": False,
        "volumes": [
            {
                "containerPath": f"{volume.path}/",
                "hostPath": f"{volume.host_path}/",
                "mode": "RO" if volume.read_only else "RW",
            }
            for volume in job.volumes
        ],
    }
    if job.network is not None:
        # networkInfos alone does not join a network that Docker knows
        container["network"] = "BRIDGE"
        container["parameters"] = [{"key": "network", "value": job.network}]
    return container
