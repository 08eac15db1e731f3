"""A stored result has the identifier and the payload of the declared shape, or the defect says where it has not."""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import sys
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import schemas, shapes
from algoreg.strictjson import TooLarge
from support.payloads import BROKEN, GOOD, HIGHCHARTS, PLOTLY, SVG, TABLE, VEGA, VEGA_LITE, changed, png

RESULTS = schemas.load("algorithm")["properties"]["result"]["enum"]
MiB = 1024 * 1024


def test_every_result_that_metadata_can_declare_is_judged() -> None:
    assert set(shapes.IDENTIFIERS) == set(RESULTS) == set(GOOD) == set(BROKEN)


@pytest.mark.parametrize("result", RESULTS)
def test_identifiers_are_compared_exactly(result: str) -> None:
    for accepted in shapes.IDENTIFIERS[result]:
        assert shapes.identifier_defect(result, accepted) is None
        assert shapes.identifier_defect(result, f"{accepted} ") is not None
        assert shapes.identifier_defect(result, accepted.swapcase()) is not None


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("json", "the shape of json"),
        ("error", "the shape of an error"),
        ("PFA", "other letters"),
        ("r_matrix", "Woken does not know"),
        (None, "null"),
    ],
)
def test_a_foreign_identifier_is_told_from_a_misspelt_one(shape: str | None, words: str) -> None:
    defect = shapes.identifier_defect("pfa", shape)
    assert defect is not None
    assert defect.check == "db.shape"
    assert words in defect.got
    assert "application/pfa+json" in defect.expected


@pytest.mark.parametrize("result", RESULTS)
def test_the_least_payload_is_accepted(result: str) -> None:
    assert shapes.payload_defect(result, GOOD[result]) is None


@pytest.mark.parametrize(
    ("result", "name"), [(result, name) for result, twins in BROKEN.items() for name in twins]
)
def test_a_payload_with_one_defect_is_refused_for_it(result: str, name: str) -> None:
    data, words = BROKEN[result][name]
    defect = shapes.payload_defect(result, data)
    assert defect is not None
    assert defect.check == "db.shape"
    assert words in defect.message, defect
    assert len(defect.expected) < 400, defect
    assert len(defect.got) < 300, defect


DOCTYPE = '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://localhost/svg.dtd">'
MISSING = json.dumps(
    {
        "schema": {"fields": [{"name": "mean", "type": "number"}], "missingValues": ["NaN"]},
        "data": [{"mean": "NaN"}],
    }
)


@pytest.mark.parametrize(
    ("result", "data"),
    [
        ("json", "3"),
        ("json", json.dumps(json.dumps([1]))),
        ("tabular_data_resource", changed(TABLE, lambda t: t.update(data=[["id", "mean"], [1, 2.5]]))),
        ("tabular_data_resource", changed(TABLE, lambda t: t.update(data=[]))),
        ("tabular_data_resource", changed(TABLE, lambda t: t.update(name="hinmine"))),
        ("tabular_data_resource", changed(TABLE, lambda t: t["schema"].update(primaryKey=["id"]))),
        ("tabular_data_resource", MISSING),
        ("highcharts", json.dumps([HIGHCHARTS, {"label": "a", "series": [{"data": [[1, 2], {"y": 3}, None]}]}])),
        ("plotly", changed(PLOTLY, lambda p: p.update(config={"responsive": True}, frames=[]))),
        ("plotly", changed(PLOTLY, lambda p: p["data"].append({"y": [1]}))),
        ("plotly", changed(PLOTLY, lambda p: p["data"][0].update(yy=[1], frame=None))),
        ("plotly", changed(PLOTLY, lambda p: p["layout"].update(xaxis={"titlefont": {"size": 10}}))),
        ("plotly", changed(PLOTLY, lambda p: p["data"].append({"type": "scattermapbox", "lat": [1]}))),
        ("plotly", changed(PLOTLY, lambda p: p["layout"].update(xaxis2={"title": {"text": "b"}}))),
        ("vega", changed(VEGA, lambda v: v.update(marks=[{"type": "group", "marks": v["marks"]}]))),
        ("vega_lite", changed(VEGA_LITE, lambda v: v.update({"$schema": VEGA_LITE["$schema"].replace("v6", "v5")}))),
        ("vega_lite", json.dumps({"hconcat": [{"mark": "point"}, {"layer": [{"mark": {"type": "line"}}]}]})),
        ("html", "<div>a fragment<br></div>"),
        ("html", "<!doctype html><title>x</title><p>left open<p>a < b"),
        ("html", "<html>plain</html>"),
        ("svg", DOCTYPE + SVG),
        ("png", base64.encodebytes(png(400, 400)).decode()),
        ("visjs", "let {a, ...b} = {}; const f = async (x) => x?.y ?? 1;"),
        ("visjs", "new vis.Network(document.body, {}, {})"),
        ("pfa", "not looked at"),
        ("text", "42"),
    ],
)  # fmt: skip
def test_what_a_shape_leaves_free_is_accepted(result: str, data: str) -> None:
    assert shapes.payload_defect(result, data) is None


