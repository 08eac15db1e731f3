"""Evaluates one PFA document on some records, inside a sandbox of its own: it compiles and executes what it is given.

Run as ``python -I -c TEXT FOLDER`` in the image of ``pfa.Dockerfile``; imports nothing but the standard library and
titus. Waits until FOLDER holds a file ``ready``, reads ``question.json`` beside it (``evaluator.question_file``
writes it), and writes JSON lines to standard output, which ``transcript`` reads:
``{"reached": RUNG}`` as each rung of the ladder begins, ``{"output": VALUE}`` for each record, and at last
``{"failed": RUNG or null, "message": TEXT}``. Once a document's code runs nothing of this can be trusted.

The rungs follow titus, which raises a kind of exception of its own for each (PFA 0.8.1 section 2; Titus
``titus/errors.py``). Where it stumbles over a document with an exception that it did not mean, the rung that
was being climbed is the one that failed.
"""

from __future__ import annotations

import inspect
import json
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

SYNTAX, SEMANTICS, ENGINE, IO, PREDICTS = (
    "pfa.syntax",
    "pfa.semantics",
    "pfa.engine",
    "pfa.io",
    "pfa.predicts",
)
MESSAGE_MAX = 600
TEXT_MAX = 1000
"""Characters of a predicted text; a class code is shorter."""
STACK_BYTES = 256 * 1024 * 1024
RECURSION = 10_000
"""Python's own limit is below what 200 levels of nested expressions take."""


class Failed(Exception):
    """The document does not get past this rung."""


def union_tag(kind: Any) -> str | None:
    """What a value of this field is wrapped with: the type's name in a union with null, else nothing."""
    if type(kind).__name__ != "AvroUnion":
        return None
    return next((str(one.name) for one in kind.types if simple_name(one) != "null"), None)


def simple_name(kind: Any) -> str:
    """The name of an Avro type's kind: a named type's own name says nothing of what it is."""
    return type(kind).__name__.removeprefix("Avro").lower()


def field_name(kind: Any) -> str:
    """The kind of a field; that of the other member for a union of two with null."""
    if simple_name(kind) != "union":
        return simple_name(kind)
    names = [simple_name(one) for one in kind.types]
    others = [name for name in names if name != "null"]
    return others[0] if len(names) == 2 and len(others) == 1 else f"union of {', '.join(names)}"


class Evaluation:
    """One document on its way up the ladder."""

    def __init__(self, question: dict[str, Any], answer: Any) -> None:
        self.question = question
        self.answer = answer
        self.rung = SYNTAX

    def say(self, **line: Any) -> None:
        self.answer.write(json.dumps(line, allow_nan=False).encode() + b"\n")
        self.answer.flush()

    def reach(self, rung: str) -> None:
        self.rung = rung
        self.say(reached=rung)

    def climb(self) -> None:
        """Every rung in turn. Raises Failed, or whatever titus raises."""
        from titus.genpy import PFAEngine
        from titus.reader import jsonToAst

        self.reach(SYNTAX)
        config = jsonToAst(self.question["document"])
        self.reach(SEMANTICS)
        walk = config.walk

        def walked(*arguments: Any) -> Any:
            found = walk(*arguments)
            self.reach(ENGINE)
            return found

        config.walk = walked
        engine = PFAEngine.fromAst(config)[0]
        engine.begin()
        self.reach(IO)
        self.check_io(config)
        self.reach(PREDICTS)
        self.predict(engine, config)

    def check_io(self, config: Any) -> None:
        """Method map, a record of exactly the covariables, a predicted value of the due type."""
        if config.method != "map":
            raise Failed(f"its method is {config.method}, not map")
        if simple_name(config.input) != "record":
            raise Failed(f"its input is of type {simple_name(config.input)}, not a record")
        due = {field["name"]: field["types"] for field in self.question["fields"]}
        found = {field.name: field_name(field.avroType) for field in config.input.fields}
        wrong = [f"{name} is missing" for name in due if name not in found]
        wrong += [f"{name} is no covariable" for name in found if name not in due]
        wrong += [
            f"{name} is {found[name]}, not {' or '.join(types)}"
            for name, types in due.items()
            if name in found and found[name] not in types
        ]
        if wrong:
            raise Failed(f"the fields of its input are not the covariables: {'; '.join(wrong[:5])}")
        if simple_name(config.output) not in self.question["outputs"]:
            expected = " or ".join(self.question["outputs"])
            raise Failed(f"its output is of type {simple_name(config.output)}, not {expected}")

    def predict(self, engine: Any, config: Any) -> None:
        """The document's action on every record; never tells a record's values."""
        tags = {field.name: union_tag(field.avroType) for field in config.input.fields}
        numeric = simple_name(config.output) not in ("string", "enum")
        for number, record in enumerate(self.question["records"]):
            given = {
                # Wrapped, because titus would take the text "null" for no value.
                name: {tags[name]: value} if tags[name] is not None and value is not None else value
                for name, value in record.items()
            }
            try:
                value = engine.action(given)
                self.say(output=number_of(value) if numeric else text_of(value))
            except Exception as problem:
                raise Failed(f"record {number}: {reason(problem)}") from problem


def number_of(value: Any) -> int | float:
    """A finite number; titus leaves numpy's own types where numpy made them."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Failed(f"it predicts a value of type {type(value).__name__}, not a number")
    if not math.isfinite(value):
        raise Failed("it predicts a number that is not finite")
    return value


def text_of(value: Any) -> str:
    """A text that can be a class code."""
    if not isinstance(value, str):
        raise Failed(f"it predicts a value of type {type(value).__name__}, not a text")
    if len(value) > TEXT_MAX:
        raise Failed(f"it predicts a text of {len(value):,} characters")
    value.encode()  # half a surrogate pair is no text
    return value


def reason(problem: BaseException) -> str:
    """What went wrong with a record, without the record: most of titus' other messages quote values."""
    quoting = type(problem).__name__ not in ("Failed", "PFARuntimeException", "PFAUserException")
    return type(problem).__name__ if quoting else str(problem)


def told(evaluation: Evaluation, problem: BaseException) -> tuple[str, str]:
    """(rung, message) of what ended the climb."""
    name = type(problem).__name__
    rung = {"PFASyntaxException": SYNTAX, "PFASemanticException": SEMANTICS}.get(name, evaluation.rung)
    known = name == "Failed" or name.startswith("PFA")
    return rung, (str(problem) if known else f"{name}: {problem}")[:MESSAGE_MAX]


def work(folder: Path, answer: Any) -> None:
    while not (folder / "ready").exists():
        time.sleep(0.005)
    evaluation = Evaluation(json.loads((folder / "question.json").read_bytes()), answer)
    failed, message = None, ""
    try:
        evaluation.climb()
    except (Exception, SystemExit, KeyboardInterrupt) as problem:  # noqa: BLE001 - the document's or titus' own
        failed, message = told(evaluation, problem)
    evaluation.say(failed=failed, message=message.encode("utf-8", "replace").decode())


def main(folder: str) -> None:
    """Keep standard output for the answer alone, and work on a stack that deep documents fit into."""
    answer = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if not hasattr(inspect, "getargspec"):  # gone since Python 3.11; titus only asks for `args`
        inspect.getargspec = inspect.getfullargspec  # type: ignore[attr-defined]
    sys.setrecursionlimit(RECURSION)
    threading.stack_size(STACK_BYTES)
    worker = threading.Thread(target=work, args=(Path(folder), answer))
    worker.start()
    worker.join()


if __name__ == "__main__":
    main(sys.argv[1])
