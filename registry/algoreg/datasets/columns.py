"""Decides what a column is: of a given type where it is described, else by the rule of ``inferred``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from algoreg import contract
from algoreg.datasets import limits
from algoreg.datasets.cells import Cells, Kind
from algoreg.datasets.describing import Described, code_text, unfit
from algoreg.samples.sample import Column, Value

FEW: Final = 10
"""Most codes that whole numbers stand for when nobody described them."""
OFTEN: Final = 3
"""How often such a code occurs at least, on the average."""
_INTEGER_BOUND = 2**31
"""PostgreSQL's integer."""
_NUMBER_LIKE = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_HINT = "Correct the data, or describe the column in a metadata file (--variables)."

Filled = tuple[Column, Sequence[Value]]
"""A column and its values, one per row: float, int, code, or None."""


def column(code: str, found: Cells, described: Described) -> Filled:
    """What ``found`` is, and its values as a sample holds them. Raises UsageError naming column and row."""
    kind = described.type or inferred(found)
    label = described.label or found.name
    if kind in contract.NOMINAL_TYPES:
        return _nominal(code, label, kind, found, described.enumerations)
    if kind in contract.CONTINUOUS_TYPES:
        return _continuous(code, label, kind, found)
    known = ", ".join(contract.VARIABLE_TYPES)
    raise found.refusal(
        f"its type is {kind}, and a question can only be about {known}", hint="Leave the column out."
    )


def inferred(found: Cells) -> str:
    """The type of a column that nobody described, from its values, NULL aside.

    Truth values: binominal. Text: binominal up to two codes, else polynominal; refused when every value is
    another one (an identifier), when most of it tells numbers, or beyond ``limits.MAX_CODES`` codes. Whole
    numbers: codes, too, when there are at most ``FEW`` of them and each occurs ``OFTEN`` times on the average;
    else integer, within 32 bits. All other numbers: real.
    """
    values = [value for _, value in found.known()]
    distinct = len(set(values))
    if found.kind is Kind.TRUTH:
        return contract.BINOMINAL
    nominal = contract.BINOMINAL if distinct <= 2 else contract.POLYNOMINAL
    if found.kind is Kind.TEXT:
        _refuse_what_is_no_code(found, values, distinct)
        return nominal
    if not all(value.is_integer() for value in values):
        return contract.REAL
    if distinct <= FEW and len(values) >= OFTEN * distinct:
        return nominal
    return contract.INTEGER if all(abs(value) < _INTEGER_BOUND for value in values) else contract.REAL


def _refuse_what_is_no_code(found: Cells, values: Sequence[str], distinct: int) -> None:
    odd = [row for row, value in found.known() if not _NUMBER_LIKE.fullmatch(value)]
    if len(odd) * 2 < len(values):
        if odd:
            raise found.refusal("text among numbers", row=odd[0], hint=_HINT)
        if any("," in value for value in values):
            raise found.refusal("numbers with a decimal comma", hint="Write them with a point.")
    if distinct == len(values) > 2:
        raise found.refusal(
            "every value is another text: an identifier tells nothing",
            hint="Leave the column out, or describe it in a metadata file (--variables).",
        )
    if distinct > limits.MAX_CODES:
        raise found.refusal(
            f"{distinct:,} different texts, at most {limits.MAX_CODES:,} are codes", hint=_HINT
        )


def _continuous(code: str, label: str, kind: str, found: Cells) -> Filled:
    numbers = [None if value is None else _number(found, row, value) for row, value in _rows(found)]
    known = [number for number in numbers if number is not None]
    if kind == contract.INTEGER:
        broken = next((row for row, n in enumerate(numbers, 1) if n is not None and not n.is_integer()), None)
        if broken:
            raise found.refusal("no whole number, its type is integer", row=broken, hint=_HINT)
    small = kind == contract.INTEGER and all(abs(number) < _INTEGER_BOUND for number in known)
    sql_type = "integer" if small else "double precision"
    values: Sequence[Value] = [None if n is None else int(n) for n in numbers] if small else numbers
    return Column(code=code, label=label, type=kind, sql_type=sql_type), values


def _rows(found: Cells) -> enumerate[str | float | bool | None]:
    return enumerate(found.values, 1)


def _number(found: Cells, row: int, value: str | float | bool) -> float:
    if isinstance(value, str) and not _NUMBER_LIKE.fullmatch(value):
        raise found.refusal("no number, and its type is continuous", row=row, hint=_HINT)
    try:
        number = float(value)
    except ValueError:
        raise found.refusal("a decimal comma", row=row, hint="Write it with a point.") from None
    if abs(number) == float("inf"):
        raise found.refusal("the number is not finite", row=row, hint=_HINT)
    return number


def _nominal(code: str, label: str, kind: str, found: Cells, described: Sequence[tuple[str, str]]) -> Filled:
    texts = _codes(found)
    enumerations = tuple(described) or tuple((text, text) for text in texts.values())
    if kind == contract.BINOMINAL and len(enumerations) > 2:
        raise found.refusal(
            f"{len(enumerations)} codes, and a binominal variable has two", hint="Its type is polynominal."
        )
    allowed = {text for text, _ in enumerations}
    values = [None if value is None else texts[value] for value in found.values]
    for row, value in enumerate(values, 1):
        if value is not None and value not in allowed:
            raise found.refusal("the value is none of the described codes", row=row, hint=_HINT)
    return Column(code=code, label=label, type=kind, sql_type="text", enumerations=enumerations), values


def _codes(found: Cells) -> Mapping[str | float | bool, str]:
    """Value -> code of everything that occurs, sorted: numbers by size, texts by their characters."""
    texts = {value: _code(value) for value in sorted({value for _, value in found.known()})}
    if len(set(texts.values())) < len(texts):
        raise found.refusal(
            "two texts are one code, for digits arrive as numbers (01 and 1)", hint="Write them alike."
        )
    for value, text in texts.items():
        if problem := unfit(text):
            row = next(row for row, one in found.known() if one == value)
            raise found.refusal(problem, row=row, hint=_HINT)
    return texts


def _code(value: str | float | bool) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return code_text(value)
