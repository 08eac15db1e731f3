"""Metadata documents that are right and as odd as they may be: every field that leaves in an export, by one seed."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from algoreg import metadata
from algoreg.model import Algorithm
from algoreg.registry import Entry, Registry

NASTY = (
    '"',
    '\\"',
    '"""',
    "'",
    "\\",
    "\\u0022",
    "${?HOME}",
    "${HOME}",
    '"${?PATH}"',
    "$",
    "# not a comment",
    "// nor this",
    'include "other.conf"',
    "} algorithms { knn = null }",
    "\n",
    "\r\n",
    "\t",
    "\x01\x1f",
    "\x7f\x85\x9f",
    "\u2028\u2029",
    "\ufeff",
    "\u202egnp.exe",
    "naïve Überlegung",
    "神経",
    "🧠",
    "\U0010fffd",
    "null",
    "true",
    "1e5",
    "[1, 2]",
    ",",
    "=",
    "+=",
    ":",
)
"""Pieces that a careless writer or reader of HOCON or JSON takes for something else; all may stand in metadata."""
CODES = (
    "true",
    "null",
    "file",
    "url",
    "required",
    "on",
    "yes",
    "e10",
    "E-1",
    "classpath",
    "algorithms",
    "a",
    "A_-",
)
"""Codes that are words of HOCON, or look like its numbers."""
_PROFILES = (
    ("train", "test"),
    ("train", "test", "wait"),
    ("train", "test", "compute"),
    ("train", "test", "compute", "wait"),
    ("compute",),
)
_RESULTS = ("pfa", "pfa_yaml", "json", "tabular_data_resource", "plotly", "svg", "text")
_HOSTS = ("", "", "localhost:5000/", "Registry.Example-1.org/", "10.0.0.1:443/")
_LOWER = string.ascii_lowercase + string.digits
_ANY = string.ascii_letters + string.digits
_KINDS = ("real", "integer", "binominal", "polynominal")


def registry(seed: int, size: int) -> Registry:
    """A registry of ``size`` odd algorithms, no two of which share a code or a repository's last name."""
    random = Random(seed)
    documents = (document(random, number) for number in range(size))
    read = [
        metadata.parse(
            metadata.read_document(json.dumps(one), f"document {number} of seed {seed}", syntax="json")
        )
        for number, one in enumerate(documents)
    ]
    entries = {one.code: _entry(one) for one in sorted(read, key=lambda one: one.code)}
    assert len(entries) == size
    return Registry(entries=entries, plugins=(), broken=())


def _entry(algorithm: Algorithm) -> Entry:
    return Entry(algorithm=algorithm, folder=Path(), plugin=None)


def text(random: Random, most: int = 6) -> str:
    """Nasty pieces between plain ones; never empty."""
    pieces = (
        random.choice((*NASTY, "plain ", _word(random, _ANY, 5))) for _ in range(random.randint(1, most))
    )
    return "".join(pieces)


def _word(random: Random, letters: str, most: int) -> str:
    return "".join(random.choices(letters, k=random.randint(1, most)))


def document(random: Random, number: int) -> dict[str, Any]:
    """One document; ``number`` keeps its code and its repository apart from those of others."""
    entrypoints = random.choice(_PROFILES)
    interactive, computes = "train" in entrypoints, "compute" in entrypoints
    result = random.choice(_RESULTS)
    predictive = (interactive or result == "pfa") and random.random() < 0.7
    tasks = random.sample(("classification", "regression"), random.randint(1, 2))
    return {
        "contract": 1,
        "code": _code(random, number),
        "label": text(random),
        "description": text(random, 20),
        "image": _image(random, number),
        "version": _version(random),
        "predictive": predictive,
        "interactive": interactive,
        "entrypoints": list(entrypoints),
        **({"tasks": tasks} if predictive else {}),
        "variables_can_be_null": random.random() < 0.5,
        "covariables_can_be_null": random.random() < 0.5,
        "constraints": _constraints(random, tasks if predictive else []),
        "parameters": [_parameter(random, index) for index in range(random.randint(0, 4))],
        **({"federated": random.random() < 0.5, "result": result} if computes else {}),
        **(
            {"maturity": random.choice(("production", "beta", "experimental", "deprecated"))}
            if number % 5
            else {}
        ),
        "type": list(dict.fromkeys(text(random, 3)[:64] for _ in range(random.randint(0, 3)))),
        **({"environment": text(random, 3)[:64]} if number % 7 else {}),
    }


