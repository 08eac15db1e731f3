"""``algoreg adopt`` on miniature folders in the older form: what is read, what is guessed, what is warned of."""

import contextlib
import io
import json
import re
import runpy
import signal
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from algoreg import build, metadata, registry
from algoreg.cli import errors
from algoreg.cli.app import app

PYTHON = {
    "Dockerfile": """\
FROM hbpmip/python-base-build:0.4.5
COPY near.py /src/near.py

FROM hbpmip/python-mip-sklearn:0.3.6
ENV DOCKER_IMAGE=hbpmip/python-near:0.3.0 \\
    FUNCTION=python-near
COPY near.py /near.py
ENTRYPOINT ["python", "/near.py"]
LABEL org.label-schema.name="hbpmip/python-near" \\
      org.label-schema.description="Near rows vote: it's simple" \\
      org.label-schema.version="$VERSION"
""",
    "captain.yml": "target_image:\n  build: Dockerfile\n  image: hbpmip/python-near\n  test: [./tests/test.sh]\n",
    "near.py": """\
import argparse
import jsonpickle
from mip_helper import io_helper, shapes
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

WEIGHTS = "weights"


def compute(inputs):
    parameters = {x["name"]: x["value"] for x in inputs["parameters"]}
    k = int(parameters.get("n_neighbors", 5))
    weights = get_parameter(inputs["parameters"], WEIGHTS, "uniform")
    io_helper.save_results("{}", "", shapes.Shapes.PFA)


parser = argparse.ArgumentParser()
parser.add_argument("compute")
parser.add_argument("--mode", choices=["intermediate", "aggregate"])
parser.add_argument("--job-id")
""",
    "tests/docker-compose.yml": """\
---
version: '2'
services:
  db:
    image: postgres:9.6
    restart: no
  near:
    image: "hbpmip/python-near:latest"
    environment:
      PARAM_variables: "score"
      PARAM_covariables: "age,group"
      PARAM_meta: '{"score": {"type": "real"}, "age": {"type": "string"}, "Group": {"type": "binominal"}}'
      PARAM_query: "SELECT * FROM t LIMIT 100"
      MODEL_PARAM_k: 2
""",
    "tests/test.sh": "$DOCKER_COMPOSE run near compute\n",
    "README.md": "[![badge](x)](y)\n\n# Nearest neighbours\n\nNear rows predict.\n",
}

GOLDEN = """\
# Drafted by algoreg adopt from python-near. Behind each value: the file and line it was read from, or
# "guess" where nothing settles it. Check the guesses, then remove these comments.
contract: 1                                     # this algoreg's
code: python-near                               # Dockerfile:6: ENV FUNCTION
label: Nearest neighbours                       # guess: README.md:3: what people see; the heading
description: "Near rows vote: it's simple"      # guess: Dockerfile:10: LABEL org.label-schema.description
image: hbpmip/python-near                       # Dockerfile:5: ENV DOCKER_IMAGE
version: "0.3.0"                                # Dockerfile:5: ENV DOCKER_IMAGE
predictive: true                                # guess: its result is PFA; false if that predicts nothing
interactive: false                              # guess: true exactly when it speaks train and test
entrypoints: [compute]                          # near.py:17: takes the command compute
tasks: [classification, regression]             # guess: near.py:4: imports KNeighborsClassifier
variables_can_be_null: false                    # guess: callers filter rows whose variable is NULL
covariables_can_be_null: false                  # guess: true needs a program that takes NULL
parameters:
  - code: n_neighbors                           # near.py:11: reads the parameter n_neighbors
    type: integer                               # guess: by the default
    default_value: 5                            # near.py:11: reads the parameter n_neighbors
  - code: weights                               # near.py:12: reads the parameter weights
    type: string                                # guess: by the default
    default_value: uniform                      # near.py:12: reads the parameter weights
federated: false                                # guess: near.py:18: it has both modes; true promises that the parts' \
aggregate equals the whole table's result
result: pfa                                     # near.py:13: Shapes.PFA
deterministic: true                             # guess: false where two runs of one seed may differ
maturity: experimental                          # guess: until it is validated
type: [predictive_model]                        # guess: the catalogue's category
environment: Python                             # Dockerfile:4: FROM hbpmip/python-mip-sklearn:0.3.6
"""

