"""PFA documents that nobody here wrote: up the ladder in a sandbox, each stopped at the rung that it does not reach."""

from __future__ import annotations

import json
import math
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import docker
import pytest
from faulty_engine import FaultyEngine

from algoreg import pfa
from algoreg.engines.docker import DockerEngine, evaluator, images, open_docker
from algoreg.engines.docker.discovery import connect
from algoreg.engines.docker.evaluator import IMAGE, RECIPE_LABEL, Evaluator, recipe
from algoreg.engines.docker.laboratory import DockerLaboratory
from algoreg.engines.docker.session import Session
from algoreg.errors import EngineError
from algoreg.pfa import NUMBERS, TEXTS, Answer, Field, Question, Rung
from conftest import BASE, everything, leftovers
from support.patience import PROMPT_S

pytestmark = pytest.mark.engine

CHARGE, STATE = {"name": "charge", "type": "double"}, {"name": "state", "type": "string"}
FIELDS = (Field(name="charge", types=("double",)), Field(name="state", types=("string",)))
RECORDS: tuple[dict[str, Any], ...] = ({"charge": 11.5, "state": "KS"}, {"charge": 7, "state": "null"})


def document(
    action: Any, *, output: Any = "double", fields: Sequence[Any] = (CHARGE, STATE), **more: Any
) -> str:
    """A PFA document over a record of ``fields``."""
    body = {
        "input": {"type": "record", "name": "Input", "fields": list(fields)},
        "output": output,
        "action": action,
    }
    return json.dumps({**body, **more})


def question(
    text: str,
    *,
    outputs: tuple[str, ...] = NUMBERS,
    fields: tuple[Field, ...] = FIELDS,
    records: Sequence[Any] = RECORDS,
) -> Question:
    return Question(document=text, fields=fields, outputs=outputs, records=records)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with open_docker(seed=2) as engine:
        yield engine._session


@pytest.fixture(scope="module")
def sandbox(session: Session) -> Evaluator:
    return Evaluator(session, cpus=2)


@pytest.fixture
def ask(sandbox: Evaluator) -> Callable[..., Answer]:
    def asked(text: str, *, timeout_s: float = 60.0, **more: Any) -> Answer:
        return sandbox.evaluate(question(text, **more), timeout_s)

    return asked


Ask = Callable[..., Answer]
DOUBLED = {"*": ["input.charge", 2]}
CONSTANT = {"string": "KS"}


def test_a_laboratory_evaluates_without_waiting_for_its_databases(laboratory: DockerLaboratory) -> None:
    assert laboratory.evaluate(question(document(DOUBLED))) == Answer(failed=None, outputs=(23.0, 14.0))


# --- the four examples of the historical validator, in our own words ------------------------------


def test_a_valid_document_predicts(ask: Ask) -> None:
    text = document("input.state", output="string", name="Echo", method="map", metadata={"a": "b"})
    assert ask(text, outputs=TEXTS) == Answer(failed=None, outputs=("KS", "null"))


@pytest.mark.parametrize(
    "text",
    ["{", "", "[1]", '"text"', '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', "[" * 201 + "]" * 201],
)
def test_what_is_no_strict_json_object_never_gets_into_a_container(text: str) -> None:
    nowhere = Evaluator(None, cpus=2)  # type: ignore[arg-type]
    answer = nowhere.evaluate(question(text))
    assert answer.failed is Rung.SYNTAX
    assert answer.message


def test_an_unknown_key_is_no_pfa(ask: Ask) -> None:
    answer = ask(document(DOUBLED, author="nobody"))
    assert answer.failed is Rung.SYNTAX
    assert "author" in answer.message


def test_reading_an_undeclared_field_is_inconsistent(ask: Ask) -> None:
    answer = ask(document({"+": ["input.day_charge", 1]}))
    assert answer.failed is Rung.SEMANTICS
    assert "day_charge" in answer.message
    assert "\n" not in answer.message


