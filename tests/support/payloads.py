"""Payloads of every shape: the least that is valid, and twins that are wrong in exactly one way.

Images of the corpus are built from these, so a payload is text, as an image would store it.
"""

from __future__ import annotations

import base64
import copy
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey PNG, made by hand: eight bits a pixel, no interlace."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(width)) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


TABLE: dict[str, Any] = {
    "schema": {
        "fields": [{"name": "id", "type": "integer"}, {"name": "mean", "type": "number"}],
        "primaryKey": "id",
    },
    "data": [{"id": 1, "mean": 0.5}, {"id": 2, "mean": None}],
}
HIGHCHARTS: dict[str, Any] = {
    "chart": {"type": "column"},
    "title": {"text": "Histogram"},
    "xAxis": {"categories": ["A", "B"]},
    "series": [{"name": "count", "data": [1, 2]}],
}
PLOTLY: dict[str, Any] = {
    "data": [{"type": "bar", "x": ["A", "B"], "y": [1, 2]}],
    "layout": {"title": {"text": "Counts"}},
}
VEGA: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega/v6.json",
    "width": 100,
    "height": 100,
    "data": [{"name": "table", "values": [{"x": 1, "y": 2}]}],
    "scales": [{"name": "x", "type": "linear", "domain": [0, 10], "range": "width"}],
    "marks": [{"type": "symbol", "from": {"data": "table"}, "encode": {"enter": {"x": {"field": "x"}}}}],
}
VEGA_LITE: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"a": "A", "b": 28}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "a", "type": "nominal"},
        "y": {"field": "b", "type": "quantitative"},
    },
}
PFA: dict[str, Any] = {"input": "double", "output": "double", "action": ["input"]}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
HTML = "<!DOCTYPE html>\n<html><head><title>Result</title></head><body><p>Done.</p></body></html>"
VISJS = 'var nodes = new vis.DataSet([{id: 1, label: "A"}]);\nvar edges = new vis.DataSet([]);\n'

GOOD: dict[str, str] = {
    "pfa": json.dumps(PFA),
    "pfa_yaml": "input: double\noutput: double\naction:\n  - input\n",
    "json": json.dumps({"Residual": {"df": 10, "sum_sq": 1.5}}),
    "tabular_data_resource": json.dumps(TABLE),
    "highcharts": json.dumps(HIGHCHARTS),
    "plotly": json.dumps(PLOTLY),
    "vega": json.dumps(VEGA),
    "vega_lite": json.dumps(VEGA_LITE),
    "compound": json.dumps([{"type": "text/plain", "data": "Done."}]),
    "html": HTML,
    "svg": SVG,
    "png": base64.b64encode(png()).decode(),
    "visjs": VISJS,
    "text": "Done.",
}
"""``result`` of the metadata -> the least payload."""


