"""The command line: parse, assemble, call, print, exit. Every decision is made below this package.

``main`` is the console script; it leaves the commands to ``app`` and everything that goes wrong to ``errors``.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from algoreg.cli import errors

    sys.exit(errors.run(_call))


def _call() -> None:
    from algoreg.cli.app import app

    app()(prog_name="algoreg")