# --- each rung ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        document(DOUBLED, method="guess"),
        document({"let": {"x": 1}, "and": "more"}),
        json.dumps({"input": "string", "output": "string"}),
    ],
    ids=["empty", "method", "form", "no action"],
)
def test_syntax(ask: Ask, text: str) -> None:
    assert ask(text).failed is Rung.SYNTAX


@pytest.mark.parametrize(
    "text",
    [
        document(CONSTANT),
        document({"no.such.function": ["input.charge"]}),
        document({"cell": "absent"}),
        document("x"),
    ],
    ids=["output type", "function", "cell", "symbol"],
)
def test_semantics(ask: Ask, text: str) -> None:
    assert ask(text).failed is Rung.SEMANTICS


@pytest.mark.parametrize(
    "text",
    [
        document(DOUBLED, cells={"k": {"type": "int", "init": "five"}}),
        document(DOUBLED, begin=[{"error": "not today"}]),
        document(DOUBLED, cells={"k": {"type": "int", "init": "/etc/passwd", "source": "json"}}),
    ],
    ids=["cell", "begin", "file"],
)
def test_engine(ask: Ask, text: str) -> None:
    assert ask(text).failed is Rung.ENGINE


FOLD = {"zero": 0.0, "merge": {"+": ["tallyOne", "tallyTwo"]}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (document({"+": ["tally", "input.charge"]}, method="fold", **FOLD), "method is fold"),
        (document({"emit": "input.charge"}, method="emit"), "method is emit"),
        (json.dumps({"input": "double", "output": "double", "action": "input"}), "input is of type double"),
        (document(DOUBLED, fields=[CHARGE]), "state is missing"),
        (document(DOUBLED, fields=[CHARGE, STATE, {"name": "age", "type": "int"}]), "age is no covariable"),
        (document(DOUBLED, fields=[{"name": "charge", "type": "int"}, STATE], output="int"), "charge is int"),
        (document(1.5, fields=[{"name": "charge", "type": ["double", "string"]}, STATE]), "charge is union"),
        (document(1.5, fields=[{"name": "charge", "type": ["null", "string"]}, STATE]), "charge is string"),
        (document(CONSTANT, output="string"), "output is of type string"),
        (document(True, output="boolean"), "output is of type boolean"),
        (document({"type": "null", "value": None}, output=["null", "double"]), "output is of type union"),
    ],
    ids=lambda value: value if len(value) < 30 else "",
)
def test_input_and_output(ask: Ask, text: str, said: str) -> None:
    answer = ask(text)
    assert answer.failed is Rung.IO
    assert said in answer.message


def test_text_is_due_for_a_nominal_variable(ask: Ask) -> None:
    answer = ask(document(DOUBLED), outputs=TEXTS)
    assert (answer.failed, answer.message) == (Rung.IO, "its output is of type double, not string or enum")


@pytest.mark.parametrize(
    ("action", "output", "expected"),
    [
        ({"int": 7}, "int", (7, 7)),
        ({"long": 2**40}, "long", (2**40, 2**40)),
        (DOUBLED, "double", (23.0, 14.0)),
        ({"/": ["input.charge", 3]}, "double", (11.5 / 3, 7 / 3)),
        ({"m.sqrt": "input.charge"}, "double", (math.sqrt(11.5), math.sqrt(7))),
    ],
)
def test_numbers_of_every_type(ask: Ask, action: Any, output: str, expected: tuple[float, ...]) -> None:
    assert ask(document(action, output=output)) == Answer(failed=None, outputs=expected)


def test_an_enumeration_of_its_own_is_text(ask: Ask) -> None:
    kind = {"type": "enum", "name": "Class", "symbols": ["yes", "no"]}
    text = document({"type": "Class", "value": "no"}, output=kind)
    assert ask(text, outputs=TEXTS).outputs == ("no", "no")


