"""What the lint says that Chronos does, Chronos' reader does: for odd values at every place of a document."""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from algoreg import schemas
from algoreg.export.jobs import lint
from algoreg.export.jobs.model import ChronosVersion
from algoreg.export.remarks import Remark, Severity
from support.chronos_reader import ReadJob, Refused, read_document

V3 = ChronosVersion.V3
Place = tuple[str | int, ...]
FULL: dict[str, Any] = copy.deepcopy(dict(schemas.load(V3)["examples"][0])) | {
    "constraints": [["hostname", "EQUALS", "agent-1"]],
    "uris": ["http://x/a"],
    "disk": 10,
    "scheduleTimeZone": "",
    "lastError": "",
    "successCount": 0,
    "executor": "",
    "executorFlags": "",
    "description": "d",
    **dict.fromkeys(("disabled", "highPriority", "softError", "dataProcessingJobType"), False),
}
FULL["container"]["forcePullImage"] = False
OF_V3 = {
    "networkName": "mip",
    "networkInfos": [{"name": "mip", "labels": [{"key": "a", "value": "b"}]}],
}
EXTERNAL = {"name": "n", "provider": "p", "options": [{"key": "k", "value": "v"}]}
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        1.5,
        10**20,
        "",
        " ",
        "0",
        "-1",
        "0.5",
        "00",
        "yes",
        "true",
        "TRUE",
        "null",
    ),
    *(
        "DOCKER",
        "Docker",
        "mesos",
        "Rw",
        "rO",
        "host",
        "Bridge",
        "USER",
        "EQUALS",
        "equals",
        "a b",
        "ä",
        "a#b",
        "a\n",
    ),
    *(
        "R1//PT1M",
        "R0//PT1M",
        "R00/2030-01-01/P1D",
        "R01//PT1M",
        "R5//PT1M",
        "R//P1D",
        "r1//PT1M",
        "R1//pt1m",
    ),
    *("R1//P-1D", "R1//PT+1M", "R1//PT1.S", "R1//P1DT", "R1//P", "R1//PT", "R1//PT0S", "R1/2030-02-30/PT1M"),
    *(
        "PT5M",
        "P-1D",
        "P1DT",
        "UTC",
        "CET",
        "Etc/GMT+1",
        "Europe/Zurich",
        "DOCKER ",
        " RW",
        "1_000",
        "http://x",
    ),
    *(
        [],
        {},
        ["a"],
        [None],
        [{}],
        ["a", "EQUALS"],
        ["a", "IS"],
        ["a", "EQUALS", "b", "c"],
        [["a", "LIKE", "b"]],
    ),
    *({"a": "b"}, {"name": "A", "value": "b"}, {"a": {"name": "A", "value": "b"}}, {"a": ["b", "LIKE", "c"]}),
    *([{"name": "A"}], [{"name": "HOST", "value": "x"}], [{"uri": "http://x"}], {"image": "x"}),
)


def full(version: ChronosVersion) -> dict[str, Any]:
    document = copy.deepcopy(FULL)
    if version is V3:
        document["container"] |= copy.deepcopy(OF_V3)
        document["container"]["volumes"][0]["external"] = copy.deepcopy(EXTERNAL)
    else:
        document |= {"epsilon": "PT5M", "async": False}
    return document


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from places(inner, (*at, key))


