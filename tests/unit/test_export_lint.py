"""What import-conf finds wrong: each defect in a file that holds it and no other, and none in a file without."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from algoreg.export import declarations
from algoreg.export.configuration import MARK
from algoreg.export.remarks import Severity

GOOD = """\
algorithms {
  knn {
    dockerImage = "hbpmip/python-knn:0.4.0"
    dockerImage = ${?PYTHON_KNN_IMAGE}
    predictive = true
    variablesCanBeNull = false
    covariablesCanBeNull = false
    engine = "Docker"
    distributedExecutionPlan = "map-reduce"
  }
}
"""
LINES = {line.split(" = ")[0].strip(): line for line in GOOD.splitlines() if " = " in line}
DIGEST = "@sha256:" + "0" * 64


def found(tmp_path: Path, text: str, dialect: str | None = None) -> declarations.Declarations:
    path = tmp_path / "application.conf"
    path.write_bytes(text.encode())
    return declarations.read(path, dialect=dialect, catalogue=None)


def test_a_good_file_has_no_remark(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD).remarks == ()


CASES = {
    "no image": ('    dockerImage = "hbpmip/python-knn:0.4.0"\n', "", "conf.missing-key", 2),
    "no flag": ("    predictive = true\n", "", "conf.missing-key", 2),
    "null flag": ("predictive = true", "predictive = null", "conf.missing-key", 2),
    "a number for a flag": ("predictive = true", "predictive = 1", "conf.type", 5),
    "capitals for a flag": ("predictive = true", "predictive = TRUE", "conf.type", 5),
    "a capital in quotes": ("predictive = true", 'predictive = "Yes"', "conf.type", 5),
    "nothing for a flag": ("predictive = true", 'predictive = ""', "conf.type", 5),
    "a list for the image": ('"hbpmip/python-knn:0.4.0"', "[a]", "conf.type", 3),
    "an object for the image": ('"hbpmip/python-knn:0.4.0"', "{ a = b }", "conf.type", 3),
    "an engine of old": ('"Docker"', '"WokenValidation"', "conf.engine", 8),
    "a misspelt plan": ('"map-reduce"', '"mapreduce"', "conf.plan", 9),
    "a key of another generation": ('engine = "Docker"', "supportsNullValues = true", "conf.ignored-key", 8),
    "a misspelt key": ('engine = "Docker"', "engin = Docker", "conf.ignored-key", 8),
    "no name of an image": ("hbpmip/python-knn:0.4.0", "HBPMIP/Python KNN", "conf.image", 3),
    "a digest alone": ("python-knn:0.4.0", f"python-knn{DIGEST}", "conf.job-name", 3),
    "no tag": ("python-knn:0.4.0", "python-knn", "conf.image-tag", 3),
    "latest": ("python-knn:0.4.0", "python-knn:latest", "conf.image-tag", 3),
    "a code with a dot": ("  knn {", '  "k.nn" {', "conf.code", 2),
    "an empty code": ("  knn {", '  "k$" {', "conf.code", 2),
    "no override": ("    dockerImage = ${?PYTHON_KNN_IMAGE}\n", "", "conf.no-override", 3),
    "an override that is lost": (
        "    predictive = true\n",
        '    predictive = true\n    dockerImage = "a/b:1"\n',
        "conf.override-lost",
        6,
    ),
    "a file that is not there": (
        "algorithms {",
        'include "nowhere.conf"\nalgorithms {',
        "conf.include-missing",
        1,
    ),
    "a required file that is not there": (
        "algorithms {",
        'include required("nowhere.conf")\nalgorithms {',
        "conf.include-missing",
        1,
    ),
    "a file elsewhere": (
        "algorithms {",
        'include "/etc/woken.conf"\nalgorithms {',
        "conf.include-outside",
        1,
    ),
    "a file of the working directory": (
        "algorithms {",
        'include file("empty.conf")\nalgorithms {',
        "conf.include-file",
        1,
    ),
    "a substitution in quotes": (
        "algorithms {",
        'x = "a/b:${?V}"\nalgorithms {',
        "conf.override-in-quotes",
        1,
    ),
    "the password sets the user": (
        "algorithms {",
        'basicAuth { password = "x", user = ${?WEB_SERVICES_PASSWORD} }\nalgorithms {',
        "conf.override-other-key",
        1,
    ),
    "a camel sets another": (
        "algorithms {",
        "db { jdbcUrl = a\n jdbcUser = b\n jdbcUser = ${?DB_JDBC_URL} }\nalgorithms {",
        "conf.override-other-key",
        3,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_defect_is_found_and_no_other(tmp_path: Path, case: str) -> None:
    old, new, identity, line = CASES[case]
    assert old in GOOD
    (tmp_path / "empty.conf").write_text("")
    told = found(tmp_path, GOOD.replace(old, new), "woken-2019").remarks
    assert [one.id for one in told] == [identity]
    assert told[0].where == f"{tmp_path / 'application.conf'}:{line}"
    assert told[0].consequence
    assert told[0].fix


@pytest.mark.parametrize("word", ["true", "false", "yes", "no", "on", "off"])
def test_words_that_the_library_takes_for_truth(tmp_path: Path, word: str) -> None:
    for written in (word, f'"{word}"'):
        assert found(tmp_path, GOOD.replace("predictive = true", f"predictive = {written}")).remarks == ()


def test_wokens_own_mistakes(tmp_path: Path) -> None:
    """The shapes in which its releases had them."""
    text = """\
