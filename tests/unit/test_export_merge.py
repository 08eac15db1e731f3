"""Merging into a file that people keep: the registry's values arrive, and not a byte besides changes."""

import re
from pathlib import Path

import pytest
from export_samples import algorithm, registry_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhocon import ConfigFactory

from algoreg.errors import UsageError
from algoreg.export import configuration, dialects, merge, reading
from algoreg.export.configuration import Configuration
from algoreg.export.dialects import DIALECTS

NEW = "2.0"


def wanted(*codes: str, dialect: str = "woken-2017-12") -> Configuration:
    known = registry_of(*(algorithm(code, version=NEW) for code in codes or ("knn",)))
    return configuration.configuration(known, dialect=dialects.named(dialect))


def merged(tmp_path: Path, text: str, *codes: str, dialect: str = "woken-2017-12") -> str:
    path = tmp_path / "application.conf"
    path.write_bytes(text.encode())
    before = path.read_bytes()
    result = merge.merge(path, wanted(*codes, dialect=dialect)).text
    assert path.read_bytes() == before
    return result


SHAPES = {
    "nested": (
        'algorithms {\n  knn {\n    dockerImage = "a/knn:1" # ours\n    predictive = no\n  }\n}\n',
        'algorithms {\n  knn {\n    dockerImage = "example/knn:2.0" # ours\n    dockerImage = ${?KNN_IMAGE}\n'
        "    predictive = true\n  }\n}\n",
    ),
    "with an override": (
        'algorithms {\n  knn {\n    dockerImage = "a/knn:1"\n    dockerImage = ${?OLD}\n'
        "    predictive = true\n  }\n}\n",
        'algorithms {\n  knn {\n    dockerImage = "example/knn:2.0"\n    dockerImage = ${?OLD}\n'
        "    predictive = true\n  }\n}\n",
    ),
    "dotted object": (
        'algorithms.knn { dockerImage = "a/knn:1"\n predictive : false }\n',
        'algorithms.knn { dockerImage = "example/knn:2.0"\ndockerImage = ${?KNN_IMAGE}\n predictive : true }\n',
    ),
    "equals and braces": (
        'algorithms { knn = {dockerImage : "a/knn:1", predictive: true} }',
        'algorithms { knn = {dockerImage : "example/knn:2.0", dockerImage = ${?KNN_IMAGE}, predictive: true} }',
    ),
    "dotted keys": (
        'algorithms.knn.dockerImage = "a/knn:1"\r\nalgorithms.knn.predictive = off\r\n',
        'algorithms.knn.dockerImage = "example/knn:2.0"\r\nalgorithms.knn.dockerImage = ${?KNN_IMAGE}\r\n'
        "algorithms.knn.predictive = true\r\n",
    ),
    "a key is missing": (
        'algorithms {\n\tknn {\n\t\tdockerImage = "a/knn:1"\n\t\tdockerImage = ${?KNN_IMAGE}\n\t}\n}',
        'algorithms {\n\tknn {\n\t\tdockerImage = "example/knn:2.0"\n\t\tdockerImage = ${?KNN_IMAGE}\n'
        "\t\tpredictive = true\n\t}\n}",
    ),
    "nothing in it": (
        "algorithms { knn { } }\n",
        'algorithms { knn { \n  dockerImage = "example/knn:2.0"\n  dockerImage = ${?KNN_IMAGE}\n'
        "  predictive = true\n} }\n",
    ),
    "another algorithm": (
        "algorithms {\r\n  tree { a = 1 }\r\n}\r\n# end",
        'algorithms {\r\n  tree { a = 1 }\r\n  knn {\r\n    dockerImage = "example/knn:2.0"\r\n'
        "    dockerImage = ${?KNN_IMAGE}\r\n    predictive = true\r\n  }\r\n}\r\n# end",
    ),
    "no algorithms": (
        "\ufeffakka { }",
        '\ufeffakka { }\nalgorithms {\n  knn {\n    dockerImage = "example/knn:2.0"\n'
        "    dockerImage = ${?KNN_IMAGE}\n    predictive = true\n  }\n}\n",
    ),
    "a key in quotes": (
        '"algorithms" { knn { "dockerImage" = "a", predictive = yes } }',
        '"algorithms" { knn { "dockerImage" = "example/knn:2.0", dockerImage = ${?KNN_IMAGE}, predictive = true } }',
    ),
    "braces around all": (
        "{\n  akka = 1\n}\n",
        '{\n  akka = 1\n  algorithms {\n    knn {\n      dockerImage = "example/knn:2.0"\n'
        "      dockerImage = ${?KNN_IMAGE}\n      predictive = true\n    }\n  }\n}\n",
    ),
    "empty": (
        "",
        'algorithms {\n  knn {\n    dockerImage = "example/knn:2.0"\n    dockerImage = ${?KNN_IMAGE}\n'
        "    predictive = true\n  }\n}\n",
    ),
    "quotes, blocks and comments": (
        '// } {\n# "\nx = "}{ # //"\ny = """a " } "" b"""\nalgorithms { knn { dockerImage = a/knn // }\n'
        " predictive = true\n}}",
        '// } {\n# "\nx = "}{ # //"\ny = """a " } "" b"""\nalgorithms { knn { dockerImage = "example/knn:2.0" // }\n'
        "dockerImage = ${?KNN_IMAGE}\n predictive = true\n}}",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_file(tmp_path: Path, shape: str) -> None:
    before, after = SHAPES[shape]
    assert merged(tmp_path, before) == after
    assert merged(tmp_path, after) == after


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_generation_into_what_another_wrote(tmp_path: Path, dialect: str) -> None:
    old = configuration.single(wanted("knn", "tree", dialect="woken-2017-12")).replace(NEW, "1.0")
    path = tmp_path / "application.conf"
    here = wanted("knn", "forest", dialect=dialect)
    if dialect == "woken-2017":
        old += 'defaultSettings.request.functions.knn.image = "old/knn:1"\n'
    path.write_text(old)
    path.write_text(merge.merge(path, here).text)
    declared = reading.read(path, dialect=here.dialect).algorithms
    for code in ("knn", "forest"):
        assert {key: declared[code].values[key] for key in here.keys} == here.values(code)
    tree = ConfigFactory.parse_file(path)
    assert tree["algorithms.tree.dockerImage"] == "example/tree:1.0"
    assert merge.merge(path, here).edits == ()


REFUSED = {
    "two literals": (
        'algorithms.knn.dockerImage = "a"\nalgorithms.knn.dockerImage = "b"',
        ":2: .*said twice",
    ),
    "joined": ('algorithms.knn.dockerImage = ${host}"/knn:1"\nhost = a', ":1: .*not written as one value"),
    "referred": ("algorithms.knn.dockerImage = ${host}\nhost = a", ":1: .*not written as one value"),
    "appended": ('algorithms.knn.predictive += "b"', ":1: .*not written as one value"),
    "literal behind the override": (
        'algorithms.knn { dockerImage = ${?A}\n dockerImage = "a" }',
        ":2: .*lost",
    ),
    "only an override": ("algorithms.knn { dockerImage = ${?A} }", ":1: .*no default"),
    "an object of parts": ("base { }\nalgorithms { knn = ${base} { } }", ":2: .*not written as one object"),
    "a text for the algorithm": ("algorithms { knn = 3 }", ":1: .*not written as one object"),
    "a text for all": ("algorithms = 3", ":1: .*not written as one object"),
    "a list for the image": ("algorithms.knn.dockerImage = [a]", ":1: .*not written as one value"),
    "no HOCON": ("a {\nb = }", ":2: "),
    "not closed": ("a {\nb = 1", ":2: a brace is not closed"),
    "a text without end": ('a = 1\nb = "x', ":2: "),
    "included": ('include "other.conf"', "other.conf:1: .*included file"),
    "by address": ('include url("http://localhost:9/x")', ":1: .*no text is fetched"),
    "beyond pyhocon": ('algorithms."k n" { }', ":1: pyhocon cannot read it"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_certain_is_refused_with_its_place(tmp_path: Path, case: str) -> None:
    text, said = REFUSED[case]
    (tmp_path / "other.conf").write_text('algorithms.knn.dockerImage = "x"')
    with pytest.raises(UsageError, match=said):
        merged(tmp_path, text)


def test_a_later_file_that_wins_is_seen(tmp_path: Path) -> None:
    (tmp_path / "late.conf").write_text("algorithms = null")
    with pytest.raises(UsageError, match=r"late\.conf"):
        merged(tmp_path, 'algorithms { knn { dockerImage = "a" } }\ninclude "late.conf"\n')


UNREAD = {
    "outside": 'include "../secret.conf"',
    "missing": 'include "nowhere.conf"',
    "among the algorithms": 'algorithms { include "nowhere.conf" }',
    "in an algorithm": 'algorithms.knn { include file("nowhere.conf") }',
    "of an included file": 'include "more.conf"',
}


@pytest.mark.parametrize("case", UNREAD)
def test_an_include_that_was_not_read_may_override(tmp_path: Path, case: str) -> None:
    (tmp_path / "more.conf").write_text('x = 1\ninclude "nowhere.conf"')
    with pytest.raises(
        UsageError, match=r":[12]: includes .* was not read: .*; nothing was written"
    ) as refused:
        merged(tmp_path, f'algorithms.knn.dockerImage = "a"\n{UNREAD[case]}\n')
    assert refused.value.hint


def test_an_include_that_cannot_reach_the_algorithms_stays(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text('x = 1\ninclude "nowhere.conf"')
    text = 'db { include "../secret.conf" }\nakka { include "more.conf" }\n'
    assert merged(tmp_path, text).startswith(text)


@pytest.mark.parametrize(
    ("text", "dialect", "other"),
    [
        ("defaultSettings.request.functions { knn { image = a } }", "woken-2019", "woken-2017"),
        ("algorithms.knn { dockerImage = a }", "woken-2017", "woken-2019"),
    ],
)
def test_what_the_reader_would_not_look_at_is_not_written(
    tmp_path: Path, text: str, dialect: str, other: str
) -> None:
    with pytest.raises(UsageError, match=rf":1: .*{dialect} does not look; nothing was written") as refused:
        merged(tmp_path, text, dialect=dialect)
    assert f"--dialect {other}" in refused.value.hint


def test_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "application.json").write_text("{}")
    with pytest.raises(UsageError, match="JSON"):
        merge.merge(tmp_path / "application.json", wanted())


def test_a_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "application.conf").write_bytes(b"a = 1\nb = \xff")
    with pytest.raises(UsageError, match=":2: the text is not UTF-8"):
        merge.merge(tmp_path / "application.conf", wanted())


NOISE = st.sampled_from(
    [
        "",
        '# knn { } "',
        "// algorithms {",
        'akka { actor { x = "}" } }',
        "list = [1, 2, { a = b }]",
        'text = """algorithms { knn { dockerImage = "old" } }"""',
        "other : true # yes",
        "  \t",
        'db.woken { password = "p#{w", user = ${?DB_USER} }',
    ]
)
TRUTHS = ["true", "false", "yes", '"true"']
LITERALS = ['"old/knn:1"', "old/knn", '"""old/knn:1"""']


@st.composite
def installations(draw: st.DrawFn) -> str:
    noise = [draw(NOISE) for _ in range(4)]
    image = [f"dockerImage {draw(st.sampled_from('=:'))} {draw(st.sampled_from(LITERALS))}"]
    image += ["dockerImage = ${?SOME_IMAGE}"] * draw(st.booleans())
    flags = [f"predictive={draw(st.sampled_from(TRUTHS))}"] * draw(st.booleans())
    own = draw(st.permutations([*flags, "maturity = beta"]))
    tree = 'tree { dockerImage = "t:1", predictive = true } # tree'
    shape = draw(st.sampled_from(["nested", "dotted", "keys", "none"]))
    fields = [*image, *own] if draw(st.booleans()) else [*own, *image]
    block = {
        "nested": ["algorithms {", tree, "knn {", *fields, "}", noise[3].replace("old", "new"), "}"],
        "dotted": [f"algorithms.{tree}", "algorithms.knn = {", *fields, "} // knn"],
        "keys": [*(f"algorithms.knn.{field}" for field in fields), f"algorithms.{tree}"],
        "none": [tree],
    }[shape]
    lines = [noise[0], noise[1], *block, noise[2]]
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    return eol.join(lines) + eol * draw(st.booleans())


@given(installations(), st.sampled_from(["woken-2019", "woken-2017-12", "woken-2018-01"]))
@settings(deadline=None, max_examples=30)
def test_every_byte_that_is_not_of_the_algorithm_stays(
    tmp_path_factory: pytest.TempPathFactory, text: str, dialect: str
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    after = merged(folder, text, "knn", "forest", dialect=dialect)
    # What the merge may touch: values of our keys, and lines of our keys and of the new algorithm
    names = "|".join(wanted(dialect=dialect).keys)
    line = re.compile(rf"^(\s*(algorithms\.knn\.)?({names})\s*[=:]\s*).*$")
    kept = [line.sub(r"\g<1>V", one.rstrip("\r")) for one in text.split("\n")]
    found = iter(line.sub(r"\g<1>V", one.rstrip("\r")) for one in after.split("\n"))
    assert all(one in found for one in kept if one), "the lines of the file, in their order"
    eol = "\r\n" if "\r\n" in text else "\n"
    assert after.replace(eol, "").count("\n") == after.replace(eol, "").count("\r") == 0
    assert merged(folder, after, "knn", "forest", dialect=dialect) == after


@given(st.text('abc{}="#\n \r\\$?:,[]', max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_text_is_merged_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        after = merged(folder, text)
    except UsageError:
        return
    (folder / "application.conf").write_bytes(after.encode())
    assert reading.read(folder / "application.conf").algorithms["knn"].image == "example/knn:2.0"


def test_a_check_tells_the_edits(tmp_path: Path) -> None:
    path = tmp_path / "application.conf"
    path.write_text('x = 1\nalgorithms.knn { dockerImage = "a", predictive = true }')
    merged = merge.merge(path, wanted())
    assert [(one.expected, one.got) for one in merge.differences(merged)] == [
        ('"example/knn:2.0"', '"a"'),
        (", dockerImage = ${?KNN_IMAGE}", ""),
    ]
    assert list(merge.diff(merged)) == [
        f"--- {path}",
        f"+++ {path} (merged)",
        "@@ -1,2 +1,2 @@",
        " x = 1",
        '-algorithms.knn { dockerImage = "a", predictive = true }',
        '+algorithms.knn { dockerImage = "example/knn:2.0", dockerImage = ${?KNN_IMAGE}, predictive = true }',
    ]


def test_a_merge_that_changes_nothing_shows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "application.conf"
    path.write_text("x = 1\r\n", newline="")
    path.write_text(merge.merge(path, wanted()).text, newline="")
    assert list(merge.diff(merge.merge(path, wanted()))) == []
