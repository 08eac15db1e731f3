"""What every judge of a payload starts from: the one check id, the bound on size, and text read as strict JSON.

A payload comes from an image that nobody trusts: it is never evaluated, rendered or followed, and what a judge
says of it names the place and quotes a few characters at most.
"""

from __future__ import annotations

from typing import Any

from algoreg import strictjson
from algoreg.outputs import Defect
from algoreg.schemas import shown

CHECK = "db.shape"

MAX_BYTES = 16 * 1024 * 1024
"""Of any payload; as much as strict JSON is parsed of."""


class Broken(ValueError):
    """A payload is not of its shape; carries the defect out of nested judges."""

    def __init__(self, message: str, *, expected: str, got: str) -> None:
        super().__init__(message)
        self.defect = Defect(check=CHECK, message=message, expected=expected, got=got)


def bounded(data: str, limit: int = MAX_BYTES) -> bytes:
    """``data`` as UTF-8. Raises Broken when there is nothing in it, TooLarge for more than ``limit`` bytes.

    The contract bounds no result: of one that is larger than we look at, nothing is said.
    """
    raw = data.encode("utf-8", "surrogatepass")
    if not data.strip():
        raise Broken("there is nothing in the data", expected="a payload", got="blank text")
    if len(raw) > limit:
        raise strictjson.TooLarge(f"a result of {len(raw):,} bytes; of this shape {limit:,} are looked at")
    return raw


def json_value(data: str) -> Any:
    """The JSON value of ``data``, all of its numbers finite. Raises Broken, TooLarge."""
    try:
        value = strictjson.parse(bounded(data))
    except strictjson.NotStrictJson as error:
        expected = "one JSON value, UTF-8, unique keys, no NaN or Infinity"
        raise Broken("the data are not strict JSON", expected=expected, got=str(error)) from error
    if not strictjson.finite(value):
        raise Broken(
            "the data hold a number that no double can hold",
            expected="finite numbers",
            got="a number such as 1e999",
        )
    return value


def json_object(data: str) -> dict[str, Any]:
    """The JSON object of ``data``. Raises Broken."""
    value = json_value(data)
    if isinstance(value, dict):
        return value
    raise Broken("the data are not a JSON object", expected="an object", got=described(value))


def described(value: Any) -> str:
    """``value`` in a few words; says so when it is JSON that was encoded twice."""
    return "JSON inside a JSON string: it was encoded twice" if encoded_twice(value) else shown(value)


def encoded_twice(value: Any) -> bool:
    """Whether ``value`` is a text that holds a JSON object or array."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return False
    try:
        strictjson.parse(value.encode())
    except (strictjson.NotStrictJson, strictjson.TooLarge):
        return False
    return True


def refuse_json_string(data: str, kind: str) -> None:
    """Raises Broken when the text that should be ``kind`` was encoded as a JSON string, quotes and all."""
    text = data.strip()
    if text[:1] == text[-1:] == '"' and len(text) > 1:
        try:
            strictjson.parse(text.encode("utf-8", "surrogatepass"))
        except (strictjson.NotStrictJson, strictjson.TooLarge):
            return
        raise Broken(
            f"the data are a JSON string, not {kind}", expected=f"{kind} itself", got="text in JSON's quotes"
        )
