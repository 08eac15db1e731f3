"""Patients that no query asks for: a second table beside the sample, full of values that must never be seen again."""

from __future__ import annotations

import random
from dataclasses import dataclass

COLUMNS = ("subjectcode", "surname", "diagnosis")
"""All of type text."""
_DIAGNOSES = ("AD", "MCI", "CN", "other")


@dataclass(frozen=True, kw_only=True)
class Distractor:
    """Another table of the science database."""

    table: str
    rows: tuple[tuple[str, ...], ...]
    """One tuple per patient, in the order of ``COLUMNS``; subject codes and surnames occur nowhere else."""

    @property
    def canaries(self) -> tuple[str, ...]:
        """Values whose appearance anywhere proves that this table was read."""
        return tuple(value for row in self.rows for value in row[:2])


def distractor(rng: random.Random, *, size: int = 20) -> Distractor:
    """A table of other patients, under a name that cannot be guessed."""
    rows = tuple(
        (f"subject-{rng.getrandbits(48):012x}", f"canary-{rng.getrandbits(48):012x}", rng.choice(_DIAGNOSES))
        for _ in range(size)
    )
    return Distractor(table=f"patients_{rng.getrandbits(32):08x}", rows=rows)
