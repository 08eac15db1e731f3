"""Judges a tabular data resource: a schema of fields, and rows that fit them.

Source: Tabular Data Resource 1.0 and Table Schema 1.0 (specs.frictionlessdata.io), whose published profile judges
the description. Libraries that judge rows (frictionless, tableschema) read them as text from a file, where "NaN"
is a number, and follow addresses; so the rows are judged here, as the JSON values they are.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from algoreg.schemas import json_path, shown
from algoreg.shapes import grammar
from algoreg.shapes.defects import Broken, described, json_object

_MAX_FIELDS = 1000
"""Wider than any table that PostgreSQL or a reader takes."""
_NOT_REQUIRED_HERE = {"name": "result", "profile": "tabular-data-resource"}
"""Keys of the profile that the contract, like Woken's images, does without."""


def _dated(read: Callable[[str], Any]) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        try:
            return isinstance(value, str) and len(value) < 64 and read(value) is not None
        except ValueError:
            return False

    return fits


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _integer(value: Any) -> bool:
    return _number(value) and value == int(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": _text,
    "number": _number,
    "integer": _integer,
    "boolean": lambda value: isinstance(value, bool),
    "date": _dated(datetime.date.fromisoformat),
    "time": _dated(datetime.time.fromisoformat),
    "datetime": _dated(datetime.datetime.fromisoformat),
    "year": _integer,
    "yearmonth": _dated(lambda text: datetime.date.fromisoformat(f"{text}-01")),
    "duration": _text,
    "geopoint": lambda value: isinstance(value, str | list | dict),
    "geojson": lambda value: isinstance(value, dict),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "any": lambda _value: True,
}
"""Type of Table Schema -> whether a JSON value is one."""


def judge(data: str) -> None:
    """Raises Broken when ``data`` is no tabular data resource with inline rows."""
    resource = json_object(data)
    fields = _fields(resource)
    if len(fields) > _MAX_FIELDS:
        raise Broken(
            "too many fields at $.schema.fields", expected=f"at most {_MAX_FIELDS:,}", got=f"{len(fields):,}"
        )
    grammar.judge("tabular_data_resource", {**_NOT_REQUIRED_HERE, **resource, "data": []})
    names = [field["name"] for field in fields]
    _unique_names(names)
    key = _primary_key(resource["schema"], names)
    _rows(resource["data"], fields, resource["schema"].get("missingValues", [""]), key)


def _fields(resource: Mapping[str, Any]) -> list[Any]:
    """The list of fields; says first what is missing of the contract's minimum."""
    for name, wanted in (("schema", dict), ("data", list)):
        if not isinstance(resource.get(name), wanted):
            raise Broken(
                f"a tabular data resource has no {name}",
                expected=f"{name}, {'an object' if wanted is dict else 'an array'}",
                got=described(resource[name]) if name in resource else "no such key",
            )
    fields = resource["schema"].get("fields")
    if isinstance(fields, list) and fields:
        return fields
    raise Broken("a table has no fields", expected="$.schema.fields, not empty", got=shown(fields))


def _unique_names(names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Broken(
                f"a field is declared twice at $.schema.fields[{index}]",
                expected="each name once",
                got=shown(name),
            )


def _primary_key(schema: Mapping[str, Any], names: list[str]) -> list[str]:
    key = schema.get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    for one in key:
        if one not in names:
            raise Broken(
                "the primary key names a field that is not declared at $.schema.primaryKey",
                expected="names of $.schema.fields",
                got=shown(one),
            )
    return list(key)


def _rows(rows: list[Any], fields: list[Mapping[str, Any]], missing: list[str], key: list[str]) -> None:
    names = [field["name"] for field in fields]
    absent = frozenset(missing)
    if len(names) * len(rows) > _MAX_CELLS:
        raise Broken(
            "the table has more cells than are looked at",
            expected=f"at most {_MAX_CELLS:,}",
            got=f"{len(rows):,} rows of {len(names):,} fields",
        )
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if isinstance(row, list):
            values = _listed(row, index, names)
            if index == 0:
                continue
        else:
            values = _keyed(row, index, names)
        for field in fields:
            _cell(field, values.get(field["name"]), index, absent, key)
        if key:
            whole = repr([values.get(name) for name in key])
            if whole in seen:
                raise Broken(
                    f"two rows have the same primary key at $.data[{index}]",
                    expected="each once",
                    got=shown(whole),
                )
            seen.add(whole)


def _listed(row: list[Any], index: int, names: list[str]) -> dict[str, Any]:
    """A row without keys: the first one holds the names, the others as many values."""
    if index == 0 and row != names:
        raise Broken(
            "the first row is not the header at $.data[0]",
            expected=f"the {len(names)} names of $.schema.fields",
            got=shown(row),
        )
    if len(row) != len(names):
        raise Broken(
            f"a row is not as long as the header at $.data[{index}]",
            expected=f"{len(names)} values",
            got=f"{len(row)}",
        )
    return dict(zip(names, row, strict=True))


def _keyed(row: Any, index: int, names: list[str]) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise Broken(f"a row is no row at $.data[{index}]", expected="an object or an array", got=shown(row))
    unknown = row.keys() - names
    if unknown:
        raise Broken(
            f"a row has a value that no field declares at $.data[{index}]",
            expected="names of $.schema.fields",
            got=shown(min(unknown)),
        )
    return row


def _cell(field: Mapping[str, Any], value: Any, index: int, absent: frozenset[str], key: list[str]) -> None:
    name, kind = field["name"], field.get("type", "string")
    if value is None or (isinstance(value, str) and value in absent and (value or kind != "string")):
        if name in key or field.get("constraints", {}).get("required"):
            where = json_path(("data", index, name))
            raise Broken(f"a required value is absent at {where}", expected=f"a {kind}", got=shown(value))
        return
    own_format = kind in _FORMATTED and field.get("format", "default") != "default"
    if not (_text if own_format else _FITS[kind])(value):
        where = json_path(("data", index, name))
        raise Broken(f"a value is not of its field's type at {where}", expected=f"a {kind}", got=shown(value))


_MAX_CELLS = 2_000_000

_FORMATTED = ("date", "time", "datetime")
"""Types whose field may ask for another way of writing than ISO 8601; that way is not followed."""
