"""Registries and judgements for the tests of the site."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from good_metadata import GOOD
from report_samples import FAILING, HOSTILE, LONG, hostile

from algoreg import metadata, registry
from algoreg.model import Algorithm
from algoreg.registry import Entry, Registry
from algoreg.report import Report
from algoreg.site import judgements
from algoreg.site.judgements import Judgement, Saved

TEXT = HOSTILE.replace("\x00", "").replace("\ud800", "")
"""What a document cannot hold is left out."""


def algorithm(**changes: Any) -> Algorithm:
    """k nearest neighbours, changed."""
    text = json.dumps({**yaml.safe_load(GOOD), **changes})
    return metadata.parse(metadata.read_document(text, "algorithm.json", syntax="json"))


def of(*algorithms: Algorithm) -> Registry:
    """The registry of these."""
    entries = {
        one.code: Entry(algorithm=one, folder=Path("/nowhere/to/be/told"), plugin=None) for one in algorithms
    }
    return Registry(entries=dict(sorted(entries.items())), plugins=(), broken=())


TREES = algorithm(
    code="Trees",
    label="Überlegte trees",
    image="example/trees",
    version="2.0",
    tasks=["classification"],
    maturity="beta",
    entrypoints=["train", "test", "compute"],
    result="pfa",
)
SUMMARY = algorithm(
    code="index",
    label="Summary",
    image="example/summary",
    version="1",
    predictive=False,
    interactive=False,
    entrypoints=["compute"],
    tasks=["regression"],
    result="json",
    maturity="deprecated",
    parameters=[],
)
SMALL = of(algorithm(), TREES, SUMMARY)
"""Three that differ in everything that can be filtered by; one has the name of a page."""
BAD = algorithm(
    code="script",
    label=f'"><script>alert(1)</script>{TEXT}'[:256],
    description=TEXT,
    environment="</style><script>alert(1)",
    image="example/script",
    parameters=[
        {
            "code": "p",
            "label": "<b onmouseover=alert(1)>",
            "description": "]]></td><img src=http://x.invalid/c onerror=alert(1)>",
            "type": "enumeration",
            "values": ["</code><script>alert(1)</script>", "a" * 200],
            "default_value": "a" * 200,
        },
        {"code": "s", "type": "string", "default_value": "' onfocus='alert(1)"},
    ],
)
LONG_ONE = algorithm(
    code="L" * 64,
    label="Long" * 64,
    description="d" * 4096,
    image=f"registry.example.org/{'a' * 200}",
    version="v" * 128,
)
INSTALLED = [entry.algorithm for entry in registry.load().entries.values()]
WHOLE = of(*INSTALLED, TREES, SUMMARY, BAD, LONG_ONE)


def saved(report: Report, origin: str = "r.json") -> Saved:
    return Saved(origin=origin, report=report, sha256="0" * 64)


def judged(report: Report, known: Registry = WHOLE) -> dict[str, Judgement]:
    """What a report says of the algorithms."""
    every = [entry.algorithm for entry in known.entries.values()]
    return dict(judgements.choose([saved(report)], every).judgements)


def judged_in(text: str, code: str) -> dict[str, Judgement]:
    """A report with this text everywhere, of this algorithm."""
    report = hostile(text)
    return judged(replace(report, targets=tuple(replace(one, code=code) for one in report.targets)))


JUDGED = {**judged(FAILING), **judged_in(HOSTILE, "script"), **judged_in(LONG, "L" * 64)}
