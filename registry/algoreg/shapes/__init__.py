"""Says what is wrong with the result that an image stored: its identifier, or a payload that is not of its shape.

Sources: contract section 4 for the identifiers; each module here names the schema or parser that judges. Which check
reports it, and for which case, is decided in ``checks``; what a PFA document computes is judged by the pfa family.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from algoreg import contract, documents
from algoreg.errors import MetadataError
from algoreg.outputs import Defect
from algoreg.schemas import shown
from algoreg.shapes import charts, defects, figure, markup, picture, script, table, vega

IDENTIFIERS: Mapping[str, tuple[str, ...]] = {
    "pfa": contract.PFA_SHAPES,
    "pfa_yaml": ("pfa_yaml", "application/pfa+yaml"),
    "json": contract.JSON_SHAPES,
    "tabular_data_resource": ("tabular_data_resource_json", "application/vnd.dataresource+json"),
    "highcharts": (
        "highcharts",
        "highcharts_json",
        "application/highcharts+json",
        "application/vnd.highcharts+json",
    ),
    "plotly": ("plotly", "plotly_json", "application/vnd.plotly.v1+json"),
    "vega": ("vega", "vega_json", "application/vnd.vega+json"),
    "vega_lite": ("vegaLite", "vega_lite_json", "application/vnd.vegalite+json"),
    "compound": ("compound", "application/vnd.hbp.mip.compound+json"),
    "html": ("html", "text/html"),
    "svg": ("svg", "svg_image", "image/svg+xml"),
    "png": ("png", "png_image", "image/png;base64"),
    "visjs": ("visjs", "visjs_javascript", "application/vnd.visjs+javascript"),
    "text": ("text", "text/plain"),
}
"""``result`` of the metadata -> what the column ``shape`` may hold; compared exactly, as Woken does."""

_MAX_YAML_BYTES = 1024 * 1024
"""PyYAML takes a hundred times as long as a parser of JSON."""


def identifier_defect(result: str, shape: str | None) -> Defect | None:
    """What is wrong with the column ``shape`` of a row that holds the declared ``result``."""
    accepted = IDENTIFIERS[result]
    if shape in accepted:
        return None
    return Defect(
        check=defects.CHECK,
        message="the row's shape is not that of the declared result",
        expected=f"for result {result} one of {', '.join(accepted)}",
        got=shown(shape) + _whose(shape),
    )


def _whose(shape: str | None) -> str:
    """Where else the identifier belongs, to tell a misspelling from another result."""
    if shape in contract.ERROR_SHAPES:
        return ", the shape of an error"
    owner = next((result for result, accepted in IDENTIFIERS.items() if shape in accepted), None)
    if owner:
        return f", the shape of {owner}"
    close = shape is not None and any(
        shape.strip().lower() == one.lower() for accepted in IDENTIFIERS.values() for one in accepted
    )
    return ", which is written in other letters" if close else ", which Woken does not know"


def payload_defect(result: str, data: str) -> Defect | None:
    """What is wrong with the column ``data`` of such a row, the first thing only."""
    try:
        _JUDGES[result](data)
    except defects.Broken as broken:
        return broken.defect
    return None


def unevaluated_defect(result: str, data: str) -> Defect | None:
    """The same for who evaluates no PFA document: that it is a JSON object is asked here."""
    try:
        if result == "pfa":
            defects.json_object(data)
    except defects.Broken as broken:
        return broken.defect
    return payload_defect(result, data)


def _json(data: str) -> None:
    defects.json_value(data)


def _some(data: str) -> None:
    defects.bounded(data)


def pfa_text(result: str, data: str) -> str:
    """A PFA document as JSON, from data whose payload was found to be of their shape. Raises ValueError for others."""
    if result == "pfa":
        return data
    if result != "pfa_yaml":
        raise ValueError(f"the result {result} is no PFA document")
    return json.dumps(_pfa_yaml(data), ensure_ascii=False)


def _pfa_yaml(data: str) -> Any:
    """YAML that JSON's readers and YAML's read alike, without aliases, holding an object."""
    defects.bounded(data, _MAX_YAML_BYTES)
    try:
        document = documents.read_document(data, "data", syntax="yaml", max_bytes=_MAX_YAML_BYTES)
    except MetadataError as error:
        said = error.message.partition("; fix:")[0][:200]
        raise defects.Broken("the data are not plain YAML", expected="YAML of an object", got=said) from error
    if not isinstance(document.data, dict):
        got = defects.described(document.data)
        raise defects.Broken("the YAML does not hold an object", expected="an object", got=got)
    return document.data


_JUDGES: Mapping[str, Callable[[str], object]] = {
    "pfa": _some,
    "pfa_yaml": _pfa_yaml,
    "json": _json,
    "tabular_data_resource": table.judge,
    "highcharts": charts.highcharts,
    "plotly": figure.judge,
    "vega": vega.vega,
    "vega_lite": vega.vega_lite,
    "compound": charts.compound,
    "html": markup.html,
    "svg": markup.svg,
    "png": picture.judge,
    "visjs": script.judge,
    "text": _some,
}
"""``result`` -> what judges its data; each imports its parser when it is called."""
