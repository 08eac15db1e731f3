"""What stands in this folder and how it becomes images: each folder with a Dockerfile is a good image.

An image that stands on TWIN is a variation of `numpy_ridge`: its algorithm.yaml, where it has one, holds only
what it declares differently. By hand: ``PYTHONPATH=tests python -m good_images.recipes [NAME...] [--seed N]``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from docker.utils.build import create_archive

from algoreg.contract import METADATA_LABEL
from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.formats import terminal
from mutants.cases import merged
from mutants.runner import Result, Runner

HERE = Path(__file__).parent
TWIN = "numpy_ridge"
LOCAL = {
    "python:3.12-slim-bookworm": "algoreg/base:bookworm",
    "postgres:15-bookworm": "algoreg/postgresql:15",
}
"""Public base image -> the one that `make engine` builds."""
DOCUMENT, DOCKERFILE = "algorithm.yaml", "Dockerfile"
REPOSITORY = "algoreg-good"


@dataclass(frozen=True, kw_only=True)
class GoodImage:
    """An image that keeps the contract."""

    name: str
    document: dict[str, Any] = field(repr=False)
    base: tuple[str, str]
    """The build argument that names what it stands on, and its value here."""

    @property
    def reference(self) -> str:
        return f"{self.document['image']}:{self.document['version']}"

    @property
    def is_variation(self) -> bool:
        """Whether it is a layer over the twin, not a program of its own."""
        return self.base[0] == "TWIN"

    @property
    def is_started_alike(self) -> bool:
        """Whether its recipe gives it another program at most: account, entrypoint and files are those of its base."""
        text = (HERE / self.name / DOCKERFILE).read_text("utf-8")
        return not re.search(r"^(?!#|$|ARG |FROM |COPY main\.py )", text, re.MULTILINE)


class Images:
    """Builds good images; the engine's cache keeps what has not changed."""

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine

    def build(self, image: GoodImage) -> str:
        """Build an image, on the twin if it is a variation; its reference."""
        if image.is_variation:
            self.build(read(TWIN))
        text = json.dumps(image.document, ensure_ascii=False, separators=(",", ":"))
        files = {"algorithm.json": text} | {
            path.name: path.read_text("utf-8")
            for path in sorted((HERE / image.name).iterdir())
            if path.is_file() and path.name != DOCUMENT
        }
        # As contents, not as files: the modes of a checkout are whatever its umask made of them.
        with create_archive(str(HERE), [], extra_files=[*files.items()]) as context:
            self._engine.build_image(
                context.read(),
                build_args=dict([image.base]),
                labels={METADATA_LABEL: text},
                tags=[image.reference],
                progress=lambda _line: None,
            )
        return image.reference


def judge(engine: DockerEngine, name: str, *, seed: int, skip: tuple[str, ...] = ()) -> Result:
    """Build and validate an image as the mutants are."""
    return Runner(engine, Images(engine), seed).run(read(name), skip)


def names() -> list[str]:
    """Every good image on disk."""
    return sorted(path.parent.name for path in HERE.glob(f"*/{DOCKERFILE}"))


def read(name: str) -> GoodImage:
    """An image, with its metadata whole."""
    folder = HERE / name
    found = re.search(r"^ARG (BASE|TWIN)=(\S+)$", (folder / DOCKERFILE).read_text("utf-8"), re.MULTILINE)
    assert found is not None, f"{name}: the Dockerfile does not say what it stands on"
    argument, default = found.groups()
    own = yaml.safe_load((folder / DOCUMENT).read_text("utf-8")) if (folder / DOCUMENT).exists() else {}
    if argument == "BASE":
        return GoodImage(name=name, document=own, base=(argument, LOCAL[default]))
    twin, code = read(TWIN), name.replace("_", "-")
    own |= {"code": code, "image": f"{REPOSITORY}/{code}"}
    return GoodImage(name=name, document=merged(twin.document, own), base=(argument, twin.reference))


def passed(result: Result) -> bool:
    """Whether nothing was found wrong, warnings among it, and everything that was asked could be judged."""
    verdict = "PARTIAL" if result.skip else "PASS"
    return (result.verdict, result.failed, result.troubles) == (verdict, (), ())


def main(arguments: list[str]) -> int:
    """Build and judge by hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    wrong = 0
    with open_docker(seed=asked.seed) as engine:
        for name in asked.names or names():
            result = judge(engine, name, seed=asked.seed)
            wrong += not passed(result)
            sys.stdout.write(f"{result.verdict:7} {name:20} seed {asked.seed} {result.seconds:6.1f} s\n")
            if not passed(result):
                sys.stdout.write(terminal.render(result.report, color=False))
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
