"""Write the data sets of ``algoreg.samples`` as CSV, once, from scikit-learn; the checker itself never imports it.

python scripts/export_datasets.py
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from sklearn import datasets

FOLDER = Path(__file__).parent.parent / "registry" / "algoreg" / "samples" / "data"
SEX = {1: "F", 2: "M"}
"""The data set says 1 and 2 and does not say which; as a nominal variable only the difference matters."""


def plain_name(name: str) -> str:
    """``od280/od315_of_diluted_wines`` -> ``od280_od315_of_diluted_wines``; units are dropped."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"\(.*\)", "", name).strip().lower())


def number(value: Any) -> str:
    """The shortest text that reads back as the same number; whole numbers without a point."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def columns() -> dict[str, dict[str, list[str]]]:
    """Data set -> column -> values as text; the target is the last column."""
    tables: dict[str, dict[str, list[str]]] = {}
    diabetes = datasets.load_diabetes(scaled=False)
    tables["diabetes"] = _features(diabetes) | {"progression": [number(value) for value in diabetes.target]}
    tables["diabetes"]["sex"] = [SEX[int(code)] for code in tables["diabetes"]["sex"]]
    for name, target, loaded in (
        ("breast_cancer", "diagnosis", datasets.load_breast_cancer()),
        ("iris", "species", datasets.load_iris()),
        ("wine", "cultivar", datasets.load_wine()),
    ):
        codes = [str(loaded.target_names[index]) for index in loaded.target]
        tables[name] = _features(loaded) | {target: codes}
    return tables


def _features(loaded: Any) -> dict[str, list[str]]:
    names = [plain_name(str(name)) for name in loaded.feature_names]
    return {name: [number(value) for value in loaded.data[:, index]] for index, name in enumerate(names)}


def main() -> None:
    """Write every table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, table in columns().items():
        with (FOLDER / f"{name}.csv").open("w", newline="", encoding="ascii") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(table)
            writer.writerows(zip(*table.values(), strict=True))


if __name__ == "__main__":
    main()
