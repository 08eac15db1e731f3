"""Judges Highcharts options, one chart or an array of them, and compounds of results.

Highcharts publishes no schema, and the Python package that wraps it (highcharts-core) refuses series without a type,
which Highcharts draws as lines, and reads texts as JavaScript; so the documented minimum is judged here. Of a compound
Woken's messages say nothing but that it is JSON.
"""

from __future__ import annotations

from typing import Any

from algoreg.schemas import json_path, shown
from algoreg.shapes.defects import Broken, described, json_value

HIGHCHARTS_SERIES = frozenset(
    """arcdiagram area arearange areaspline areasplinerange bar bellcurve boxplot bubble bullet candlestick column
    columnpyramid columnrange contour cylinder dependencywheel dumbbell errorbar flags flowmap funnel funnel3d gantt
    gauge geoheatmap heatmap heikinashi histogram hlc hollowcandlestick item line lollipop map mapbubble mapline
    mappoint networkgraph ohlc organization packedbubble pareto pictorial pie pointandfigure polygon pyramid pyramid3d
    renko sankey scatter scatter3d solidgauge spline streamgraph sunburst tiledwebmap tilemap timeline treegraph treemap
    variablepie variwide vector venn waterfall windbarb wordcloud xrange""".split()  # noqa: SIM905 - one name a line would fill the file
)
"""Series types of Highcharts 12 and of its Stock, Maps and Gantt (api.highcharts.com); others are its error 17."""


def highcharts(data: str) -> None:
    """Raises Broken when ``data`` is neither the options of a Highcharts chart nor an array of them."""
    value = json_value(data)
    charts = value if isinstance(value, list) else [value]
    if not charts:
        raise Broken(
            "highcharts: there is no chart at $", expected="at least one chart", got="an empty array"
        )
    for index, chart in enumerate(charts):
        _chart(chart, (index,) if isinstance(value, list) else ())


def _chart(chart: Any, at: tuple[str | int, ...]) -> None:
    if not isinstance(chart, dict):
        raise Broken(
            f"highcharts: no chart at {json_path(at)}", expected="an object with series", got=described(chart)
        )
    series = chart.get("series")
    if not isinstance(series, list):
        raise Broken(
            f"highcharts: no series at {json_path((*at, 'series'))}",
            expected="an array of series",
            got=shown(series) if "series" in chart else "no such key",
        )
    for key, wanted, words in _SECTIONS:
        if key in chart and not isinstance(chart[key], wanted):
            raise Broken(
                f"highcharts: not of its form at {json_path((*at, key))}",
                expected=words,
                got=shown(chart[key]),
            )
    _series_type(chart.get("chart") or {}, (*at, "chart"))
    for index, one in enumerate(series):
        _series(one, (*at, "series", index))


_SECTIONS: tuple[tuple[str, Any, str], ...] = (
    ("chart", (dict, type(None)), "an object"),
    ("title", (dict, type(None)), "an object"),
    ("subtitle", (dict, type(None)), "an object"),
    ("xAxis", (dict, list), "an object or an array"),
    ("yAxis", (dict, list), "an object or an array"),
    ("plotOptions", dict, "an object"),
    ("legend", dict, "an object"),
    ("tooltip", dict, "an object"),
)


def _series(series: Any, at: tuple[str | int, ...]) -> None:
    if not isinstance(series, dict):
        raise Broken(f"highcharts: no series at {json_path(at)}", expected="an object", got=shown(series))
    _series_type(series, at)
    if not isinstance(series.get("data", []), list | type(None)):
        raise Broken(
            f"highcharts: not of its form at {json_path((*at, 'data'))}",
            expected="an array of points",
            got=shown(series["data"]),
        )
    for index, point in enumerate(series.get("data") or ()):
        _point(point, (*at, "data", index))


def _point(point: Any, at: tuple[str | int, ...]) -> None:
    """A number, null, an array (which may begin with a name), or an object; text draws nothing (error 14)."""
    if isinstance(point, str | bool):
        raise Broken(
            f"highcharts: no point at {json_path(at)}",
            expected="a number, null, an array or an object",
            got=shown(point),
        )


def _series_type(holder: dict[str, Any], at: tuple[str | int, ...]) -> None:
    kind = holder.get("type")
    if kind is not None and (not isinstance(kind, str) or kind not in HIGHCHARTS_SERIES):
        raise Broken(
            f"highcharts: no such series type at {json_path((*at, 'type'))}",
            expected="a type of Highcharts, such as column",
            got=shown(kind),
        )


def compound(data: str) -> None:
    """Raises Broken when ``data`` is neither an object nor an array: Woken defines no more of a compound."""
    value = json_value(data)
    if not isinstance(value, dict | list) or not value:
        raise Broken(
            "a compound holds no results", expected="an object or an array, not empty", got=described(value)
        )