def test_null_is_given_where_the_field_takes_it(ask: Ask) -> None:
    fields = [{"name": "charge", "type": ["null", "double"]}, {"name": "state", "type": ["string", "null"]}]
    action = {"ifnotnull": {"c": "input.charge"}, "then": {"+": ["c", 1]}, "else": {"double": -1.0}}
    records = [{"charge": None, "state": None}, {"charge": 3, "state": "null"}]
    assert ask(document(action, fields=fields), records=records).outputs == (-1.0, 4.0)
    state = {"ifnotnull": {"s": "input.state"}, "then": "s", "else": CONSTANT}
    text = document(state, fields=fields, output="string")
    assert ask(text, records=records, outputs=TEXTS).outputs == ("KS", "null")
    assert ask(document(DOUBLED), records=records).failed is Rung.PREDICTS


def test_words_of_every_alphabet_come_back_as_they_went(ask: Ask) -> None:
    words = ["Alzheimer's disease", "Übergewicht", "正常", "a\u0085b\u2028c", "0", '"', "\\"]
    records = [{"charge": 0, "state": word} for word in words]
    assert ask(document("input.state", output="string"), records=records, outputs=TEXTS).outputs == tuple(
        words
    )


# --- predictions ----------------------------------------------------------------------------------


def when_small(otherwise: Any) -> Any:
    """An action that does well on the first record (11.5) and not on the second (7)."""
    return {"if": {">": ["input.charge", 10]}, "then": "input.charge", "else": otherwise}


FEW = {"type": {"type": "array", "items": "double"}, "init": []}
DEEPER = {"params": [{"x": "double"}], "ret": "double", "do": {"u.deeper": "x"}}


@pytest.mark.parametrize(
    ("action", "more"),
    [
        (when_small({"/": [{"double": 0.0}, {"double": 0.0}]}), {}),
        (when_small({"m.ln": {"-": ["input.charge", 7]}}), {}),
        (when_small({"do": [{"error": "no such customer"}, {"double": 1}]}), {}),
        (when_small({"attr": {"cell": "few"}, "path": [{"int": 5}]}), {"cells": {"few": FEW}}),
        (when_small({"u.deeper": "input.charge"}), {"fcns": {"deeper": DEEPER}}),
    ],
    ids=["NaN", "infinite", "error", "index", "recursion"],
)  # fmt: skip
def test_a_prediction_that_does_not_come(ask: Ask, action: Any, more: dict[str, Any]) -> None:
    answer = ask(document(action, **more))
    assert answer.failed is Rung.PREDICTS
    assert answer.message.startswith("record 1: "), answer
    assert "7" not in answer.message.replace("ERRCODE", "")
    assert answer.outputs == ()


def test_a_record_is_named_and_never_shown(ask: Ask) -> None:
    fields = (Field(name="charge", types=("int",)), FIELDS[1])
    text = document({"int": 1}, output="int", fields=[{"name": "charge", "type": "int"}, STATE])
    answer = ask(text, fields=fields, records=[{"charge": 4711.25, "state": "KS"}])
    assert answer == Answer(failed=Rung.PREDICTS, message="record 0: TypeError")


LOOP = {"do": [{"let": {"x": 0}}, {"while": {"<": ["x", 1]}, "do": {"set": {"x": 0}}}, "input.charge"]}


def test_a_loop_without_end_is_ended(ask: Ask) -> None:
    began = time.monotonic()
    answer = ask(document(LOOP), timeout_s=10.0)
    assert answer == Answer(failed=Rung.PREDICTS, message="record 0: not done within 10 s")
    assert time.monotonic() - began < PROMPT_S
    begin = ask(document(DOUBLED, begin=LOOP["do"][:2]), timeout_s=10.0)
    assert begin == Answer(failed=Rung.ENGINE, message="not done within 10 s")


