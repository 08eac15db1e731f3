"""The program's frame: one command or usage, one exit code, one line that says what went wrong."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from algoreg import contract
from algoreg.runtime.arguments import UsageProblem, parse, usage
from algoreg.runtime.commands import COMMANDS
from algoreg.runtime.declaration import read_declaration
from algoreg.runtime.discretion import Discretion
from algoreg.runtime.failure import Failure
from algoreg.runtime.program import Program

EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2

VOLUME_VARIABLE: Final = "ALGOREG_VOLUME"
"""Where the volume is, for engines without containers; never set inside an image."""


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the program's own standard error


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not an installed package")
    return Path(spec.submodule_search_locations[0])


def run(package: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do one command of the algorithm in ``package``; the result is the exit code of contract section 5.

    Exceptions that are no ``Failure`` pass through: with ``main`` they end as a traceback and code 1.
    """
    declaration = read_declaration(_folder(package) / "algorithm.yaml")
    accepted = [command for command in declaration.entrypoints if command in COMMANDS]
    try:
        request = parse(arguments, declaration, accepted)
    except UsageProblem as problem:
        _say(usage(declaration, accepted))
        _say(f"{declaration.code}: {problem}")
        return EXIT_USAGE
    discretion = Discretion(environ)
    discretion.install()
    program = Program(
        package=package,
        declaration=declaration,
        request=request,
        environ=environ,
        volume=Path(environ.get(VOLUME_VARIABLE, contract.VOLUME)),
        discretion=discretion,
    )
    try:
        COMMANDS[request.command](program)
    except Failure as failure:
        _say(f"{declaration.code} {request.command}: {discretion.without_passwords(str(failure))}")
        return EXIT_FAILED
    return EXIT_DONE


def main(package: str) -> NoReturn:
    """The whole ``__main__`` of an algorithm: run the command line's command and exit with its code."""
    if os.getpid() == 1:  # without an init, PID 1 would ignore SIGTERM
        signal.signal(signal.SIGTERM, lambda number, _: os._exit(128 + number))
    sys.exit(run(package, sys.argv[1:], os.environ))
