"""What comes out of a sandbox is read as strictly as what goes in: lines that a hostile document may have written."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from algoreg import pfa
from algoreg.engines.docker.transcript import judge, read
from algoreg.engines.protocol import Ending, Execution, Logs
from algoreg.errors import EngineError
from algoreg.pfa import NUMBERS, TEXTS, Answer, Field, NotPfa, Question, Rung

LADDER = [{"reached": rung.value} for rung in Rung]
DONE = {"failed": None, "message": ""}


def log(*lines: Any) -> bytes:
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)


def ended(data: bytes, *, exit_code: int = 0, **more: Any) -> Execution:
    logs = Logs(head=data, total=more.pop("total", len(data)))
    return Execution(ending=more.pop("ending", Ending.EXITED), exit_code=exit_code, logs=logs, **more)


def judged(data: bytes, *, outputs: tuple[str, ...] = NUMBERS, records: int = 2, **more: Any) -> Answer:
    question = Question(
        document="{}",
        fields=(Field(name="x", types=("double",)),),
        outputs=outputs,
        records=[{"x": 1.0}] * records,
    )
    return judge(question, ended(data, **more), 5.0)


def test_a_whole_answer() -> None:
    assert judged(log(*LADDER, {"output": 1}, {"output": 2.5}, DONE)) == Answer(failed=None, outputs=(1, 2.5))
    texts = judged(log(*LADDER, {"output": "a"}, {"output": "1"}, DONE), outputs=TEXTS)
    assert texts == Answer(failed=None, outputs=("a", "1"))
    assert judged(log(*LADDER, DONE), records=0) == Answer(failed=None)


@pytest.mark.parametrize("rung", list(Rung))
def test_a_rung_that_is_not_reached(rung: Rung) -> None:
    climbed = LADDER[: list(Rung).index(rung) + 1]
    assert judged(log(*climbed, {"failed": rung.value, "message": "why"})) == Answer(
        failed=rung, message="why"
    )


def test_a_message_is_one_printable_line_of_bounded_length() -> None:
    said = judged(
        log(LADDER[0], {"failed": "pfa.syntax", "message": "\x1b[31m\n::stop::\u202e" + "x" * 9000})
    )
    assert said.message.isprintable()
    assert len(said.message) < 400


HOSTILE = {
    "nothing said at the end": b"",
    "not JSON": b"{]\n",
    "not UTF-8": b"\xff\xfe\n",
    "not an object": log([1]),
    "null": log(None),
    "number": b"1\n",
    "NaN": b'{"output": NaN}\n',
    "duplicate keys": b'{"output": 1, "output": 2}\n',
    "too deep": b'{"output": ' + b"[" * 300 + b"]" * 300 + b"}\n",
    "unknown key": log({"verdict": "PASS"}),
    "one key more": log({"output": 1, "more": 2}),
    "a rung that is none": log({"failed": "run.exit-code", "message": ""}),
    "a rung that is a list": log({"failed": ["pfa.syntax"], "message": ""}),
    "a message that is none": log({"failed": None, "message": 1}),
    "back to the start": log(LADDER[0]),
    "an end in the middle": log(DONE, {"output": 1}),
    "two ends": log(DONE, DONE),
    "a long line": log({"output": "x" * 100_000}),
    "carriage returns": b'{"output": 1}\r{"output": 2}\r' + log(DONE),
    "cut": log(DONE)[:-1],
    "half a surrogate pair": log({"output": "\ud800"}, {"output": "a"}, DONE),
    "one too few": log({"output": 1}, DONE),
    "one too many": log({"output": 1}, {"output": 1}, {"output": 1}, DONE),
    "text": log({"output": "1"}, {"output": 1}, DONE),
    "truth": log({"output": True}, {"output": 1}, DONE),
    "null value": log({"output": None}, {"output": 1}, DONE),
    "list": log({"output": [1]}, {"output": 1}, DONE),
    "infinite": b'{"output": 1e999}\n' + log({"output": 1}, DONE),
    "many digits": b'{"output": 1' + b"0" * 400 + b"}\n" + log({"output": 1}, DONE),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_a_failed_prediction(hostile: bytes) -> None:
    answer = judged(log(*LADDER) + hostile)
    assert answer.failed is Rung.PREDICTS
    assert answer.outputs == ()
    assert answer.message.isprintable()
    assert 0 < len(answer.message) < 400


def test_numbers_are_no_texts() -> None:
    answer = judged(log(*LADDER, {"output": "a"}, {"output": 1}, DONE), outputs=TEXTS)
    assert answer == Answer(failed=Rung.PREDICTS, message="record 1: the prediction is not a text")


def test_outputs_before_their_rung_are_refused() -> None:
    answer = judged(log(*LADDER[:3], {"output": 1}, {"output": 1}, DONE))
    assert (answer.failed, answer.outputs) == (Rung.ENGINE, ())


@pytest.mark.parametrize("rungs", [[1], [0, 2], [0, 1, 0], [0, 0]])
def test_rungs_come_in_their_order(rungs: list[int]) -> None:
    assert read(log(*(LADDER[number] for number in rungs))).unreadable


def test_how_it_ended_goes_before_what_it_said() -> None:
    whole = log(*LADDER, {"output": 1}, {"output": 2}, DONE)
    assert judged(whole, ending=Ending.TIMED_OUT, exit_code=137).message == "record 2: not done within 5 s"
    assert "memory limit" in judged(whole, oom_killed=True).message
    assert "bytes of output" in judged(whole, total=10**9, ending=Ending.LOG_OVERFLOW, exit_code=137).message
    half = judged(log(*LADDER, {"output": 1}), exit_code=139)
    assert half == Answer(failed=Rung.PREDICTS, message="record 1: the evaluation ended with code 139")
    loading = judged(log(*LADDER[:3]), ending=Ending.TIMED_OUT, exit_code=137)
    assert loading == Answer(failed=Rung.ENGINE, message="not done within 5 s")


@pytest.mark.parametrize("data", [b"", b"Traceback (most recent call last):\n", log(LADDER[1]), b"{"])
def test_a_program_that_never_came_to_the_document_is_no_verdict(data: bytes) -> None:
    with pytest.raises(EngineError, match="does not start"):
        judged(data, exit_code=1)


def test_noise_never_passes() -> None:
    rng = random.Random(5)
    whole = log(*LADDER, {"output": 1}, {"output": 2}, DONE)
    for _ in range(500):
        noisy = bytearray(whole)
        for _ in range(rng.randint(1, 5)):
            position = rng.randrange(len(noisy))
            noisy[position : position + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
        answer = judged_or_none(bytes(noisy))
        assert answer is None or answer.failed is not None or len(answer.outputs) == 2


def judged_or_none(data: bytes) -> Answer | None:
    try:
        return judged(data)
    except EngineError:
        return None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not strict JSON"),
        ("{", "not strict JSON"),
        ("[]", "a JSON array"),
        ('"x"', "a JSON text"),
        ("1", "a JSON number"),
        ("true", "a JSON boolean"),
        ("null", "a JSON null"),
        ('{"a": {"b": 1, "b": 2}}', "occurs twice"),
        ('{"a": -1e999}', "no double"),
        ('{"a": ' + "[" * 200 + "]" * 200 + "}", "deeper than 200"),
        ("\ufeff{}", "byte order mark"),
        ('{"a": "\ud800"}', "surrogate"),
        ('{"a": "\\ud800"}', "surrogate"),
    ],
)
def test_what_is_no_json_object(text: str, said: str) -> None:
    with pytest.raises(NotPfa, match=said):
        pfa.parse(text)


def test_the_types_of_the_contract() -> None:
    assert [pfa.field_types(kind) for kind in ("binominal", "polynominal", "integer", "real")] == [
        ("string",),
        ("string",),
        ("int", "double"),
        ("double",),
    ]
    assert pfa.output_types("polynominal") == TEXTS
    assert pfa.output_types("integer") == pfa.output_types("real") == NUMBERS
