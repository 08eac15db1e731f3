"""What pyhocon is handed cannot read, fetch, look at the environment or go on for ever; nor can what hides from us."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from algoreg.errors import UsageError
from algoreg.export import reading, sandbox, syntax


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and who connected to it."""
    seen: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                connection, peer = server.accept()
            except OSError:
                return
            seen.append(peer)
            connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], seen
        server.shutdown(socket.SHUT_RDWR)


TARGETS = (
    'url("{url}")',
    '"{url}"',
    'required(url("{url}"))',
    '"{file}"',
    'file("{file}")',
    'required(file("{file}"))',
    '"{file}*"',
    'package("os:path.py")',
)
HIDDEN = (
    "x = [ {{ include {0} }} ]",
    "z = {{ a = 1 }} {{ include {0} }}",
    "x = [[1, {{ a {{ b = [ {{ include {0} }} ] }} }}]]",
    "y {{ }}\nx = ${{y}} {{ include {0} }}",
    '"x"."y z" = {{ a = {{ }} {{ include {0} }} }}',
    "x += [ {{ include {0} }} ]",
)
DISGUISED = (
    "x = include {0}",
    "x = 1 include {0}",
    "x = INCLUDE {0}",
    "x = [ include {0} ]",
    "# \rinclude {0}",
    "x = a # \rInclude {0}\n",
)
"""What only pyhocon takes for an include, and plain ones."""
PYHOCON = "\nalgorithms.knn.predictive = null\n"


def _texts(forms: tuple[str, ...], port: int, canary: Path) -> Iterator[str]:
    for form in forms:
        for target in TARGETS:
            yield form.format(target.format(url=f"http://127.0.0.1:{port}/x", file=canary))


@pytest.mark.parametrize("forms", [HIDDEN, DISGUISED])
def test_no_include_hides_from_the_reader(
    tmp_path: Path, listener: tuple[int, list[object]], forms: tuple[str, ...]
) -> None:
    port, seen = listener
    canary = tmp_path / "canary"
    canary.write_text('canary = "seen"')
    path = tmp_path / "conf" / "application.conf"
    path.parent.mkdir()
    for text in _texts(forms, port, canary):
        path.write_bytes((text + PYHOCON).encode())
        with pytest.raises(UsageError) as refused:
            reading.everything(reading.read(path).sources)
        assert str(path) in refused.value.message
        assert forms is DISGUISED or "within a list or a joined value" in refused.value.message
        assert "seen" not in refused.value.message
    assert seen == []


def test_what_pyhocon_is_handed_is_read_from_nowhere_else(
    tmp_path: Path, listener: tuple[int, list[object]]
) -> None:
    port, seen = listener
    canary = tmp_path / "canary"
    canary.write_text('canary = "seen"')
    plain = ("include {0}", "a {{ include {0} }}", "Include {0}", *HIDDEN, *DISGUISED)
    for text in _texts(plain, port, canary):
        with pytest.raises(UsageError, match=r"application\.conf:.* pyhocon (would include|cannot)"):
            sandbox.parse(text, origin="application.conf")
    assert seen == []


def test_the_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "x")
    assert "SECRET_OF_MINE" in os.environ
    assert sandbox.parse("a = ${?SECRET_OF_MINE}", origin="o").get("a") is None
    for text in ("a = ${SECRET_OF_MINE}", "SECRET_OF_MINE = ${SECRET_OF_MINE}"):
        try:
            assert sandbox.parse(text, origin="o") != {"SECRET_OF_MINE": "x"}
        except UsageError:
            continue


def test_pyhocon_itself_stays_as_it_was() -> None:
    from pyhocon import config_parser

    before = dict(vars(config_parser))
    assert sandbox.parse("a = 1, b = ${a}", origin="o") == {"a": 1, "b": 1}
    assert all(vars(config_parser)[name] is value for name, value in before.items())


ENDLESS = {
    "refers to itself": ("x { a = 1 }\n" + "x = ${x} { b = 1 }\n" * 60, "refer to each other"),
    "a chain": (
        "".join(f"x{i} = ${{x{i + 1}}}\n" for i in range(300)) + "x300 = 1",
        "refer to each other",
    ),
    "doubled": (
        "x0 = " + "y" * 200 + "\n" + "".join(f"x{i + 1} = {f'${{x{i}}}' * 8}\n" for i in range(9)),
        "refer to each other",
    ),
    "long": ("x = 1 #" + "y" * sandbox.MAX_CHARACTERS, "characters"),
    "many": ("x.y = 1\n" * 1001, "more than 1000 fields"),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_the_work_has_an_end(case: str) -> None:
    text, said = ENDLESS[case]
    with pytest.raises(UsageError, match=f"application.conf: .*{said}") as refused:
        sandbox.parse(text, origin="application.conf")
    assert refused.value.hint


def test_a_value_has_few_parts(tmp_path: Path) -> None:
    path = tmp_path / "application.conf"
    path.write_text("a = 1\nx = " + "${?a}" * (syntax.MAX_PARTS + 1))
    with pytest.raises(UsageError, match=r"application\.conf:2: a value of more than 64 parts"):
        reading.read(path)
    path.write_text("a = 1\nx = " + "${?a}" * syntax.MAX_PARTS)
    assert reading.everything(reading.read(path).sources)["x"] == "1" * 64
