"""What Chronos does with a value of another kind, form or range than it takes."""

from __future__ import annotations

from algoreg.export.jobs.misreadings.row import (
    AMOUNTS,
    ANY,
    ARRAY,
    BOOLEAN,
    BOTH,
    FAILS,
    NULL,
    NUMBER,
    NUMERIC,
    OBJECT,
    PLACEHOLDER,
    TEXT,
    TWICE,
    V2_5,
    V3,
    Misreading,
    row,
)
from algoreg.export.remarks import Severity

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
        'Chronos reads every text but "true" as false, null and lists too, and every number but 0 as true',
    ),
    row(
        "flag",
        "container.forcePullImage",
        "type",
        "Chronos reads it as false, silently, unless it is the text true",
    ),
    row("retries", "retries", "type", "Chronos reads 0 where it is no number, and cuts off fractions"),
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
        got=(NULL, BOOLEAN, NUMBER, NUMERIC, TEXT),
    ),
    row("environment", "environmentVariables", "type", f"an object is no list of variables: {FAILS}"),
    row("list", _OBJECT_LISTS, "type", f"Chronos silently reads an empty list; of an object: {FAILS}"),
    row(
        "list", ("constraints", "uris"), "type", "Chronos silently reads an empty list, or an object's values"
    ),
    row("item", _OBJECT_ITEMS, "type", FAILS),
    row("constraint", "constraints[]", ("type", "minItems"), FAILS),
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
        "enum",
        "Chronos 2.5 never looks at it and asks for Docker",
        versions=V2_5,
    ),
    row("choice", _CHOICES, "enum", f"letter case and spelling count: {FAILS}"),
    row(
        "host-path", "container.volumes[].hostPath", "type", "Docker mounts the directory `null`", got=(NULL,)
    ),
    # Texts
    row("name", "name", "pattern", _NO_JOB),
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
        _EXECUTOR,
        "const",
        "Chronos hands the command to an executor of one's own",
        got=(TEXT, NUMERIC),
    ),
    row(
        "executor",
        _EXECUTOR,
        "const",
        'Chronos reads a text such as "null" and looks for an executor of that name',
    ),
    row(
        "counter",
        _COUNTERS,
        "const",
        "Chronos takes the count for its own, and whoever polls the job takes it for done or failed before it ran",
        got=(NUMBER, NUMERIC, BOOLEAN),
    ),
    row("counter", _COUNTERS, "const", "Chronos reads 0, as if nothing had been said"),
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
    row("object-text", ANY, "type", "Chronos reads the empty text", got=(ARRAY, OBJECT)),
)