CELLS: list[tuple[str, Any, Any]] = [
    ("string", "a", 3),
    ("number", 1.5, True),
    ("integer", 3.0, 3.5),
    ("boolean", False, "false"),
    ("date", "2020-02-29", "2021-02-29"),
    ("time", "10:30:00", "25:00:00"),
    ("datetime", "2020-01-01T10:00:00Z", "yesterday"),
    ("year", 2020, "2020"),
    ("yearmonth", "2020-02", "2020-13"),
    ("object", {"a": 1}, [1]),
    ("array", [1], {"a": 1}),
    ("geojson", {"type": "Point"}, "Point"),
]


@pytest.mark.parametrize(("kind", "good", "bad"), CELLS)
def test_a_value_is_of_its_fields_type(kind: str, good: Any, bad: Any) -> None:
    def table(value: Any) -> str:
        return json.dumps({"schema": {"fields": [{"name": "a", "type": kind}]}, "data": [{"a": value}, {}]})

    assert shapes.payload_defect("tabular_data_resource", table(good)) is None
    defect = shapes.payload_defect("tabular_data_resource", table(bad))
    assert defect is not None
    assert "$.data[0].a" in defect.message


def nested(times: int, wrap: Any, inner: Any) -> str:
    for _ in range(times):
        inner = wrap(inner)
    return json.dumps(inner)


def deep_vega(times: int) -> str:
    return nested(times, lambda m: {"type": "group", "marks": [m]}, {"type": "dot"})


def bomb(width: int, height: int) -> str:
    """A PNG that says it is large."""
    raw = png()
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return base64.b64encode(raw[:8] + chunk + raw[33:]).decode()


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OPEN_SVG = '<svg xmlns="http://www.w3.org/2000/svg">'

