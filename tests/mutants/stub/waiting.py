"""The twin that also waits: a third one, whose other commands can be executed while it does.

Like its siblings, a collection of functions that are found by name when they are called.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import main

TOLD = (signal.SIGTERM, signal.SIGCHLD)
elsewhere = main.command_of


def reap() -> None:
    """Wait for the children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def begin() -> None:
    """What is done before waiting."""


def wait() -> None:
    """Nothing, until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    begin()
    while signal.sigwait(TOLD) != signal.SIGTERM:
        reap()


def command_of(arguments: list[str]) -> Callable[[], None] | None:
    """What these arguments ask for."""
    return wait if arguments == ["wait"] else elsewhere(arguments)


def run() -> None:
    """The whole program."""
    main.command_of = command_of
    main.USAGE = "usage: train | test | wait"
    main.run()
