"""What is seen of waiting mode: two experiments in one container and, between them, a train that must fail.

Decides in which order things are tried, and when there is no use in going on. How one is made is the bench's
business, what they say about the image, the check's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from algoreg.engines.protocol import Attendant
from algoreg.observation import Experiment, Step


@dataclass(frozen=True, kw_only=True)
class Vigil:
    """Waiting mode from beginning to end; what was not reached is None."""

    wait: Step
    """The container itself: STOPPED where it waited until it was told to end."""
    first: Experiment | None = None
    refused: Step | None = None
    """A train with a fault."""
    again: Experiment | None = None
    zombies: tuple[str, ...] = ()
    """Number and name of processes that ended and that nobody waited for; untrusted."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was executed in it, in order."""
        first, again = (found.steps if found is not None else () for found in (self.first, self.again))
        return (*first, *(() if self.refused is None else (self.refused,)), *again)

    def without_content(self) -> Vigil:
        """The same without files."""
        return replace(
            self,
            first=self.first and self.first.without_content(),
            refused=self.refused and self.refused.without_content(),
            again=self.again and self.again.without_content(),
        )


def keep(
    attendant: Attendant,
    *,
    experiment: Callable[[str], Experiment],
    fail: Callable[[], Step],
    stop: Callable[[], Step],
) -> Vigil:
    """Try everything in turn; after the first trouble, or the container's death, only its end is looked at."""
    first, refused, again = None, None, None
    # A program that leaves many leaves no room for anything else
    zombies = attendant.zombies()
    if not zombies and attendant.up:
        first = experiment("")
    if first is not None and first.problem is None and attendant.up:
        refused = fail()
    if refused is not None and refused.failed_properly and attendant.up:
        again = experiment(", again")
    if again is not None and again.problem is None and attendant.up:
        zombies = attendant.zombies()
    return Vigil(wait=stop(), first=first, refused=refused, again=again, zombies=zombies)
