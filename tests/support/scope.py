"""How much is tested: a run of all tests has no time to say the same of every image, version and seed.

ALGOREG_TESTS=whole makes it take that time; so does naming a test's file, or its folder, for the tests in it. The
mutants have a scope of their own (``mutants.scope``), and TPOT's pipelines ALGOREG_PIPELINES=whole.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def only(*ids: str) -> tuple[str, ...]:
    """Options of ``algoreg validate``: nothing but these checks and families."""
    return tuple(word for id in ids for word in ("--only", id))


def asked_for(config: pytest.Config, place: Path) -> bool:
    """Whether the command line names this file, or the folder that it stands in, or everything was asked for."""
    everything = os.environ.get("ALGOREG_TESTS")
    if everything not in (None, "whole"):
        raise pytest.UsageError(f"ALGOREG_TESTS is whole or not set, not {everything!r}")
    if everything == "whole":
        return True
    named = (Path(str(one).partition("::")[0]).resolve() for one in config.args)
    return any(one in (place, place.parent) for one in named)
