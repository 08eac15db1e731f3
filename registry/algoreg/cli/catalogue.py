"""``algoreg checks`` and ``algoreg explain``: the catalogue of checks, taken from the checks themselves."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated

import typer

from algoreg.cli import completion, output
from algoreg.cli.output import Format
from algoreg.errors import UsageError

if TYPE_CHECKING:
    from algoreg.check import Check

CHECKS_EPILOG = "Example: algoreg checks --format json"
EXPLAIN_EPILOG = "Example: algoreg explain neg.exit-code"


def checks(
    format: Annotated[
        Format, typer.Option("--format", help="A table for people, or JSON.")
    ] = Format.TERMINAL,
) -> None:
    """List every check: what makes an image fail, and how severe it is."""
    found = sorted(_catalogue(), key=lambda check: check.id)
    if format is Format.JSON:
        output.write_json({"schema": "algoreg-checks/1", "checks": [_document(check) for check in found]})
        return
    output.table(
        ("check", "severity", "fails when"), ((check.id, check.severity, check.title) for check in found)
    )


def explain(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A check's id, as listed by `algoreg checks`, or a family such as neg.",
            autocompletion=completion.explained,
        ),
    ],
) -> None:
    """Explain a check, or a rule of lint: what it looks at, why it matters in Woken, how to fix what it found."""
    if _explained_rules(id):
        return
    for number, check in enumerate(_find(id)):
        if number:
            output.write("")
        output.fields(
            {"check": check.id, "severity": check.severity, "fails when": check.title}
            | ({"judged after": ", ".join(check.needs)} if check.needs else {})
            | ({"asked of": f"images with {check.command}"} if check.command else {})
        )
        output.write(f"\n{check.explanation.strip()}")


def _explained_rules(id: str) -> bool:
    """Whether these are rules of the lint, which are explained then."""
    from algoreg.linting.rules import RULES

    found = [rule for rule in RULES if id in (rule.id, rule.id.partition(".")[0])]
    for number, rule in enumerate(found):
        if number:
            output.write("")
        output.fields({"rule of lint": rule.id, "severity": rule.severity, "fails when": rule.title})
        output.write(f"\nWhy: {rule.why}\n\nFix: {rule.fix}")
    return bool(found)


def _catalogue() -> tuple[Check, ...]:
    """The checks of the contract and those of the installed plugins."""
    from algoreg import conformance, registry

    return conformance.catalogue(registry.load().plugins).checks


def _find(id: str) -> list[Check]:
    known = {check.id: check for check in sorted(_catalogue(), key=lambda check: check.id)}
    found = [check for check in known.values() if id in (check.id, check.family)]
    if found:
        return found
    close = difflib.get_close_matches(id, known, n=1)
    raise UsageError(
        f"no check has the id {id!r}",
        hint=f"Did you mean {close[0]}?" if close else "List them with: algoreg checks",
    )


def _document(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "family": check.family,
        "severity": check.severity,
        "title": check.title,
        "needs": list(check.needs),
        "command": check.command,
        "why": check.why,
        "fix": check.fix,
        "explanation": check.explanation,
    }
