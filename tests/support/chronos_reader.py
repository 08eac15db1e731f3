"""How Chronos reads a job, as a stand-in of the tests: every coercion and silent default, for 2.5 and for 3.0.

Like the original it walks a tree by hand. A key that it does not know is never looked at; ``null`` is a value,
whose text is ``null``; what has no elements has none to iterate over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MISSING = object()
"""What a look-up of an absent key gives: in the original, Java's null, on which any call fails."""

DEFAULT_CPUS, DEFAULT_MEM, DEFAULT_DISK, DEFAULT_USER = 0.1, 128.0, 256.0, "root"
"""Options of the scheduler that stand in for what it cannot read."""
DEFAULT_RETRIES = 2
DEFAULT_EPSILON = "PT60S"


class Refused(Exception):
    """The scheduler answers with an error instead of taking the job."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status}: {why}")
        self.status = status
        self.why = why


@dataclass(frozen=True, kw_only=True)
class ReadVolume:
    container_path: str
    host_path: str | None
    mode: str | None
    external: tuple[str, str, tuple[tuple[str, str], ...]] | None = None


@dataclass(frozen=True, kw_only=True)
class ReadContainer:
    image: str
    type: str
    network: str
    force_pull_image: bool
    volumes: tuple[ReadVolume, ...]
    parameters: tuple[tuple[str, str], ...]
    network_name: str | None = None
    network_infos: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Name and labels: nothing else of them reaches Mesos."""


@dataclass(frozen=True, kw_only=True)
class ReadJob:
    """What the scheduler believes it was told."""

    name: str
    command: str
    shell: bool
    arguments: tuple[str, ...]
    schedule: str | None
    """None where it begins now, for want of one."""
    schedule_time_zone: str
    parents: tuple[str, ...] | None
    """Not None: it waits for other jobs, whatever the schedule says."""
    retries: int
    cpus: float
    mem: float
    disk: float
    run_as_user: str
    owner: str
    owner_name: str
    description: str
    executor: str
    executor_flags: str
    task_info_data: str
    disabled: bool
    concurrent: bool
    soft_error: bool
    high_priority: bool
    data_processing: bool
    asynchronous: bool
    success_count: int
    error_count: int
    errors_since_last_success: int
    last_success: str
    last_error: str
    epsilon: str | None
    """None where the version has no such thing."""
    environment: tuple[tuple[str, str], ...]
    constraints: tuple[tuple[str, str, str], ...]
    fetch: tuple[tuple[str, bool, bool, bool, str], ...]
    uris: tuple[str, ...]
    container: ReadContainer | None
    """None: the command runs on the agent itself."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What the agent does."""

    image: str | None
    """None: no container."""
    command_line: tuple[str, ...]
    """After the image's ENTRYPOINT; of a shell, the whole line."""
    entrypoint: bool
    """Whether the image's ENTRYPOINT runs."""
    fetched_program: bool
    """The command was taken for the address of a program."""
    environment: Mapping[str, str] = field(repr=False)


def read(text: str | bytes, *, v3: bool) -> ReadJob:
    """What version 3.0 (else 2.5) makes of a submitted text. Raises Refused."""
    try:
        node = json.loads(text, parse_constant=_no_constant)  # of a key that occurs twice, the last counts
    except ValueError as error:
        raise Refused(400, f"no JSON: {error}") from error
    return _Reader(v3=v3).job(node)


def read_document(document: Any, *, v3: bool) -> ReadJob:
    """The same of a document that is not text yet."""
    return read(json.dumps(document), v3=v3)


def launch(job: ReadJob, *, host: str = "agent-1", task: str = "ct:1:0:x:") -> Launch:
    """What the agent is told: Chronos' own variables first, and of one name the first."""
    own = {
        "mesos_task_id": task,
        "MESOS_TASK_ID": task,
        "CHRONOS_JOB_OWNER": job.owner,
        "CHRONOS_JOB_NAME": job.name,
        "HOST": host,
        "CHRONOS_RESOURCE_MEM": str(job.mem),
        "CHRONOS_RESOURCE_CPU": str(job.cpus),
        "CHRONOS_RESOURCE_DISK": str(job.disk),
        "CHRONOS_JOB_RUN_TIME": "0",
        "CHRONOS_JOB_RUN_ATTEMPT": "0",
    }
    environment = dict(own)
    for name, value in job.environment:
        environment.setdefault(name, value)
    fetched = job.command.startswith(("http", "ftp"))
    shell = job.shell or fetched
    return Launch(
        image=job.container.image if job.container else None,
        command_line=(job.command,) if shell else (job.command, *job.arguments),
        entrypoint=job.container is not None and not shell,
        fetched_program=fetched,
        environment=environment,
    )