def test_memory_is_bounded(ask: Ask) -> None:
    grow = {"while": True, "do": {"set": {"s": {"s.concat": ["s", "s"]}}}}
    answer = ask(document([{"let": {"s": {"string": "x" * 1000}}}, grow, "input.charge"]))
    assert answer.failed is Rung.PREDICTS
    assert "memory limit" in answer.message or "MemoryError" in answer.message


def test_a_text_without_end_is_no_prediction(ask: Ask) -> None:
    answer = ask(document({"string": "x" * 6000}, output="string"), outputs=TEXTS)
    assert answer == Answer(failed=Rung.PREDICTS, message="record 0: it predicts a text of 6,000 characters")


def test_output_beside_the_answer_is_not_seen(ask: Ask) -> None:
    numbers = {"type": {"type": "array", "items": "int"}, "value": list(range(2000))}
    flood = {"foreach": "i", "in": numbers, "do": {"log": [{"string": "x" * 500}]}}
    assert ask(document([flood, "input.charge"])).outputs == (11.5, 7.0)


# --- hostile --------------------------------------------------------------------------------------


CODE = "x'); __import__('os')._exit(9); ('"


@pytest.mark.parametrize(
    "text",
    [
        document(DOUBLED, name=CODE),
        document({CODE: ["input.charge"]}),
        document(CODE),
        document({"attr": "input", "path": [{"string": CODE}]}),
        document({"cell": CODE}),
        document([{"let": {CODE: 1}}, DOUBLED]),
        document(DOUBLED, doc=CODE, metadata={CODE: CODE}, options={CODE: CODE}),
    ],
    ids=["name", "function", "symbol", "path", "cell", "let", "metadata"],
)
def test_code_in_a_document_is_not_executed(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.failed is not None or answer.outputs == (23.0, 14.0)
    assert "code 9" not in answer.message


@pytest.fixture
def executed(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """What comes of a document whose code breaks out of Titus: a program that runs ``body`` in its place."""
    source = evaluator._PROGRAM.read_text(encoding="utf-8")
    action = "                value = engine.action(given)\n"
    assert action in source

    def asked(body: str, **more: Any) -> Answer:
        program = tmp_path / "program.py"
        program.write_text(source.replace(action, f"                {body}\n"), encoding="utf-8")
        monkeypatch.setattr(evaluator, "_PROGRAM", program)
        return ask(document(DOUBLED), **more)

    return asked


LOOK_AROUND = """
import socket, subprocess
connection = socket.socket()
connection.settimeout(2)
def writable(path):
    return subprocess.run(["sh", "-c", f"echo x > {path}"], stderr=subprocess.DEVNULL).returncode == 0
found = [
    connection.connect_ex(("192.0.2.1", 80)) == 0,
    [name for _, name in socket.if_nameindex()] != ["lo"],
    os.getuid() == 0,
    *map(writable, ("/x", "/opt/pfa/x", "/question/x")),
    *map(os.path.exists, ("/docker-volume", "/algoreg-sockets", "/var/run/docker.sock")),
    writable("/tmp/x"),
]
value = float(sum(1 << number for number, yes in enumerate(found) if yes))
"""


def test_what_breaks_out_of_titus_is_in_a_box(executed: Callable[..., Answer]) -> None:
    # exec, so that the lines can stand where one line stood
    only_tmp = float(1 << 9)
    body = f"names = {{'os': os}}; exec({LOOK_AROUND!r}, names); value = names['value']"
    assert executed(body).outputs == (only_tmp, only_tmp)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("self.say(forged=1); value = 1.0", "another form"),
        ("self.answer.write(b'x' * 300_000_000); value = 1.0", "bytes of output"),
        ("self.answer.write(b'x' * 100_000 + b'\\n'); value = 1.0", "a line of"),
        ("self.say(output=1.5); value = 1.0", "4 predictions for 2 records"),
        ("self.say(failed=None, message=''); self.answer.flush(); os._exit(0)", "0 predictions for 2"),
        ("self.say(output='a'); self.say(output=1); self.say(failed=None, message=''); os._exit(0)", "finite"),
        ("os._exit(0)", "ended with code 0"),
        ("os._exit(3)", "ended with code 3"),
        ("os.kill(os.getpid(), 9)", "ended with code 137"),
        ("import ctypes; ctypes.string_at(0)", "ended with code 139"),
        ("[os.fork() for _ in range(64)]; time.sleep(60)", "follows the last line"),
        ("threading.Event().wait()", "not done within 6 s"),
    ],
)  # fmt: skip
def test_a_hostile_answer_is_a_failed_prediction(
    executed: Callable[..., Answer], body: str, said: str
) -> None:
    answer = executed(body, timeout_s=6.0)
    assert answer.failed is Rung.PREDICTS
    assert said in answer.message
    assert len(answer.message) < 400
    assert answer.message.isprintable()


