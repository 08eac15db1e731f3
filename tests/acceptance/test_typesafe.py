"""What Woken's own library reads in exported files is what the registry says, whatever the metadata hold."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyhocon
import pytest

from algoreg import registry, strictjson
from algoreg.errors import UsageError
from algoreg.export import catalogue, configuration, merge
from algoreg.export.configuration import MAIN, Configuration
from algoreg.export.dialects import DEFAULT, DIALECTS
from algoreg.export.names import override_variable
from algoreg.registry import Registry
from support import random_configuration, random_metadata
from support.program import CHECKOUT
from support.typesafe import FOLDER, Question, Reading, Typesafe

pytestmark = pytest.mark.engine

DOCUMENTS = 10_000 if os.environ.get("ALGOREG_EXPORTS") == "whole" else 300
MERGES = 700 if DOCUMENTS == 10_000 else 40
BATCH = 60
"""So many of the odd documents are one registry, and in one dialect: the smaller run has all five, too."""
COMMITTED = CHECKOUT / "application.conf.d"
IDIOM = 'algorithms { knn { dockerImage = "here/knn:1", dockerImage = ${?KNN_IMAGE}, predictive = true } }\n'
STRICT = 'include required("knn.conf")\n'
LENIENT = 'include "knn.conf"\n'
FILES = {"knn.conf": IDIOM, "application.conf": STRICT, "lenient.conf": LENIENT}


def image(value: dict[str, Any]) -> Any:
    return value["algorithms"]["knn"]["dockerImage"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, "here/knn:1"), ({"KNN_IMAGE": "there/knn:2"}, "there/knn:2"), ({"KNN_IMAGE": ""}, "")],
)
def test_the_judge_itself_resolves_the_idiom(
    typesafe: Typesafe, variables: dict[str, str], expected: str
) -> None:
    """With variables of the question and with real ones of the process alike."""
    question = Question("./application.conf", variables)
    (given,) = typesafe.read(FILES, [question])
    (real,) = typesafe.read(FILES, [Question("./application.conf")], environment=variables)
    assert (image(given.value), image(real.value)) == (expected, expected)
    assert given.value == real.value


def test_the_judge_says_what_cannot_be_read(typesafe: Typesafe) -> None:
    broken = {"unquoted.conf": "dockerImage = a/b:1\n", "strict.conf": "image = ${KNN_IMAGE}\n"}
    names = ("unquoted.conf", "strict.conf", "absent.conf")
    readings = typesafe.read(broken, [Question(name, {}) for name in names])
    words = ("Parse", "UnresolvedSubstitution", "FileNotFound")
    assert [word in (reading.error or "") for word, reading in zip(words, readings, strict=True)] == [
        True
    ] * 3
    assert [reading.value for reading in readings] == [{}] * 3


@pytest.mark.parametrize("folder", [f"{FOLDER}/", "./"])
def test_a_relative_include_is_found_beside_the_main_file(typesafe: Typesafe, folder: str) -> None:
    readings = typesafe.read(
        FILES, [Question(f"{folder}{name}", {}) for name in ("application.conf", "lenient.conf")]
    )
    assert [image(reading.value) for reading in readings] == ["here/knn:1", "here/knn:1"]


def test_a_bare_main_file_has_no_folder_for_includes(typesafe: Typesafe) -> None:
    """Started with -Dconfig.file=application.conf: plain includes are dropped in silence, required ones told."""
    required, lenient = typesafe.read(FILES, [Question("application.conf", {}), Question("lenient.conf", {})])
    assert "include was not found: 'knn.conf'" in (required.error or "")
    assert (lenient.value, lenient.error) == ({}, None)


def variables_of(wanted: Configuration) -> dict[str, str]:
    """Code -> the variable that replaces its image."""
    return {code: override_variable(one.algorithm.image) for code, one in wanted.algorithms.items()}


def meant(wanted: Configuration, set_: Mapping[str, str]) -> dict[str, Any]:
    """The whole tree that a reader should see while these variables are set."""
    names = variables_of(wanted)
    entries: dict[str, Any] = {}
    for code in wanted.algorithms:
        values = dict(wanted.values(code))
        values[wanted.dialect.image] = set_.get(names[code], values[wanted.dialect.image])
        entries[code] = values
    for key in reversed(wanted.dialect.path):
        entries = {key: entries}
    return entries


def test_the_committed_files(typesafe: Typesafe) -> None:
    """Through their includes, by an absolute path and from the folder itself, with and without each variable."""
    wanted = configuration.configuration(registry.load(), dialect=DIALECTS[DEFAULT])
    files = {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.glob("*.conf")}
    every = {name: f"there/{name.lower()}:9" for name in variables_of(wanted).values()}
    settings = [{}, every, *({name: value} for name, value in every.items()), dict.fromkeys(every, "")]
    asked = [(folder, set_) for set_ in settings for folder in (f"{FOLDER}/", "./")]
    readings = typesafe.read(files, [Question(f"{folder}{MAIN}", set_) for folder, set_ in asked])
    assert [reading.value for reading in readings] == [meant(wanted, set_) for _, set_ in asked]
    real, bare = typesafe.read(files, [Question(f"./{MAIN}"), Question(MAIN)], environment=every)
    assert real.value == meant(wanted, every)
    assert "include was not found" in (bare.error or ""), "a bare name must be told, not passed over"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_in_one_file_and_in_many(typesafe: Typesafe, dialect: str) -> None:
    wanted = configuration.configuration(random_metadata.registry(7, 25), dialect=DIALECTS[dialect])
    files = configuration.files(wanted) | {"single.conf": configuration.single(wanted)}
    every = dict.fromkeys(variables_of(wanted).values(), "there/other:2")
    questions = [Question(f"./{name}", set_) for name in (MAIN, "single.conf") for set_ in ({}, every)]
    values = [reading.value for reading in typesafe.read(files, questions)]
    assert values == [meant(wanted, {}), meant(wanted, every)] * 2


@dataclass(frozen=True)
class Batch:
    """Some odd algorithms in one dialect, and the variables that are set while they are read."""

    number: int
    known: Registry
    wanted: Configuration
    set_: Mapping[str, str]

    @property
    def files(self) -> dict[str, str]:
        """In one file, in many, and the catalogue, which is JSON, and so HOCON, too."""
        folder = f"{self.number}"
        many = {f"{folder}/{name}": text for name, text in configuration.files(self.wanted).items()}
        listed = catalogue.render(catalogue.chosen(self.known))
        return many | {
            f"{folder}/single.conf": configuration.single(self.wanted),
            f"{folder}/catalogue.json": listed,
        }

    @property
    def questions(self) -> list[tuple[Question, dict[str, Any]]]:
        """What is asked, and the answer that is meant."""
        asked = [
            (Question(f"./{self.number}/{name}", set_), meant(self.wanted, set_))
            for name in (MAIN, "single.conf")
            for set_ in ({}, self.set_)
        ]
        listed = catalogue.document(catalogue.chosen(self.known))
        return [*asked, (Question(f"./{self.number}/catalogue.json", self.set_), listed)]


def batches() -> Iterator[Batch]:
    """All documents, each in one of the dialects."""
    for number, start in enumerate(range(0, DOCUMENTS, BATCH)):
        known = random_metadata.registry(number, min(BATCH, DOCUMENTS - start))
        dialect = list(DIALECTS.values())[number % len(DIALECTS)]
        pins = random_metadata.pins(Random(number), known)
        wanted = configuration.configuration(known, dialect=dialect, images=pins)
        set_ = dict(random_metadata.variables(Random(number), list(variables_of(wanted).values())))
        yield Batch(number=number, known=known, wanted=wanted, set_=set_)


def test_whatever_the_metadata_hold(typesafe: Typesafe) -> None:
    made = list(batches())
    files = {name: text for batch in made for name, text in batch.files.items()}
    asked = [pair for batch in made for pair in batch.questions]
    readings: list[Reading] = typesafe.read(files, [question for question, _ in asked])
    wrong = [
        (question.file, reading.error)
        for (question, value), reading in zip(asked, readings, strict=True)
        if reading.error is not None or not strictjson.equal(reading.value, value)
    ]
    assert wrong == []
    assert sum(len(batch.wanted.algorithms) for batch in made) == DOCUMENTS


@dataclass(frozen=True)
class MergedFile:
    """A person's file before and after a merge."""

    name: str
    before: str
    after: str
    wanted: Configuration

    def rest(self, value: dict[str, Any]) -> dict[str, Any]:
        """What a merge must leave: everything but its own keys, and objects that hold nothing else."""
        left = copy.deepcopy(value)
        entries = _below(left, self.wanted.dialect.path)
        for code in set(self.wanted.algorithms) & set(entries):
            if isinstance(entries[code], dict):
                entries[code] = {k: v for k, v in entries[code].items() if k not in self.wanted.keys}
            if entries[code] == {}:
                del entries[code]
        for depth in range(len(self.wanted.dialect.path), 0, -1):
            *way, last = self.wanted.dialect.path[:depth]
            if _below(left, tuple(way)).get(last) == {}:
                del _below(left, tuple(way))[last]
        return left


