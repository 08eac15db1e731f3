"""Build the sample without any hostile value: what an honest author's own data look like.

Which patients, covariables, names and held-out rows is random, from the run's seed. Hostile values are the
business of ``hostile``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from algoreg import contract
from algoreg.model import Algorithm
from algoreg.samples import datasets
from algoreg.samples.datasets import Dataset, label, load
from algoreg.samples.sample import Column, Sample, Value

MAX_ROWS = 442
MAX_BINOMINAL_ROWS = 300
"""Breast cancer has 569 patients and 30 columns: more than an experiment needs to see."""
MIN_HELD_OUT, MAX_HELD_OUT = 20, 40
_NOISE = 1e-3
LEVELS = ("low", "middle", "high")

Filled = tuple[Column, tuple[Value, ...]]
"""A column and its value for every patient."""


def plain(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
    """The base data of a task: 3 to 6 covariables, one of them nominal where nominal and continuous may mix."""
    mixed = algorithm.constraints.mixed and _maximum(algorithm) > 1
    return build(algorithm, task, rng, nominal=1 if mixed else 0)


def with_nominal(algorithm: Algorithm, task: str, rng: random.Random, *, count: int) -> Sample:
    """Like ``plain`` with at least ``count`` nominal covariables (fewer where no more are accepted).

    An algorithm that does not mix, or that takes one covariable, gets nominal ones only.
    """
    count = min(count, _maximum(algorithm))
    mixed = algorithm.constraints.mixed and _maximum(algorithm) > count
    return build(algorithm, task, rng, nominal=count, continuous=mixed)


def of_type(algorithm: Algorithm, kind: str, rng: random.Random) -> Sample:
    """Like ``plain`` with a variable of this type, accepted or not."""
    mixed = algorithm.constraints.mixed and _maximum(algorithm) > 1
    return _build(algorithm, kind, rng, nominal=1 if mixed else 0)


def mixing(algorithm: Algorithm, task: str, rng: random.Random) -> Sample:
    """Like ``plain`` with nominal and continuous covariables, accepted together or not."""
    return build(algorithm, task, rng, nominal=1)


def build(
    algorithm: Algorithm, task: str, rng: random.Random, *, nominal: int, continuous: bool = True
) -> Sample:
    """A sample of the task with this many nominal covariables, or more where ``min_count`` asks for it."""
    kind = algorithm.accepted_type(task)
    if kind is None:
        raise ValueError(f"{algorithm.code} accepts no variable for {task}")
    return _build(algorithm, kind, rng, nominal=nominal, continuous=continuous)


def _build(
    algorithm: Algorithm, kind: str, rng: random.Random, *, nominal: int, continuous: bool = True
) -> Sample:
    dataset = _dataset(kind, algorithm, rng)
    count = _count(algorithm, rng)
    numbers = _continuous(dataset, count - nominal, rng) if continuous else ()
    mixes = nominal > 0
    codes = _nominal(dataset, max(nominal, count - len(numbers)) if mixes else 0)
    covariables = [*numbers, *codes]
    rng.shuffle(covariables)
    return _sample(_variable(dataset, kind), covariables, rng)


def _maximum(algorithm: Algorithm) -> int:
    most = algorithm.constraints.covariables.max_count
    return 6 if most is None else max(1, most)


def _count(algorithm: Algorithm, rng: random.Random) -> int:
    least = algorithm.constraints.covariables.min_count
    return max(least, min(_maximum(algorithm), rng.randint(3, 6)))


def _dataset(kind: str, algorithm: Algorithm, rng: random.Random) -> Dataset:
    if kind in contract.CONTINUOUS_TYPES:
        return load(datasets.DIABETES)
    if kind == contract.BINOMINAL:
        return load(datasets.BREAST_CANCER)
    wide = algorithm.constraints.covariables.min_count > len(load(datasets.IRIS).continuous)
    return load(datasets.WINE if wide else rng.choice((datasets.IRIS, datasets.WINE)))


def _variable(dataset: Dataset, kind: str) -> Filled:
    values = dataset.values[dataset.target]
    if kind in contract.NOMINAL_TYPES:
        return _codes(dataset.target, kind, values)
    sql_type = "integer" if kind == contract.INTEGER else "double precision"
    column = Column(code=dataset.target, label=label(dataset.target), type=kind, sql_type=sql_type)
    return column, tuple(_as(sql_type, value) for value in values)


def _as(sql_type: str, value: Value) -> Value:
    """A variable of type real is told in tenths where its numbers are whole.

    A classifier would take whole numbers for classes, and pass for a regression.
    """
    return value / 10 if sql_type == "double precision" and isinstance(value, int) else value


def _continuous(dataset: Dataset, count: int, rng: random.Random) -> tuple[Filled, ...]:
    strong = dataset.strong[: max(1, count)]
    others = [name for name in dataset.continuous if name not in dataset.strong]
    names = (*strong, *rng.sample(others, max(0, min(count - len(strong), len(others)))))
    return tuple((dataset.continuous_column(name), dataset.values[name]) for name in names)


def _nominal(dataset: Dataset, count: int) -> tuple[Filled, ...]:
    """The nominal columns of the data, then continuous ones cut into three levels, the strongest first."""
    own = [_codes(name, contract.BINOMINAL, dataset.values[name]) for name in dataset.nominal]
    cut = [_levels(dataset, name) for name in dataset.continuous]
    return tuple([*own, *cut][:count])


def _codes(name: str, kind: str, values: Sequence[Value]) -> Filled:
    codes = sorted({str(value) for value in values})
    enumerations = tuple((code, label(code)) for code in codes)
    column = Column(code=name, label=label(name), type=kind, sql_type="text", enumerations=enumerations)
    return column, tuple(values)


def _levels(dataset: Dataset, name: str) -> Filled:
    """A continuous column cut at its terciles: codes low, middle, high."""
    numbers = [float(value) for value in dataset.values[name] if isinstance(value, int | float)]
    ordered = sorted(numbers)
    cuts = (ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3])
    values = tuple(LEVELS[sum(number >= cut for cut in cuts)] for number in numbers)
    column = Column(
        code=f"{name}_level",
        label=f"{label(name)} level",
        type=contract.POLYNOMINAL,
        sql_type="text",
        enumerations=tuple((code, label(code)) for code in LEVELS),
    )
    return column, values


def _sample(variable: Filled, covariables: Sequence[Filled], rng: random.Random) -> Sample:
    filled = [_recognisable(column, values, rng) for column, values in (variable, *covariables)]
    every = list(zip(*(values for _, values in filled), strict=True))
    most = MAX_BINOMINAL_ROWS if variable[0].type == contract.BINOMINAL else MAX_ROWS
    rows = tuple(rng.sample(every, min(len(every), most)))
    columns = tuple(column for column, _ in filled)
    return Sample(
        table=f"features_{_suffix(rng)}",
        order_column=f"position_{_suffix(rng)}",
        variable=columns[0],
        covariables=columns[1:],
        rows=rows,
        held_out=_held_out(columns, rows, rng),
    )


def _recognisable(column: Column, values: tuple[Value, ...], rng: random.Random) -> Filled:
    """Numbers of columns that may hold any get nine digits, by less than a thousandth of each.

    The data sets tell them with two or three, which many a count or mean has, too: a patient's value could not be
    recognised where it is shown.
    """
    if column.sql_type != "double precision":
        return column, values
    return column, tuple(_with_digits(v, rng) if isinstance(v, float) and v else v for v in values)


def _with_digits(value: float, rng: random.Random) -> float:
    """A number close by, the fifth digit of which is not 0."""
    while True:
        noisy = float(f"{value * (1 + rng.uniform(-_NOISE, _NOISE)):.9g}")
        if f"{abs(noisy):.4e}"[5] != "0":
            return noisy


def _suffix(rng: random.Random) -> str:
    return f"{rng.getrandbits(24):06x}"


def _held_out(
    columns: Sequence[Column], rows: Sequence[tuple[Value, ...]], rng: random.Random
) -> tuple[int, ...]:
    """A quarter of the rows, in random order; two rows of every code stay for training."""
    kept: set[int] = set()
    for index, column in enumerate(columns):
        for code in column.codes:
            kept.update([n for n, row in enumerate(rows) if row[index] == code][:2])
    count = min(MAX_HELD_OUT, max(MIN_HELD_OUT, len(rows) // 4))
    # Even like the number of rows: then no median or quartile of either part is a patient's own value
    count -= count % 2
    return tuple(rng.sample([n for n in range(len(rows)) if n not in kept], count))
