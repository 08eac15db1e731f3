"""A request as the text that its target reads, and what a person has to know besides."""

from __future__ import annotations

import json
from collections.abc import Iterator

from algoreg.export.jobs import chronos, compose, kubernetes
from algoreg.export.jobs.model import ChronosVersion, ScheduledJob, Target
from algoreg.export.jobs.request import Request


def text(request: Request, job: ScheduledJob) -> str:
    """The document. Raises UsageError for a job that the target would misread."""
    passwords = request.secrets is not None
    match request.target:
        case Target.KUBERNETES:
            return kubernetes.text(job, passwords=passwords)
        case Target.COMPOSE:
            return compose.text(job, request.asked.sample, passwords=passwords)
        case version:
            document = chronos.document(job, ChronosVersion(version))
            return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def notes(request: Request, job: ScheduledJob) -> Iterator[str]:
    """What is not in the document, or not seen at a glance."""
    for volume in job.volumes:
        where = volume.host_path
        if volume.claim is not None:
            where = f"{where.lstrip('/')} in the claim {volume.claim}"
        yield f"the experiment's directory is {where}; make it, mode 0777, before the job runs"
    if request.experiment is None and job.volumes:
        experiment = job.volumes[0].host_path.rpartition("/")[2]
        yield f"the job that shares it is asked for with --experiment {experiment}"
    if request.secrets is not None:
        yield "the document holds passwords: hand it on as such"
    elif request.target is Target.KUBERNETES:
        name = kubernetes.label(job.name)
        yield f"the passwords are those of the Secret {name}, under the keys IN_PASSWORD and OUT_PASSWORD"
    elif request.target is Target.COMPOSE:
        yield "docker compose asks for the variables IN_PASSWORD, OUT_PASSWORD and POSTGRES_PASSWORD"
    else:
        yield "the passwords are placeholders, and the job fails with them: see --with-passwords"
