"""Judges what a run left in the volume, rung by rung (out.missing to out.pipeline-text), to the first defect.

Pure: takes a snapshot and what was asked, returns a ``Defect`` that names the check to blame. Which checks
report it, and for which case, is decided in ``checks``.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algoreg import contract, pickles, schemas, strictjson
from algoreg.engines.protocol import EntryKind, Snapshot
from algoreg.samples.sample import Sample

LADDER = (
    "out.missing",
    "out.type",
    "out.size",
    "out.json",
    "out.schema",
    "out.finite",
    "out.domain",
    "out.length",
    "out.alignment",
    "out.pipeline-text",
)
"""The rungs in the order of blame; a check of the same id exists for each."""


@dataclass(frozen=True, kw_only=True)
class Defect:
    """The first thing wrong with an output."""

    check: str
    message: str
    expected: str
    got: str


def same_number(left: float, right: float) -> bool:
    """Equality at the contract's relative tolerance."""
    return math.isclose(left, right, rel_tol=contract.RELATIVE_TOLERANCE, abs_tol=1e-12)


def same_predictions(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether two lists of predictions agree: numbers at the tolerance, classes exactly."""
    return len(left) == len(right) and all(
        same_number(a, b) if isinstance(a, int | float) and isinstance(b, int | float) else a == b
        for a, b in zip(left, right, strict=True)
    )


def _entries(snapshot: Snapshot, name: str) -> Defect | None:
    if snapshot.get(name) is None and snapshot.overflow is None:
        left = ", ".join(sorted(entry.name for entry in snapshot.entries)[:5]) or "nothing"
        return Defect(
            check="out.missing",
            message=f"it ended with code 0 and left no {name}",
            expected=f"{contract.VOLUME}/{name}",
            got=f"the volume holds {left}",
        )
    return None


def _types(snapshot: Snapshot, name: str) -> Defect | None:
    for entry in sorted(snapshot.entries, key=lambda e: (e.name != name, e.name)):
        wanted = (EntryKind.FILE,) if entry.name == name else (EntryKind.FILE, EntryKind.DIRECTORY)
        if entry.kind not in wanted:
            return Defect(
                check="out.type",
                message=f"the volume holds a {entry.kind} where only regular files and directories may be",
                expected="a regular file",
                got=f"{entry.name} is a {entry.kind}",
            )
    return None


def _sizes(snapshot: Snapshot, name: str) -> Defect | None:
    total = sum(entry.size for entry in snapshot.entries if entry.kind is EntryKind.FILE)
    count = len(snapshot.entries)
    entry = snapshot.get(name)
    if snapshot.overflow is not None:
        got = snapshot.overflow
    elif total > contract.VOLUME_MAX_BYTES:
        got = f"{total:,} bytes"
    elif count > contract.VOLUME_MAX_ENTRIES:
        got = f"{count:,} entries"
    elif entry is not None and entry.content is None:
        got = f"{name} of {entry.size:,} bytes"
    else:
        return None
    return Defect(
        check="out.size",
        message="the volume is over its bounds",
        expected=f"at most {contract.VOLUME_MAX_BYTES >> 20} MiB and {contract.VOLUME_MAX_ENTRIES:,} entries",
        got=got,
    )


def _schema_defect(name: str, schema: str, document: Any) -> Defect | None:
    problem = schemas.first_problem(schema, document)
    if problem is None:
        return None
    return Defect(
        check="out.schema",
        message=f"{name} is not of its form at {problem.path}",
        expected=problem.expected,
        got=problem.got,
    )


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A declared output that was read, or the defect that kept it from being read."""

    document: Any = None
    defect: Defect | None = None


def read_output(snapshot: Snapshot, name: str) -> Parsed:
    """Climb the rungs out.missing to out.json for one declared file."""
    rungs: tuple[Callable[[Snapshot, str], Defect | None], ...] = (_entries, _types, _sizes)
    for rung in rungs:
        if defect := rung(snapshot, name):
            return Parsed(defect=defect)
    entry = snapshot.get(name)
    data = entry.content if entry is not None else None
    if data is None:
        raise AssertionError(f"{name} passed out.size without content")
    try:
        return Parsed(document=strictjson.parse(data))
    except strictjson.NotStrictJson as error:
        return Parsed(
            defect=Defect(
                check="out.json",
                message=f"{name} is not strict JSON: {error}",
                expected="one JSON value, UTF-8, unique keys, no NaN or Infinity",
                got=_excerpt(data),
            )
        )


def _excerpt(data: bytes, limit: int = 120) -> str:
    text = data[:limit].decode("utf-8", errors="replace")
    return (text + (" ..." if len(data) > limit else "")) or "an empty file"


def _finite(name: str, document: Any) -> Defect | None:
    if strictjson.finite(document):
        return None
    return Defect(
        check="out.finite",
        message=f"{name} holds a number that no double can hold",
        expected="finite numbers only",
        got="a number such as 1e999",
    )


def training_document_defect(given: Mapping[str, Any], document: Any) -> Defect | None:
    """Rungs out.schema and out.finite for ``input_test.json``: every key of the input, and a pipeline."""
    if defect := _schema_defect(contract.INPUT_TEST, "input_test", document):
        return defect
    for key, value in given.items():
        if key not in document or not strictjson.equal(document[key], value):
            state = "changed" if key in document else "absent"
            return Defect(
                check="out.schema",
                message=f"{contract.INPUT_TEST} must carry every key of {contract.INPUT_TRAINING} unchanged",
                expected=f"{key} as it was given",
                got=f"{key} is {state}",
            )
    return _finite(contract.INPUT_TEST, document)


def _unprintable(text: str) -> str | None:
    return next(
        (c for c in text if c not in "\t\n\r" and unicodedata.category(c) in ("Cc", "Cs", "Cn")), None
    )


def pipeline_defect(pipeline: str) -> Defect | None:
    """Rung out.pipeline-text: a printable text of at most 1 MiB that is no pickle in any encoding."""
    size = len(pipeline.encode())
    unprintable = _unprintable(pipeline)
    if not pipeline.strip():
        got = "an empty text"
    elif size > contract.PIPELINE_MAX_BYTES:
        got = f"{size:,} bytes"
    elif unprintable is not None:
        got = f"the character U+{ord(unprintable):04X}"
    elif found := pickles.find(pipeline):
        got = found
    else:
        return None
    return Defect(
        check="out.pipeline-text",
        message="the pipeline is not a text that can be rebuilt without evaluating code",
        expected="printable UTF-8 text of at most 1 MiB, no pickle in any encoding",
        got=got,
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _prediction_domain(sample: Sample, document: Mapping[str, Any]) -> str | None:
    """The first value that is not of the variable's kind, in words."""
    codes = set(sample.variable.codes)
    for key in ("predictions", "targets"):
        for position, value in enumerate(document[key]):
            if value is None:
                continue
            if sample.variable.nominal and (not isinstance(value, str) or value not in codes):
                return f"{key}[{position}] is {value!r}, not one of the codes {sorted(codes)}"
            if not sample.variable.nominal and not _number(value):
                return f"{key}[{position}] is {value!r}, not a number"
    return None


def _probability_domain(sample: Sample, document: Mapping[str, Any]) -> str | None:
    """What is wrong with ``probabilities``, in words."""
    rows = document.get("probabilities")
    if rows is None:
        return None
    codes = set(sample.variable.codes)
    for position, row in enumerate(rows):
        where = f"probabilities[{position}]"
        if set(row) != codes:
            return f"{where} has the keys {sorted(row)}, not every code {sorted(codes)}"
        slack = contract.PROBABILITY_TOLERANCE  # a normalised double may be a hair over 1
        if not all(-slack <= p <= 1 + slack for p in row.values()):
            return f"{where} holds a value outside [0, 1]"
        if not math.isclose(sum(row.values()), 1, rel_tol=0, abs_tol=contract.PROBABILITY_TOLERANCE):
            return f"{where} sums to {sum(row.values())!r}"
    return None


def _domain(sample: Sample, document: Mapping[str, Any]) -> Defect | None:
    wrong = _prediction_domain(sample, document) or _probability_domain(sample, document)
    if wrong is None:
        return None
    kind = "codes of the enumeration, as text" if sample.variable.nominal else "numbers"
    return Defect(
        check="out.domain",
        message=f"{contract.PREDICTIONS} holds a value that the {sample.variable.type} variable cannot have",
        expected=kind,
        got=wrong,
    )


def _length(document: Mapping[str, Any]) -> Defect | None:
    keys = [k for k in ("rows", "predictions", "targets", "probabilities") if document.get(k) is not None]
    lengths = {key: len(document[key]) for key in keys}
    if len(set(lengths.values())) == 1:
        return None
    return Defect(
        check="out.length",
        message=f"the lists of {contract.PREDICTIONS} differ in length",
        expected="one prediction and one target for each row",
        got=", ".join(f"{key}: {length}" for key, length in lengths.items()),
    )


def _same_target(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return same_number(left, right) if _number(left) and _number(right) else bool(left == right)


def _held_out(held_out: Sequence[int], document: Mapping[str, Any]) -> Defect | None:
    if sorted(document["rows"]) == sorted(held_out):
        return None
    return Defect(
        check="out.alignment",
        message="rows are not the test_rows that were asked for",
        expected=f"the {len(held_out)} held-out positions, each once",
        got=f"{len(document['rows'])} rows, beginning {document['rows'][:8]}",
    )


def _targets(sample: Sample, document: Mapping[str, Any]) -> Defect | None:
    for row, target in zip(document["rows"], document["targets"], strict=True):
        true = sample.rows[int(row)][0]
        if not _same_target(target, true):
            return Defect(
                check="out.alignment",
                message="a target is not the table's value in its row",
                expected=f"row {row}: {true!r}",
                got=f"row {row}: {target!r}",
            )
    return None


def predictions_form_defect(sample: Sample, held_out: Sequence[int], document: Any) -> Defect | None:
    """The same as ``predictions_document_defect`` for who has no table: all but the values of the targets."""
    return (
        _schema_defect(contract.PREDICTIONS, "predictions", document)
        or _finite(contract.PREDICTIONS, document)
        or _domain(sample, document)
        or _length(document)
        or _held_out(held_out, document)
    )


def predictions_document_defect(sample: Sample, document: Any) -> Defect | None:
    """Rungs out.schema to out.alignment for ``predictions.json``."""
    return predictions_form_defect(sample, sample.held_out, document) or _targets(sample, document)
