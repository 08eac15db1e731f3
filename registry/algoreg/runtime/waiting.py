"""Waiting mode: stay up and do nothing, so that train and test can be executed in this container (contract section 3).

Whoever waits as PID 1 inherits every orphan of what is executed, and takes leave of it here: no init is needed.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterable
from typing import Final

from algoreg import contract
from algoreg.runtime.program import Program

_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


def wait(program: Program) -> None:
    """Return at SIGTERM: to be stopped is how waiting ends well, so that the code is 0."""
    # Blocked, so that one that comes early is kept, and PID 1 is sent what it has no handler for
    signal.pthread_sigmask(signal.SIG_BLOCK, {*_ENDS, signal.SIGCHLD})
    _say(_invitation(program.declaration.code, program.declaration.entrypoints))
    _reap()
    while signal.sigwait({*_ENDS, signal.SIGCHLD}) not in _ENDS:
        _reap()


def _reap() -> None:
    """Wait for every child that has ended; one signal may stand for several."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _invitation(code: str, entrypoints: Iterable[str]) -> str:
    words = shlex.join(sys.orig_argv[:-1])  # all but the command
    commands = "|".join(command for command in entrypoints if command != contract.WAIT)
    return f"{code} {contract.WAIT}: ready for `docker exec CONTAINER {words} {commands}`; SIGTERM ends it"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the program's own standard error
