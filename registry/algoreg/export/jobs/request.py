"""Turns what a person asks for on the command line into a job, refusing what the image or the target cannot do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from algoreg import contract, job
from algoreg.errors import UsageError
from algoreg.export.jobs import address, compose, options
from algoreg.export.jobs.address import DatabaseAddress
from algoreg.export.jobs.model import ScheduledJob, Target, Volume, experiment_directory
from algoreg.export.jobs.question import Asked
from algoreg.export.names import woken_job_name
from algoreg.model import Algorithm

_JOB_ID = re.compile(r"[A-Za-z0-9_.-]+")
"""It is part of the job's name."""
_VARIABLE_MAX_BYTES = 128 * 1024 - 1
"""Linux takes no longer text for a variable, its name and ``=`` included."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One run of one algorithm, as it was asked for."""

    algorithm: Algorithm
    target: Target
    command: str
    asked: Asked
    job_id: str = field(default_factory=lambda: str(uuid4()))
    node: str = "local"
    mode: str | None = None
    job_ids: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    science: DatabaseAddress | None = None
    results: DatabaseAddress | None = None
    secrets: Mapping[str, str] | None = field(default=None, repr=False)
    """Variables in which passwords are looked for; None: placeholders stand for them."""
    volume: str | None = None
    """Root of the experiments' directories."""
    claim: str | None = None
    experiment: UUID | None = None
    network: str | None = None
    owner: str = ""
    run_as_user: str | None = None
    host: str | None = None


def scheduled(request: Request) -> ScheduledJob:
    """The job. Raises UsageError for what the image, the target or a process cannot take."""
    _ensure_possible(request)
    image = request.algorithm.reference
    return ScheduledJob(
        name=woken_job_name(image, request.job_id),
        image=image,
        command=request.command,
        arguments=_arguments(request),
        environment=_environment(request),
        resources=request.algorithm.resources,
        volumes=_volumes(request),
        network=request.network,
        owner=request.owner,
        run_as_user=request.run_as_user,
        host=request.host,
    )


def _ensure_possible(request: Request) -> None:
    options.ensure_command(request.algorithm, request.command)
    job.ensure_declared(request.algorithm, request.parameters)
    job.ensure_accepted(request.algorithm, request.asked.sample)
    _ensure_printable(request)
    for option, value, most in (
        ("--job-id", request.job_id, contract.JOB_ID_MAX),
        *(("--job-ids", one, contract.JOB_ID_MAX) for one in request.job_ids),
        ("--node", request.node, contract.NODE_MAX),
    ):
        if not _JOB_ID.fullmatch(value) or len(value) > most:
            raise UsageError(
                f"{option} {value[:most]!a} is not 1 to {most} letters, digits, '_', '.' and '-'",
                hint="Leave it out: a fresh one is made." if option == "--job-id" else "Correct it.",
            )


def _ensure_printable(request: Request) -> None:
    texts = {
        "--owner": request.owner or None,
        "--network": request.network,
        "--host": request.host,
        "--claim": request.claim,
        "--run-as-user": request.run_as_user,
    }
    for option, value in texts.items():
        if value is not None and not (value and value.isprintable()):
            raise UsageError(f"{option} is empty, or not printable", hint="Leave it out, or correct it.")


def _arguments(request: Request) -> tuple[str, ...]:
    """``--mode``, and for an aggregate the jobs whose results it puts together: never none, which is one empty id."""
    mode, ids = request.mode, request.job_ids
    if mode is None and not ids:
        return ()
    if request.command != contract.COMPUTE or not request.algorithm.federated:
        raise UsageError(
            f"{request.algorithm.code} {request.command} takes no --mode",
            hint="Only compute does, of an algorithm that is federated.",
        )
    if (mode == contract.AGGREGATE) != bool(ids):
        raise UsageError(
            "--mode aggregate and --job-ids belong together", hint="Name the jobs: --job-ids A,B"
        )
    return ("--mode", str(mode), *(("--job-ids", *ids) if ids else ()))


def _environment(request: Request) -> Mapping[str, str]:
    variables = job.variables(
        job=job.Job(id=request.job_id, node=request.node, docker_image=request.algorithm.reference),
        question=request.asked.question,
        parameters=request.parameters,
        science=_connection(request, job.SCIENCE, request.science),
        results=_connection(request, job.RESULTS, request.results),
    )
    for name, value in variables.items():
        if not _fits(name, value):
            raise UsageError(
                f"no process can have the variable {name}: it is no text, or longer than 128 KiB",
                hint="Ask for fewer covariables, or for some with fewer codes.",
            )
    return variables


def _fits(name: str, value: str) -> bool:
    try:
        return "\0" not in value and len(f"{name}={value}".encode()) <= _VARIABLE_MAX_BYTES
    except UnicodeEncodeError:
        return False


def _connection(request: Request, prefix: str, given: DatabaseAddress | None) -> job.Connection:
    where = given or compose.ADDRESSES[prefix]
    if request.secrets is None:
        return where.connection(address.placeholder(prefix))
    return where.connection(address.secret(prefix, where.password, request.secrets))


def _volumes(request: Request) -> tuple[Volume, ...]:
    root = "/" if request.volume is None and request.claim is not None else request.volume
    if root is None:
        if request.command == contract.COMPUTE:
            return ()
        raise UsageError(
            f"{request.command} needs a directory that train and test share",
            hint="Name the root of such directories, as in --volume /srv/algoreg.",
        )
    return (Volume(host_path=experiment_directory(root, request.experiment), claim=request.claim),)