def _below(value: Any, path: tuple[str, ...]) -> dict[str, Any]:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def merged_files(folder: Path) -> Iterator[MergedFile]:
    """Files that a merge did not refuse, in every dialect."""
    for name, content in random_configuration.INCLUDED.items():
        (folder / name).write_text(content)
    known = registry.load()
    wanted = [configuration.configuration(known, dialect=one) for one in DIALECTS.values()]
    random, made = Random(1), 0
    while made < MERGES:
        one = random.choice(wanted)
        path = folder / f"{made}.conf"
        path.write_text(random_configuration.text(random), encoding="utf-8", newline="")
        try:
            merged = merge.merge(path, one)
        except UsageError:
            continue
        yield MergedFile(name=f"{made}", before=merged.before.text, after=merged.text, wanted=one)
        made += 1


def test_what_is_merged_is_read_and_the_rest_is_as_it_was(typesafe: Typesafe, tmp_path: Path) -> None:
    made = list(merged_files(tmp_path))
    set_ = {"KNN_IMAGE": "there/knn:2", "LINREG_IMAGE": "", "OTHER": "o:9", "HOME": "h"}
    files = {
        f"{one.name}{part}.conf": text for one in made for part, text in (("b", one.before), ("a", one.after))
    }
    asked = [
        Question(f"./{one.name}{part}.conf", values) for one in made for part in "ba" for values in ({}, set_)
    ]
    readings = typesafe.read(files | random_configuration.INCLUDED, asked)
    read = 0
    for at, one in enumerate(made):
        before, before_set, after, after_set = readings[4 * at : 4 * at + 4]
        if before.error is not None or before_set.error is not None:
            continue  # it was broken before
        read += 1
        assert (after.error, after_set.error) == (None, None), one.after
        entries = _below(after.value, one.wanted.dialect.path)
        assert {code: entries[code] | dict(one.wanted.values(code)) for code in one.wanted.algorithms} == {
            code: entries[code] for code in one.wanted.algorithms
        }, one.after
        assert one.rest(after.value) == one.rest(before.value), one.after
        assert one.rest(after_set.value) == one.rest(before_set.value), one.after
    assert read > MERGES / 2


def test_pyhocon_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other reader that is in use; it takes variables from the environment alone."""
    for batch in batches():
        for name, text in batch.files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        many, one = batch.questions[0], batch.questions[3]
        for question, value in (many, one):
            with monkeypatch.context() as environment:
                for variable, content in (question.variables or {}).items():
                    environment.setenv(variable, content)
                read = pyhocon.ConfigFactory.parse_file(str(tmp_path / question.file)).as_plain_ordered_dict()
            assert strictjson.equal(json.loads(json.dumps(read)), value), question.file