HOSTILE: dict[str, tuple[str, str]] = {
    "json too large": ("json", '"' + "a" * 16 * MiB + '"'),
    "json deep": ("json", "[" * 1_000_000),
    "json many": ("json", "[" + "1," * 1_100_000 + "1]"),
    "text too large": ("text", "a" * (16 * MiB + 1)),
    "lone surrogate": ("json", '"\ud800"'),
    "yaml deep": ("pfa_yaml", "[" * 20_000),
    "yaml keys": ("pfa_yaml", "? " * 20_000),
    "yaml laughs": ("pfa_yaml", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
    "yaml large": ("pfa_yaml", "a: " + "b" * 2 * MiB),
    "table pattern": (
        "tabular_data_resource",
        changed(TABLE, lambda t: t.update(mediatype="/" * MiB + "\n")),
    ),
    "table name pattern": ("tabular_data_resource", changed(TABLE, lambda t: t.update(name="a" * MiB + "!"))),
    "table wide": (
        "tabular_data_resource",
        json.dumps(
            {"schema": {"fields": [{"name": str(i), "type": "x"} for i in range(50_000)]}, "data": []}
        ),
    ),
    "table fields": ("tabular_data_resource", json.dumps({"schema": {"fields": [3] * 900}, "data": []})),
    "vega-lite nested": (
        "vega_lite",
        nested(190, lambda v: {"layer": [v]}, {"mark": "dot"}),
    ),
    "vega-lite repeated": (
        "vega_lite",
        nested(40, lambda v: {"repeat": ["a"], "spec": v}, {"mark": "dot"}),
    ),
    "vega-lite deep": ("vega_lite", nested(95, lambda v: {"layer": [v]}, {"mark": "dot"})),
    "vega-lite many": ("vega_lite", json.dumps({"hconcat": [{"mark": "bar"}] * 100_000})),
    "vega-lite wide": ("vega_lite", json.dumps({"hconcat": [{"mark": "dot"}] * 20_000})),
    "vega nested": ("vega", json.dumps({"marks": [json.loads(deep_vega(90))]})),
    "vega wide": ("vega", json.dumps({"marks": [{"type": "rect", "encode": 3}] * 20_000})),
    "plotly long key": ("plotly", json.dumps({"data": [], "layout": {"a" * MiB: 1}})),
    "plotly traces": ("plotly", json.dumps({"data": [{}] * 100_000})),
    "html deep": ("html", "<div>" * 200_000 + "<p"),
    "html attributes": ("html", "<p " + " ".join(f"a{i}=1" for i in range(100_000))),
    "html comments": ("html", "<!--" * 500_000),
    "html brackets": ("html", "<" * 500_000),
    "svg laughs": ("svg", LAUGHS + SVG),
    "svg outside": ("svg", '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + OPEN_SVG + "&a;</svg>"),
    "svg parameter": ("svg", '<!DOCTYPE a [<!ENTITY % a SYSTEM "http://localhost/">%a;]>' + SVG),
    "svg deep": ("svg", OPEN_SVG * 100_000),
    "svg open": ("svg", OPEN_SVG + "<a b='" + "x" * MiB),
    "png large": ("png", bomb(100_000, 100_000)),
    "png lies": ("png", bomb(3000, 3000)),
    "png zero": ("png", bomb(0, 1)),
    "script deep": ("visjs", "(" * 200_000),
    "script templates": ("visjs", "`${" * 50_000),
    "script garbage": ("visjs", "@#$%^&" * 50_000),
    "script arrows": ("visjs", "(a=>" * 50_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_payload_is_a_defect_and_costs_little(name: str) -> None:
    result, data = HOSTILE[name]
    try:
        defect = shapes.payload_defect(result, data)
    except TooLarge:
        return  # nothing is said of it
    assert defect is not None
    assert len(defect.message) + len(defect.expected) + len(defect.got) < 1000


@pytest.mark.parametrize(
    ("result", "data"),
    [
        ("visjs", "(" * 50_000 + "1" + ")" * 50_000),
        ("vega_lite", changed(VEGA_LITE, lambda v: v["data"].update(values=[{"a": "A", "b": 1}] * 20_000))),
        (
            "tabular_data_resource",
            changed(TABLE, lambda t: t.update(data=[{"id": i} for i in range(50_000)])),
        ),
        ("highcharts", changed(HIGHCHARTS, lambda h: h["series"][0].update(data=[1] * 100_000))),
        ("plotly", changed(PLOTLY, lambda p: p["data"][0].update(y=[1] * 100_000))),
        ("html", "<p>a <b>b</b></p>" * 100_000),
        ("svg", OPEN_SVG + "<g/>" * 100_000 + "</svg>"),
        ("png", base64.b64encode(png(3000, 3000)).decode()),
    ],
    ids=lambda value: value if len(value) < 30 else "",
)
def test_a_large_payload_is_accepted(result: str, data: str) -> None:
    assert shapes.payload_defect(result, data) is None


@settings(deadline=None, max_examples=60)
@given(result=st.sampled_from(RESULTS), data=st.data())
def test_a_part_of_a_payload_is_judged_without_an_exception(result: str, data: st.DataObject) -> None:
    whole = GOOD[result]
    start = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
    end = data.draw(st.integers(start, len(whole)))
    shapes.payload_defect(result, whole[:start] + inserted + whole[end:])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "bar", "NaN", "id"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["data", "schema", "fields", "name", "type", "primaryKey", "series", "marks", "mark", "layer", "encode",
            "layout", "frames", "encoding", "x", "chart", "constraints", "missingValues", "spec", "concat", "values"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(
    result=st.sampled_from(
        ["tabular_data_resource", "highcharts", "plotly", "vega", "vega_lite", "compound"]
    ),
    value=JSON,
)
def test_any_json_is_judged_without_an_exception(result: str, value: Any) -> None:
    shapes.payload_defect(result, json.dumps(value))


def test_no_parser_is_imported_before_it_is_needed() -> None:
    heavy = ("plotly", "PIL", "lxml", "defusedxml", "tree_sitter", "jsonschema", "yaml")
    program = f"import sys, algoreg.shapes; print([one for one in {heavy!r} if one in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
