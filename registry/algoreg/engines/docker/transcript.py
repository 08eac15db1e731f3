"""Reads what came out of a sandbox in which a PFA document ran: bytes as hostile as the document.

Pure. The lines are those of ``pfa_program``. A document can forge them once its code runs, and then at most lies
about its own predictions: sizes, types and counts are checked here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from algoreg import strictjson
from algoreg.engines.docker.api import one_line
from algoreg.engines.protocol import Ending, Execution
from algoreg.errors import EngineError
from algoreg.pfa import MEMORY_MB, Answer, Question, Rung

_LINE_MAX_BYTES = 64 * 1024
_LADDER = tuple(Rung)


class Unreadable(ValueError):
    """Not what the program writes."""


@dataclass(kw_only=True)
class Transcript:
    """What was said until the end, or until it was not readable any more."""

    reached: Rung | None = None
    """The rung that was being climbed last."""
    outputs: list[Any] = field(default_factory=list)
    complete: bool = False
    """The last line was there."""
    failed: Rung | None = None
    message: str = ""
    unreadable: str = ""
    """Why it could not be read to its end."""


def read(log: bytes) -> Transcript:
    """The program's lines; stops at the first that is not one."""
    found = Transcript()
    try:
        for line in log.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # cut by a kill
            _take(found, line)
    except (strictjson.NotStrictJson, Unreadable) as problem:
        found.unreadable = one_line(problem)
    return found


def _take(found: Transcript, line: bytes) -> None:
    """Add one line. Raises Unreadable, NotStrictJson."""
    if found.complete:
        raise Unreadable("something follows the last line")
    if len(line) > _LINE_MAX_BYTES:
        raise Unreadable(f"a line of {len(line):,} bytes")
    match strictjson.parse(line):
        case {"reached": str(rung), **rest} if not rest:
            reached = _rung(rung)
            expected = 0 if found.reached is None else _LADDER.index(found.reached) + 1
            if _LADDER.index(reached) != expected:
                raise Unreadable("the rungs are out of order")
            found.reached = reached
        case {"output": value, **rest} if not rest and found.reached is Rung.PREDICTS:
            found.outputs.append(value)
        case {"failed": str() | None as rung, "message": str(message), **rest} if not rest:
            found.failed = _rung(rung) if rung is not None else None
            found.message, found.complete = one_line(message), True
        case _:
            raise Unreadable("a line of another form")


def _rung(name: str) -> Rung:
    if name not in _LADDER:
        raise Unreadable("a rung that the ladder does not have")
    return Rung(name)


def judge(question: Question, observed: Execution, timeout_s: float) -> Answer:
    """What an evaluation says about its document. Raises EngineError when the program never came to it."""
    logs = observed.logs
    found = read(logs.kept if logs.total == len(logs.kept) else logs.head)
    if found.reached is None:
        said = observed.start_error or one_line(logs.text) or f"{observed.ending}, code {observed.exit_code}"
        raise EngineError(
            f"the program that evaluates PFA documents does not start: {said}",
            hint="Remove the image algoreg/pfa:1 and try again: it is built anew.",
        )
    cut = _cut(observed, timeout_s) or found.unreadable
    if cut or not found.complete:
        return _fell(found, cut or f"the evaluation ended with code {observed.exit_code}")
    if found.failed is not None:
        return Answer(failed=found.failed, message=found.message)
    return _predictions(question, found)


def _cut(observed: Execution, timeout_s: float) -> str | None:
    """Why there cannot be a whole answer; what an ending by itself says about that."""
    if observed.ending is Ending.TIMED_OUT:
        return f"not done within {timeout_s:g} s"
    if observed.oom_killed:
        return f"the memory limit of {MEMORY_MB:,} MB was reached"
    if observed.logs.total != len(observed.logs.kept):
        return f"{observed.logs.total:,} bytes of output where a short answer was due"
    return None


def _fell(found: Transcript, why: str) -> Answer:
    """A failure at the rung that was being climbed."""
    rung = found.reached or Rung.SYNTAX
    where = f"record {len(found.outputs)}: " if rung is Rung.PREDICTS else ""
    return Answer(failed=rung, message=where + why)


def _predictions(question: Question, found: Transcript) -> Answer:
    """The outputs, if they are what they should be."""
    if len(found.outputs) != len(question.records):
        return Answer(
            failed=Rung.PREDICTS,
            message=f"{len(found.outputs)} predictions for {len(question.records)} records",
        )
    for number, value in enumerate(found.outputs):
        if not _due(value, numeric=question.numeric):
            kind = "finite number" if question.numeric else "text"
            return Answer(failed=Rung.PREDICTS, message=f"record {number}: the prediction is not a {kind}")
    return Answer(failed=None, outputs=tuple(found.outputs))


def _due(value: Any, *, numeric: bool) -> bool:
    if not numeric:
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
