"""Reading what an installation declares: any shape, bounded, from its own folder only, blind to the environment."""

import json
import os
import socket
from pathlib import Path

import pytest
from export_samples import algorithm, algorithms, registry_of
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg.errors import UsageError
from algoreg.export import configuration, dialects, reading, sources, syntax
from algoreg.export.dialects import DIALECTS
from algoreg.export.names import override_variable
from algoreg.export.sources import Fate
from algoreg.model import Algorithm


def read(tmp_path: Path, text: str, dialect: str | None = None) -> reading.Installation:
    path = tmp_path / "application.conf"
    path.write_bytes(text.encode())
    return reading.read(path, dialect=dialects.named(dialect) if dialect else None)


@given(
    st.lists(algorithms(), max_size=3, unique_by=lambda one: one.code.lower()),
    st.sampled_from(sorted(DIALECTS)),
)
@settings(deadline=None, max_examples=30)
def test_what_is_written_is_read_again_by_both_readers(
    tmp_path_factory: pytest.TempPathFactory, found: list[Algorithm], name: str
) -> None:
    dialect = dialects.named(name)
    unique = list({override_variable(one.image): one for one in found}.values())
    wanted = configuration.configuration(registry_of(*unique), dialect=dialect)
    folder = tmp_path_factory.mktemp("written")
    for file, text in configuration.files(wanted).items():
        (folder / file).write_text(text)
    declared = reading.read(folder / "application.conf", dialect=dialect)
    assert {code: one.values for code, one in declared.algorithms.items()} == {
        code: wanted.values(code) for code in wanted.algorithms
    }
    assert all(one.variables == wanted.variables(code) for code, one in declared.algorithms.items())
    assert reading.everything(declared.sources) == reading.values(declared.sources)
    if unique:
        assert reading.read(folder / "application.conf").dialect.path == dialect.path


@pytest.mark.parametrize("name", DIALECTS)
def test_the_generation_is_told_from_the_keys(tmp_path: Path, name: str) -> None:
    wanted = configuration.configuration(registry_of(algorithm("knn")), dialect=dialects.named(name))
    assert read(tmp_path, configuration.single(wanted)).dialect.name == name