class _Reader:
    def __init__(self, *, v3: bool) -> None:
        self._v3 = v3

    def job(self, node: Any) -> ReadJob:
        name = _text(_get(node, "name"))
        command = self._optional_text(node, "command") if self._v3 else _text(_get(node, "command"))
        fetch = tuple(map(_fetch, _objects(node, "fetch")))
        uris = tuple(map(_text, _elements(_peek(node, "uris"))))
        schedule = _text(node["schedule"]) if "schedule" in node else None
        parents = tuple(map(_text, _elements(node["parents"]))) if "parents" in node else None
        epsilon = self._epsilon(node)
        job = ReadJob(
            name=name,
            command=command,
            shell=_truth(node["shell"]) if "shell" in node else True,
            arguments=tuple(map(_text, _elements(_peek(node, "arguments")))),
            schedule=schedule,
            schedule_time_zone=self._optional_text(node, "scheduleTimeZone"),
            parents=parents,
            retries=_integer(node["retries"]) if "retries" in node else DEFAULT_RETRIES,
            cpus=_amount(node, "cpus", DEFAULT_CPUS),
            mem=_amount(node, "mem", DEFAULT_MEM),
            disk=_amount(node, "disk", DEFAULT_DISK),
            run_as_user=self._optional_text(node, "runAsUser") or DEFAULT_USER,
            owner=self._optional_text(node, "owner"),
            owner_name=self._optional_text(node, "ownerName"),
            description=self._optional_text(node, "description"),
            executor=self._optional_text(node, "executor"),
            executor_flags=self._optional_text(node, "executorFlags"),
            task_info_data=self._optional_text(node, "taskInfoData"),
            disabled=_flag(node, "disabled"),
            concurrent=self._v3 and _flag(node, "concurrent"),
            soft_error=_flag(node, "softError"),
            high_priority=_flag(node, "highPriority"),
            data_processing=_flag(node, "dataProcessingJobType"),
            asynchronous=not self._v3 and _flag(node, "async"),
            success_count=_integer(node.get("successCount", 0)),
            error_count=_integer(node.get("errorCount", 0)),
            errors_since_last_success=_integer(node.get("errorsSinceLastSuccess", 0)),
            last_success=self._optional_text(node, "lastSuccess"),
            last_error=self._optional_text(node, "lastError"),
            epsilon=epsilon,
            environment=tuple(
                (_text(_get(one, "name")), _text(_get(one, "value")))
                for one in _objects(node, "environmentVariables")
            ),
            constraints=tuple(_constraints(node)),
            fetch=fetch,
            uris=uris,
            container=self._container(node),
        )
        self._accept(job)
        return job

    def _accept(self, job: ReadJob) -> None:
        """What the resource asks of a job that could be read."""
        allowed = r"[A-Za-z0-9_.-]+" if self._v3 else r"[A-Za-z0-9_\s.#-]+"
        if job.parents is not None:
            raise Refused(500, "a dependency job is no scheduled job")
        if not re.fullmatch(allowed, job.name, re.ASCII):
            raise Refused(400, "the job's name is invalid")
        if job.schedule is not None and not _parses(job.schedule):
            raise Refused(400, f"cannot parse schedule {job.schedule}")
        if job.fetch and job.uris:
            raise Refused(400, "both uris and fetch")

    def _optional_text(self, node: Any, key: str) -> str:
        return _text(node[key]) if key in node else ""

    def _epsilon(self, node: Any) -> str | None:
        if self._v3:
            return None
        text = _text(node["epsilon"]) if "epsilon" in node else DEFAULT_EPSILON
        if not _is_period(text):
            raise Refused(500, f"Invalid format: {text}")
        return text

    def _container(self, node: Any) -> ReadContainer | None:
        if "container" not in node:
            return None
        inner = node["container"]
        if self._v3 and not (isinstance(inner, dict) and "image" in inner):
            return None
        network = _text(inner["network"]) if isinstance(inner, dict) and "network" in inner else "HOST"
        _member(network, ("HOST", "BRIDGE", "USER") if self._v3 else ("HOST", "BRIDGE"))
        kind = "DOCKER"
        if self._v3 and "type" in inner:
            kind = _member(_text(inner["type"]).upper(), ("DOCKER", "MESOS"))
        return ReadContainer(
            image=_text(_get(inner, "image")),
            type=kind,
            network=network,
            force_pull_image=_text(inner.get("forcePullImage", False)).lower() == "true",
            volumes=tuple(map(self._volume, _objects(inner, "volumes"))),
            parameters=_pairs(inner, "parameters"),
            network_name=_text(inner["networkName"]) if self._v3 and "networkName" in inner else None,
            network_infos=tuple(map(_network, _objects(inner, "networkInfos"))) if self._v3 else (),
        )

    def _volume(self, node: dict[str, Any]) -> ReadVolume:
        external = None
        if self._v3 and "external" in node:
            inner = node["external"]
            external = (_text(_get(inner, "name")), _text(_get(inner, "provider")), _pairs(inner, "options"))
        return ReadVolume(
            container_path=_text(_get(node, "containerPath")),
            host_path=_text(node["hostPath"]) if "hostPath" in node else None,
            mode=_member(_text(node["mode"]).upper(), ("RW", "RO")) if "mode" in node else None,
            external=external,
        )


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _get(node: Any, key: str) -> Any:
    """``node.get(key)``: nothing where there is no such key, or no object."""
    return node.get(key, MISSING) if isinstance(node, dict) else MISSING


