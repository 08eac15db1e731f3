"""How a line to repeat a run names one that was kept, and how it is read out of the line again.

Written by the engines, read by who shows a report and by ``algoreg shell``; a report has no field of its own for it.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

AGAIN: Final = "AGAIN"
"""Variable of a shell in the state of a kept run: the program's own command."""
_CONTAINER = re.compile(r"--env-file <\(docker inspect --format '[^']*' (?P<run>[0-9a-f]{12,64})\)")
_ID = re.compile(r"[0-9a-f]{1,64}")
_ENVIRONMENT = "'{{range .Config.Env}}{{println .}}{{end}}'"
_SHORT = 12
_LONGEST = 5 * 4096 + len("sh ''")
"""Of a script's line: Linux's longest path, of which shlex writes a quote as five characters."""


def environment_of(container: str) -> str:
    """Words of bash that give a ``docker run`` the variables of a kept container: no report has to hold a password."""
    return f"--env-file <(docker inspect --format {_ENVIRONMENT} {container[:_SHORT]})"


def script_line(script: str) -> str:
    """The line for a run whose script was kept."""
    return shlex.join(["sh", script])


def run_of(line: str) -> str | None:
    """The kept run that a line is about: a container, or the path of a script. The line is untrusted."""
    if (found := _CONTAINER.search(line)) is not None:
        return found["run"]
    if len(line) > _LONGEST:  # a hostile image can say a megabyte, which keeps shlex busy for a minute
        return None
    try:
        words = shlex.split(line)
    except ValueError:  # a quote without its end
        return None
    return words[1] if len(words) == 2 and words[0] == "sh" and script_line(words[1]) == line else None


def is_container(run: str) -> bool:
    """Whether a kept run is named as containers are: by the beginning of an id."""
    return _ID.fullmatch(run) is not None
