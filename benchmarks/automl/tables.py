"""The data sets: real tables that come inside packages which the project installs anyway, so that nobody fetches any.

A table is read out of its package and never kept in the repository. What a column is, is told and not inferred: an
ordered scale (a school degree from 1 to 7) is a number, a name is a code. A large table is thinned by taking every
n-th row, which needs no random choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A table, and the question that is asked of it."""

    name: str
    variable: str
    task: str
    """``regression`` or ``classification``."""
    nominal: tuple[str, ...] = ()
    """The covariables that are codes; all others are numbers."""
    package: str
    """The distribution that it comes in."""
    source: str
    """What it is about, and where it was taken from."""
    terms: str
    """What its package says of its licence."""
    read: Callable[[], pd.DataFrame]
    """The variable and the covariables, and nothing else; no NULL."""

    def types(self, frame: pd.DataFrame) -> dict[str, dict[str, str]]:
        """Column -> its description, as ``algoreg run --variables`` reads it."""
        return {str(name): {"type": self._type(str(name), frame)} for name in frame.columns}

    def _type(self, name: str, frame: pd.DataFrame) -> str:
        nominal = name in self.nominal or (name == self.variable and self.task == "classification")
        if not nominal:
            return "real"
        return "binominal" if frame[name].nunique() == 2 else "polynominal"


def _sklearn(name: str, variable: str, **options: Any) -> pd.DataFrame:
    """A table of scikit-learn's; classes by their names."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")(as_frame=True, **options)
    frame: pd.DataFrame = bunch.frame.rename(columns={"target": variable})
    if "target_names" in bunch:
        frame[variable] = frame[variable].map(dict(enumerate(bunch.target_names)))
    return frame


def _statsmodels(name: str) -> pd.DataFrame:
    import statsmodels.datasets

    frame: pd.DataFrame = getattr(statsmodels.datasets, name).load_pandas().data
    return frame


def _diabetes() -> pd.DataFrame:
    return _sklearn("diabetes", "progression", scaled=False)


def _modechoice() -> pd.DataFrame:
    """From a row for each way that a person could have taken to a row for each person."""
    modes = {1: "air", 2: "train", 3: "bus", 4: "car"}
    long = _statsmodels("modechoice")
    long = long.assign(mode=long["mode"].map(modes))
    wide = long.pivot(index="individual", columns="mode", values=["ttme", "invc", "invt", "gc"])
    wide.columns = [f"{figure}_{mode}" for figure, mode in wide.columns]
    people = long[long["choice"] == 1].set_index("individual")
    # Nobody waits for a car: that column is 0 throughout
    return wide.drop(columns="ttme_car").assign(
        hinc=people["hinc"], psize=people["psize"], chosen=people["mode"]
    )


def _fair() -> pd.DataFrame:
    frame = _statsmodels("fair").iloc[::6]
    had = (frame["affairs"] > 0).map({True: "yes", False: "no"})
    codes = {name: frame[name].astype(int) for name in ("occupation", "occupation_husb")}
    return frame.drop(columns="affairs").assign(**codes, affair=had)


def _randhie() -> pd.DataFrame:
    frame = _statsmodels("randhie").iloc[::13]
    return frame.astype(dict.fromkeys(("idp", "hlthg", "hlthf", "hlthp"), int))


def _tips() -> pd.DataFrame:
    import plotly.data

    frame: pd.DataFrame = plotly.data.tips()
    return frame


def _gapminder() -> pd.DataFrame:
    import plotly.data

    frame: pd.DataFrame = plotly.data.gapminder(year=2007)
    return frame[["continent", "pop", "gdpPercap", "lifeExp"]]


_UCI = "UCI Machine Learning Repository, CC BY 4.0"

DATA_SETS: Mapping[str, DataSet] = {
    one.name: one
    for one in (
        DataSet(
            name="wine",
            variable="cultivar",
            task="classification",
            package="scikit-learn",
            source="chemical analysis of wines of three cultivars (Forina 1988)",
            terms=_UCI,
            read=lambda: _sklearn("wine", "cultivar"),
        ),
        DataSet(
            name="iris",
            variable="species",
            task="classification",
            package="scikit-learn",
            source="three species of iris by sepals and petals (Fisher 1936)",
            terms=_UCI,
            read=lambda: _sklearn("iris", "species"),
        ),
        DataSet(
            name="breast_cancer",
            variable="diagnosis",
            task="classification",
            package="scikit-learn",
            source="benign or malignant, from images of cell nuclei (Wolberg and others 1993)",
            terms=_UCI,
            read=lambda: _sklearn("breast_cancer", "diagnosis"),
        ),
        DataSet(
            name="modechoice",
            variable="chosen",
            task="classification",
            package="statsmodels",
            source="plane, train, bus or car between Australian cities (Greene and Hensher 1997)",
            terms="public domain",
            read=_modechoice,
        ),
        DataSet(
            name="fair",
            variable="affair",
            task="classification",
            nominal=("occupation", "occupation_husb"),
            package="statsmodels",
            source="an affair or none, survey of married women (Fair 1978), every 6th row",
            terms="included by permission of the author",
            read=_fair,
        ),
        DataSet(
            name="gapminder",
            variable="lifeExp",
            task="regression",
            nominal=("continent",),
            package="plotly",
            source="life expectancy of 142 countries in 2007 (Gapminder)",
            terms="CC BY",
            read=_gapminder,
        ),
        DataSet(
            name="tips",
            variable="tip",
            task="regression",
            nominal=("sex", "smoker", "day", "time"),
            package="plotly",
            source="what guests left in a restaurant (Bryant and Smith 1995, R's reshape2)",
            terms="MIT, as the package",
            read=_tips,
        ),
        DataSet(
            name="diabetes",
            variable="progression",
            task="regression",
            nominal=("sex",),
            package="scikit-learn",
            source="progression of diabetes after a year (Efron and others 2004), unscaled",
            terms="BSD-3-Clause, as the package",
            read=_diabetes,
        ),
        DataSet(
            name="randhie",
            variable="mdvis",
            task="regression",
            nominal=("idp", "hlthg", "hlthf", "hlthp"),
            package="statsmodels",
            source="visits to a physician, RAND Health Insurance Experiment, every 13th row",
            terms="public domain",
            read=_randhie,
        ),
    )
}
"""Name -> data set, those with few cells first: a run that is cut short has whole data sets."""
