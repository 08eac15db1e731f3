"""The real patients that every validation runs on: four public data sets, read from the CSV files of this package.

What is asked of them (which columns, which rows are held out) is decided in ``plain``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from algoreg.samples.sample import Column, Value


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One data set: its columns by name, and which of them say most about the target."""

    name: str
    target: str
    strong: tuple[str, ...]
    """Continuous columns without which nothing can be predicted; the best first."""
    values: Mapping[str, tuple[Value, ...]]
    """Column -> one value per patient; text for a nominal column."""

    @property
    def size(self) -> int:
        """How many patients there are."""
        return len(self.values[self.target])

    @property
    def continuous(self) -> tuple[str, ...]:
        """The continuous features, the strong ones first."""
        names = (name for name in self.values if name != self.target and not self.is_nominal(name))
        return (*self.strong, *(name for name in names if name not in self.strong))

    @property
    def nominal(self) -> tuple[str, ...]:
        """The nominal features that are in the data as such."""
        return tuple(name for name in self.values if name != self.target and self.is_nominal(name))

    def is_nominal(self, name: str) -> bool:
        """Whether a column holds codes."""
        return isinstance(self.values[name][0], str)

    def continuous_column(self, name: str) -> Column:
        """A feature as Woken's metadata describes it: integer where every value is whole."""
        whole = all(isinstance(value, int) for value in self.values[name])
        kind, sql_type = ("integer", "integer") if whole else ("real", "double precision")
        return Column(code=name, label=label(name), type=kind, sql_type=sql_type)


def label(name: str) -> str:
    """What a person reads for a column name."""
    return name.replace("_", " ").capitalize()


_STRONG: Mapping[str, tuple[str, ...]] = {
    "diabetes": ("bmi", "s5"),
    "breast_cancer": ("worst_radius", "worst_concave_points"),
    "iris": ("petal_width", "petal_length"),
    "wine": ("flavanoids", "proline", "color_intensity"),
}
DIABETES, BREAST_CANCER, IRIS, WINE = _STRONG


@cache
def load(name: str) -> Dataset:
    """Read one data set; the target is its last column."""
    text = (files("algoreg.samples") / "data" / f"{name}.csv").read_text(encoding="ascii")
    header, *rows = csv.reader(text.splitlines())
    columns = {column: _values(texts) for column, texts in zip(header, zip(*rows, strict=True), strict=True)}
    return Dataset(name=name, target=header[-1], strong=_STRONG[name], values=columns)


def _values(texts: tuple[str, ...]) -> tuple[Value, ...]:
    """A column's texts as integers, else as numbers, else as codes."""
    for read in (int, float):
        try:
            return tuple(map(read, texts))
        except ValueError:
            continue
    return texts
