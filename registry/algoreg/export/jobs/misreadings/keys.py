"""What Chronos does where a key is absent, unknown, or of another version; and with what is no job at all."""

from __future__ import annotations

from algoreg.export.jobs.misreadings.row import (
    AMOUNTS,
    ANY,
    FAILS,
    REQUIRED,
    SYNTAX,
    TWICE,
    UNKNOWN,
    V2_5,
    V3,
    Misreading,
    row,
)
from algoreg.export.remarks import Severity

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
_ON_THE_AGENT = "Chronos silently drops the container and runs the command on the agent itself"


ROWS: tuple[Misreading, ...] = (
    # The text as a whole
    row("json", "", SYNTAX, "Chronos refuses it, or reads other values than other readers do"),
    row("duplicate-key", "", TWICE, "Chronos takes the last of them, silently"),
    row("document", "", "type", "Chronos finds no name in it, and answers with status 500"),
    # Keys that must be there
    row("name-absent", "name", REQUIRED, FAILS),
    row(
        "command-absent",
        "command",
        REQUIRED,
        "Chronos takes the empty text for the command, and hands it to the image as first argument",
        versions=V3,
    ),
    row("command-absent", "command", REQUIRED, FAILS, versions=V2_5),
    row(
        "arguments-absent", "arguments", REQUIRED, "Chronos passes no arguments; where none are meant, say []"
    ),
    row(
        "shell-absent",
        "shell",
        REQUIRED,
        "Chronos reads true: a shell runs the command, the image's ENTRYPOINT and the arguments are ignored",
    ),
    row(
        "schedule-absent",
        "schedule",
        REQUIRED,
        "Chronos starts the job now and then calls it a daily one that ran once (R1/<now>/PT24H)",
    ),
    row("retries-absent", "retries", REQUIRED, "Chronos reads 2: what fails runs three times, 60 s apart"),
    row(
        "resource-absent",
        AMOUNTS,
        REQUIRED,
        "Chronos takes the scheduler's default (0.1 processors, 128 MB), silently",
    ),
    row("container-absent", "container", REQUIRED, "Chronos runs the command on the agent itself"),
    row("image-absent", "container.image", REQUIRED, _ON_THE_AGENT, versions=V3),
    row("image-absent", "container.image", REQUIRED, FAILS, versions=V2_5),
    row("item-key-absent", _NEEDED_IN_ITEMS, REQUIRED, FAILS),
    row("fetch-uri", "fetch[].uri", (REQUIRED, "minLength"), "Chronos fetches the empty address"),
    row(
        "fetch-extract",
        "fetch[].extract",
        REQUIRED,
        "Chronos 3.0.1 unpacks an archive, earlier versions leave it as it is",
    ),
    # Keys that mean something else, or nothing
    row(
        "parents",
        "parents",
        UNKNOWN,
        "Chronos takes it for a job that waits for others, whatever the schedule says, and fails with status 500",
    ),
    row(
        "ignored",
        ("epsilon", "async"),
        UNKNOWN,
        "Chronos 3 never looks at it; only 2.5 does",
        versions=V3,
        severity=Severity.WARNING,
    ),
    row(
        "later-version",
        (
            "concurrent",
            "container.networkName",
            "container.networkInfos",
            "container.volumes[].external",
        ),
        UNKNOWN,
        "Chronos 2.5 never looks at it; only 3.0 does",
        versions=V2_5,
    ),
    row(
        "network-ports",
        ("container.networkInfos[].protocol", "container.networkInfos[].portMappings"),
        UNKNOWN,
        "Chronos reads it, refuses a protocol other than IPv4 and IPv6 with status 500, and passes it to nobody: only "
        "name and labels reach Mesos",
    ),
    row("unknown-key", ANY, UNKNOWN, "Chronos never looks at it; the job runs as if it were not there"),
)
