"""What Woken's own library reads in exported files is what the registry says, whatever the metadata hold."""

from __future__ import annotations

import json

import pytest

from support.typesafe import FOLDER, Question, Typesafe

pytestmark = pytest.mark.engine

IDIOM = 'algorithms { knn { dockerImage = "here/knn:1", dockerImage = ${?KNN_IMAGE}, predictive = true } }\n'
MAIN = 'include required("knn.conf")\n'
LENIENT = 'include "knn.conf"\n'
FILES = {"knn.conf": IDIOM, "application.conf": MAIN, "lenient.conf": LENIENT}


def image(value: dict[str, object]) -> object:
    knn = json.loads(json.dumps(value)).get("algorithms", {}).get("knn", {})
    return knn.get("dockerImage")


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
