"""Samples with legal values that break careless algorithms: apostrophes, Unicode, digits, reserved words, one row.

Each is the plain sample with only that one thing changed, so that a failure has one cause.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from algoreg import contract
from algoreg.model import Algorithm
from algoreg.samples.plain import plain, with_nominal
from algoreg.samples.sample import Column, Sample
from algoreg.samples.variants import one_row

QUOTES = ("Alzheimer's disease", "'t Hooft", "Parkinson's''", 'the "so-called" O\'Brien', "mother's'")
UNICODE = ("Ménière", "軽度認知障害", "🧠 démence", "תקין", "Ζ-ταύρος", "İstanbul", "e\u0301tat normal")
NUMBERS = ("0", "10", "9")
"""0 is false in many languages, and 10 comes before 9 as text."""
RESERVED_VARIABLE = "order"
RESERVED_COVARIABLES = ("user", "group")
RENAMED = ("IQ", "left-hippocampus", "3rd-Ventricle")
"""Their columns are ``iq``, ``left_hippocampus`` and ``_3rd_ventricle``."""

Builder = Callable[[Algorithm, str, random.Random], Sample | None]


@dataclass(frozen=True, kw_only=True)
class HostileCase:
    """One experiment of the robust family."""

    check: str
    """The check that it is judged by, such as ``robust.quote``."""
    case: str
    """Where the hostile value is, and the task: ``covariable regression``."""
    task: str
    sample: Sample


def hostile_cases(algorithm: Algorithm, rng: random.Random) -> tuple[HostileCase, ...]:
    """Every hostile experiment that the algorithm's constraints allow.

    Values in the variable are tried for each task; covariables are read alike for all, so the first one will do.
    """
    return tuple(
        HostileCase(check=check, case=f"{case} {task}", task=task, sample=sample)
        for task in algorithm.base_tasks
        for check, case, build in BUILDERS
        if task == algorithm.base_tasks[0] or case.startswith("variable")
        if (sample := build(algorithm, task, rng)) is not None
    )


def recoded(sample: Sample, index: int, codes: Sequence[str], *, sql_type: str = "text") -> Sample:
    """The column at ``index`` (0 is the variable) holds other codes.

    They are their own labels, but for digits: whether a label of digits arrives as a number is not in the contract.
    """
    column = sample.columns[index]
    renamed = dict(zip(column.codes, codes, strict=False))
    enumerations = tuple((c, f"level {c}" if c.isdigit() else c) for c in renamed.values())
    rows = [
        (*row[:index], renamed[str(row[index])], *row[index + 1 :]) if row[index] is not None else row
        for row in sample.rows
    ]
    changed = replace(column, enumerations=enumerations, sql_type=sql_type)
    return _with_column(sample, index, changed).with_rows(rows)


def _with_column(sample: Sample, index: int, column: Column) -> Sample:
    columns = [*sample.columns]
    columns[index] = column
    return replace(sample, variable=columns[0], covariables=tuple(columns[1:]))


def _called(sample: Sample, index: int, code: str) -> Sample:
    return _with_column(sample, index, replace(sample.columns[index], code=code))


def _nominal_covariables(sample: Sample) -> list[int]:
    return [index for index, column in enumerate(sample.columns) if index and column.nominal]


def _variable_codes(pool: Sequence[str], *, sql_type: str = "text") -> Builder:
    """The variable's codes are replaced by some of ``pool``."""

    def build(algorithm: Algorithm, task: str, rng: random.Random) -> Sample | None:
        if task != contract.CLASSIFICATION:
            return None
        sample = plain(algorithm, task, rng)
        return recoded(sample, 0, _some(pool, sample.variable, rng), sql_type=sql_type)

    return build


def _covariable_codes(pool: Sequence[str], *, sql_types: Sequence[str] = ("text",)) -> Builder:
    """One nominal covariable per SQL type gets some of ``pool`` as its codes."""

    def build(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
        sample = with_nominal(algorithm, task, rng, count=len(sql_types))
        for index, sql_type in zip(_nominal_covariables(sample), sql_types, strict=False):
            sample = recoded(sample, index, _some(pool, sample.columns[index], rng), sql_type=sql_type)
        return sample

    return build


def _some(pool: Sequence[str], column: Column, rng: random.Random) -> list[str]:
    return rng.sample(pool, len(column.codes))


def _reserved_variable(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
    return _called(plain(algorithm, task, rng), 0, RESERVED_VARIABLE)


def _renamed_variable(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
    return _called(plain(algorithm, task, rng), 0, rng.choice(RENAMED))


def _named_covariables(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
    sample = plain(algorithm, task, rng)
    names = (rng.choice(RESERVED_COVARIABLES), *rng.sample(RENAMED, len(RENAMED)))
    for index, name in zip(range(1, len(sample.columns)), names, strict=False):
        sample = _called(sample, index, name)
    return sample


def _one_row(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
    return one_row(plain(algorithm, task, rng), rng)


BUILDERS: tuple[tuple[str, str, Builder], ...] = (
    ("robust.quote", "variable", _variable_codes(QUOTES)),
    ("robust.quote", "covariable", _covariable_codes(QUOTES)),
    ("robust.unicode", "variable", _variable_codes(UNICODE)),
    ("robust.unicode", "covariable", _covariable_codes(UNICODE)),
    ("robust.numeric-code", "variable in a text column", _variable_codes(NUMBERS)),
    ("robust.numeric-code", "variable in an integer column", _variable_codes(NUMBERS, sql_type="integer")),
    ("robust.numeric-code", "covariables", _covariable_codes(NUMBERS, sql_types=("integer", "text"))),
    ("robust.name", "variable is a reserved word", _reserved_variable),
    ("robust.name", "variable is renamed", _renamed_variable),
    ("robust.name", "covariables", _named_covariables),
    ("robust.one-row", "one held-out row", _one_row),
)
"""(check, case, builder); a builder returns None where the task leaves it no place."""
