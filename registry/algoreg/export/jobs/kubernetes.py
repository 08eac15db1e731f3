"""Writes a job as a Kubernetes Job, hardened as far as the contract lets an image be."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

from algoreg import contract
from algoreg.errors import UsageError
from algoreg.export.jobs import yamltext
from algoreg.export.jobs.model import ScheduledJob, Volume
from algoreg.job import PASSWORDS

LABEL_MAX = 63
USER = 10001
"""What runs where nobody said as whom: the images of this repository have this user."""
_TMP = "tmp"
_EXPERIMENT = "experiment"


def label(name: str) -> str:
    """``name`` as a DNS label; one that must be changed or cut ends with its digest, lest two become one."""
    slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    if slug == name.replace("_", "-") and len(slug) <= LABEL_MAX:
        return slug
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"{slug[: LABEL_MAX - 13].strip('-') or 'j'}-{digest}"


def text(job: ScheduledJob, *, passwords: bool) -> str:
    """The manifest; with passwords, the Secret that it refers to comes first."""
    documents = [document(job)]
    return yamltext.dump([secret(job), *documents] if passwords else documents)


def secret(job: ScheduledJob) -> dict[str, Any]:
    """The Secret that holds the passwords of the job."""
    keys = {key: job.environment[name] for name, key in PASSWORDS.items() if name in job.environment}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": label(job.name)},
        "type": "Opaque",
        "stringData": keys,
    }


def document(job: ScheduledJob) -> dict[str, Any]:
    """The Job, whose passwords come from a Secret of the same name. Raises UsageError for what it cannot be."""
    annotations = {"annotations": {"algoreg/owner": job.owner}} if job.owner else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": label(job.name), **annotations},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": math.ceil(job.resources.timeout_s),
            "template": {"spec": _pod(job)},
        },
    }


def _pod(job: ScheduledJob) -> dict[str, Any]:
    user = _user(job.run_as_user)
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        # Else the variables of every service of the namespace reach the image
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"nodeSelector": {"kubernetes.io/hostname": job.host}} if job.host else {}),
        "containers": [_container(job)],
        "volumes": [
            {"name": _TMP, "emptyDir": {"medium": "Memory", "sizeLimit": f"{contract.TMP_BYTES >> 20}Mi"}},
            *(_volume(volume, position) for position, volume in enumerate(job.volumes)),
        ],
    }


def _container(job: ScheduledJob) -> dict[str, Any]:
    amounts = {"cpu": f"{math.ceil(job.resources.cpus * 1000)}m", "memory": f"{job.resources.memory_mb}Mi"}
    return {
        "name": "algorithm",
        "image": job.image,
        "args": [_literal(argument) for argument in (job.command, *job.arguments)],
        "env": [_variable(job, name, value) for name, value in sorted(job.environment.items())],
        "resources": {"limits": amounts, "requests": dict(amounts)},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": _TMP, "mountPath": "/tmp"},
            *(_mount(volume, position) for position, volume in enumerate(job.volumes)),
        ],
    }


def _variable(job: ScheduledJob, name: str, value: str) -> Mapping[str, Any]:
    if name in PASSWORDS:
        reference = {"name": label(job.name), "key": PASSWORDS[name]}
        return {"name": name, "valueFrom": {"secretKeyRef": reference}}
    return {"name": name, "value": _literal(value)}


def _literal(value: str) -> str:
    """``$(NAME)`` would be replaced by a variable, and ``$$`` stands for one dollar sign."""
    return value.replace("$", "$$")


def _volume(volume: Volume, position: int) -> dict[str, Any]:
    name = f"{_EXPERIMENT}-{position}"
    if volume.claim is not None:
        return {"name": name, "persistentVolumeClaim": {"claimName": volume.claim}}
    return {"name": name, "hostPath": {"path": volume.host_path, "type": "Directory"}}


def _mount(volume: Volume, position: int) -> dict[str, Any]:
    mount: dict[str, Any] = {"name": f"{_EXPERIMENT}-{position}", "mountPath": volume.path}
    if volume.claim is not None:
        mount["subPath"] = volume.host_path.lstrip("/")
    return mount | ({"readOnly": True} if volume.read_only else {})


def _user(name: str | None) -> int:
    if name is None:
        return USER
    if not re.fullmatch("[1-9][0-9]{0,9}", name) or int(name) >= 2**31:
        raise UsageError(
            f"Kubernetes cannot run the image as {name!a}: a number is needed, and never 0",
            hint="Name the number of the image's user, as in --run-as-user 10001.",
        )
    return int(name)