R = {
    "Dockerfile": "FROM hbpmip/r-mip:0.5.1\nENV DOCKER_IMAGE=hbpmip/r-line:0.1.0 FUNCTION=r-line\nCOPY main.R /src/\n",
    "main.R": """\
#  Sys.getenv("PARAM_told_in_a_comment")
degree <- Sys.getenv("MODEL_PARAM_degree", "2.5")
extra <- Sys.getenv("PARAM_covariables1")
host <- Sys.getenv('IN_DB_HOST')
saveResults(model, fn = 'r-line', shape = 'pfa')
""",
    "tests/docker-compose.yml": """\
line:
  image: hbpmip/r-line:0.1.0
  environment:
    - PARAM_variables=group
    - PARAM_meta={"group":{"type":"polynominal"}}
""",
}

JAVA = {
    "Dockerfile": """\
FROM hbpmip/java-base-build:3.5.0 as build-java-env
COPY src/ /project/src
FROM hbpmip/java-rapidminer
ENV DOCKER_IMAGE=hbpmip/java-tree:latest FUNCTION=java-tree MODEL_PARAM_kind=tree
COPY --from=build-java-env /project/tree.jar /usr/share/jars/tree.jar
""",
    "captain.yml": "tree:\n  build: Dockerfile\n  image: hbpmip/java-forest\n",
    ".bumpversion.cfg": "[bumpversion]\ncurrent_version = 1.2.3\n",
    "src/main/java/Tree.java": """\
class Tree {
    // System.getenv("PARAM_comment")
    static final Map<String, String> PARAMS = Collections.singletonMap("depth", "4");
    Map<String, String> get() { return Configuration.INSTANCE.algorithmParameterValues(PARAMS); }
    void save() { save(ResultsFormat.PFA_JSON); }
}
""",
}


@dataclass
class Result:
    returncode: int
    stdout: str
    stderr: str


def adopt(*arguments: str, cwd: Path) -> Result:
    """The command in this process, by the door that every command goes through."""
    out, err, before = io.StringIO(), io.StringIO(), signal.getsignal(signal.SIGTERM)
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = errors.run(lambda: app()(["adopt", *arguments]))
    signal.signal(signal.SIGTERM, before)
    return Result(code, out.getvalue(), err.getvalue())


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def drafted(tmp_path: Path, files: dict[str, str], *options: str, name: str = "one") -> dict[str, Any]:
    """The draft as JSON; the folder must have stayed as it was."""
    folder = written(tmp_path / name, files)
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    result = adopt(name, "--format", "json", *options, cwd=tmp_path)
    assert result.returncode in (0, 1), result.stderr
    assert {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()} == before
    found: dict[str, Any] = json.loads(result.stdout)
    assert found["schema"] == "algoreg-adopt/1"
    return found


def values(found: dict[str, Any]) -> dict[str, Any]:
    return {one["field"]: one["value"] for one in found["fields"]}


def traps(found: dict[str, Any]) -> set[tuple[str, str, int | None]]:
    return {(one["id"], one["file"], one["line"]) for one in found["traps"]}


def document(tmp_path: Path) -> Path:
    return registry.document_in(
        next(tmp_path.glob("*-algoreg")) / next(tmp_path.glob("*-algoreg/algoreg_*")).name
    )


