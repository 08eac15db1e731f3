"""Judges a Plotly figure by Plotly's own schema, as its Python package carries it.

Source: plotly.py's graph objects, made from the plot schema of the plotly.js of the same release. Values must be what
the schema allows; an attribute that it does not know is let through, as plotly.js does: other releases have others.
A figure is what plotly.js takes: data, layout, frames, config.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from algoreg.schemas import json_path, shown
from algoreg.shapes.defects import Broken, json_object

_MAX_TRACES = 1000
"""Each is an object of the library; no browser draws so many."""
_MAX_KEY = 100
"""Characters. The library looks for a name like the unknown one, in the square of its length."""
_SAID = 160
_UNKNOWN = re.compile(r"Invalid property specified for object of type \S+: '([^']+)'")
"""How the library names an attribute that its schema does not have."""
_MOST_UNKNOWN = 40
_FORMER_TYPES = ("scattermapbox", "choroplethmapbox", "densitymapbox", "heatmapgl", "pointcloud")
"""Trace types of plotly.js up to 2, which the schema of later ones does not have: taken as they are."""


def judge(data: str) -> None:
    """Raises Broken when ``data`` is no Plotly figure."""
    document = json_object(data)
    _bound_keys(document)
    traces = document.get("data")
    if not isinstance(traces, list):
        raise Broken(
            "plotly: there are no traces at $.data",
            expected="an array of traces",
            got=shown(traces) if "data" in document else "no such key",
        )
    if len(traces) > _MAX_TRACES:
        raise Broken(
            "plotly: too many traces at $.data", expected=f"at most {_MAX_TRACES:,}", got=f"{len(traces):,}"
        )
    _parts(document, traces)


def _parts(document: Mapping[str, Any], traces: list[Any]) -> None:
    """Judge one trace after the other, then the rest, so that a place can be named."""
    from plotly.graph_objects import Figure

    for index, trace in enumerate(traces):
        _trace(trace, index, lambda one: Figure(data=[one], skip_invalid=False))
    layout, frames = document.get("layout"), document.get("frames")
    _apply("an object", dict, layout, ("layout",), lambda one: Figure(layout=one, skip_invalid=False))
    _apply("an array", list, frames, ("frames",), lambda _one: None)
    for index, frame in enumerate(frames or ()):
        at = ("frames", index)
        _apply("an object", dict, frame, at, lambda one: Figure(frames=[one], skip_invalid=False))


def _trace(trace: Any, index: int, build: Callable[[Any], object]) -> None:
    at = ("data", index)
    if isinstance(trace, dict) and trace.get("type") in _FORMER_TYPES:
        return
    if trace is None:
        raise Broken(f"plotly: no trace at {json_path(at)}", expected="an object", got="null")
    if isinstance(trace, dict) and not _known(trace.get("type", "scatter")):
        raise Broken(
            f"plotly: no such trace type at {json_path((*at, 'type'))}",
            expected="a trace type of Plotly, such as bar",
            got=shown(trace["type"]),
        )
    _apply("an object", dict, trace, at, build)


def _known(kind: Any) -> bool:
    from plotly.graph_objects import Figure

    try:
        Figure(data=[{"type": kind}], skip_invalid=False)
    except (ValueError, TypeError):
        return False
    return isinstance(kind, str)


def _apply(
    words: str, wanted: type, value: Any, at: tuple[str | int, ...], build: Callable[[Any], object]
) -> None:
    """Let the library take ``value``; what it says is cut to its first sentence, which repeats no payload."""
    if value is None:
        return
    where = json_path(at)
    if not isinstance(value, wanted):
        raise Broken(f"plotly: not of its form at {where}", expected=words, got=shown(value))
    try:
        _build_what_is_known(_without_null(value), build)
    except RecursionError:
        raise Broken(f"plotly: nested too deep at {where}", expected="less nesting", got="more") from None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        said = " ".join(str(error).strip().partition("\n")[0].split())[:_SAID]
        raise Broken(
            f"plotly: an attribute is wrong at {where}", expected="attributes of Plotly's schema", got=said
        ) from error


def _build_what_is_known(value: Any, build: Callable[[Any], object]) -> None:
    """Leave out one attribute after the other that the library does not know; raises what it says of the rest."""
    for _ in range(_MOST_UNKNOWN):
        try:
            build(value)
        except ValueError as error:
            unknown = _UNKNOWN.search(str(error))
            if unknown is None:
                raise
            value = _without(value, unknown[1])
        else:
            return
    raise ValueError(f"more than {_MOST_UNKNOWN} attributes that Plotly does not have")


def _without(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(one, key) for name, one in value.items() if name != key}
    return [_without(one, key) for one in value] if isinstance(value, list) else value


def _without_null(value: Any) -> Any:
    """An attribute that is null is one that is not set; a value that is missing stays."""
    if isinstance(value, dict):
        return {name: _without_null(one) for name, one in value.items() if one is not None}
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return [_without_null(one) for one in value]
    return value


def _bound_keys(document: Mapping[str, Any]) -> None:
    """Raises Broken for a key that is longer than any attribute."""
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            long = next((key for key in value if len(key) > _MAX_KEY), None)
            if long is not None:
                raise Broken(
                    "plotly: no such attribute", expected="attributes of Plotly's schema", got=shown(long)
                )
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