def _code(random: Random, number: int) -> str:
    """A word of HOCON where there is one left, else letters and the number."""
    if number < len(CODES):
        return CODES[number]
    return f"{random.choice(string.ascii_letters)}{_word(random, _ANY + '_-', 20)}-{number}"


def _image(random: Random, number: int) -> str:
    parts = [_word(random, _LOWER, 8) for _ in range(random.randint(0, 2))]
    glue = random.choice((".", "_", "__", "-", "---"))
    return "/".join((*parts, f"{_word(random, _LOWER, 8)}{glue}n{number}")).join((random.choice(_HOSTS), ""))


def _version(random: Random) -> str:
    odd = ("1.0", "true", "null", "_", "1e5", "0x10", "2026.11.22-rc.1", "v1_2")
    return random.choice((*odd, random.choice(_ANY + "_") + _word(random, _ANY + "_.-", 30)))


def _constraints(random: Random, tasks: Sequence[str]) -> dict[str, Any]:
    accepted = {kind: random.random() < 0.6 for kind in _KINDS}
    accepted[random.choice(_KINDS)] = True
    if "regression" in tasks:
        accepted["real"] = True
    if "classification" in tasks:
        accepted["polynominal"] = True
    return {
        "variable": accepted,
        "covariables": _counts(random),
        "groupings": _counts(random),
        "mixed": random.random() < 0.5,
    }


def _counts(random: Random) -> dict[str, Any]:
    least = random.choice((0, 1, 7, 100_000))
    return {"min_count": least, "max_count": random.choice((None, least, 100_000))}


def _parameter(random: Random, index: int) -> dict[str, Any]:
    kind = random.choice(tuple(_VALUES))
    return {
        "code": f"{_word(random, _ANY + '_', 10)}{index}",
        "label": text(random),
        "description": text(random, 10),
        "type": kind,
        **_VALUES[kind](random),
    }


def _integer(random: Random) -> dict[str, Any]:
    low, value, high = sorted(random.choice((-(2**53), -1, 0, 1, 5, 2**31, 2**53)) for _ in range(3))
    return {"default_value": value, "constraints": {"min": random.choice((None, low)), "max": high}}


def _number(random: Random) -> dict[str, Any]:
    low, value, high = sorted(random.choice((0, 1e-9, 0.1, 1 / 3, 1, 1e5, 2.0**53)) for _ in range(3))
    return {"default_value": value, "constraints": {"min": low, "max": random.choice((None, high))}}


def _enumeration(random: Random) -> dict[str, Any]:
    values = list(dict.fromkeys(text(random, 2) for _ in range(random.randint(1, 5))))
    return {"default_value": random.choice(values), "values": values}


_VALUES: dict[str, Any] = {
    "integer": _integer,
    "number": _number,
    "enumeration": _enumeration,
    "string": lambda random: {"default_value": text(random)},
    "boolean": lambda random: {"default_value": random.random() < 0.5},
}


def variables(random: Random, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Half of the names, each with a text that an environment variable can hold; it may be empty."""
    for name in names:
        if random.random() < 0.5:
            yield name, random.choice(("", "there/other:2", text(random)))


def pins(random: Random, known: Registry) -> dict[str, str]:
    """Code -> ``repository:tag@sha256:...`` for half of the algorithms, as an export with --pin has it."""
    return {
        code: f"{entry.algorithm.reference}@sha256:{random.randbytes(32).hex()}"
        for code, entry in known.entries.items()
        if random.random() < 0.5
    }
