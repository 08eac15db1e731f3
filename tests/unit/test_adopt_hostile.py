"""``algoreg adopt`` on folders that are hostile or odd: bounded, contained, escaped, and nothing left behind."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from test_adopt import PYTHON, adopt, document, drafted, traps, values, written

from algoreg import files, metadata
from algoreg.adoption import adopting, text
from algoreg.errors import UsageError

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(f"c{n}: [*b, *b]\n" for n in range(50))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("captain.yml", BOMB),
        ("captain.yml", "!!python/object/apply:os.system [id]\n"),
        ("captain.yml", "[" * 100_000),
        ("tests/docker-compose.yml", "a: {b: " * 50_000),
        ("tests/docker-compose.yml", "\x00\x01"),
        ("tests/docker-compose.yml", "x" * (2 << 20)),
        ("main.py", "(" * 100_000),
        ("main.py", "-" * 500_000 + "1"),
        ("main.py", "a." * 200_000 + "a"),
        ("main.py", "print 'Python 2'\n"),
        ("main.py", "\x00"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_drafted(tmp_path: Path, name: str, content: str) -> None:
    found = drafted(tmp_path, {"Dockerfile": "FROM x:1\nENV FUNCTION=safe\n", name: content})
    assert ("adopt.unread-file", name) in {one[:2] for one in traps(found)}
    assert values(found)["code"] == "safe"


@pytest.mark.parametrize(
    "content", ["- a\n- b\n", "services: [x]\n", "text\n", "services:\n  a:\n    environment: 3\n"]
)
@pytest.mark.parametrize("name", ["captain.yml", "tests/docker-compose.yml"])
def test_yaml_of_another_form_says_nothing(tmp_path: Path, name: str, content: str) -> None:
    assert values(drafted(tmp_path, {"Dockerfile": "FROM x:1\n", name: content}))["code"] == "one"


@pytest.mark.parametrize(
    "meta", ["{", "[1]", '{"a": 3}', '{"a": {"type": ["real"]}}', '{"a": {"type": "real"}}}']
)
def test_metadata_of_tests_in_any_form(tmp_path: Path, meta: str) -> None:
    environment = json.dumps({"PARAM_variables": "a", "PARAM_meta": meta})
    files = {"Dockerfile": "FROM x:1\n", "tests/docker-compose.yml": f"a: {{environment: {environment}}}\n"}
    assert "adopt.tests-metadata" in {one[0] for one in traps(drafted(tmp_path, files))}


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("FROM x:1\nENV FUNCTION=stolen\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "stolen.py").write_text('os.getenv("MODEL_PARAM_stolen")\n')
    folder = written(tmp_path / "one", {"main.py": "pass\n"})
    (folder / "Dockerfile").symlink_to(tmp_path / "secret")
    (folder / "source").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    found = drafted(tmp_path, {})
    assert found["left_out"] == ["Dockerfile", "loop", "pipe", "source"]
    assert "stolen" not in json.dumps(found)
    assert sorted(path.name for path in document(tmp_path).parent.iterdir()) == [
        "__init__.py",
        "algorithm.yaml",
        "main.py",
    ]


HOSTILE = 'a"\\\n#: {x}\x1b[31m\u202e \U0001f600 \x85 - !!python/object:x'


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "one",
        {
            "Dockerfile": f"FROM x:1\nLABEL org.label-schema.description={json.dumps(HOSTILE)}\n",
            "README.md": f"# yes: {HOSTILE}\n\nAnd {HOSTILE}\n",
            "main.py": f"parameters.get('k', {HOSTILE!r})\nparameters.get('a: b')\n",
        },
    )
    (folder / "\x1b[31m\n.py").write_text("import pickle\n")
    result = adopt("one", cwd=tmp_path)
    assert result.returncode == 0
    assert not any(mark in result.stdout for mark in ("\x1b", "\u202e", "\x85"))
    algorithm = metadata.parse(metadata.read_file(document(tmp_path)))
    assert algorithm.label.startswith('yes: a"')
    assert [one.code for one in algorithm.parameters] == ["k"]


@pytest.mark.parametrize(
    "value", ["no", "Null", "1", "1e5", "a: b", "a #b", "- a", "x ", "", "é", "\\", '"', "*a", "1:30", "~"]
)
def test_every_text_is_read_back_as_it_was(value: str) -> None:
    document = metadata.read_document(f"a: {text.scalar(value)}  # x\n", "x", syntax="yaml")
    assert document.data == {"a": value}


def test_a_code_for_any_folder_name(tmp_path: Path) -> None:
    for name in ("42", "-x-", "ä ö", "a" * 100, "$(id)", "\udc80"):
        found = drafted(tmp_path, {"Dockerfile": "FROM x:1\n"}, "--output", f"out {name}", name=f"./{name}")
        assert not found["blockers"], found["blockers"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    written(tmp_path / "one", PYTHON)
    taken = written(tmp_path / "one-algoreg", {"mine": "x"})
    result = adopt("one", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "is there already, and not empty" in result.stderr
    assert [path.name for path in taken.iterdir()] == ["mine"]


def test_an_empty_folder_may_be_named(tmp_path: Path) -> None:
    written(tmp_path / "one", PYTHON)
    (tmp_path / "new").mkdir()
    assert adopt("one", "--output", "new", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "algoreg_python_near",
        "pyproject.toml",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "is no folder"),
        (("one", "--output", "one/out"), "lies in the folder that is adopted"),
        (("one", "--output", "absent/out"), "cannot make absent/out"),
        (("one", "--output", "one/Dockerfile"), "is there already"),
        (("plugin",), "may be a plugin already"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    written(tmp_path / "one", PYTHON)
    written(tmp_path / "plugin", {"algorithm.yaml": "contract: 1\n"})
    before = sorted(tmp_path.rglob("*"))
    result = adopt(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "hint:" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_of_a_whole_repository_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "one", {f"{number}.csv": "" for number in range(2001)})
    with pytest.raises(UsageError, match="more than 2000 files"):
        adopting.adopt(folder, None)
    (folder / "0.csv").unlink()
    adopting.adopt(folder, None)


def test_a_very_deep_folder_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "one", PYTHON)
    os.makedirs(folder / "/".join("a" * 40))
    with pytest.raises(UsageError, match="nested deeper"):
        adopting.adopt(folder, None)


def test_nobody_becomes_root_by_a_copy(tmp_path: Path) -> None:
    folder = written(tmp_path / "one", PYTHON)
    (folder / "near.py").chmod(0o6755)
    (folder / "README.md").chmod(0o666)
    adopting.adopt(folder, None)
    package = document(tmp_path).parent
    modes = {path.name: path.stat().st_mode & 0o7111 for path in package.iterdir() if path.is_file()}
    assert (modes["near.py"], modes["README.md"]) == (0o111, 0)


def test_a_plugin_behind_a_link_is_not_looked_at(tmp_path: Path) -> None:
    """A lint would take a plugin beside a Dockerfile for the algorithm's own."""
    written(tmp_path / "other", {"algorithm.yaml": "code: stolen\n", "stolen.sh": "python x.py || true\n"})
    folder = written(
        tmp_path / "one", {"Dockerfile": 'FROM x:1\nCOPY stolen.sh /\nENTRYPOINT ["/stolen.sh"]\n'}
    )
    (folder / "sub").symlink_to(tmp_path / "other")
    found = drafted(tmp_path, {})
    assert "entrypoint.exit-code-lost" not in {one[0] for one in traps(found)}
    assert ("dockerfile.copy-absent", "Dockerfile", 2) in traps(found)


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_half_a_draft_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    folder = written(tmp_path / "one", PYTHON)
    written_texts = []

    def full(path: Path, content: str, **_: object) -> None:
        written_texts.append(path.name)
        raise failure

    monkeypatch.setattr(files, "write", full)
    with pytest.raises((UsageError, KeyboardInterrupt)):
        adopting.adopt(folder, None)
    assert written_texts
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_that_cannot_be_copied_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "one", PYTHON)
    monkeypatch.setattr(
        adopting.shutil, "copyfile", lambda *_a, **_k: (_ for _ in ()).throw(PermissionError(13, "no"))
    )
    with pytest.raises(UsageError, match="cannot make"):
        adopting.adopt(folder, None)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_that_cannot_be_read_is_the_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "one", PYTHON)
    source = folder / "Dockerfile"
    evidence = adopting.reading.evidence

    def read_and_lost(*arguments: Any) -> Any:
        found = evidence(*arguments)
        source.unlink()
        return found

    monkeypatch.setattr(adopting.reading, "evidence", read_and_lost)
    with pytest.raises(UsageError, match=r"cannot read .*Dockerfile: No such file"):
        adopting.adopt(folder, None)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
