"""Says in one place what to install when a library of an extra is missing; who needs it imports it late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from algoreg.errors import AlgoregError


@contextmanager
def needed(purpose: str, *, extra: str = "run") -> Iterator[None]:
    """Around the late imports that ``purpose`` rests on. Raises AlgoregError naming the absent module."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise AlgoregError(
            f"{purpose} needs {error.name}, which is not installed", hint=f"pip install 'algoreg[{extra}]'"
        ) from error