def _peek(node: Any, key: str) -> Any:
    """``node.path(key)``: something without elements where there is no such key."""
    return node.get(key) if isinstance(node, dict) else None


def _elements(node: Any) -> Iterator[Any]:
    """The items of an array, the values of an object, and nothing of a scalar."""
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def _objects(node: Any, key: str) -> Iterator[dict[str, Any]]:
    for one in _elements(_peek(node, key)):
        if not isinstance(one, dict):
            raise Refused(500, f"MatchError in {key}")
        yield one


def _pairs(node: Any, key: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(_get(one, "key")), _text(_get(one, "value"))) for one in _objects(node, key))


def _network(node: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    if "protocol" in node:
        _member(_text(node["protocol"]), ("IPv4", "IPv6"))
    return _text(_get(node, "name")), _pairs(node, "labels")


def _fetch(node: dict[str, Any]) -> tuple[str, bool, bool, bool, str]:
    return (
        _text(node.get("uri", "")),
        _flag(node, "executable"),
        _flag(node, "cache"),
        _truth(node["extract"]) if "extract" in node else True,
        _text(node.get("output_file", "")),
    )


def _constraints(node: Any) -> Iterator[tuple[str, str, str]]:
    for one in _elements(_peek(node, "constraints")):
        items = one if isinstance(one, list) else []
        kind = _text(items[1] if len(items) > 1 else MISSING)
        if kind in ("EQUALS", "LIKE", "UNLIKE"):
            yield _text(items[0]), kind, _text(items[2] if len(items) > 2 else MISSING)


def _text(value: Any) -> str:
    """``asText``."""
    if value is MISSING:
        raise Refused(500, "NullPointerException")
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if isinstance(value, dict | list) else str(value)


def _truth(value: Any) -> bool:
    """``asBoolean``."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.strip() == "true"
    return isinstance(value, int) and value != 0


def _flag(node: Any, key: str) -> bool:
    return _truth(node[key]) if key in node else False


def _number(value: Any) -> float:
    """``asDouble``."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str) and re.fullmatch(
        r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value, re.ASCII
    ):
        return float(value)
    return 0.0


def _integer(value: Any) -> int:
    """``asInt``: cut off, not rounded."""
    return int(max(-(2.0**31), min(_number(value), 2.0**31 - 1)))


def _amount(node: Any, key: str, default: float) -> float:
    """Zero, absent and unreadable are one to it; the task builder sees to what is negative."""
    value = _number(node.get(key, 0))
    return value if value > 0 else default


def _member(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise Refused(500, f"No value found for '{text}'")
    return text


def _parses(schedule: str) -> bool:
    match = re.fullmatch(r"(R[0-9]*)/(.*)/(P.*)", schedule)
    if match is None:
        return False
    start = re.fullmatch(
        r"|\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?)?", match[2], re.ASCII
    )
    return start is not None and _is_date(match[2]) and _is_period(match[3])


def _is_date(text: str) -> bool:
    try:
        return not text or bool(datetime.fromisoformat(text.replace(",", ".")))
    except ValueError:
        return False


def _is_period(text: str) -> bool:
    number = r"[+-]?\d+"
    date = rf"({number}Y)?({number}M)?({number}W)?({number}D)?"
    time = rf"({number}H)?({number}M)?({number}([.,]\d*)?S)?"
    found = re.fullmatch(rf"P{date}(T{time})?", text, re.ASCII)
    return found is not None and text[-1] not in "PT"
