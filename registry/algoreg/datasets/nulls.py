"""Leaves out the rows that an algorithm cannot take, as the IS NOT NULL filters of Woken's queries do."""

from __future__ import annotations

from dataclasses import replace

from algoreg.errors import UsageError
from algoreg.samples.sample import Sample


def without_nulls(sample: Sample, *, variable: bool, covariables: bool) -> tuple[Sample, int]:
    """The sample without rows where the variable, or one of the covariables, is NULL; and how many there were.

    Held-out rows that stay are still held out, at their new positions. Raises UsageError when no row is left.
    """

    def kept(position: int) -> bool:
        target, *features = sample.rows[position]
        return not (variable and target is None) and not (covariables and None in features)

    positions = [position for position in range(len(sample.rows)) if kept(position)]
    if not positions:
        raise UsageError(
            f"each of the {len(sample.rows):,} rows has a NULL",
            hint="Ask for covariables that are known, or fill them in.",
        )
    new = {old: position for position, old in enumerate(positions)}
    fewer = replace(
        sample,
        rows=tuple(sample.rows[position] for position in positions),
        held_out=tuple(new[position] for position in sample.held_out if position in new),
    )
    return fewer, len(sample.rows) - len(positions)
