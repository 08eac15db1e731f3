"""TPOT imported as an image may import it: nobody is asked anything, nothing is loaded that only plots need.

Each in a process of its own, because what was imported once cannot be imported again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

WATCHED = """
import sys
asked = []
sys.addaudithook(lambda event, details: asked.append(event) if event.startswith("socket.") else None)
from algoreg_tpot import library
"""
"""Notes every use of a socket, names that are resolved included."""


Run = Callable[[str], str]


def python(script: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run it in an empty home: an answer that was kept from an hour ago would hide the question."""
    environ = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
    command = [sys.executable, *options, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environ)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return lambda script: output(python(WATCHED + script, tmp_path, "-W", "error"))


def output(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_submodules_come_without_the_package(run: Run) -> None:
    told = run(
        """
builtin = library.load("tpot.builtin_modules")
graphs = library.load("tpot.graphsklearn")
print(builtin.Passthrough.__name__, graphs.GraphPipeline.__name__, sys.modules["tpot"].__version__[:2])
print([name for name in ("dask", "matplotlib", "update_checker", "xgboost") if name in sys.modules], asked)
"""
    )
    assert told.splitlines() == ["Passthrough GraphPipeline 1.", "[] []"]


def test_the_whole_package_asks_nobody_and_keeps_the_classes_that_were_there(run: Run) -> None:
    told = run(
        """
before = library.load("tpot.graphsklearn").GraphPipeline
tpot = library.whole()
print(tpot.GraphPipeline is before, tpot.TPOTClassifier.__name__, library.whole() is tpot)
print([name for name in ("matplotlib", "update_checker") if name in sys.modules])
print([event for event in asked if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")])
import matplotlib.pyplot, update_checker
print(matplotlib.pyplot.__file__ is not None, update_checker.__file__ is not None)
"""
    )
    assert told.splitlines() == ["True TPOTClassifier True", "[]", "[]", "True True"]


def test_what_was_imported_before_stays(run: Run) -> None:
    told = run(
        """
import matplotlib, update_checker
library.whole()
print(sys.modules["matplotlib"] is matplotlib, sys.modules["update_checker"] is update_checker, asked)
"""
    )
    assert told == "True True []\n"


def test_the_plain_import_does_ask(tmp_path: Path) -> None:
    """Else the stand-ins would be for nothing."""
    script = """
import sys
def note(event, details):
    if event.startswith("socket.get") or event == "socket.connect":
        raise SystemExit(7)
sys.addaudithook(note)
import tpot
"""
    assert python(script, tmp_path).returncode == 7


def test_an_absent_tpot_is_an_import_error(run: Run) -> None:
    told = run(
        """
class Absent:
    def find_spec(self, name, path, target=None):
        if name == "tpot":
            raise ModuleNotFoundError("No module named 'tpot'", name="tpot")
sys.meta_path.insert(0, Absent())
from algoreg.runtime import Failure
from algoreg.runtime.allowed import Catalogue
from algoreg_tpot import classes
try:
    Catalogue(classes=classes.CLASSES, load=library.load).resolve("tpot.graphsklearn.GraphPipeline")
except Failure as failure:
    print(failure)
"""
    )
    expected = "pipeline: class tpot.graphsklearn.GraphPipeline needs tpot, which cannot be imported: "
    assert told == expected + "No module named 'tpot'\n"


@pytest.mark.parametrize("module", ["algoreg_tpot.classes", "algoreg_tpot.library"])
def test_the_tables_import_nothing(run: Run, module: str) -> None:
    told = run(
        f"""
import importlib
importlib.import_module({module!r})
print([name for name in ("sklearn", "numpy", "tpot", "xgboost", "lightgbm") if name in sys.modules])
"""
    )
    assert told == "[]\n"
