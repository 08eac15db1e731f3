"""Chooses the rows that are held out: the caller splits, never an algorithm (contract section 3).

Scikit-learn draws them, shuffled by a seed, and by class where the variable is nominal. Rows whose variable is NULL
are never held out: nobody could tell whether a prediction of theirs is right. The same sample and seed give the same
rows, in ascending order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from algoreg import extras
from algoreg.errors import UsageError
from algoreg.schemas import shown

if TYPE_CHECKING:
    from algoreg.samples.sample import Sample

MIN_TRAINING: Final = 2
"""Rows that the contract leaves for training."""
MAX_FOLDS: Final = 1_000
_SEEDS: Final = 2**32
"""Scikit-learn takes seeds below this; a caller may give any integer."""


def holdout(sample: Sample, *, share: float, seed: int) -> tuple[int, ...]:
    """The positions of about ``share`` (between 0 and 1) of the rows.

    Raises UsageError: the share is none, or too few rows, or rows of a class, would be held out or left.
    """
    if not 0 < share < 1:
        raise UsageError(f"cannot hold out a share of {share}", hint="Give a number between 0 and 1: 0.25")
    known = _known(sample)
    _ensure_rows(known, least=MIN_TRAINING + 1)
    with extras.needed("splitting the data"):
        from sklearn.model_selection import train_test_split

    count = min(max(1, round(share * len(known))), len(known) - MIN_TRAINING)
    classes = _classes(sample, known)
    if classes:
        _ensure_classes(classes, least=2, hint="Leave out the rows of this class, or join it with another.")
        _ensure_room(len(set(classes)), count, len(known))
    training, held_out = train_test_split(
        known, test_size=count, shuffle=True, stratify=classes or None, random_state=seed % _SEEDS
    )
    _ensure_left(sample, training)
    return tuple(sorted(held_out))


def k_fold(sample: Sample, *, folds: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """The positions that each of ``folds`` folds holds out: every row with a known variable, exactly once.

    Of a nominal variable every class is in every fold: its rows are as many as the folds at least. Raises
    UsageError: fewer than two folds, or too few rows, or rows of a class, for so many.
    """
    if not 2 <= folds <= MAX_FOLDS:
        raise UsageError(f"cannot make {folds} folds", hint=f"Give 2 to {MAX_FOLDS:,}.")
    known = _known(sample)
    # Of three rows, two folds would leave one for training
    _ensure_rows(known, least=folds if folds > MIN_TRAINING else MIN_TRAINING + 2)
    with extras.needed("splitting the data"):
        from sklearn.model_selection import KFold, StratifiedKFold

    classes = _classes(sample, known)
    if classes:
        rarest = min(Counter(classes).values())
        fewer = f"Make {rarest} folds, or leave" if rarest > 1 else "Leave"
        _ensure_classes(classes, least=folds, hint=f"{fewer} out the rows of this class.")
    kind = StratifiedKFold if classes else KFold
    splitter = kind(n_splits=folds, shuffle=True, random_state=seed % _SEEDS)
    parts = splitter.split(known, classes or None)
    return tuple(tuple(sorted(known[index] for index in held_out)) for _, held_out in parts)


def _known(sample: Sample) -> list[int]:
    return [position for position, row in enumerate(sample.rows) if row[0] is not None]


def _classes(sample: Sample, positions: Sequence[int]) -> list[str]:
    """The codes of the variable at ``positions``; empty for a continuous one."""
    return [str(sample.rows[position][0]) for position in positions] if sample.variable.nominal else []


def _ensure_rows(known: Sequence[int], *, least: int) -> None:
    if len(known) < least:
        raise UsageError(
            f"too few rows: the variable is known in {len(known)}, and at least {least} are needed",
            hint="Give more rows, or make fewer folds.",
        )


def _ensure_classes(classes: Sequence[str], *, least: int, hint: str) -> None:
    """Raises UsageError naming the rarest class when it has too few rows, or is the only one."""
    counted = sorted(Counter(classes).items(), key=lambda item: (item[1], item[0]))
    code, count = counted[0]
    if len(counted) == 1:
        raise UsageError(
            f"every row is of the class {shown(code)}: there is nothing to tell apart",
            hint="Ask for another variable.",
        )
    if count < least:
        rows = "row" if count == 1 else "rows"
        raise UsageError(
            f"the class {shown(code)} has {count} {rows}, and at least {least} are needed", hint=hint
        )


def _ensure_room(classes: int, held_out: int, rows: int) -> None:
    """Raises UsageError when one of the two parts is smaller than the number of classes."""
    if min(held_out, rows - held_out) < classes:
        raise UsageError(
            f"{held_out} of {rows} rows would be held out, and each part needs one of each of the "
            f"{classes} classes",
            hint="Hold out another share, or give more rows.",
        )


def _ensure_left(sample: Sample, training: Sequence[int]) -> None:
    """Raises UsageError when a class is in no training row; scikit-learn rounds small ones away."""
    left = set(_classes(sample, training))
    gone = sorted(set(_classes(sample, _known(sample))) - left)
    if gone:
        raise UsageError(
            f"no row of the class {shown(gone[0])} would be left for training",
            hint="Hold out a smaller share.",
        )