SHAPES = {
    "nested": 'algorithms { knn { dockerImage = "a/b:1", predictive = true } }',
    "dotted": 'algorithms.knn { dockerImage : "a/b:1"\npredictive : true }',
    "keys": 'algorithms.knn.dockerImage = "a/b:1"\nalgorithms.knn.predictive = true',
    "equals": 'algorithms = { knn = { dockerImage = "a/b:1", predictive = true, }, }',
    "json": '{"algorithms": {"knn": {"dockerImage": "a/b:1", "predictive": true}}}',
    "escaped": 'algorithms { knn { dockerImage = "a\\u002fb:1", predictive = true } }',
    "block": 'algorithms { knn { dockerImage = """a/b:1""", predictive = true } }',
    "substituted": 'host = a\nalgorithms { knn { dockerImage = ${host}"/b:1", predictive = true } }',
    "inherited": 'base { predictive = true }\nalgorithms { knn = ${base} { dockerImage = "a/b:1" } }',
    "said twice": 'algorithms { knn { dockerImage = x, predictive = false } }\nalgorithms.knn { dockerImage = "a/b:1"\n'
    "predictive = true }",
    "overridden": 'algorithms { knn { dockerImage = "a/b:1"\ndockerImage = ${?HOME}\npredictive = true } }',
    "overridden and substituted": 'yes = true\nalgorithms { knn { dockerImage = "a/b:1"\ndockerImage = ${?HOME}\n'
    "predictive = ${yes} } }",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read(tmp_path: Path, shape: str) -> None:
    assert "HOME" in os.environ
    declared = read(tmp_path, SHAPES[shape]).algorithms
    assert {code: dict(one.values) for code, one in declared.items()} == {
        "knn": {"dockerImage": "a/b:1", "predictive": True}
    }
    assert declared["knn"].variables == ({"dockerImage": "HOME"} if "overridden" in shape else {})


def test_places_are_told_across_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.conf").write_text('\n\ntree { dockerImage = "t" }')
    declared = read(tmp_path, 'x = 1\nalgorithms {\n  include "sub/more"\n  knn { }\n}').algorithms
    assert declared["tree"].where == f"{tmp_path / 'sub' / 'more.conf'}:3"
    assert declared["knn"].where == f"{tmp_path / 'application.conf'}:4"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was tried beyond the folder."""
    tried: list[str] = []

    def connect(*arguments: object) -> None:
        tried.append(repr(arguments))
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    return tried


@pytest.mark.parametrize(
    "include",
    [
        'include url("http://example.invalid/x.conf")',
        'include "http://example.invalid/x.conf"',
        'include "https://example.invalid/x.conf"',
        'include "file:///etc/hostname"',
        'include url("file:///etc/hostname")',
        'include required(url("http://example.invalid/x.conf"))',
        'include classpath("x.conf")',
        'include package("os:path.py")',
        'include required( package( "os:path.py" ) )',
        'a { b { include "http://example.invalid/x.conf" } }',
        'a = { include url("http://example.invalid/x.conf") }',
    ],
)
def test_nothing_is_fetched(tmp_path: Path, outside: list[str], include: str) -> None:
    for text in (include, f"algorithms {{ {include} }}", f"x = ${{y}}\ny = 1\n{include}"):
        with pytest.raises(UsageError, match=r"application\.conf:\d+: .*no text is fetched"):
            read(tmp_path, text)
    assert outside == []


@pytest.mark.parametrize(
    "include",
    [
        '"/etc/hostname"',
        'required("../secret.conf")',
        'file("../secret.conf")',
        '"link.conf"',
        '"sub/../../secret"',
    ],
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, include: str) -> None:
    (tmp_path / "secret.conf").write_text('algorithms { secret { dockerImage = "x" } }')
    folder = tmp_path / "conf"
    (folder / "sub").mkdir(parents=True)
    (folder / "link.conf").symlink_to(tmp_path / "secret.conf")
    found = read(folder, f"include {include}")
    assert found.algorithms == {}
    assert [one.fate for one in found.sources.includes] in ([Fate.OUTSIDE], [Fate.MISSING])


def test_files_that_are_none_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    assert [one.fate for one in read(tmp_path, 'include "pipe.conf"').sources.includes] == [Fate.MISSING]
    with pytest.raises(UsageError, match="it is no regular file"):
        reading.read(tmp_path / "pipe.conf")


@pytest.mark.parametrize(
    "text",
    [
        'include "application.conf"',
        'include "one.conf"',
        "a = [" * 100_000,
        "a { " * 100_000,
        "a = [" * 60 + "]" * 60 + " {" * 70,
        'a = "' + "x" * 10,
        "a = ${a}",
        "a = ${b}\nb = ${a}",
        "a = ${nowhere}",
        "PATH = ${PATH}\nb = ${PATH}",
        "}",
        "[1, 2]",
        "a = b = c",
        "a",
    ],
)
def test_hostile_texts_are_wrong_usage_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.conf").write_text('include "application.conf"')
    with pytest.raises(UsageError) as refused:
        reading.everything(read(tmp_path, text).sources)
    assert str(tmp_path) in refused.value.message
    assert len(refused.value.message) < 400


def test_few_files_cannot_mean_a_text_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for level in range(12):
        (tmp_path / f"l{level}.conf").write_text(
            f'include "l{level + 1}.conf"\ninclude "l{level + 1}.conf"\n'
        )
    (tmp_path / "l12.conf").write_text("a = 1")
    monkeypatch.setattr(sources, "MAX_FILES", 1000)
    with pytest.raises(UsageError, match="more than 1000 includes"):
        read(tmp_path, 'include "l0.conf"')
    monkeypatch.setattr(sources, "MAX_BYTES", 5000)
    with pytest.raises(UsageError, match="too large"):
        read(tmp_path, 'include "l0.conf"')


@given(st.text('ab{}=:"#/\n \\$?,[]+.', max_size=80))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        body = syntax.parse(text)
    except syntax.Unsure as unsure:
        offset = unsure.offset
        body = None
    if body is None:
        assert 0 <= offset <= len(text)
        return
    for entry in body.entries():
        assert text[entry.start : entry.end].strip() == text[entry.start : entry.end]
        assert 0 <= entry.start < entry.value.start < entry.end <= len(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_quoted_texts_come_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    line = json.dumps(text, ensure_ascii=True)
    found = read(tmp_path_factory.mktemp("quoted"), f"algorithms {{ a {{ dockerImage = {line} }} }}")
    assert found.algorithms["a"].image == text