basicAuth {
  password = "WAG"
  user = "admin"
  user = ${?WEB_SERVICES_PASSWORD}
}
algorithms {
  validation {
    dockerImage = "hbpmip/woken-validation:2.8.3"
    dockerImage = ${?VALIDATION_IMAGE}
    predictive = false
    variablesCanBeNull = true
    covariablesCanBeNull = true
    engine = "WokenValidation"
  }
  tSNE {
    dockerImage = "hbpmip/python-tsne:${?TSNE_VERSION}"
    predictive = false
    variablesCanBeNull = false
    covariablesCanBeNull = false
    maturity = "experimental"
  }
}
"""
    told = found(tmp_path, text)
    assert [(one.id, one.severity, int(one.where.rpartition(":")[2])) for one in told.remarks] == [
        ("conf.override-other-key", Severity.ERROR, 4),
        ("conf.override-in-quotes", Severity.ERROR, 16),
        ("conf.engine", Severity.ERROR, 13),
        ("conf.image", Severity.ERROR, 16),
        ("conf.ignored-key", Severity.WARNING, 20),
        ("conf.no-override", Severity.WARNING, 16),
    ]
    assert told.wrong


def test_what_is_written_for_people_is_no_remark_where_it_is_written(tmp_path: Path) -> None:
    text = GOOD.replace('engine = "Docker"', 'maturity = "beta"\n    interactive = true\n    maturities = 1')
    ours = f"# {MARK}\n{text}"
    every = {"knn has maturity", "knn has interactive", "knn has maturities"}
    told = {
        (name, written is ours): {one.message for one in found(tmp_path, written, name).remarks}
        for name in ("woken-2019", "woken-2018-03")
        for written in (text, ours)
    }
    assert told["woken-2019", True] == {"knn has maturities"}
    assert told["woken-2019", False] == every
    assert every <= told["woken-2018-03", True]
    assert every <= told["woken-2018-03", False]


def test_the_generation_decides_what_is_required(tmp_path: Path) -> None:
    text = 'algorithms { a { dockerImage = "a/b:1"\ndockerImage = ${?B_IMAGE}\npredictive = true } }'
    ids = {
        name: sorted(one.message for one in found(tmp_path, text, name).remarks)
        for name in ("woken-2017-12", "woken-2018-01", "woken-2018-03", "woken-2017")
    }
    assert ids == {
        "woken-2017-12": [],
        "woken-2018-01": ["a has no supportsNullValues"],
        "woken-2018-03": ["a has no covariablesCanBeNull", "a has no variablesCanBeNull"],
        "woken-2017": [],
    }


def algoreg(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from algoreg.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "application.conf"
    path.write_text(GOOD)
    shown = algoreg("import-conf", "application.conf", cwd=tmp_path)
    told = "read as woken-2019, which its keys tell; --dialect says otherwise\n"
    assert (shown.returncode, shown.stderr) == (0, told)
    named = algoreg("import-conf", "application.conf", "--dialect", "woken-2019", cwd=tmp_path)
    assert (named.returncode, named.stderr) == (0, "")
    assert shown.stdout.splitlines()[1].split() == [
        "knn",
        "hbpmip/python-knn:0.4.0",
        "PYTHON_KNN_IMAGE",
        "predictive=true,",
        "variablesCanBeNull=false,",
        "covariablesCanBeNull=false",
        "application.conf:2",
    ]
    path.write_text(GOOD.replace('"Docker"', '"\\u001b[2J"') + "x = 3 days\n")
    told = algoreg("import-conf", "application.conf", "--format", "json", cwd=tmp_path)
    document = json.loads(told.stdout)
    assert (told.returncode, document["schema"], document["dialect"]) == (
        1,
        "algoreg-installation/1",
        "woken-2019",
    )
    assert [one["id"] for one in document["remarks"]] == ["conf.engine"]
    assert document["algorithms"][0]["variables"] == {"dockerImage": "PYTHON_KNN_IMAGE"}
    assert "\x1b" not in algoreg("import-conf", "application.conf", cwd=tmp_path).stdout
    path.write_text("algorithms { a = ")
    broken = algoreg("import-conf", "application.conf", cwd=tmp_path)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "application.conf:1" in broken.stderr


def test_a_catalogue_is_compared_with_what_the_plugins_say(tmp_path: Path) -> None:
    compared = ("import-conf", "woken.conf", "--catalogue", "algorithms.json", "--format", "json")
    assert algoreg("export-conf", "--single", "woken.conf", cwd=tmp_path).returncode == 0
    assert algoreg("export-catalogue", "--output", "algorithms.json", cwd=tmp_path).returncode == 0
    same = algoreg(*compared, cwd=tmp_path)
    assert same.returncode == 0, same.stdout
    catalogue = tmp_path / "algorithms.json"
    told = json.loads(catalogue.read_text())
    told["algorithms"][0]["constraints"]["groupings"]["max_count"] = 3
    catalogue.write_text(json.dumps(told))
    before = json.loads(same.stdout)["remarks"]
    after = json.loads(algoreg(*compared, cwd=tmp_path).stdout)["remarks"]
    new = [remark for remark in after if remark not in before]
    assert ["groupings" in remark["where"] for remark in new] == [True], new
