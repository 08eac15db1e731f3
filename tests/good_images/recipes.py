"""What stands in this folder and how it becomes images: each folder with a Dockerfile is a good image.

An image that stands on TWIN is a variation of `numpy_ridge`: its algorithm.yaml, where it has one, holds only
what it declares differently. By hand: ``PYTHONPATH=tests python -m good_images.recipes [NAME...] [--seed N]``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from algoreg.contract import METADATA_LABEL
from algoreg.engines.docker import DockerEngine, open_docker
from support.judging import context, judge, merged, reproaches

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
    files: dict[str, bytes] = field(repr=False)

    @property
    def reference(self) -> str:
        return f"{self.document['image']}:{self.document['version']}"

    @property
    def is_variation(self) -> bool:
        """Whether it is a layer over the twin, not a program of its own."""
        return self.base[0] == "TWIN"

    def build(self, engine: DockerEngine) -> str:
        """Build it, on the twin if it is a variation; the reference."""
        if self.is_variation:
            read(TWIN).build(engine)
        text = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))
        engine.build_image(
            context({**self.files, "algorithm.json": text.encode()}),
            build_args=dict([self.base]),
            labels={METADATA_LABEL: text},
            tags=[self.reference],
            progress=lambda _line: None,
        )
        return self.reference


def names() -> list[str]:
    """Every good image on disk."""
    return sorted(path.parent.name for path in HERE.glob(f"*/{DOCKERFILE}"))


def read(name: str) -> GoodImage:
    files = {path.name: path.read_bytes() for path in (HERE / name).iterdir() if path.is_file()}
    found = re.search(r"^ARG (BASE|TWIN)=(\S+)$", files[DOCKERFILE].decode(), re.MULTILINE)
    assert found is not None, f"{name}: the Dockerfile does not say what it stands on"
    argument, default = found.groups()
    own = yaml.safe_load(files.pop(DOCUMENT, b"{}"))
    if argument == "BASE":
        return GoodImage(name=name, document=own, base=(argument, LOCAL[default]), files=files)
    twin, code = read(TWIN), name.replace("_", "-")
    own |= {"code": code, "image": f"{REPOSITORY}/{code}"}
    return GoodImage(
        name=name, document=merged(twin.document, own), base=(argument, twin.reference), files=files
    )


def main(arguments: list[str]) -> int:
    """Build and judge by hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    wrong = 0
    with open_docker(seed=asked.seed) as engine:
        for name in asked.names or names():
            reference = read(name).build(engine)
            started = time.monotonic()
            report = judge(engine, reference, seed=asked.seed)
            found = reproaches(report)
            wrong += bool(found)
            seconds = time.monotonic() - started
            sys.stdout.write(f"{report.verdict:7} {name:20} seed {asked.seed} {seconds:6.1f} s\n")
            sys.stdout.writelines(f"        {line}\n" for line in found)
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
