"""``algoreg list`` and ``algoreg show``: the registry, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from algoreg.cli import completion, output
from algoreg.cli.output import Format

if TYPE_CHECKING:
    from algoreg.model import Parameter
    from algoreg.registry import Entry, Registry

LIST_EPILOG = "Example: algoreg list --format json"
SHOW_EPILOG = "Example: algoreg show knn"

FormatOption = Annotated[Format, typer.Option("--format", help="A table for people, or JSON.")]


def list_(format: FormatOption = Format.TERMINAL) -> None:
    """List the algorithms of the installed plugins, and the plugins that cannot be used."""
    from algoreg import registry

    known = registry.load()
    if format is Format.JSON:
        output.write_json(_listing(known))
    else:
        output.table(
            ("code", "image", "maturity", "commands", "distribution"), map(_row, known.entries.values())
        )
    warn_of_broken(known)


def show(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE", help="The algorithm's code, as listed.", autocompletion=completion.codes
        ),
    ],
    format: FormatOption = Format.TERMINAL,
) -> None:
    """Show everything that is known about one algorithm."""
    from algoreg import registry

    entry = registry.load().get(code)
    if format is Format.JSON:
        output.write_json(_details(entry))
        return
    output.fields(_summary(entry))
    if entry.algorithm.parameters:
        output.write("")
        output.table(
            ("parameter", "type", "default", "accepted", "description"),
            map(_parameter_row, entry.algorithm.parameters),
        )


def warn_of_broken(known: Registry) -> None:
    """Tell of plugins whose algorithms are missing from whatever is made of the registry."""
    for plugin in known.broken:
        output.note(
            f"algoreg: warning: the plugin {plugin.name} of {plugin.distribution} {plugin.version} "
            f"cannot be used: {plugin.reason}"
        )


def _listing(known: Registry) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "schema": "algoreg-list/1",
        "algorithms": [_details(entry) for entry in known.entries.values()],
        "broken": [asdict(plugin) for plugin in known.broken],
    }


def _details(entry: Entry) -> dict[str, Any]:
    """The algorithm with its defaults filled in, and where it comes from."""
    from dataclasses import asdict

    details = asdict(entry.algorithm)
    del details["document"]
    plugin = entry.plugin
    return {
        **details,
        "reference": entry.algorithm.reference,
        "folder": str(entry.folder),
        "plugin": plugin and plugin.name,
        "distribution": plugin and plugin.distribution,
        "distribution_version": plugin and plugin.version,
    }


def _row(entry: Entry) -> tuple[str, ...]:
    algorithm = entry.algorithm
    return (
        algorithm.code,
        algorithm.reference,
        algorithm.maturity,
        ", ".join(algorithm.entrypoints),
        _origin(entry),
    )


def _origin(entry: Entry) -> str:
    return f"{entry.plugin.distribution} {entry.plugin.version}" if entry.plugin else "none"


def _summary(entry: Entry) -> dict[str, str]:
    algorithm = entry.algorithm
    resources = algorithm.resources
    accepted = [kind for kind, taken in algorithm.constraints.variable.items() if taken]
    values = {
        "code": algorithm.code,
        "label": algorithm.label,
        "description": algorithm.description,
        "image": algorithm.reference,
        "commands": ", ".join(algorithm.entrypoints),
        "tasks": ", ".join(algorithm.tasks),
        "variable": ", ".join(accepted),
        "result": algorithm.result or "",
        "federated": "compute --mode intermediate, then compute --mode aggregate --job-ids ID..."
        if algorithm.federated
        else "",
        "resources": f"{resources.cpus:g} cpus, {resources.memory_mb} MB, {resources.timeout_s:g} s",
        "maturity": algorithm.maturity,
        "distribution": _origin(entry),
        "folder": str(entry.folder),
    }
    return {name: value for name, value in values.items() if value}


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    return (
        parameter.code,
        parameter.type,
        parameter.text(parameter.default_value),
        parameter.domain,
        parameter.description,
    )