def changed(document: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> str:
    """``document`` after ``change``, as JSON."""
    other = copy.deepcopy(document)
    change(other)
    return json.dumps(other)


def _fields(document: dict[str, Any]) -> Any:
    return document["schema"]["fields"]


BROKEN: dict[str, dict[str, tuple[str, str]]] = {
    "pfa": {"blank": (" \n", "nothing in the data")},
    "pfa_yaml": {
        "alias": ("input: &a double\noutput: *a\n", "not plain YAML"),
        "list": ("- double\n", "not hold an object"),
        "encoded twice": (json.dumps(json.dumps(PFA)), "not hold an object"),
        "tag": ("input: !!python/name:os.system x\n", "not plain YAML"),
        "cut": ("input: [double\n", "not plain YAML"),
    },
    "json": {
        "NaN": ('{"F": NaN}', "not strict JSON"),
        "Infinity": ('{"F": -Infinity}', "not strict JSON"),
        "beyond a double": ('{"F": 1e999}', "no double can hold"),
        "key twice": ('{"F": 1, "F": 2}', "not strict JSON"),
        "cut": ('{"F": 1', "not strict JSON"),
        "Python": ("{'F': 1}", "not strict JSON"),
    },
    "tabular_data_resource": {
        "type float": (
            changed(TABLE, lambda t: _fields(t)[1].update(type="float")),
            "$.schema.fields[1].type",
        ),
        "key not declared": (
            changed(TABLE, lambda t: t["schema"].update(primaryKey="ID")),
            "primary key names a field that is not declared",
        ),
        "NaN as text": (changed(TABLE, lambda t: t["data"][0].update(mean="NaN")), "$.data[0].mean"),
        "column not declared": (changed(TABLE, lambda t: t["data"][1].update(std=1)), "$.data[1]"),
        "key twice": (changed(TABLE, lambda t: t["data"][1].update(id=1)), "same primary key at $.data[1]"),
        "key absent": (changed(TABLE, lambda t: t["data"][1].update(id=None)), "absent at $.data[1].id"),
        "field twice": (changed(TABLE, lambda t: _fields(t).append({"name": "id"})), "declared twice"),
        "field without name": (changed(TABLE, lambda t: _fields(t)[1].pop("name")), "$.schema.fields[1]"),
        "no fields": (changed(TABLE, lambda t: t["schema"].update(fields=[])), "no fields"),
        "no data": (changed(TABLE, lambda t: t.pop("data")), "has no data"),
        "row no row": (changed(TABLE, lambda t: t["data"].append(3)), "$.data[2]"),
        "encoded twice": (json.dumps(json.dumps(TABLE)), "not a JSON object"),
    },
    "highcharts": {
        "no series": (changed(HIGHCHARTS, lambda h: h.pop("series")), "$.series"),
        "series an object": (changed(HIGHCHARTS, lambda h: h.update(series={})), "$.series"),
        "unknown type": (changed(HIGHCHARTS, lambda h: h["chart"].update(type="colunm")), "$.chart.type"),
        "text for a number": (
            changed(HIGHCHARTS, lambda h: h["series"][0].update(data=[1, "NaN"])),
            "$.series[0].data[1]",
        ),
        "one of two wrong": (json.dumps([HIGHCHARTS, {}]), "$[1].series"),
        "no chart": ("[]", "no chart"),
        "encoded twice": (json.dumps(json.dumps(HIGHCHARTS)), "no chart"),
    },
    "plotly": {
        "unknown trace": (changed(PLOTLY, lambda p: p["data"][0].update(type="barr")), "$.data[0].type"),
        "no data": (changed(PLOTLY, lambda p: p.pop("data")), "no traces"),
        "traces alone": (json.dumps(PLOTLY["data"]), "not a JSON object"),
        "text for numbers": (changed(PLOTLY, lambda p: p["data"][0].update(y="NaN")), "$.data[0]"),
        "encoded twice": (json.dumps(json.dumps(PLOTLY)), "not a JSON object"),
    },
    "vega": {
        "no marks": (changed(VEGA, lambda v: v.pop("marks")), "no mark at $.marks"),
        "unknown mark": (changed(VEGA, lambda v: v["marks"][0].update(type="dot")), "$.marks[0].type"),
        "unknown scale": (changed(VEGA, lambda v: v["scales"][0].update(type="lin")), "$.scales[0]"),
        "bad encoding": (changed(VEGA, lambda v: v["marks"][0]["encode"].update(enter=[3])), "$.marks[0]"),
        "Vega-Lite": (
            changed(VEGA, lambda v: v.update({"$schema": VEGA_LITE["$schema"]})),
            "another language",
        ),
        "encoded twice": (json.dumps(json.dumps(VEGA)), "not a JSON object"),
    },
    "vega_lite": {
        "no mark": (changed(VEGA_LITE, lambda v: v.pop("mark")), "a key is missing at $"),
        "unknown mark": (changed(VEGA_LITE, lambda v: v.update(mark="barr")), "$.mark"),
        "unknown type": (
            changed(VEGA_LITE, lambda v: v["encoding"]["x"].update(type="number")),
            "$.encoding.x",
        ),
        "Vega": (changed(VEGA_LITE, lambda v: v.update({"$schema": VEGA["$schema"]})), "another language"),
        "encoded twice": (json.dumps(json.dumps(VEGA_LITE)), "not a JSON object"),
    },
    "compound": {
        "a number": ("3", "holds no results"),
        "empty": ("[]", "holds no results"),
        "encoded twice": (json.dumps("[1]"), "holds no results"),
    },
    "html": {
        "blank": ("\n", "nothing in the data"),
        "text": ("The mean is 3.", "no element"),
        "comment": ("<!-- <p>none</p> -->", "no element"),
        "cut": ("<p>Done.</p><tab", "ends inside a tag"),
        "encoded as JSON": (json.dumps(HTML), "a JSON string"),
    },
    "svg": {
        "wrong root": (SVG.replace("svg ", "g ").replace("/svg>", "/g>"), "the root element"),
        "no namespace": ("<svg><rect/></svg>", "the root element"),
        "cut": (SVG[: len(SVG) // 2], "not well-formed"),
        "entity": ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "declares an entity"),
        "encoded as JSON": (json.dumps(SVG), "a JSON string"),
    },
    "png": {
        "cut": (base64.b64encode(png()[:40]).decode(), "damaged"),
        "wrong checksum": (base64.b64encode(png()[:-14] + b"\0" + png()[-13:]).decode(), "damaged"),
        "garbage": ("%" + base64.b64encode(png()).decode(), "not base64"),
        "no padding": (
            base64.b64encode(png() + b"x" * (3 - len(png()) % 3 + 1)).decode().rstrip("="),
            "base64",
        ),
        "JPEG": (base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(40)).decode(), "no PNG"),
        "address": ("data:image/png;base64," + base64.b64encode(png()).decode(), "a data address"),
        "encoded as JSON": (json.dumps(base64.b64encode(png()).decode()), "a JSON string"),
    },
    "visjs": {
        "cut": (VISJS[: VISJS.index("label")], "syntax error"),
        "Python": ("def f(x):\n  return x\n", "syntax error"),
        "HTML": ("<p>Done.</p>", "syntax error in line 1, column 1"),
        "comment": ("// nothing\n", "does nothing"),
        "encoded as JSON": (json.dumps(VISJS), "a JSON string"),
    },
    "text": {"blank": ("", "nothing in the data")},
}
"""``result`` -> name of the defect -> a payload with that defect alone, and words of the message that names it."""