def test_the_draft_says_of_every_line_where_it_comes_from(tmp_path: Path) -> None:
    written(tmp_path / "python-near", PYTHON)
    result = adopt("python-near", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert document(tmp_path).read_text(encoding="utf-8") == GOLDEN


def test_the_summary_has_what_was_read_guesses_traps_and_the_next_commands(tmp_path: Path) -> None:
    written(tmp_path / "python-near", PYTHON)
    lines = adopt("python-near", cwd=tmp_path).stdout.splitlines()
    assert lines[0] == "python-near: 11 fields were read, 13 are guesses, 8 traps were seen"
    assert "  near.py:19: it declares --job-id; callers write --job-ids A B [adopt.job-id-singular]" in lines
    assert lines[-3:] == [
        "  algoreg lint python-near-algoreg",
        "  algoreg build python-near-algoreg",
        "  algoreg validate hbpmip/python-near:0.3.0",
    ]


def test_traps_of_a_python_image(tmp_path: Path) -> None:
    compose = "tests/docker-compose.yml"
    assert traps(drafted(tmp_path, PYTHON)) == {
        ("adopt.evaluated-text", "near.py", 2),
        ("adopt.job-id-singular", "near.py", 19),
        ("adopt.tests-metadata", compose, 12),
        ("adopt.unordered-query", compose, 13),
        ("adopt.tests-take-latest", compose, 8),
        ("adopt.parameter-unread", compose, 14),
        ("dockerfile.root", "Dockerfile", 4),
        ("dockerfile.label-without-arg", "Dockerfile", 11),
    }


def test_an_r_image(tmp_path: Path) -> None:
    found = drafted(tmp_path, R)
    expected = {
        "code": "r-line",
        "environment": "R",
        "result": "pfa",
        "tasks": ["classification"],
        "constraints": {
            "variable": {"real": False, "integer": False, "binominal": True, "polynominal": True}
        },
        "parameters.degree.type": "number",
        "parameters.degree.default_value": 2.5,
    }
    assert {key: values(found)[key] for key in expected} == expected
    assert traps(found) >= {
        ("adopt.inherited-entrypoint", "Dockerfile", 1),
        ("adopt.unsent-variable", "main.R", 3),
        ("adopt.unsent-variable", "main.R", 4),
        ("adopt.encoded-twice", "main.R", 5),
    }
    assert "comment" not in json.dumps(found)


def test_a_java_image(tmp_path: Path) -> None:
    found = drafted(tmp_path, JAVA)
    expected = {
        "image": "hbpmip/java-tree",
        "version": "1.2.3",
        "environment": "Java",
        "result": "pfa",
        "parameters.depth.type": "integer",
        "parameters.depth.default_value": 4,
    }
    assert {key: values(found)[key] for key in expected} == expected
    assert traps(found) >= {
        ("adopt.names-disagree", "captain.yml", 3),
        ("adopt.parameter-in-image", "Dockerfile", 4),
        ("dockerfile.untagged-parent", "Dockerfile", 3),
    }
    assert "comment" not in json.dumps(found)


@pytest.mark.parametrize("files", [PYTHON, R, JAVA], ids=["python", "r", "java"])
@pytest.mark.parametrize("options", [(), ("--port",)], ids=["kept", "port"])
def test_every_draft_is_valid_and_can_be_put_together(
    tmp_path: Path, files: dict[str, str], options: tuple[str, ...]
) -> None:
    found = drafted(tmp_path, files, *options)
    path = document(tmp_path)
    assert found["blockers"] == []
    algorithm = metadata.parse(metadata.read_file(path))
    assert algorithm.interactive == bool(options)
    with tarfile.open(fileobj=io.BytesIO(build.context_of(path.parent))) as context:
        names = set(context.getnames())
    assert names >= (
        {"Dockerfile", f"program/{path.parent.name}/program.py"}
        if options
        else {name for name in files if name[0] != "."}
    )


def test_an_image_that_is_kept_is_built_from_the_files_that_it_was_built_from(tmp_path: Path) -> None:
    drafted(tmp_path, PYTHON)
    package = document(tmp_path).parent
    copied = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert copied == {*PYTHON, "algorithm.yaml", "__init__.py"}
    assert (package / "Dockerfile").read_text() == PYTHON["Dockerfile"]


def test_a_port_without_estimators_says_what_is_missing(tmp_path: Path) -> None:
    drafted(tmp_path, R, "--port")
    source = (document(tmp_path).parent / "program.py").read_text()
    compile(source, "program.py", "exec")
    assert "raise NotImplementedError" in source


def test_a_port_begins_with_the_estimators_that_the_source_names(tmp_path: Path) -> None:
    more = {"model.py": "KNeighborsRegressor(n_neighbors=k, n_jobs=2)\n"}
    drafted(tmp_path, PYTHON | more, "--port")
    package = document(tmp_path).parent
    source = (package / "program.py").read_text()
    compile(source, "program.py", "exec")
    assert "from sklearn.neighbors import KNeighborsClassifier\n" in source
    assert "job.parameters has: 'n_neighbors', 'weights'" in source
    assert "KNeighborsClassifier()" in source
    assert "KNeighborsRegressor(n_neighbors=job.parameters['n_neighbors'])" in source
    assert sorted(path.name for path in package.iterdir()) == [
        "__init__.py",
        "__main__.py",
        "algorithm.yaml",
        "program.py",
    ]


def test_the_hook_of_a_draft_names_its_metadata(tmp_path: Path) -> None:
    drafted(tmp_path, R)
    scope = runpy.run_path(str(document(tmp_path).with_name("__init__.py")))
    assert scope["algoreg_algorithms"]() == [document(tmp_path)]


def test_one_of_several_recipes(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM x:1\nENV FUNCTION=main\n",
        "Dockerfile.nb": "FROM x:1\nENV FUNCTION=bayes\n",
        "captain.yml": "a: {build: Dockerfile, image: some/main}\nb: {build: Dockerfile.nb, image: some/bayes}\n",
    }
    found = drafted(tmp_path, files, "--dockerfile", "Dockerfile.nb")
    assert (values(found)["code"], values(found)["image"]) == ("bayes", "some/bayes")
    assert (document(tmp_path).parent / "Dockerfile").read_text() == files["Dockerfile.nb"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {},
            {
                "code": "one",
                "image": "hbpmip/one",
                "version": "0.1.0",
                "entrypoints": ["compute"],
                "result": "json",
            },
        ),
        ({"Dockerfile": "FROM x:1\nENV FUNCTION='4 2'\n"}, {"code": "one"}),
        (
            {"main.py": 'open("input_training.json")\n'},
            {"entrypoints": ["train", "test"], "interactive": True},
        ),
        ({"main.py": 'import os\nos.environ["MODEL_PARAM_k"]\n'}, {"parameters.k.type": "string"}),
        ({"main.py": 'import os\nos.getenv("MODEL_PARAM_k", True)\n'}, {"parameters.k.default_value": True}),
        ({"main.py": 'save_results(x, "html")\n'}, {"result": "html", "predictive": False}),
        # The real repository's images in Java name themselves without the hub's account in one place, with it in two
        (
            {
                "Dockerfile": "FROM x:1\nENV DOCKER_IMAGE=near\nLABEL org.label-schema.name=hbpmip/near\n",
                "captain.yml": "near: {build: Dockerfile, image: hbpmip/near}\n",
            },
            {"image": "hbpmip/near"},
        ),
        (
            {"tests/docker-compose.yml": 'services: {check: {image: "hbpmip/pfa-validator:0.10.1"}}\n'},
            {"result": "pfa", "predictive": True},
        ),
        ({"main.R": 'saveResults(x, shape="pfa_yaml")\n'}, {"result": "pfa_yaml", "predictive": False}),
    ],
)
def test_what_is_missing_is_guessed(tmp_path: Path, files: dict[str, str], expected: dict[str, Any]) -> None:
    found = drafted(tmp_path, {"notes.txt": "", **files})
    assert {key: values(found)[key] for key in expected} == expected
    assert {one["field"] for one in found["fields"] if one["trust"] == "guess"} >= {"label", "maturity"}
    assert [one for one in found["blockers"] if "no Dockerfile" not in one] == []


