"""Images by authors who kept the contract: each must pass, whatever the random data look like."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator

import pytest
from recipes import names, read

from algoreg.engines.docker import DockerEngine, open_docker
from algoreg.report import Verdict
from support.judging import judge, reproaches

SEED = 7
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def engine() -> Iterator[DockerEngine]:
    with open_docker(seed=SEED) as opened:
        yield opened


@pytest.mark.parametrize("name", names())
def test_a_good_image_passes(engine: DockerEngine, name: str) -> None:
    _passes(engine, name, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("_draw", range(3))
@pytest.mark.parametrize("name", names())
def test_a_good_image_passes_on_other_data(engine: DockerEngine, name: str, _draw: int) -> None:
    """Other data, names and passwords at each draw; not drawn at import, where every worker would draw its own."""
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"{name}: seed {seed}\n")
    _passes(engine, name, seed)


def _passes(engine: DockerEngine, name: str, seed: int) -> None:
    report = judge(engine, read(name).build(engine), seed=seed)
    assert reproaches(report) == [], f"reproduce: python tests/good_images/recipes.py {name} --seed {seed}"
    assert report.verdict is Verdict.PASS
