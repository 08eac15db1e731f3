"""Images whose authors kept the contract: each must pass, whatever the random data look like.

Where this folder is asked for, every image is judged whole, and on other data as well. A wider run judges the
programs whole (the twin with half its scope, on other data), and of a variation the families that see how an image
is built and, where that is done in another way, started.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.formats import terminal
from good_images.recipes import TWIN, judge, names, passed, read
from support.scope import asked_for

SEED = 7
ABOUT_THE_PROGRAM = ("neg", "det", "sem", "cap", "robust", "db", "pfa", "sec")
"""Families that say of a variation what they said of the program below it."""
ABOUT_ITS_START = ("cli",)
HALF = "regression_only"

pytestmark = pytest.mark.engine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    whole = asked_for(metafunc.config, Path(__file__))
    if "draw" in metafunc.fixturenames:
        metafunc.parametrize("draw", range(3) if whole else range(1))
        metafunc.parametrize("name", names() if whole else [HALF])
    elif "name" in metafunc.fixturenames:
        metafunc.parametrize("name", names())


@pytest.fixture(scope="module")
def engine() -> Iterator[DockerEngine]:
    with open_docker(seed=SEED) as opened:
        yield opened


def test_a_good_image_passes(engine: DockerEngine, name: str, request: pytest.FixtureRequest) -> None:
    image = read(name)
    skip: tuple[str, ...] = ()
    if not asked_for(request.config, Path(__file__)) and (name == TWIN or image.is_variation):
        skip = (*ABOUT_THE_PROGRAM, *(ABOUT_ITS_START if image.is_started_alike else ()))
    _passes(engine, name, SEED, skip=skip)


@pytest.mark.slow
def test_a_good_image_passes_on_other_data(engine: DockerEngine, name: str, draw: int) -> None:
    """Other data, names and passwords; drawn here and not at collection, where every worker would draw its own."""
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"{name}: draw {draw}, seed {seed}\n")
    _passes(engine, name, seed)


def _passes(engine: DockerEngine, name: str, seed: int, skip: tuple[str, ...] = ()) -> None:
    result = judge(engine, name, seed=seed, skip=skip)
    assert passed(result), f"seed {seed}\n{terminal.render(result.report, color=False)}"
