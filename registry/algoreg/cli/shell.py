"""``algoreg shell``: becomes a shell in the state that a kept run left."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from algoreg.cli import completion
from algoreg.cli.output import is_terminal, note

EPILOG = """Examples:

algoreg validate --engine process plugins/mine --only neg.exit-code --keep --report json=report.json

algoreg shell report.json neg.exit-code

algoreg shell 3f2a9c1b2d4e

In the shell, eval "$AGAIN" runs the program as it was run; its exit code is then in $?. Exit codes: those of the
shell; 2 nothing was kept; 3 no engine, or no docker command."""


def shell(
    what: Annotated[
        str, typer.Argument(metavar="RUN|REPORT", help="A kept run, as a report names it; or a JSON report.")
    ],
    check: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="With a report: the check whose failure is looked at.",
            autocompletion=completion.checks,
        ),
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="A part of the case's name.", show_default="the first that failed")
    ] = None,
) -> None:
    """Open a shell where a run failed: its variables, user, volume and databases, and the program's command in $AGAIN.

    There is something to open after `algoreg validate --keep`, until `algoreg reap`.
    """
    from algoreg import retracing

    run = what if check is None else retracing.kept_run(what, check, case=case or "")
    arguments = retracing.shell(run, terminal=is_terminal(sys.stdin), environment=os.environ)
    note('the program again: eval "$AGAIN"; its volume: ls "${ALGOREG_VOLUME:-/docker-volume}"')
    retracing.become(arguments)