# --- size and time --------------------------------------------------------------------------------


def neighbours(rows: int, columns: int) -> tuple[str, tuple[Field, ...], list[dict[str, float]]]:
    """A kNN of the historical kind: the whole training set in a cell, and a record to predict per row."""
    rng = random.Random(7)
    names = [f"v{number}" for number in range(columns)]
    points = {"type": "array", "items": "double"}
    row = {
        "type": "record",
        "name": "Row",
        "fields": [{"name": "x", "type": points}, {"name": "y", "type": "double"}],
    }
    text = document(
        [
            {"let": {"x": {"type": points, "new": [f"input.{name}" for name in names]}}},
            {"let": {"near": {"model.neighbor.nearestK": [{"cell": "k"}, "x", {"cell": "rows"}, {"fcn": "u.far"}]}}},
            {"a.mean": {"a.map": ["near", {"fcn": "u.y"}]}},
        ],
        fields=[{"name": name, "type": "double"} for name in names],
        cells={
            "k": {"type": "int", "init": 5},
            "rows": {
                "type": {"type": "array", "items": row},
                "init": [{"x": [rng.random() for _ in names], "y": rng.random()} for _ in range(rows)],
            },
        },
        fcns={
            "far": {
                "params": [{"a": points}, {"b": "Row"}],
                "ret": "double",
                "do": {"metric.simpleEuclidean": ["a", "b.x"]},
            },
            "y": {"params": [{"b": "Row"}], "ret": "double", "do": "b.y"},
        },
    )  # fmt: skip
    fields = tuple(Field(name=name, types=("double",)) for name in names)
    return text, fields, [{name: rng.random() for name in names} for _ in range(rows)]


def test_a_training_set_inside_a_document_is_evaluated_in_time(ask: Ask) -> None:
    text, fields, records = neighbours(400, 10)
    answer = ask(text, fields=fields, records=records, timeout_s=pfa.TIMEOUT_S)
    assert (answer.failed, len(answer.outputs)) == (None, 400)


def test_many_at_once(sandbox: Evaluator) -> None:
    answers: dict[int, Answer] = {}

    def work(number: int) -> None:
        answers[number] = sandbox.evaluate(question(document({"+": ["input.charge", number]})))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: Answer(failed=None, outputs=(11.5 + n, 7.0 + n)) for n in range(6)}


# --- an engine that fails -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultyEngine]:
    with connect() as (_, address):
        upstream = address.url
    opened = FaultyEngine(path=Path(f"/tmp/algoreg-test-pfa-{os.getpid()}.sock"), upstream=upstream)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("volume", "500"),
        ("create", "lost reply"),
        ("attach", "truncated"),
        ("start", "refuse"),
        ("put", "500"),
        ("put", "reset"),
        ("inspect", "truncated"),
    ],
)
def test_a_failing_engine_is_no_verdict(
    proxy: FaultyEngine, client: docker.APIClient, target: str, fault: str
) -> None:
    with open_docker(environment={"DOCKER_HOST": proxy.url}) as shaky:
        shaky._session.api.patience = 0.1
        proxy.arm(target, fault)
        with pytest.raises(EngineError) as caught:
            Evaluator(shaky._session, cpus=2).evaluate(question(document(DOUBLED)))
        assert proxy.struck.is_set()
        assert "\n" not in caught.value.message
        proxy.disarm()
        run = shaky._session.identity.run
    assert not leftovers(client, f"io.algoreg.run={run}").volumes


