"""Runs that were kept, made again: the script that a process leaves behind, and a shell in the state it left.

What is kept, and until when, is decided by the engines and the keeper.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from algoreg import kept
from algoreg.engines import keeper
from algoreg.errors import UsageError

_PREFIX: Final = "again-"
_HINT: Final = (
    "Validate with --keep and the same seed; `algoreg reap` takes away what was kept. With another TMPDIR than "
    "now, it is looked for in another place."
)
_SCRIPT: Final = """\
#!/bin/sh
# The run again, in the state that it left; or, with arguments, these in place of the program.
[ $# -gt 0 ] || set -- {arguments}
cd {folder} && exec env -i {environment} "$@"
"""


def write(working_directory: Path, *, arguments: Sequence[str], environment: Mapping[str, str]) -> Path:
    """Leave a script beside the working directory of a run, for its owner alone: it holds passwords of the run."""
    variables = {**environment, kept.AGAIN: shlex.join(arguments)}
    text = _SCRIPT.format(
        arguments=shlex.join(arguments),
        folder=shlex.quote(str(working_directory)),
        environment=" ".join(shlex.quote(f"{name}={value}") for name, value in sorted(variables.items())),
    )
    script = working_directory.with_name(working_directory.name.replace("cwd-", _PREFIX, 1))
    with open(os.open(script, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700), "wb") as stream:
        stream.write(os.fsencode(text))
    return script


def is_script(run: str) -> bool:
    """Whether a kept run is named by its script."""
    return Path(run).name.startswith(_PREFIX)


def shell(run: str, *, environment: Mapping[str, str]) -> list[str]:
    """The command of a shell in the state of a run; ``environment`` says what terminal there is.

    Raises UsageError for a script that is none of ours: reports come from anywhere.
    """
    script = Path(run).absolute()
    if script.parent.parent not in keeper.kept_folders() or not script.is_file() or script.is_symlink():
        raise UsageError(f"there is no kept run {run}", hint=_HINT)
    terminal = [f"TERM={environment['TERM']}"] if environment.get("TERM") else []
    return ["sh", str(script), "env", *terminal, "sh"]
