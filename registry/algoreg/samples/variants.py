"""Change one thing of a sample, so that an algorithm which looks at that thing must answer differently."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from algoreg.samples.sample import Sample, Value


def shuffled_features(sample: Sample, rng: random.Random) -> Sample:
    """Held-out rows exchange their covariables cyclically; training rows and every target stay as they were."""
    held_out = sample.held_out
    features = [sample.rows[position][1:] for position in held_out]
    step = _best_step(features, rng)
    rows = list(sample.rows)
    for index, position in enumerate(held_out):
        rows[position] = (rows[position][0], *features[(index + step) % len(features)])
    return sample.with_rows(rows)


def _best_step(features: Sequence[tuple[Value, ...]], rng: random.Random) -> int:
    """The cyclic step that changes most rows; random among the equally good."""
    count = len(features)
    steps = rng.sample(range(1, count), count - 1)
    moved = {
        step: sum(row != features[(i + step) % count] for i, row in enumerate(features)) for step in steps
    }
    best = max(moved, key=moved.__getitem__, default=0)
    if not moved.get(best):
        raise ValueError("the held-out rows are all alike: exchanging them changes nothing")
    return best


def permuted_targets(sample: Sample, rng: random.Random) -> Sample:
    """Training rows exchange their targets, low ones with high ones; held-out rows stay as they were.

    A rotation by half of the sorted targets moves as many rows to another class as any permutation can, and
    turns a trend round; a blind shuffle of two uneven classes would leave most rows what they were.
    """
    held_out = frozenset(sample.held_out)
    training = [position for position in range(len(sample.rows)) if position not in held_out]
    rng.shuffle(training)  # rows of equal target in random order
    training.sort(key=lambda position: _sort_key(sample.rows[position][0]))
    half = len(training) // 2
    rows = list(sample.rows)
    for index, position in enumerate(training):
        donor = training[(index + half) % len(training)]
        rows[position] = (sample.rows[donor][0], *sample.rows[position][1:])
    return sample.with_rows(rows)


def _sort_key(value: Value) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value))


def with_nulls(sample: Sample, rng: random.Random, *, variable: bool, covariables: bool) -> Sample:
    """A tenth of the rows miss a value, in the variable or in one covariable; the first of each column stay.

    Held-out rows are among them: a NULL target is predicted all the same (contract section 3).
    """
    positions = rng.sample(range(len(sample.rows)), len(sample.rows) // 5)
    half = len(positions) // 2
    rows = [list(row) for row in sample.rows]
    for position in positions[:half] if variable else ():
        rows[position][0] = None
    for position in positions[half:] if covariables else ():
        rows[position][rng.randrange(1, len(sample.columns))] = None
    return sample.with_rows([tuple(row) for row in rows])


def without_targets(sample: Sample) -> Sample:
    """The variable is NULL in every row."""
    return sample.with_rows([(None, *row[1:]) for row in sample.rows])


def one_row(sample: Sample, rng: random.Random) -> Sample:
    """A single held-out row."""
    return replace(sample, held_out=(rng.choice(sample.held_out),))