def test_a_container_that_the_engine_lost_is_not_the_documents_crash(
    session: Session, sandbox: Evaluator, client: docker.APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[str] = []
    put = session.api.put

    def put_and_kill(container: str, path: str, archive: bytes) -> None:
        put(container, path, archive)
        if not killed:
            killed.append(container)
            time.sleep(0.1)
            client.kill(container)

    monkeypatch.setattr(session.api, "put", put_and_kill)
    assert sandbox.evaluate(question(document(DOUBLED))).failed is None
    assert killed


# --- the image, and what stays --------------------------------------------------------------------


def test_nothing_is_left(client: docker.APIClient) -> None:
    before = everything(client)
    with open_docker(seed=3) as engine:
        own = Evaluator(engine._session, cpus=2)
        assert own.evaluate(question(document(DOUBLED))).failed is None
        assert own.evaluate(question(document(LOOP)), 2.0).failed is not None
        run = engine._session.identity.run
        assert client.containers(all=True, filters={"label": f"io.algoreg.run={run}"}) == []
        assert client.volumes(filters={"label": f"io.algoreg.run={run}"})["Volumes"] in (None, [])
    assert not [one for one in everything(client)[1] - before[1] if run in one]


def test_the_image_is_built_where_it_is_not_there(
    session: Session, client: docker.APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "algoreg-test/pfa:1"
    monkeypatch.setattr(evaluator, "IMAGE", name)
    said: list[str] = []
    monkeypatch.setattr(session, "progress", said.append)
    try:
        fresh = Evaluator(session, cpus=2)
        assert fresh.evaluate(question(document(DOUBLED))).failed is None
        assert said[0].startswith(f"building {name}")
        built = images.find(session.api, name)
        assert built is not None
        assert built.image.labels[RECIPE_LABEL] == recipe()
        said.clear()
        assert Evaluator(session, cpus=2).evaluate(question(document(DOUBLED))).failed is None
        assert said == []
    finally:
        client.remove_image(name, force=True)


def test_an_image_that_can_be_neither_found_nor_built_is_no_verdict(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "Dockerfile"
    broken.write_text(f"FROM {BASE}\nRUN echo no package index; false\n")
    monkeypatch.setattr(evaluator, "IMAGE", "algoreg-test/absent:1")
    monkeypatch.setattr(evaluator, "DOCKERFILE", broken)
    fresh = Evaluator(session, cpus=2)
    for _ in range(2):
        with pytest.raises(EngineError, match="PFA documents cannot be evaluated") as caught:
            fresh.evaluate(question(document(DOUBLED)))
        assert "make engine" in caught.value.hint


def test_an_image_that_is_another_is_no_verdict(
    engine: DockerEngine, session: Session, client: docker.APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "algoreg-test/other:1"
    monkeypatch.setattr(evaluator, "IMAGE", name)
    built = engine.build_image(
        evaluator._context_of(f"FROM {BASE}\nUSER 10002\n".encode()),
        build_args={},
        labels={RECIPE_LABEL: recipe()},
        tags=[name],
        progress=lambda _: None,
    )
    try:
        with pytest.raises(EngineError, match=r"does not start: .*/opt/pfa/bin/python"):
            Evaluator(session, cpus=2).evaluate(question(document(DOUBLED)))
    finally:
        client.remove_image(built, force=True)


def test_the_image_of_the_checkout_is_the_one_that_is_looked_for(session: Session) -> None:
    found = images.find(session.api, IMAGE)
    assert found is not None
    assert found.image.labels[RECIPE_LABEL] == recipe()
    assert found.image.user not in ("", "0", "root")
