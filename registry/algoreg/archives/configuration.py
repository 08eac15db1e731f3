"""The configuration of an image, as its own JSON document has it, turned into the facts that checks ask for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from algoreg import strictjson
from algoreg.engines.protocol import ImageInfo

MAX_BYTES = 4 * 1024 * 1024
"""Of any document about an image; registries take no longer manifest."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Unfit(ValueError):
    """A document about an image that cannot be taken at its word; the message says why."""


def document(data: bytes, what: str, *, digest: str | None = None) -> Mapping[str, Any]:
    """The JSON object of ``data``, whose digest must be this one. Raises Unfit."""
    if digest is not None and digest_of(data) != digest:
        raise Unfit(f"{what} is not what its digest says: expected {digest}, got {digest_of(data)}")
    return mapping(parsed(data, what), what)


def parsed(data: bytes, what: str) -> Any:
    """The JSON value of ``data``. Raises Unfit."""
    try:
        return strictjson.parse(data)
    except (strictjson.NotStrictJson, strictjson.TooLarge) as error:
        raise Unfit(f"{what} is not strict JSON: {error}") from error


def digest_of(data: bytes) -> str:
    """``sha256:...``, by which registries and engines name it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """``value``, which must be an object. Raises Unfit."""
    if not isinstance(value, dict):
        raise Unfit(f"{what} is no JSON object")
    return value


def listing(value: Any, what: str) -> list[Any]:
    """``value``, which must be an array; absent and null are an empty one. Raises Unfit."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unfit(f"{what} is no array")
    return value


def texts(value: Any, what: str) -> tuple[str, ...]:
    """``value``, which must be an array of texts; old images have one text. Raises Unfit."""
    if isinstance(value, str):
        return (value,)
    found = listing(value, what)
    if not all(isinstance(item, str) for item in found):
        raise Unfit(f"{what} holds what is no text")
    return tuple(found)


def _text(value: Any, what: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unfit(f"{what} is no text")
    return value


def image_info(data: bytes, *, digest: str, repository_digest: str | None = None) -> ImageInfo:
    """The facts of an image whose configuration this is. Raises Unfit."""
    whole = document(data, "the image's configuration", digest=digest)
    return facts(
        whole.get("config"),
        id=digest,
        digest=repository_digest,
        os=_text(whole.get("os"), "os"),
        architecture=_text(whole.get("architecture"), "architecture"),
    )


def facts(config: Any, *, id: str, digest: str | None, os: str, architecture: str) -> ImageInfo:
    """The facts of an image with this ``config``, which engines tell in the same words. Raises Unfit."""
    given = mapping(config or {}, "config")
    pairs = [line.partition("=") for line in texts(given.get("Env"), "config.Env")]
    labels = mapping(given.get("Labels") or {}, "config.Labels")
    return ImageInfo(
        id=id,
        digest=digest,
        os=os,
        architecture=architecture,
        entrypoint=texts(given.get("Entrypoint"), "config.Entrypoint"),
        cmd=texts(given.get("Cmd"), "config.Cmd"),
        user=_text(given.get("User"), "config.User"),
        workdir=_text(given.get("WorkingDir"), "config.WorkingDir"),
        environment={name: value for name, _, value in pairs},
        labels={name: _text(value, f"the label {name[:100]}") for name, value in labels.items()},
    )
