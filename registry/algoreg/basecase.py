"""Makes the base case, and finds out whether an image works with a read-only root file system.

What it finds holds for every later experiment on the same image, so that it must come before all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from algoreg.bench import Bench
from algoreg.observation import Trialled

Profile = Callable[[Bench], Trialled]
"""Makes the base case of one profile: train and test, or compute."""

_ROOTS_DOING = ("run.exit-code", "run.signal")
"""How a program ends that could not write."""


def decide(bench: Bench, profiles: Sequence[Profile], *, may_retry: bool) -> list[Trialled]:
    """What came of each profile. Where one failed, and works once it may write to its root, ``bench`` stays so.

    A second run that changed nothing there proves nothing: then the first one stands, and takes its blame.
    """
    found = _made(bench, profiles)
    failed = [index for index, trialled in enumerate(found) if _may_lack_its_root(trialled)]
    if not failed or not may_retry:
        return found
    bench.writable_root = True
    again = _made(bench, [profiles[index] for index in failed])
    if not all(trialled.problem is None and root_change(trialled) is not None for trialled in again):
        bench.writable_root = False
        return found
    for index, trialled in zip(failed, again, strict=True):
        found[index] = trialled
    return found


def root_change(trialled: Trialled) -> str | None:
    """The first path of its root file system that it changed; untrusted."""
    return next((step.execution.root_change for step in trialled.steps if step.execution.root_change), None)


def _may_lack_its_root(trialled: Trialled) -> bool:
    return trialled.problem is not None and trialled.problem.defect.check in _ROOTS_DOING


def _made(bench: Bench, profiles: Sequence[Profile]) -> list[Trialled]:
    # Threads of its own: the probe's may all be waiting for what comes out here
    with ThreadPoolExecutor(max(1, len(profiles)), thread_name_prefix="base case") as threads:
        return list(threads.map(lambda profile: profile(bench), profiles))
