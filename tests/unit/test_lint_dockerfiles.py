"""Rules on Dockerfiles: each owns a recipe that breaks it, and a twin that keeps it; the place is told."""

from pathlib import Path

import pytest
from good_metadata import GOOD
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg.linting import dockerfile, sources
from algoreg.linting.report import Linted
from algoreg.linting.rules import RULES

ROOT = Path(__file__).parents[2]
PYTHON = "FROM python:3.12-slim\nUSER 10001\n"
ENTRY = 'ENTRYPOINT ["python", "/main.py"]\n'
GOOD_RECIPE = PYTHON + ENTRY


def linted(folder: Path, recipe: str, files: dict[str, str] | None = None) -> Linted:
    (folder / "Dockerfile").write_text(recipe, encoding="utf-8")
    for name, content in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return sources.of_dockerfile(folder / "Dockerfile")


def found(
    folder: Path, recipe: str, files: dict[str, str] | None = None
) -> list[tuple[str, int | None, int | None]]:
    return [(one.rule.id, one.place.line, one.place.column) for one in linted(folder, recipe, files).remarks]


def test_a_good_recipe_has_no_remark(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD_RECIPE) == []


FILES = {
    "entry.sh": '#!/bin/sh\npython /main.py "$@" | tee /log\n',
    "safe.sh": '#!/bin/bash\nset -eo pipefail\npython /main.py "$@" | tee /log\n',
    "plain.sh": '#!/bin/sh\nset -e\npython /main.py "$@"\n',
    "function.sh": '#!/bin/sh\nmain() {\n  exec python /main.py "$@"\n}\nmain "$@"\n',
    "dash-e.sh": '#!/bin/sh -e\npython /main.py "$@"\necho done\n',
    "loose.txt": "numpy>=1.26  # at least\nscipy\n",
    "tight.txt": "# pinned\nnumpy==1.26.4\nscipy==1.13.0 ; python_version > '3.8'\n",
    "constraints.txt": "numpy==1.26.4\nSciPy==1.13.0\n",
    "with-constraints.txt": "-c constraints.txt\nnumpy\nscipy\n",
    "nested.txt": "-r loose.txt\n",
    "hashed.txt": "numpy>=1 \\\n  --hash=sha256:00\n",
    "broken.txt": "numpy === = 1\n",
    "pyproject.toml": '[project]\nname = "x"\ndependencies = [\n  "numpy>=1",\n]\n',
    "src/main.py": "",
    "data/a b.csv": "",
}
BROKEN: dict[str, tuple[str, list[tuple[str, int | None, int | None]]]] = {
    "no tag": ("FROM python\nUSER 1\n" + ENTRY, [("dockerfile.untagged-parent", 1, 6)]),
    "latest": ("FROM python:latest\nUSER 1\n" + ENTRY, [("dockerfile.untagged-parent", 1, 6)]),
    "latest by ARG": (
        "ARG BASE=python:latest\nFROM ${BASE}\nUSER 1\n" + ENTRY,
        [("dockerfile.untagged-parent", 2, 6)],
    ),
    "an earlier stage's parent": (
        "FROM gcc AS build\nFROM python:3.12\nCOPY --from=build /a /a\nUSER 1\n" + ENTRY,
        [("dockerfile.untagged-parent", 1, 6)],
    ),
    "copied from latest": (
        PYTHON + "COPY --from=busybox /bin/sh /sh\n" + ENTRY,
        [("dockerfile.untagged-parent", 3, 1)],
    ),
    "a port is no tag": (
        "FROM registry.example:5000/python\nUSER 1\n" + ENTRY,
        [("dockerfile.untagged-parent", 1, 6)],
    ),
    "label without ARG": (
        PYTHON + "LABEL version=$VERSION\n" + ENTRY,
        [("dockerfile.label-without-arg", 3, 15)],
    ),
    "label in the second line": (
        PYTHON + 'LABEL a=b \\\n      revision="x-${REV}"\n' + ENTRY,
        [("dockerfile.label-from-parent", 4, 19)],
    ),
    "label from a parent": (
        "FROM python:3.11\nUSER 1\nLABEL org.opencontainers.image.version=$PYTHON_VERSION\n" + ENTRY,
        [("dockerfile.label-from-parent", 3, 40)],
    ),
    "label from a parent's parent": (
        "FROM python:3.11 AS a\nFROM a\nUSER 1\nLABEL v=$PYTHON_VERSION\n" + ENTRY,
        [("dockerfile.label-from-parent", 4, 9)],
    ),
    "label without a parent": (
        "FROM scratch AS a\nFROM a\nUSER 1\nLABEL v=$PYTHON_VERSION\n" + ENTRY,
        [("dockerfile.label-without-arg", 4, 9)],
    ),
    "ARG before FROM": (
        "ARG VERSION=1\n" + PYTHON + "LABEL version=${VERSION}\n" + ENTRY,
        [("dockerfile.label-without-arg", 4, 15)],
    ),
    "ARG of another stage": (
        "FROM gcc:13 AS build\nARG VERSION\n" + PYTHON + "LABEL version=$VERSION\n" + ENTRY,
        [("dockerfile.label-without-arg", 5, 15)],
    ),
    "ARG too late": (
        PYTHON + "LABEL version=$VERSION\nARG VERSION\n" + ENTRY,
        [("dockerfile.label-without-arg", 3, 15)],
    ),
    "a copy of nothing": (PYTHON + "COPY nowhere.py /\n" + ENTRY, [("dockerfile.copy-absent", 3, 6)]),
    "one of two copied is absent": (
        PYTHON + "COPY entry.sh nowhere.py /\n" + ENTRY,
        [("dockerfile.copy-absent", 3, 15)],
    ),
    "a pattern without a match": (PYTHON + "COPY *.r /\n" + ENTRY, [("dockerfile.copy-absent", 3, 6)]),
    "a copy from outside": (
        PYTHON + "COPY ../../etc/hostname /\n" + ENTRY,
        [("dockerfile.copy-absent", 3, 6)],
    ),
    "a copy in an array": (PYTHON + 'COPY ["gone.py", "/"]\n' + ENTRY, [("dockerfile.copy-absent", 3, 1)]),
    "root by name": ("FROM python:3\nUSER root\n" + ENTRY, [("dockerfile.root", 2, 1)]),
    "root by number": ("FROM python:3\nUSER 00:0\n" + ENTRY, [("dockerfile.root", 2, 1)]),
    "root again": ("FROM python:3\nUSER 1\nUSER 0\n" + ENTRY, [("dockerfile.root", 3, 1)]),
    "no user": ("FROM python:3\n" + ENTRY, [("dockerfile.root", 1, 1)]),
    "a password": (PYTHON + "ENV DB_PASSWORD=hunter2\n" + ENTRY, [("dockerfile.secret", 3, 5)]),
    "a password, the old form": (PYTHON + "ENV DB_PASSWORD hunter2\n" + ENTRY, [("dockerfile.secret", 3, 5)]),
    "a token as build argument": (PYTHON + "ARG API_TOKEN\n" + ENTRY, [("dockerfile.secret", 3, 5)]),
    "a token handed on": (
        PYTHON + "ARG VALUE\nENV API_TOKEN=$VALUE\n" + ENTRY,
        [("dockerfile.secret", 4, 5)],
    ),
    "a password in an address": (
        PYTHON + "RUN git clone https://me:s3cret@git.example/x.git\n" + ENTRY,
        [("dockerfile.secret", 3, 5)],
    ),
    "single quotes in an array": (
        PYTHON + "ENTRYPOINT ['python', '/main.py']\n",
        [("dockerfile.broken-json", 3, 12)],
    ),
    "no entrypoint": (PYTHON, [("dockerfile.no-entrypoint", 1, 1)]),
    "an empty entrypoint": (PYTHON + ENTRY + "ENTRYPOINT []\n", [("dockerfile.no-entrypoint", 4, 1)]),
    "shell form": (
        PYTHON + "ENTRYPOINT python /main.py\n",
        [("entrypoint.no-arguments", 3, 12), ("entrypoint.no-exec", 3, 12)],
    ),
    "shell form that forgets the first word": (
        PYTHON + 'ENTRYPOINT exec python /main.py "$@"\n',
        [("entrypoint.no-arguments", 3, 12)],
    ),
    "shell form without exec": (
        PYTHON + 'ENTRYPOINT python /main.py "$0" "$@"\n',
        [("entrypoint.no-exec", 3, 12)],
    ),
    "shell form into a pipe": (
        PYTHON + 'ENTRYPOINT cd / && \\\n  python /main.py "$0" "$@" | tee log\n',
        [("entrypoint.no-exec", 3, 12), ("entrypoint.exit-code-lost", 4, 3)],
    ),
    "a shell with -c": (
        PYTHON + 'ENTRYPOINT ["sh", "-c", "exec python /main.py"]\n',
        [("entrypoint.no-arguments", 3, None)],
    ),
    "true": (PYTHON + 'ENTRYPOINT ["true"]\n', [("entrypoint.exit-code-lost", 3, 1)]),
    "a script": (
        PYTHON + 'COPY entry.sh /usr/bin/\nENTRYPOINT ["/usr/bin/entry.sh"]\n',
        [("entrypoint.exit-code-lost", 2, 1)],
    ),
    "a script under another name": (
        PYTHON + 'COPY entry.sh /go\nENTRYPOINT ["/go"]\n',
        [("entrypoint.exit-code-lost", 2, 1)],
    ),
    "a script in the working directory": (
        PYTHON + 'WORKDIR /opt\nCOPY . app/\nENTRYPOINT ["tini", "--", "sh", "./app/entry.sh"]\n',
        [("entrypoint.exit-code-lost", 2, 1)],
    ),
    "a script without exec": (
        PYTHON + 'COPY plain.sh /\nENTRYPOINT ["/plain.sh"]\n',
        [("entrypoint.no-exec", 3, 1)],
    ),
    "a requirement of an inner shell": (
        PYTHON + "RUN cd / && bash -ec 'true && pip install baz'\n" + ENTRY,
        [("requirements.unpinned", 3, 22)],
    ),
    "a requirement of an inner shell in an array": (
        PYTHON + 'RUN ["bash", "-c", "pip install baz"]\n' + ENTRY,
        [("requirements.unpinned", 3, 1)],
    ),
    "a project by its path": (
        PYTHON + "COPY . /app\nRUN pip install /app[all]\n" + ENTRY,
        [("requirements.unpinned", 4, None)],
    ),
    "a requirement": (PYTHON + "RUN pip install numpy\n" + ENTRY, [("requirements.unpinned", 3, 17)]),
    "a requirement among others": (
        PYTHON
        + "RUN apt-get update \\\n # a remark\n && python3 -m pip install -q 'numpy>=1' scipy==1.0\n"
        + ENTRY,
        [("requirements.unpinned", 5, 31)],
    ),
    "a here-document": (
        PYTHON + "RUN <<EOF\npip install numpy\nEOF\n" + ENTRY,
        [("requirements.unpinned", 4, 13)],
    ),
    "an array": (
        PYTHON + 'RUN ["pip", "install", "numpy"]\n' + ENTRY,
        [("requirements.unpinned", 3, 1)],
    ),
    "a branch": (
        PYTHON + "RUN pip install git+https://git.example/x.git\n" + ENTRY,
        [("requirements.unpinned", 3, 17)],
    ),
    "a requirements file": (
        PYTHON + "COPY loose.txt /tmp/\nRUN pip install -r /tmp/loose.txt\n" + ENTRY,
        [("requirements.unpinned", 1, 1), ("requirements.unpinned", 2, 1)],
    ),
    "a file that names another": (
        PYTHON + "COPY *.txt /tmp/\nRUN pip install --requirement=/tmp/nested.txt\n" + ENTRY,
        [("requirements.unpinned", 1, 1), ("requirements.unpinned", 2, 1)],
    ),
    "a file that pip does not understand": (
        PYTHON + "COPY broken.txt /\nRUN pip install -rbroken.txt\n" + ENTRY,
        [("requirements.unreadable", 1, 1)],
    ),
    "a project": (
        PYTHON + "COPY . /src\nRUN pip install /src/. && cd /src && pip install .\n" + ENTRY,
        [("requirements.unpinned", 4, None)],
    ),
    "the image's name without name space": (
        PYTHON + "ENV DOCKER_IMAGE=knn\n" + ENTRY,
        [("dockerfile.image-name", 3, 18)],
    ),
    "no Dockerfile": ("hello\n", [("dockerfile.no-from", 1, 1)]),
    "nothing": ("", [("dockerfile.no-from", 1, 1)]),
    "a misspelt parent": (
        "FRMO python:3.12\n",
        [("dockerfile.no-from", 1, 1), ("dockerfile.unknown-instruction", 1, 1)],
    ),
    "a misspelt instruction": (
        PYTHON + ENTRY + "WROKDIR /src\n",
        [("dockerfile.unreadable", 4, 1), ("dockerfile.unknown-instruction", 4, 1)],
    ),
    "a line that is none": (PYTHON + ENTRY + "what is this\n", [("dockerfile.unreadable", 4, 1)]),
}
KEPT = {
    "a digest": f"FROM python@sha256:{'0' * 64}\nUSER 1\n" + ENTRY,
    "a port and a tag": "FROM registry.example:5000/python:3.12\nUSER 1\n" + ENTRY,
    "scratch": "FROM scratch\nUSER 1\n" + ENTRY,
    "an earlier stage": "FROM gcc:13 AS Build\nFROM build\nUSER 1\n" + ENTRY,
    "whatever the build says": "ARG BASE\nFROM ${BASE}\nUSER 1\n" + ENTRY,
    "a default by ARG": "ARG BASE=python:3.12\nFROM $BASE\nUSER 1\n" + ENTRY,
    "a default in place": "FROM ${BASE:-python:3.12}\nUSER 1\n" + ENTRY,
    "a label with ARG": PYTHON + "ARG VERSION\nLABEL version=$VERSION\n" + ENTRY,
    "a label with ARG from before": "ARG V=1\n" + PYTHON + "ARG V\nLABEL version=$V\n" + ENTRY,
    "a label with ENV": PYTHON + "ENV VERSION=1\nLABEL version=$VERSION\n" + ENTRY,
    "a label with ENV of a parent": ("FROM python:3 AS a\nENV V=1\nFROM a\nUSER 1\nLABEL v=$V\n" + ENTRY),
    "a label with a default": PYTHON + "LABEL version=${VERSION:-0}\n" + ENTRY,
    "a dollar that is none": PYTHON + "LABEL price='$VERSION' also=\\$VERSION\n" + ENTRY,
    "what every image has": PYTHON + "LABEL path=$PATH\n" + ENTRY,
    "a user by the parent": PYTHON + "USER $APP_UID\n" + ENTRY,
    "a project that is not copied": PYTHON + "COPY pyproject.toml /x/\nRUN pip install /app\n" + ENTRY,
    "a script with a function": PYTHON + 'COPY function.sh /\nENTRYPOINT ["/function.sh"]\n',
    "a user by ARG": "FROM python:3\nARG ID\nUSER $ID\n" + ENTRY,
    "a user of an earlier stage": "FROM python:3 AS a\nUSER 5\nFROM a\n" + ENTRY,
    "an entrypoint of an earlier stage": "FROM python:3 AS a\nUSER 5\n" + ENTRY + "FROM a\n",
    "a secret by mount": PYTHON
    + "RUN --mount=type=secret,id=t git clone https://x:$T@git.example/y\n"
    + ENTRY,
    "a secret's file": PYTHON + "ENV DB_PASSWORD_FILE=/run/secrets/db\n" + ENTRY,
    "copies": PYTHON + 'COPY src/*.py entry.sh ./\nCOPY ["data/a b.csv", "/x"]\nCOPY . /all\n' + ENTRY,
    "a remote file": PYTHON + "ADD https://example.org/a.tgz /\n" + ENTRY,
    "a copy by the build's word": PYTHON + "ARG WHAT\nCOPY $WHAT /\n" + ENTRY,
    "a copied here-document": PYTHON + "COPY <<EOF /x\nhello\nEOF\n" + ENTRY,
    "a shell that passes all on": PYTHON + 'ENTRYPOINT ["sh", "-c", "exec python /main.py \\"$@\\"", "--"]\n',
    "shell form with exec": PYTHON + 'ENTRYPOINT exec python /main.py "$0" "$@"\n',
    "a safe script": PYTHON + 'COPY safe.sh /\nENTRYPOINT ["/safe.sh"]\n',
    "a script with -e": PYTHON + 'COPY dash-e.sh /\nENTRYPOINT ["/dash-e.sh"]\n',
    "a script that nobody has": PYTHON + 'ENTRYPOINT ["/from-parent.sh"]\n',
    "pinned": PYTHON
    + 'RUN pip install --upgrade pip && pip install "numpy==1.0" -i https://x/y scipy===2\n'
    + ENTRY,
    "pinned by a file": PYTHON + "COPY tight.txt /\nRUN pip install -r tight.txt\n" + ENTRY,
    "pinned by constraints": (
        PYTHON + "COPY *.txt /\nRUN pip install -r loose.txt -c constraints.txt\n" + ENTRY
    ),
    "pinned by its own constraints": PYTHON
    + "COPY *.txt /\nRUN pip install -r with-constraints.txt\n"
    + ENTRY,
    "pinned by hashes": PYTHON + "COPY *.txt /\nRUN pip install -r hashed.txt\n" + ENTRY,
    "wheels": PYTHON + "COPY src/ /w/\nRUN pip install --no-index /w/*.whl ./x/y.whl\n" + ENTRY,
    "a commit": PYTHON + "RUN pip install git+https://git.example/x.git@0a1b2c3\n" + ENTRY,
    "a version by the build": PYTHON + "ARG V\nRUN pip install numpy==$V\n" + ENTRY,
    "lower case": "from python:3.12\nuser 1\n" + ENTRY.lower(),
    "Windows line ends": GOOD_RECIPE.replace("\n", "\r\n"),
    "for children": GOOD_RECIPE + "ONBUILD COPY absent.json /\n",
}