def put(document: dict[str, Any], at: Place, value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(document)
    target = changed
    for step in at[:-1]:
        target = target[step]
    target[at[-1]] = value
    return dict(changed)


def dropped(document: dict[str, Any], at: Place) -> dict[str, Any]:
    changed: Any = copy.deepcopy(document)
    target = changed
    for step in at[:-1]:
        target = target[step]
    del target[at[-1]]
    return dict(changed)


def truth(value: Any) -> bool:
    return value is True or value == "true" or (type(value) is int and value != 0)


def number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def java(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


Same = Callable[[dict[str, Any], Place, Any], dict[str, Any]]
"""A document, a place, the value there: another document that Chronos would read likewise."""
LIKE: dict[str, Same] = {
    "never looks at it": lambda document, at, _: dropped(document, at),
    "reads the empty text": lambda document, at, _: put(document, at, ""),
    'reads the text "null"': lambda document, at, _: put(document, at, "null"),
    "takes its text as Java writes it": lambda document, at, value: put(document, at, java(value)),
    "Docker mounts the directory `null`": lambda document, at, _: put(document, at, "null"),
    "silently passes no variables": lambda document, at, _: put(document, at, []),
    "silently reads an empty list": lambda document, at, _: put(document, at, []),
    "silently passes no arguments; of an object it passes the values": lambda document, at, value: put(
        document, at, list(value.values()) if isinstance(value, dict) else []
    ),
    "takes the object's values for the items": lambda document, at, value: put(
        document, at, list(value.values())
    ),
    "takes the scheduler's default (0.1": lambda document, at, _: dropped(document, at),
    "reads true as 1, and takes": lambda document, at, value: (
        put(document, at, 1) if value else dropped(document, at)
    ),
    "reads the number": lambda document, at, value: put(document, at, float(value)),
    "reads 1 where it is true, 0 where": lambda document, at, value: put(
        document, at, int(float(value)) if re.fullmatch(r"-?\d+(\.\d+)?", str(value)) else number(value)
    ),
    "reads 0, as if nothing": lambda document, at, _: put(document, at, 0),
    'every text but "true" as false': lambda document, at, value: put(document, at, truth(value)),
    "reads it as false, silently, unless": lambda document, at, value: put(
        document, at, java(value).lower() == "true"
    ),
    "silently drops the constraint:": lambda document, at, _: dropped(document, at[:-1]),
    "looks at the first three items only": lambda document, at, value: put(document, at, value[:3]),
    "2.5 never looks at it and asks for Docker": lambda document, at, _: dropped(document, at),
    "runs the command on the agent itself": lambda document, at, _: dropped(document, at),
}
"""What a sentence says -> a document that is read so."""
OF_THE_JOB: dict[str, Callable[[ReadJob], bool]] = {
    "a shell runs the command": lambda job: job.shell,
    "takes the job and never runs it": lambda job: job.disabled or (job.schedule or "").startswith("R0"),
    "takes it for failed before it ran": lambda job: job.soft_error,
    "waits for a call that tells the end": lambda job: job.asynchronous,
    "to an executor of one's own; null is": lambda job: job.executor != "",
}
"""What a sentence says -> what is true of the job."""
SILENT = (
    *(
        "never retries, or bends it",
        "takes the count for its own",
        "takes the moment for its own",
        "keeps its text for",
    ),
    *(
        "that it does not know for GMT",
        "takes it as it is",
        "takes the empty text as it is",
        "no container engine",
    ),
    *(
        "no process can",
        "its own value wins",
        "fetches it and runs it in a shell",
        "only the first of them reaches",
    ),
    *(
        "hands it to the image as it is",
        "fetches the empty address",
        "only name and labels reach",
        "unpacks an archive",
    ),
    *("joins no network that Docker knows",),
)
"""What other tests show, or what others than Chronos' reader do."""
CONDITIONAL = ("where one of them", "unless the operator", "refuses a protocol")
STATUS = re.compile(r"status (\d+)")


def claims(remarks: tuple[Remark, ...]) -> tuple[set[int], set[int]]:
    """Statuses that are told without condition, and with one."""
    sure, maybe = set[int](), set[int]()
    for remark in remarks:
        conditional = any(word in remark.consequence for word in CONDITIONAL)
        (maybe if conditional else sure).update(map(int, STATUS.findall(remark.consequence)))
    return sure, maybe


def likeness(text: str, table: dict[str, Any]) -> Any:
    found = [table[words] for words in sorted(table, key=len, reverse=True) if words in text]
    return found[0] if found else None


@pytest.mark.parametrize("version", ChronosVersion)
def test_every_sentence_is_what_the_reader_does(version: ChronosVersion) -> None:
    base = full(version)
    assert [one for one in lint.remarks(base, version, origin="f") if one.severity is Severity.ERROR] == []
    wrong, told = [], set[str]()
    for at in places(base):
        for value in VALUES:
            document = put(base, at, value)
            remarks = lint.remarks(document, version, origin="f")
            told.update(remark.id for remark in remarks)
            if problem := _false(document, at, value, remarks, v3=version is V3):
                wrong.append((at, value, problem, [remark.consequence for remark in remarks]))
    assert not wrong, "\n".join(map(str, wrong))
    assert len(told) > 20


def _false(document: dict[str, Any], at: Place, value: Any, remarks: tuple[Remark, ...], *, v3: bool) -> str:
    """Which of the remarks is none that the reader agrees with; empty: they are all right."""
    sure, maybe = claims(remarks)
    try:
        job = read_document(document, v3=v3)
    except Refused as refused:
        return "" if refused.status in sure | maybe else f"refused with {refused.status}, and not said"
    if sure:
        return f"read, and said to be refused with {sure}"
    # A value inside the one that was changed is told at its own place
    for remark in (one for one in remarks if one.where == f"f: {schemas.json_path(at)}"):
        same = likeness(remark.consequence, LIKE)
        if same is not None:
            if read_document(same(document, at, value), v3=v3) != job:
                return f"not read so: {remark.consequence}"
        elif (true := likeness(remark.consequence, OF_THE_JOB)) is not None:
            if not true(job):
                return f"not so: {remark.consequence}"
        elif not any(words in remark.consequence for words in (*SILENT, *CONDITIONAL)):
            return f"nobody tries it: {remark.consequence}"
    return ""