def test_a_folder_without_dockerfile_is_drafted_and_blocked(tmp_path: Path) -> None:
    written(tmp_path / "one", {"main.py": "pass\n"})
    result = adopt("one", cwd=tmp_path)
    assert result.returncode == 1
    assert "what blocks it\n  there is no Dockerfile: nothing can be built" in result.stdout
    assert document(tmp_path).is_file()


def test_a_program_that_never_looks_at_its_command(tmp_path: Path) -> None:
    files = {"Dockerfile": 'FROM x:1\nENTRYPOINT ["python", "/a.py"]\n', "a.py": "compute()\n"}
    assert ("adopt.arguments-ignored", "a.py", None) in traps(drafted(tmp_path, files))
    files["a.py"] = "import sys\ncompute(sys.argv)\n"
    assert "adopt.arguments-ignored" not in {one[0] for one in traps(drafted(tmp_path, files, name="two"))}


def test_the_documentation_shows_what_is_written_and_printed(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/adopt.md").read_text(encoding="utf-8")
    written(tmp_path / "python-near", PYTHON)
    real = {*adopt("python-near", cwd=tmp_path).stdout.splitlines(), *GOLDEN.splitlines()}
    shown = [line for block in page.split("```text\n")[1:] for line in block.split("```")[0].splitlines()]
    assert len(shown) == 18
    assert [line for line in shown if line not in real] == []


def test_the_documentation_tells_of_every_trap(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    sources = "".join(path.read_text("utf-8") for path in (root / "registry/algoreg/adoption").glob("*.py"))
    ids = set(re.findall(r'id="(adopt\.[a-z-]+)"', sources))
    assert len(ids) == 13
    assert ids == set(re.findall(r"`(adopt\.[a-z-]+)`", (root / "docs/adopt.md").read_text("utf-8")))