@pytest.mark.parametrize(("recipe", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_is_told_with_its_place(
    recipe: str, expected: list[tuple[str, int | None, int | None]], tmp_path: Path
) -> None:
    assert sorted(found(tmp_path, recipe, FILES), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("recipe", KEPT.values(), ids=KEPT.keys())
def test_what_keeps_the_rules_is_not_blamed(recipe: str, tmp_path: Path) -> None:
    assert found(tmp_path, recipe, FILES) == []


@pytest.mark.parametrize(
    "entrypoint",
    [
        '["/run.sh"]',
        '["tini", "--", "/run.sh"]',
        'exec /run.sh "$0" "$@"',
        '/run.sh "$0" "$@"',
        'exec sh /run.sh "$0" "$@"',
        '["sh", "-c", "exec /run.sh \\"$@\\"", "--"]',
    ],
)
@pytest.mark.parametrize(
    ("last", "lost"), [('python m.py "$@" || echo failed', True), ('exec python m.py "$@"', False)]
)
def test_a_script_is_judged_however_it_is_started(
    entrypoint: str, last: str, lost: bool, tmp_path: Path
) -> None:
    recipe = f"FROM python:3.12\nCOPY run.sh /run.sh\nUSER 1\nENTRYPOINT {entrypoint}\n"
    told = linted(tmp_path, recipe, {"run.sh": f"#!/bin/sh\n{last}\n"}).remarks
    places = [Path(one.place.file).name for one in told if one.rule.id == "entrypoint.exit-code-lost"]
    assert places == (["run.sh"] if lost else [])


def test_every_rule_has_a_recipe_that_breaks_it() -> None:
    seen = {id for _, remarks in BROKEN.values() for id, _, _ in remarks}
    with_metadata = {"dockerfile.command", "plugin.program-absent"}
    assert {rule.id for rule in RULES} == seen | with_metadata


# The real platform's, rebuilt small -------------------------------------------------------------------------

REAL = {
    "longitudinal": (
        "FROM hbpmip/python-mip:latest\n"
        "COPY src/utils/utils_inputs.py /src/utils_inputs.py\n"
        "RUN pip install git+https://robot:not-a-real-one@git.example/longitudinal.git\n",
        {
            "dockerfile.untagged-parent",
            "dockerfile.copy-absent",
            "dockerfile.secret",
            "dockerfile.no-entrypoint",
        },
    ),
    "sgd": (
        "FROM hbpmip/python-sgd-regression\nENV FUNCTION=python-sgd-linear-model\n",
        {"dockerfile.untagged-parent"},
    ),
    "pct": (
        "FROM hbpmip/java-base-build as build\nFROM hbpmip/java-jsi-clus-base:latest\n"
        "ENV DOCKER_IMAGE=java-jsi-clus-pct-ts\n",
        {"dockerfile.untagged-parent", "dockerfile.image-name"},
    ),
    "labels": (
        "FROM hbpmip/python-mip:0.7.8\n"
        'LABEL org.label-schema.build-date=$BUILD_DATE \\\n      org.label-schema.version="$VERSION" \\\n'
        "      org.label-schema.vcs-ref=$VCS_REF\n",
        {"dockerfile.label-without-arg"},
    ),
    "two blocks": (
        'FROM hbpmip/python-base:0.4\nCOPY scripts/docker-entrypoint.sh /\nENTRYPOINT ["/docker-entrypoint.sh"]\n',
        {"entrypoint.exit-code-lost"},
    ),
}
TWO_BLOCKS = (
    '#!/bin/bash\nif [ "$1" = "train" ]; then\n    python /src/main.py train\nfi\n'
    'if [ "$1" = "test" ]; then\n    python /src/main.py test\nfi\n'
)


@pytest.mark.parametrize(("recipe", "expected"), REAL.values(), ids=REAL.keys())
def test_defects_of_real_images_are_found(recipe: str, expected: set[str], tmp_path: Path) -> None:
    one = linted(tmp_path, recipe, {"scripts/docker-entrypoint.sh": TWO_BLOCKS})
    assert expected <= {remark.rule.id for remark in one.remarks}


def test_every_label_of_a_real_one_is_told(tmp_path: Path) -> None:
    remarks = linted(tmp_path, REAL["labels"][0]).remarks
    assert [one.got for one in remarks if one.rule.id == "dockerfile.label-without-arg"] == [
        "$BUILD_DATE is empty",
        "$VERSION is empty",
        "$VCS_REF is empty",
    ]


def test_a_secret_is_never_repeated(tmp_path: Path) -> None:
    one = linted(tmp_path, REAL["longitudinal"][0] + "ENV PASSWORD=also-not-real\n")
    assert "not-a-real-one" not in str(one.remarks)
    assert "also-not-real" not in str(one.remarks)


# With metadata ----------------------------------------------------------------------------------------------


def test_a_label_that_names_another_image_than_the_metadata(tmp_path: Path) -> None:
    files = {"algorithm.yaml": GOOD}
    recipe = PYTHON + "LABEL org.label-schema.name=hbpmip/other\n" + ENTRY
    assert found(tmp_path, recipe, files) == [("dockerfile.image-name", 3, 29)]
    assert found(tmp_path, recipe.replace("hbpmip/other", "algoreg/knn"), files) == []
    assert found(tmp_path, recipe.replace("hbpmip/other", '"Nearest neighbours"'), files) == []


def test_a_command_that_the_metadata_do_not_declare(tmp_path: Path) -> None:
    files = {"algorithm.yaml": GOOD}
    assert found(tmp_path, GOOD_RECIPE + 'CMD ["compute"]\n', files) == [("dockerfile.command", 4, 1)]
    assert found(tmp_path, GOOD_RECIPE + 'CMD ["train"]\n', files) == []


def test_what_algoreg_build_puts_into_the_context_is_there(tmp_path: Path) -> None:
    package = tmp_path / "algoreg_knn"
    package.mkdir()
    (package / "algorithm.yaml").write_text(GOOD)
    recipe = PYTHON + "COPY requirements.txt constraints.txt wheels/ program/ /x/\n" + ENTRY
    assert found(tmp_path, recipe) == []
    (package / "algorithm.yaml").unlink()
    assert [id for id, _, _ in found(tmp_path, recipe)] == ["dockerfile.copy-absent"] * 4


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "plugins").glob("*/Dockerfile")), ROOT / "tests" / "mutants" / "stub" / "Dockerfile"],
    ids=lambda path: path.parent.name,
)
def test_our_own_recipes_are_clean(path: Path) -> None:
    assert sources.of_dockerfile(path).remarks == ()


