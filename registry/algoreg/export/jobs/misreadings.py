"""The sentences that say what Chronos does with a document that it does not understand: one table, data only.

A place is a path of the document with ``[]`` for any item; a keyword is JSON Schema's, of the schema that the
place breaks, or one of ``lint``'s own. The first row that fits tells the remark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from algoreg.export.jobs.model import ChronosVersion
from algoreg.export.remarks import Severity

REQUIRED: Final = "required"
UNKNOWN: Final = "additionalProperties"
TWICE: Final = "twice"
BOTH: Final = "both"
SYNTAX: Final = "syntax"
"""Keywords: an absent key, one that is not known, a name given twice, keys that exclude each other, no JSON."""

ANY: Final = "*"
"""Any place."""
NULL, BOOLEAN, NUMBER, NUMERIC, TEXT, ARRAY, OBJECT = (
    "null",
    "boolean",
    "number",
    "numeric text",
    "text",
    "array",
    "object",
)
"""Kinds of value."""

_V3 = (ChronosVersion.V3,)
_V2_5 = (ChronosVersion.V2_5,)


@dataclass(frozen=True, kw_only=True)
class Misreading:
    """One row."""

    id: str
    at: tuple[str, ...]
    keywords: tuple[str, ...]
    got: tuple[str, ...] = ()
    """Kinds of the value that stands there; none: whatever it is."""
    versions: tuple[ChronosVersion, ...] = tuple(ChronosVersion)
    consequence: str
    severity: Severity = Severity.ERROR


def _row(
    id: str,
    at: str | tuple[str, ...],
    keywords: str | tuple[str, ...],
    consequence: str,
    *,
    got: tuple[str, ...] = (),
    versions: tuple[ChronosVersion, ...] = tuple(ChronosVersion),
    severity: Severity = Severity.ERROR,
) -> Misreading:
    return Misreading(
        id=f"job.{id}",
        at=(at,) if isinstance(at, str) else at,
        keywords=(keywords,) if isinstance(keywords, str) else keywords,
        got=got,
        versions=versions,
        consequence=consequence,
        severity=severity,
    )


_AMOUNTS = ("cpus", "mem", "disk")
_EXECUTOR = ("executor", "executorFlags", "taskInfoData")
_COUNTERS = ("successCount", "errorCount", "errorsSinceLastSuccess")
_MOMENTS = ("lastSuccess", "lastError")
_CHOICES = ("container.type", "container.network", "container.volumes[].mode")
_OBJECT_ITEMS = (
    "environmentVariables[]",
    "fetch[]",
    "container.volumes[]",
    "container.volumes[].external.options[]",
    "container.parameters[]",
    "container.networkInfos[]",
    "container.networkInfos[].labels[]",
)
_OBJECT_LISTS = tuple(place.removesuffix("[]") for place in _OBJECT_ITEMS)
_NEEDED_IN_ITEMS = (
    "environmentVariables[].name",
    "environmentVariables[].value",
    "container.volumes[].containerPath",
    "container.volumes[].external.name",
    "container.volumes[].external.provider",
    *(
        f"{place}.{key}"
        for place in (
            "container.parameters[]",
            "container.volumes[].external.options[]",
            "container.networkInfos[].labels[]",
        )
        for key in ("key", "value")
    ),
    "container.networkInfos[].name",
)
_FAILS = "Chronos answers with status 500 and a Java exception, and takes no job"
_NO_JOB = "Chronos answers with status 400 and takes no job"
_ON_THE_AGENT = "Chronos silently drops the container and runs the command on the agent itself"

TABLE: tuple[Misreading, ...] = (
    # The text as a whole
    _row("json", "", SYNTAX, "Chronos refuses it, or reads other values than other readers do"),
    _row("duplicate-key", "", TWICE, "Chronos takes the last of them, silently"),
    _row("document", "", "type", "Chronos finds no name in it, and answers with status 500"),
    # Keys that must be there
    _row("name-absent", "name", REQUIRED, _FAILS),
    _row(
        "command-absent",
        "command",
        REQUIRED,
        "Chronos takes the empty text for the command, and hands it to the image as first argument",
        versions=_V3,
    ),
    _row("command-absent", "command", REQUIRED, _FAILS, versions=_V2_5),
    _row(
        "arguments-absent", "arguments", REQUIRED, "Chronos passes no arguments; where none are meant, say []"
    ),
    _row(
        "shell-absent",
        "shell",
        REQUIRED,
        "Chronos reads true: a shell runs the command, the image's ENTRYPOINT and the arguments are ignored",
    ),
    _row(
        "schedule-absent",
        "schedule",
        REQUIRED,
        "Chronos starts the job now and then calls it a daily one that ran once (R1/<now>/PT24H)",
    ),
    _row("retries-absent", "retries", REQUIRED, "Chronos reads 2: what fails runs three times, 60 s apart"),
    _row(
        "resource-absent",
        _AMOUNTS,
        REQUIRED,
        "Chronos takes the scheduler's default (0.1 processors, 128 MB), silently",
    ),
    _row("container-absent", "container", REQUIRED, "Chronos runs the command on the agent itself"),
    _row("image-absent", "container.image", REQUIRED, _ON_THE_AGENT, versions=_V3),
    _row("image-absent", "container.image", REQUIRED, _FAILS, versions=_V2_5),
    _row("item-key-absent", _NEEDED_IN_ITEMS, REQUIRED, _FAILS),
    _row("fetch-uri", "fetch[].uri", (REQUIRED, "minLength"), "Chronos fetches the empty address"),
    _row(
        "fetch-extract",
        "fetch[].extract",
        REQUIRED,
        "Chronos 3.0.1 unpacks an archive, earlier versions leave it as it is",
    ),
    # Keys that mean something else, or nothing
    _row(
        "parents",
        "parents",
        UNKNOWN,
        "Chronos takes it for a job that waits for others, whatever the schedule says, and fails with status 500",
    ),
    _row(
        "ignored",
        ("epsilon", "async"),
        UNKNOWN,
        "Chronos 3 never looks at it; only 2.5 does",
        versions=_V3,
        severity=Severity.WARNING,
    ),
    _row(
        "later-version",
        (
            "concurrent",
            "container.networkName",
            "container.networkInfos",
            "container.volumes[].external",
        ),
        UNKNOWN,
        "Chronos 2.5 never looks at it; only 3.0 does",
        versions=_V2_5,
    ),
    _row(
        "network-ports",
        ("container.networkInfos[].protocol", "container.networkInfos[].portMappings"),
        UNKNOWN,
        "Chronos reads it and passes it to nobody: only name and labels reach Mesos",
    ),
    _row("unknown-key", ANY, UNKNOWN, "Chronos never looks at it; the job runs as if it were not there"),
    # Values that it turns into others
    _row(
        "shell",
        "shell",
        "const",
        "a shell runs the command: the image's ENTRYPOINT and the arguments are ignored",
        got=(BOOLEAN,),
    ),
    _row("disabled", "disabled", "const", "Chronos takes the job and never runs it", got=(BOOLEAN,)),
    _row(
        "soft-error",
        "softError",
        "const",
        "Chronos keeps it, and whoever polls the job takes it for failed before it ran",
        got=(BOOLEAN,),
    ),
    _row("ignored", "async", "const", "Chronos 2.5 waits for a call that tells the end", got=(BOOLEAN,)),
    _row(
        "flag",
        (
            "shell",
            "disabled",
            "softError",
            "async",
            "concurrent",
            "highPriority",
            "dataProcessingJobType",
            "fetch[].extract",
            "fetch[].executable",
            "fetch[].cache",
        ),
        ("const", "type"),
        'Chronos reads every text but "true" as false, null and lists too, and every number but 0 as true',
    ),
    _row(
        "flag",
        "container.forcePullImage",
        "type",
        "Chronos reads it as false, silently, unless it is the text true",
    ),
    _row("retries", "retries", "type", "Chronos reads 0 where it is no number, and cuts off fractions"),
    _row(
        "retries",
        "retries",
        ("minimum", "maximum"),
        "Chronos never retries, or bends it to what Java can hold",
    ),
    _row(
        "resource-text",
        _AMOUNTS,
        "type",
        "Chronos reads the number; of a text that is none, 512m, it would take its default, silently",
        got=(NUMERIC,),
        severity=Severity.WARNING,
    ),
    _row(
        "resource",
        _AMOUNTS,
        ("type", "exclusiveMinimum"),
        "Chronos takes the scheduler's default (0.1 processors, 128 MB, 256 MB of disk), silently",
    ),
    _row(
        "arguments",
        "arguments",
        "type",
        "Chronos silently passes no arguments; of an object it passes the values",
    ),
    _row(
        "environment",
        "environmentVariables",
        "type",
        "Chronos silently passes no variables",
        got=(NULL, BOOLEAN, NUMBER, NUMERIC, TEXT),
    ),
    _row("environment", "environmentVariables", "type", f"an object is no list of variables: {_FAILS}"),
    _row("list", _OBJECT_LISTS, "type", f"Chronos silently reads an empty list; of an object: {_FAILS}"),
    _row(
        "list", ("constraints", "uris"), "type", "Chronos silently reads an empty list, or an object's values"
    ),
    _row("item", _OBJECT_ITEMS, "type", _FAILS),
    _row("constraint", "constraints[]", ("type", "minItems"), _FAILS),
    _row("constraint", "constraints[]", "maxItems", "Chronos looks at the first three items only"),
    _row(
        "constraint-operator",
        "constraints[][]",
        "enum",
        "Chronos silently drops the constraint: any agent may run the job",
    ),
    _row(
        "container",
        "container",
        "type",
        "Chronos silently runs the command on the agent itself",
        versions=_V3,
    ),
    _row("container", "container", "type", _FAILS, versions=_V2_5),
    _row("external", "container.volumes[].external", "type", _FAILS, versions=_V3),
    _row(
        "container-type",
        "container.type",
        "enum",
        "Chronos 2.5 never looks at it and asks for Docker",
        versions=_V2_5,
    ),
    _row("choice", _CHOICES, "enum", f"letter case and spelling count: {_FAILS}"),
    _row(
        "host-path", "container.volumes[].hostPath", "type", "Docker mounts the directory `null`", got=(NULL,)
    ),
    # Texts
    _row("name", "name", "pattern", _NO_JOB),
    _row("schedule", "schedule", ("type", "pattern"), _NO_JOB),
    _row(
        "epsilon", "epsilon", ("type", "pattern"), f"it is no period such as PT5M: {_FAILS}", versions=_V2_5
    ),
    _row(
        "time-zone",
        "scheduleTimeZone",
        ("type", "pattern"),
        "Java takes a time zone that it does not know for GMT, silently",
    ),
    _row(
        "executor",
        _EXECUTOR,
        "const",
        "Chronos hands the command to an executor of one's own",
        got=(TEXT, NUMERIC),
    ),
    _row(
        "executor",
        _EXECUTOR,
        "const",
        'Chronos reads a text such as "null" and looks for an executor of that name',
    ),
    _row(
        "counter",
        _COUNTERS,
        "const",
        "Chronos takes the count for its own, and whoever polls the job takes it for done or failed before it ran",
        got=(NUMBER, NUMERIC, BOOLEAN),
    ),
    _row("counter", _COUNTERS, "const", "Chronos reads 0, as if nothing had been said"),
    _row("counter", _MOMENTS, "const", "Chronos takes the moment for its own, though the job never ran"),
    _row(
        "own-variable", "environmentVariables[].name", "not", "Chronos drops it silently: its own value wins"
    ),
    _row(
        "duplicate-variable", "environmentVariables[].name", TWICE, "only the first of them reaches the image"
    ),
    _row(
        "variable-name",
        "environmentVariables[].name",
        "pattern",
        "no process can have a variable of that name: another one arrives, or the container does not start",
    ),
    _row(
        "variable-value",
        "environmentVariables[].value",
        "pattern",
        "no process can have it: it ends at the NUL",
    ),
    _row(
        "command-fetched",
        "command",
        "pattern",
        "Chronos takes it for the address of a program, fetches it and runs it in a shell",
    ),
    _row("fetch-and-uris", "fetch", BOTH, _NO_JOB),
    _row(
        "empty-text",
        ("command", "container.image", "runAsUser"),
        "minLength",
        "Chronos takes it as it is: an empty argument, an image without a name, the scheduler's own user",
    ),
    _row("empty-text", ANY, "minLength", "Chronos takes the empty text as it is"),
    _row("null-text", ANY, "type", 'Chronos reads the text "null"', got=(NULL,)),
    _row(
        "number-text",
        ANY,
        "type",
        "Chronos takes its text as Java writes it: 1e3 becomes 1000.0, 0.50 becomes 0.5",
        got=(NUMBER, BOOLEAN),
    ),
    _row("object-text", ANY, "type", "Chronos reads the empty text", got=(ARRAY, OBJECT)),
)
