"""The command line of an image: one command, for a federated `compute` also its mode (contract sections 4 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from algoreg import contract
from algoreg.runtime.declaration import Declaration

_MODE: Final = "--mode"
_JOB_IDS: Final = "--job-ids"


class UsageProblem(Exception):
    """Arguments that nobody declared: usage on standard error, code 2, nothing read or written."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be done."""

    command: str
    """One of ``contract.COMMANDS``."""
    mode: str | None = None
    """``contract.INTERMEDIATE`` or ``contract.AGGREGATE``; None: the whole computation at once."""
    job_ids: tuple[str, ...] = ()
    """The jobs whose intermediate results are aggregated, as given: duplicates are judged by the command."""


def usage(declaration: Declaration, commands: Sequence[str]) -> str:
    """One line for people."""
    modes = f" [{_MODE} {contract.INTERMEDIATE} | {_MODE} {contract.AGGREGATE} {_JOB_IDS} ID...]"
    more = modes if declaration.federated and contract.COMPUTE in commands else ""
    return f"usage: docker run IMAGE {{{'|'.join(commands)}}}{more}"


def parse(arguments: Sequence[str], declaration: Declaration, commands: Sequence[str]) -> Request:
    """Read the arguments; ``commands`` are those that the image accepts. Raises UsageProblem."""
    command, *more = arguments or [""]
    told = ascii(list(arguments))[:200]
    if command not in commands:
        raise UsageProblem(f"expected one of these commands, got {told}")
    if not more:
        return Request(command=command)
    if command != contract.COMPUTE or not declaration.federated:
        raise UsageProblem(f"{command} takes no arguments, got {told}")
    match more:
        case ["--mode", contract.INTERMEDIATE]:
            return Request(command=command, mode=contract.INTERMEDIATE)
        case ["--mode", contract.AGGREGATE, "--job-ids", *job_ids] if job_ids:
            # Woken sends one empty argument where its reserved parameter _job_ids_ is missing.
            if not all(job_ids):
                raise UsageProblem(f"{_JOB_IDS} holds an empty job id, got {told}")
            return Request(command=command, mode=contract.AGGREGATE, job_ids=tuple(job_ids))
    raise UsageProblem(f"expected {_MODE} with a mode and, to aggregate, {_JOB_IDS} with job ids, got {told}")
