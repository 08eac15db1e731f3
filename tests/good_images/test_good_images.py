"""Images whose authors kept the contract: each must pass, whatever the random data look like.

Where this folder is asked for, every image is judged whole, and on other data as well. A wider run judges one
program whole, of the others whether they work, fail properly and store their row, and of a variation what sees how an
image is built and, where that is done in another way, started. What their twin computes is then judged by
tests/acceptance/test_certified_export.py, for one task and without parameters.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.formats import terminal
from good_images.recipes import TWIN, GoodImage, judge, names, passed, read
from support.scope import asked_for

SEED = 7
ABOUT_THE_PROGRAM = ("neg", "det", "sem", "cap", "robust", "db", "pfa", "sec")
"""Families that say of a variation what they say of the program below it."""
OF_NO_OTHER_START = ("cli", "run.sigterm")
"""Left to the twin where a variation is started as it is, though its program may be stopped in another place."""
AT_LENGTH = ("sem", "det", "cap", "robust", "sec", "cli")
"""Families that a wider run asks of one program only."""
ASKED_WHOLE = "jdbc_names"

pytestmark = pytest.mark.engine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "draw" in metafunc.fixturenames:
        metafunc.parametrize("draw", range(3))
        metafunc.parametrize("name", names())
    elif "name" in metafunc.fixturenames:
        metafunc.parametrize("name", names())


@pytest.fixture(scope="module")
def engine() -> Iterator[DockerEngine]:
    with open_docker(seed=SEED) as opened:
        yield opened


def test_a_good_image_passes(engine: DockerEngine, name: str, request: pytest.FixtureRequest) -> None:
    whole = asked_for(request.config, Path(__file__)) or name == ASKED_WHOLE
    _passes(engine, name, SEED, skip=() if whole else _left_out(read(name)))


def _left_out(image: GoodImage) -> tuple[str, ...]:
    if not image.is_variation:
        return ABOUT_THE_PROGRAM if image.name == TWIN else AT_LENGTH
    if not image.is_started_alike:
        return ABOUT_THE_PROGRAM
    return (*ABOUT_THE_PROGRAM, *OF_NO_OTHER_START)


@pytest.mark.slow
@pytest.mark.thorough
def test_a_good_image_passes_on_other_data(engine: DockerEngine, name: str, draw: int) -> None:
    """Other data, names and passwords; drawn here and not at collection, where every worker would draw its own."""
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"{name}: draw {draw}, seed {seed}\n")
    _passes(engine, name, seed)


def _passes(engine: DockerEngine, name: str, seed: int, skip: tuple[str, ...] = ()) -> None:
    result = judge(engine, name, seed=seed, skip=skip)
    assert passed(result), f"seed {seed}\n{terminal.render(result.report, color=False)}"
