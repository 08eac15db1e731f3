"""What a report shows of the faults that every image meets: each of them in train and in compute."""

from __future__ import annotations

from typing import Any

FAULTS = {
    "a closed port": "neg.bad-query",
    "a wrong password": "neg.bad-query",
    "the query returns no row": "neg.exit-code",
    "the query returns no row, the variable being all NULL": "neg.exit-code",
    "an absent column": "neg.bad-query",
    "PARAM_meta absent": "neg.missing-env",
}
"""Fault -> the check that judges it."""


def judged(report: dict[str, Any], id: str) -> list[str]:
    """The cases of a check that were judged good."""
    (target,) = report["targets"]
    return [e["case"] or "" for e in target["checks"] if e["id"] == id and e["outcome"] == "PASS"]


def unshown(report: dict[str, Any], *parameters: str) -> list[str]:
    """The faults, and the bad ``parameters``, of which a report does not show that they ended well."""
    faults = {**FAULTS, **{f"parameter {told}": "neg.exit-code" for told in parameters}}
    return [
        f"{command}: {fault}"
        for fault, id in faults.items()
        for command in ("train", "compute")
        if f"{command}: {fault}" not in judged(report, id)
    ]