# Hostile ones -----------------------------------------------------------------------------------------------


def test_no_link_leads_out_of_the_context(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("root-password-hash\n")
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "requirements.txt").symlink_to(secret)
    recipe = PYTHON + "COPY requirements.txt /\nRUN pip install -r requirements.txt\n" + ENTRY
    assert linted(folder, recipe).remarks == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_a_failure_of_ours(text: str) -> None:
    dockerfile.read(text.encode("utf-8", "surrogatepass"), "Dockerfile")


LINES = st.sampled_from(
    [line for recipe, _ in BROKEN.values() for line in recipe.splitlines(keepends=True)]
    + [line for recipe in KEPT.values() for line in recipe.splitlines(keepends=True)]
    + [
        "\\\n",
        "# syntax=x\n",
        "RUN <<EOF\n",
        "LABEL \\\n",
        "COPY\n",
        "ENV\n",
        "FROM\n",
        "ARG =\n",
        'CMD [1, {"a": 2}]\n',
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12).map("".join))
def test_any_mixture_of_lines_is_judged_without_a_failure_of_ours(
    tmp_path_factory: pytest.TempPathFactory, recipe: str
) -> None:
    for id, line, _ in found(tmp_path_factory.mktemp("mixture"), recipe):
        assert id in {rule.id for rule in RULES}
        assert line is None or line >= 1


def test_the_manual_has_every_rule() -> None:
    manual = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| `{rule.id}` | {rule.severity} | {rule.title} |" in manual
