"""What Chronos does with a value of another kind, form or range than it takes."""

from __future__ import annotations

from algoreg.export.jobs.misreadings.row import (
    AMOUNTS,
    ANY,
    BOOLEAN,
    BOTH,
    EMPTY,
    FAILS,
    NETWORK,
    NO_AMOUNT,
    NO_TEXTS,
    NULL,
    NUMBER,
    NUMERIC,
    OBJECT,
    PLACEHOLDER,
    TEXTS,
    TWICE,
    V2_5,
    V3,
    Misreading,
    row,
)
from algoreg.export.remarks import Severity

_OF_EXECUTOR = ("executorFlags", "taskInfoData")
_COUNTERS = ("successCount", "errorCount", "errorsSinceLastSuccess")
_MOMENTS = ("lastSuccess", "lastError")
_CAPITALS = ("container.type", "container.volumes[].mode")
"""Chronos reads them in capitals, however they are written."""
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
_OBJECT_FOR_LIST = (
    "Chronos takes the object's values for the items; where one of them is none, it answers with status 500 and a Java "
    "exception, and takes no job"
)
_NO_JOB = "Chronos answers with status 400 and takes no job"

ROWS: tuple[Misreading, ...] = (
    # Values that it turns into others
    row(
        "shell",
        "shell",
        "const",
        "a shell runs the command: the image's ENTRYPOINT and the arguments are ignored",
        got=(BOOLEAN,),
    ),
    row("disabled", "disabled", "const", "Chronos takes the job and never runs it", got=(BOOLEAN,)),
    row(
        "soft-error",
        "softError",
        "const",
        "Chronos keeps it, and whoever polls the job takes it for failed before it ran",
        got=(BOOLEAN,),
    ),
    row("ignored", "async", "const", "Chronos 2.5 waits for a call that tells the end", got=(BOOLEAN,)),
    row(
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
        'Chronos reads every text but "true" as false, null and lists too, and every integer but 0 as true',
    ),
    row(
        "flag",
        "container.forcePullImage",
        "type",
        "Chronos reads it as false, silently, unless it is the text true, in any letters",
    ),
    row(
        "retries",
        "retries",
        "type",
        "Chronos reads 1 where it is true, 0 where it is no number, and cuts off fractions",
    ),
    row(
        "retries",
        "retries",
        ("minimum", "maximum"),
        "Chronos never retries, or bends it to what Java can hold",
    ),
    row(
        "resource-text",
        AMOUNTS,
        "type",
        "Chronos reads the number; of a text that is none, 512m, it would take its default, silently",
        got=(NUMERIC,),
        severity=Severity.WARNING,
    ),
    row(
        "resource",
        AMOUNTS,
        "type",
        "Chronos reads true as 1, and takes the scheduler's default for false, silently",
        got=(BOOLEAN,),
    ),
    row(
        "resource",
        AMOUNTS,
        ("type", "exclusiveMinimum"),
        "Chronos takes the scheduler's default (0.1 processors, 128 MB, 256 MB of disk), silently",
    ),
    row(
        "arguments",
        "arguments",
        "type",
        "Chronos silently passes no arguments; of an object it passes the values",
    ),
    row(
        "environment",
        "environmentVariables",
        "type",
        "Chronos silently passes no variables",
        got=(NULL, BOOLEAN, NUMBER, EMPTY, *TEXTS),
    ),
    row("environment", "environmentVariables", "type", _OBJECT_FOR_LIST),
    row("list", _OBJECT_LISTS, "type", _OBJECT_FOR_LIST, got=(OBJECT,)),
    row("list", "constraints", "type", _OBJECT_FOR_LIST, got=(OBJECT,)),
    row("list", "uris", "type", "Chronos takes the object's values for the items", got=(OBJECT,)),
    row("list", (*_OBJECT_LISTS, "constraints", "uris"), "type", "Chronos silently reads an empty list"),
    row("item", _OBJECT_ITEMS, "type", FAILS),
    row("constraint", "constraints[]", "type", FAILS),
    row(
        "constraint",
        "constraints[]",
        "minItems",
        f"{FAILS}, unless the operator is one for which it drops the constraint silently",
    ),
    row("constraint", "constraints[]", "maxItems", "Chronos looks at the first three items only"),
    row(
        "constraint-operator",
        "constraints[][]",
        "enum",
        "Chronos silently drops the constraint: any agent may run the job",
    ),
    row(
        "container",
        "container",
        "type",
        "Chronos silently runs the command on the agent itself",
        versions=V3,
    ),
    row("container", "container", "type", FAILS, versions=V2_5),
    row("external", "container.volumes[].external", "type", FAILS, versions=V3),
    row(
        "container-type",
        "container.type",
        ("type", "pattern"),
        "Chronos 2.5 never looks at it and asks for Docker",
        versions=V2_5,
    ),
    row("choice", _CAPITALS, ("type", "pattern"), f"it is none that Chronos knows: {FAILS}"),
    row("choice", "container.network", "enum", f"letter case and spelling count: {FAILS}"),
    row(
        "network-infos",
        "container.networkInfos",
        NETWORK,
        "Chronos passes it on, and the container joins no network that Docker knows by it alone",
        versions=V3,
        severity=Severity.WARNING,
    ),
    row(
        "host-path", "container.volumes[].hostPath", "type", "Docker mounts the directory `null`", got=(NULL,)
    ),
    # Texts
    row("name", "name", "pattern", _NO_JOB),
    row("name", "name", "type", f"Chronos reads the empty text: {_NO_JOB}", got=NO_TEXTS),
    row("schedule-never", "schedule", "not", "Chronos takes the job and never runs it: R0 leaves no run"),
    row("schedule", "schedule", ("type", "pattern"), _NO_JOB),
    row("epsilon", "epsilon", ("type", "pattern"), f"it is no period such as PT5M: {FAILS}", versions=V2_5),
    row(
        "time-zone",
        "scheduleTimeZone",
        ("type", "pattern"),
        "Java takes a time zone that it does not know for GMT, silently",
    ),
    row(
        "executor",
        ("executor", *_OF_EXECUTOR),
        "const",
        "Chronos reads the empty text, as if nothing had been said",
        got=NO_TEXTS,
    ),
    row(
        "executor",
        "executor",
        "const",
        "Chronos hands the command to an executor of one's own; null is one of the name null",
    ),
    row(
        "executor",
        _OF_EXECUTOR,
        "const",
        "Chronos keeps its text for an executor of one's own, and there is none",
    ),
    row(
        "counter",
        _COUNTERS,
        "const",
        "Chronos takes the count for its own, and whoever polls the job takes it for done or failed before it ran",
        got=(NUMBER, NUMERIC, NO_AMOUNT, BOOLEAN),
    ),
    row("counter", _COUNTERS, "const", "Chronos reads 0, as if nothing had been said"),
    row(
        "counter",
        _MOMENTS,
        "const",
        "Chronos reads the empty text, as if nothing had been said",
        got=NO_TEXTS,
    ),
    row("counter", _MOMENTS, "const", "Chronos takes the moment for its own, though the job never ran"),
    row(
        "placeholder",
        "environmentVariables[].value",
        PLACEHOLDER,
        "Chronos hands it to the image as it is, and the database refuses it",
        severity=Severity.WARNING,
    ),
    row(
        "own-variable", "environmentVariables[].name", "not", "Chronos drops it silently: its own value wins"
    ),
    row(
        "duplicate-variable", "environmentVariables[].name", TWICE, "only the first of them reaches the image"
    ),
    row(
        "variable-name",
        "environmentVariables[].name",
        "pattern",
        "no process can have a variable of that name: another one arrives, or the container does not start",
    ),
    row(
        "variable-value",
        "environmentVariables[].value",
        "pattern",
        "no process can have it: it ends at the NUL",
    ),
    row(
        "command-fetched",
        "command",
        "pattern",
        "Chronos takes it for the address of a program, fetches it and runs it in a shell",
    ),
    row(
        "image-name",
        "container.image",
        "pattern",
        "Chronos takes it as it is, and no container engine takes it for an image: every start fails",
    ),
    row("fetch-and-uris", "fetch", BOTH, _NO_JOB),
    row(
        "empty-text",
        ("command", "container.image", "runAsUser"),
        "minLength",
        "Chronos takes it as it is: an empty argument, an image without a name, the scheduler's own user",
    ),
    row("empty-text", ANY, "minLength", "Chronos takes the empty text as it is"),
    row("null-text", ANY, "type", 'Chronos reads the text "null"', got=(NULL,)),
    row(
        "number-text",
        ANY,
        "type",
        "Chronos takes its text as Java writes it: 1e3 becomes 1000.0, 0.50 becomes 0.5",
        got=(NUMBER, BOOLEAN),
    ),
    row("object-text", ANY, "type", "Chronos reads the empty text", got=NO_TEXTS),
)
